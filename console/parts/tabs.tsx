import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import styles from "./tabs.module.css";

export interface TabsProps {
  /** The subject of the tabs, for readers who hear the page. */
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly title: ReactNode }[];
}

/** Parts of a page, chosen by `?tab=` in its address; the first one is the page without it. */
export function Tabs({ label, tabs }: TabsProps): ReactNode {
  return (
    <nav aria-label={label} className={styles["tabs"]}>
      {tabs.map(({ id, title }, index) => (
        <Link
          key={id}
          to="."
          search={(before: Readonly<Record<string, string | undefined>>) => ({ ...before, tab: index === 0 ? undefined : id })}
          className={styles["tab"] ?? ""}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}
