import type { ReactNode } from "react";
import styles from "./columns.module.css";

/** The matter of a page and what stands beside it; below it where the window is narrow. */
export const Columns = ({ beside, children }: { readonly beside: ReactNode; readonly children: ReactNode }): ReactNode => (
  <div className={styles["columns"]}>
    <div className={styles["column"]}>{children}</div>
    <div className={styles["column"]}>{beside}</div>
  </div>
);
