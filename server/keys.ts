import { createHash, timingSafeEqual } from "node:crypto";
import { hashOfKey, type Right, type WriteKey } from "../domain/identity/key-rights.ts";
import { hasPassed, type Instant, MINUTE } from "../domain/values/time.ts";

/** The keys of one kind of access, plain or as `sha256:` and 64 hex digits. Only their hashes are kept in memory. */
export class Keys {
  private readonly known: readonly { readonly hash: Buffer; readonly rights: readonly Right[] }[];

  constructor(keys: readonly WriteKey[]) {
    this.known = keys.map(({ key, rights }) => ({ hash: hashOfKey(key), rights }));
  }

  /** The rights of a known key; undefined for any other. Compares with every key in constant time, against timing attacks. */
  rightsOf(presented: string): readonly Right[] | undefined {
    const hash = createHash("sha256").update(presented).digest();
    let found: readonly Right[] | undefined;
    for (const one of this.known) if (timingSafeEqual(one.hash, hash)) found = one.rights;
    return found;
  }
}

/** The key of a request: the bearer token, or the user name of Basic authentication. */
export function presentedKey(authorization: string | undefined): string | undefined {
  const [scheme = "", value = ""] = (authorization ?? "").split(/ +/, 2);
  if (value === "") return undefined;
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const [user = ""] = Buffer.from(value, "base64").toString("utf8").split(":", 1);
  return user === "" ? undefined : user;
}

/** Throttles wrong keys by client address, for the rest of a minute. A valid key is never throttled. */
export class Failures {
  private readonly counts = new Map<string, { since: Instant; count: number }>();

  /** Counts a failure; true when there were too many within the window. */
  isTooMany(address: string, now: Instant): boolean {
    const known = this.counts.get(address);
    const current = known && !hasPassed(WINDOW, known.since, now) ? known : { since: now, count: 0 };
    current.count++;
    this.counts.delete(address);
    this.counts.set(address, current);
    const [oldest] = this.counts.keys();
    if (this.counts.size > MAX_ADDRESSES && oldest !== undefined) this.counts.delete(oldest);
    return current.count > MAX_FAILURES;
  }
}

// --- internal ---

const WINDOW = MINUTE;
/** Enough 401 responses to notice a wrong key in a script, too few for guessing. */
const MAX_FAILURES = 20;
const MAX_ADDRESSES = 10_000;
