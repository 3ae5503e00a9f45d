import { createHash } from "node:crypto";
import type { ReadSignal, SignalEvent } from "../entities/signal.ts";
import { isObject } from "../values/json.ts";
import { statusOf } from "./consent.ts";

/** What a write key may do besides sending signals and revocations: ask for a decision, grant consent, report on deliveries. */
export const RIGHTS = ["ask", "consent", "receipts"] as const;
export type Right = (typeof RIGHTS)[number];

/** A key as it is or as `sha256:` and 64 hex digits, and what it may do. */
export interface WriteKey {
  readonly key: string;
  readonly rights: readonly Right[];
}

/** Whoever wants to keep no key where the server runs gives its hash; a hash is no key, and opens nothing. */
export const isHashOfKey = (given: string): boolean => HASH.test(given);

/** The SHA-256 of a key, also where it was given as that. */
export const hashOfKey = (given: string): Buffer =>
  isHashOfKey(given) ? Buffer.from(given.slice("sha256:".length), "hex") : createHash("sha256").update(given).digest();

/** The right that a key needs for a signal; undefined where every write key may send it. */
export function rightNeeded({ type, data }: { readonly type: string; readonly data?: unknown }): Right | undefined {
  if (type.startsWith("delivery.")) return "receipts";
  // What ends consent is always taken, and what is neither is refused by whoever reads it.
  return type === "customer.consent" && isObject(data) && statusOf(data.status) === "granted" ? "consent" : undefined;
}

/** The signal, or why a key with these rights may not send it. */
export function withRights(reading: ReadSignal, rights: readonly Right[]): ReadSignal {
  if (!reading.ok) return reading;
  const needed = rightNeeded(reading.event);
  return needed === undefined || rights.includes(needed)
    ? reading
    : { ok: false, code: "FORBIDDEN", problem: missing(needed, reading.event) };
}

// --- internal ---

const HASH = /^sha256:[0-9a-f]{64}$/i;

const missing = (right: Right, { type }: SignalEvent): string =>
  `type: this key has no right to send ${right === "consent" ? `${type} with status granted` : type}; ` +
  `it needs +${right} behind the key in SENTIENT_WRITE_KEYS, which keys in browsers and apps should not have`;
