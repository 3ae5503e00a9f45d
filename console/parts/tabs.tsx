import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useFilters } from "./filter-bar.tsx";
import styles from "./tabs.module.css";

export interface TabsProps {
  /** The subject of the tabs, for readers who hear the page. */
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly title: ReactNode }[];
}

/** Parts of a page, chosen by `?tab=` in its address; the first one is the page without it. */
export function Tabs({ label, tabs }: TabsProps): ReactNode {
  const { tab } = useFilters();
  const bar = useRef<HTMLElement>(null);
  // On a narrow screen the bar scrolls by itself: the chosen tab is in sight.
  useEffect(() => {
    const chosen = bar.current?.children.item(
      Math.max(
        0,
        tabs.findIndex(({ id }) => id === tab),
      ),
    );
    if (bar.current && chosen instanceof HTMLElement)
      bar.current.scrollLeft = chosen.offsetLeft - (bar.current.clientWidth - chosen.offsetWidth) / 2;
  }, [tab, tabs]);
  return (
    <nav ref={bar} aria-label={label} className={styles["tabs"]}>
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
