import type { Instant } from "../values/time.ts";

/** A code issued to one customer, and its value. Money is in the workspace's currency. */
export interface Offer {
  readonly code: string;
  readonly issuedAt: Instant;
  /** Redeemable before this instant, not at it. */
  readonly expiresAt: Instant;
  readonly percent?: number;
  readonly amount?: number;
  /** Price with the offer applied, where it was known at issue time. */
  readonly price?: number;
  /** Set where it was lowered to the workspace's ceiling: percent off that it would have given, and the ceiling. */
  readonly lowered?: { readonly from: number; readonly to: number };
  /** Whether a later offer may include this one. */
  readonly stackable: boolean;
  /** Codes of earlier offers included in its price; redeeming it uses them up. */
  readonly includes: readonly string[];
  /** The redeeming signal, and its time. */
  readonly redeemedBy?: string;
  readonly redeemedAt?: Instant;
}
