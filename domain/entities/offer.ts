import type { Instant } from "../values/time.ts";

/** A code that was given to one customer, and what it is worth. Money is in the workspace's own currency. */
export interface Offer {
  readonly code: string;
  readonly issuedAt: Instant;
  /** It can be redeemed before this instant, not at it. */
  readonly expiresAt: Instant;
  readonly percent?: number;
  readonly amount?: number;
  /** What is to be paid with it, where that was known when it was issued. */
  readonly price?: number;
  /** Whether an offer issued later may count it in. */
  readonly stackable: boolean;
  /** Codes of earlier offers that its price counts in: they are used up with it. */
  readonly includes: readonly string[];
  /** The signal that redeemed it, and when. */
  readonly redeemedBy?: string;
  readonly redeemedAt?: Instant;
}
