import type { OutcomeKind } from "./customer.ts";

/** What a canary must not do to its customers. */
export type Guard =
  /** At most this share of its deliveries may have the outcome. */
  | { readonly outcome: OutcomeKind; readonly max: number }
  /** Its success must not be lower than that of the experiences that serve the same moments by more than this share. */
  | { readonly success: "below"; readonly of: "others"; readonly by: number };

/** How an experience is tried on some customers first. */
export interface CanaryRule {
  /** Share of customers who may get it, from 0 to 1. */
  readonly share: number;
  /** How long it is tried. */
  readonly for: number;
  readonly guards: readonly Guard[];
  /** Fewest deliveries after which `then: approve` approves it. */
  readonly least: number;
  /** What it becomes once the time is over and no guard is broken. */
  readonly then: "stay" | "approve";
}
