import type { ReactNode } from "react";
import { Command } from "./code.tsx";
import styles from "./empty.module.css";

export interface EmptyProps {
  /** The statement that there is nothing, and of what. */
  readonly title: string;
  /** Why, and what the next step is. */
  readonly children?: ReactNode;
  /** The next step as a command. */
  readonly command?: string;
}

/** Nothing to show, why, and what to do. */
export function Empty({ title, children, command }: EmptyProps): ReactNode {
  return (
    <div className={styles["empty"]}>
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && <Command text={command} />}
    </div>
  );
}
