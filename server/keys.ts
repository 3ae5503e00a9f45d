import { createHash, timingSafeEqual } from "node:crypto";
import { hashOfKey, type Right, type WriteKey } from "../domain/identity/key-rights.ts";
import { hasPassed, type Instant, MINUTE } from "../domain/values/time.ts";

/** Keys that open a part of the API, as they are or as `sha256:` and 64 hex digits. Only their hashes are held. */
export class Keys {
  private readonly known: readonly { readonly hash: Buffer; readonly rights: readonly Right[] }[];

  constructor(keys: readonly WriteKey[]) {
    this.known = keys.map(({ key, rights }) => ({ hash: hashOfKey(key), rights }));
  }

  /** The rights of a key of ours; undefined for any other. Compares with every key, so that how long it takes tells nothing. */
  rightsOf(presented: string): readonly Right[] | undefined {
    const hash = createHash("sha256").update(presented).digest();
    let found: readonly Right[] | undefined;
    for (const one of this.known) if (timingSafeEqual(one.hash, hash)) found = one.rights;
    return found;
  }
}

/** The key that a request presents: as a bearer token, or as the user name of Basic authentication. */
export function presentedKey(authorization: string | undefined): string | undefined {
  const [scheme = "", value = ""] = (authorization ?? "").split(/ +/, 2);
  if (value === "") return undefined;
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const [user = ""] = Buffer.from(value, "base64").toString("utf8").split(":", 1);
  return user === "" ? undefined : user;
}

/** Counts wrong keys by address: who tries too many waits out the minute. A right key is never kept waiting. */
export class Failures {
  private readonly counts = new Map<string, { since: Instant; count: number }>();

  /** Notes a failure; true when there were too many of late. */
  isTooMany(address: string, now: Instant): boolean {
    const known = this.counts.get(address);
    const current = known && !hasPassed(WINDOW, known.since, now) ? known : { since: now, count: 0 };
    current.count++;
    this.counts.delete(address);
    this.counts.set(address, current);
    const [oldest] = this.counts.keys();
    if (this.counts.size > MOST_ADDRESSES && oldest !== undefined) this.counts.delete(oldest);
    return current.count > MOST_FAILURES;
  }
}

// --- internal ---

const WINDOW = MINUTE;
/** A person with a wrong key in a script sees 401 often enough; who guesses gets nowhere. */
const MOST_FAILURES = 20;
const MOST_ADDRESSES = 10_000;
