import type { ReactNode } from "react";
import styles from "./simulated.module.css";

/** Beside whatever is simulated. */
export const Simulated = (): ReactNode => <span className={styles["simulated"]}>simulated</span>;
