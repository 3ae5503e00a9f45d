import type { ReactNode } from "react";
import styles from "./figure.module.css";

export interface FigureProps {
  /** The picture in a sentence: for readers who do not see it, and for those who do. */
  readonly sentence: string;
  readonly children: ReactNode;
  /** The same as a table: everything that the picture says. */
  readonly table: ReactNode;
}

/** A picture with a sentence, and its table beside it. */
export function Figure({ sentence, children, table }: FigureProps): ReactNode {
  return (
    <figure className={styles["figure"]}>
      <figcaption className={styles["sentence"]}>{sentence}</figcaption>
      <div className={styles["picture"]}>{children}</div>
      <details className={styles["table"]}>
        <summary>As table</summary>
        <div className={styles["scroll"]}>{table}</div>
      </details>
    </figure>
  );
}
