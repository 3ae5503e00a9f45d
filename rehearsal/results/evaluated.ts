/** An estimate with its interval. */
export interface Estimated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What the log says a policy is worth, by several estimators, in reward a decision; or why it cannot say. */
export type Evaluated =
  | { readonly refused: readonly string[] }
  | {
      readonly decisions: number;
      /** Customers that the decisions are of: what intervals rest on. */
      readonly units: number;
      readonly confidence: number;
      /** What the log itself came to. */
      readonly logged: Estimated;
      /** By estimator; `gain` is the difference to the log itself. */
      readonly estimates: Readonly<Record<"ips" | "snips" | "dr", Estimated & { readonly gain: Estimated }>>;
      readonly warnings: readonly string[];
    };

/** The estimators, in the order in which people read them, with their names. */
export const ESTIMATOR_NAMES = [
  ["ips", "IPS"],
  ["snips", "self-normalised IPS"],
  ["dr", "doubly robust"],
] as const;
