import type { Instant } from "../values/time.ts";
import type { Consent } from "./consent.ts";
import type { Timer } from "./customer.ts";

/** That one customer has disappeared into another. Both source records stay; removing the link brings both back. */
export interface Link {
  readonly customerId: string;
  /** Into whom, as it was said, and who stands for that one now. */
  readonly into: string;
  readonly root: string;
  readonly at: Instant;
  readonly source: string;
  readonly signalId: string;
  readonly before: BeforeMerge;
}

/** What a merge changed of both, by key: what was there, and what it became. */
export interface BeforeMerge {
  readonly consents: Readonly<Record<string, { readonly was: Consent | null; readonly became: Consent }>>;
  /** Timers of the one that has disappeared. */
  readonly timers: Readonly<Record<string, Timer>>;
  /** Timers of the other one that were moved to a later time. */
  readonly moved: Readonly<Record<string, { readonly was: Timer; readonly became: Timer }>>;
}
