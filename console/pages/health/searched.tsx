import type { ReactNode } from "react";
import { Time } from "../../parts/time.tsx";
import styles from "./health.module.css";

/** How far a list has looked, where that is not as far as it was asked to. */
export const Searched = ({ from, whole }: { readonly from: string; readonly whole: boolean }): ReactNode =>
  whole ? (
    <p className={styles["quiet"]}>
      Looked back to <Time at={from} as="absolute" />.
    </p>
  ) : (
    <p role="status">
      There are too many to look through at once: nothing before <Time at={from} as="absolute" /> was read. Choose a status or a channel.
    </p>
  );
