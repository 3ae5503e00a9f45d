import type { Instant } from "../values/time.ts";

export type ConsentStatus = "granted" | "denied" | "revoked";

export interface Consent {
  readonly channel: string;
  readonly status: ConsentStatus;
  readonly at: Instant;
  readonly source: string;
  readonly seq: number;
  /** Reason, where the statement is not the customer's own. */
  readonly reason?: string;
}
