import { SentientError } from "../../domain/errors.ts";
import type { SiteKey } from "../../domain/identity/key-rights.ts";
import type { Instant } from "../../domain/values/time.ts";
import { readToken } from "./site-token.ts";

/** The key of a caller who asks or reports. */
export interface CallingKey {
  /** Names the key without authenticating. */
  readonly fingerprint: string;
  /** Of a site key: it acts for an anonymous visitor, or for the customer whom a token names. */
  readonly site?: CallingSite;
}

export interface CallingSite {
  readonly name: string;
  /**
   * The customer whom a token of this site names.
   *
   * @throws `UNAUTHORIZED` with why the token is refused
   */
  customerOf(token: string): string;
}

export interface TokenOptions {
  /** With which sites sign tokens; without it none is accepted. */
  readonly siteSecret: string | undefined;
  readonly now: () => Instant;
  /** Counts a refused token. */
  readonly onRefused: () => void;
}

/**
 * The customer whom a token names.
 *
 * @throws `UNAUTHORIZED` with why the token is refused
 */
export function customerIn(token: string, { name, origins }: Omit<SiteKey, "key">, { siteSecret, now, onRefused }: TokenOptions): string {
  const read =
    siteSecret === undefined
      ? ({ ok: false, problem: "token: this server accepts none without SENTIENT_SITE_SECRET" } as const)
      : readToken(token, { secret: siteSecret, now: now(), audiences: [name, ...origins] });
  if (read.ok) return read.customerId;
  onRefused();
  throw new SentientError("UNAUTHORIZED", read.problem);
}
