import { hash, timingSafeEqual } from "node:crypto";
import { hashOfKey } from "../domain/identity/key-rights.ts";
import { hasPassed, type Instant, MINUTE } from "../domain/values/time.ts";

/** The holder of a key: a sender with rights, or a person with a role. */
export interface Held<Holder> {
  readonly holder: Holder;
  /** Names the configured key, plain or hashed, without authenticating: for sessions, which end with their key. */
  readonly fingerprint: string;
}

/** Names a configured key, plain or hashed, without authenticating. */
export const fingerprintOf = (key: string): string => hash("sha256", hashOfKey(key), "hex").slice(0, 32);

/** The keys of one kind of access, plain or as `sha256:` and 64 hex digits. Only their hashes are kept in memory. */
export class Keys<Holder> {
  private readonly known: readonly { readonly hash: Buffer; readonly held: Held<Holder> }[];

  constructor(keys: readonly (Holder & { readonly key: string })[]) {
    this.known = keys.map(({ key, ...holder }) => ({
      hash: hashOfKey(key),
      held: { holder: holder as unknown as Holder, fingerprint: fingerprintOf(key) },
    }));
  }

  /** The holder of a key; undefined for an unknown one. Compares with every key in constant time, against timing attacks. */
  find(presented: string): Held<Holder> | undefined {
    const given = hash("sha256", presented, "buffer");
    let found: Held<Holder> | undefined;
    for (const { hash: own, held } of this.known) if (timingSafeEqual(own, given)) found = held;
    return found;
  }

  /** The holder of the key with this fingerprint, while it is configured. */
  byFingerprint(fingerprint: string): Holder | undefined {
    return this.known.find(({ held }) => held.fingerprint === fingerprint)?.held.holder;
  }
}

/** The key of a request: the bearer token, or the user name of Basic authentication. */
export function presentedKey(authorization: string | undefined): string | undefined {
  const [, scheme = "", value = ""] = /^([^ ]*) +([^ ]+)/.exec(authorization ?? "") ?? [];
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
