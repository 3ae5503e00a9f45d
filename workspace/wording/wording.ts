import type { ASTNode } from "@marcbachmann/cel-js";

/** What a part of a condition asks for, as `SUBJECT ASK`, and what holds instead: `a churn score`, `of at least 0.7`, `it is 0.4`. */
export interface Wording {
  readonly subject: string;
  /** Empty where the subject says all: `no churn score`. */
  readonly ask: string;
  readonly today: string;
}

/** Evaluates a part; undefined where a field is missing or the part cannot be evaluated. */
export type Read = (node: ASTNode) => unknown;
