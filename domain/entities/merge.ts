import type { Instant } from "../values/time.ts";
import type { Consent } from "./consent.ts";
import type { Timer } from "./customer.ts";

/** A merge of one customer into another. Both source records are kept; removing the link restores both. */
export interface Link {
  readonly customerId: string;
  /** The customer named as the target, and the surviving customer that represents it today. */
  readonly into: string;
  readonly root: string;
  readonly at: Instant;
  readonly source: string;
  readonly signalId: string;
  readonly before: BeforeMerge;
}

/** State of both customers before and after the merge, by key, so that it can be undone. */
export interface BeforeMerge {
  readonly consents: Readonly<Record<string, { readonly was: Consent | null; readonly became: Consent }>>;
  /** Timers of the merged customer. */
  readonly timers: Readonly<Record<string, Timer>>;
  /** Timers of the surviving customer that were moved to a later time. */
  readonly moved: Readonly<Record<string, { readonly was: Timer; readonly became: Timer }>>;
}
