import type { ReactNode } from "react";
import styles from "./stack.module.css";

/** Panels one below the other. */
export const Stack = ({ children }: { readonly children: ReactNode }): ReactNode => <div className={styles["stack"]}>{children}</div>;
