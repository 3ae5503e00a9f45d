import type { ReactNode } from "react";
import { reasonWords } from "../values/reasons.ts";
import styles from "./reason.module.css";
import { Said } from "./said.tsx";

export interface ReasonProps {
  readonly code: string;
  readonly detail?: string | undefined;
}

/** Why something was kept back: in words, then by its code, which filters and the command line use. */
export function Reason({ code, detail }: ReasonProps): ReactNode {
  return (
    <span>
      <Said text={detail ?? reasonWords(code)} />
      <span className={styles["code"]}>{code}</span>
    </span>
  );
}
