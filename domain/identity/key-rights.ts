import { createHash } from "node:crypto";
import type { ReadSignal, SignalEvent } from "../entities/signal.ts";
import { isObject } from "../values/json.ts";
import { statusOf } from "./consent.ts";

/** Rights of a write key beyond sending signals and revocations: request a decision, grant consent, report on deliveries. */
export const RIGHTS = ["ask", "consent", "receipts"] as const;
export type Right = (typeof RIGHTS)[number];

/** A key in plain text, or as `sha256:` and 64 hex digits, with its rights. */
export interface WriteKey {
  readonly key: string;
  readonly rights: readonly Right[];
}

/** A key for pages of a site: public, and good for asking and reporting from these origins alone. */
export interface SiteKey {
  readonly key: string;
  /** Names the site, among others in the source of what it reports. */
  readonly name: string;
  /** As browsers write them into `Origin`: `https://shop.example`. */
  readonly origins: readonly string[];
}

/** Whether a configured key is a hash, so that no plain key is stored on the server. The hash itself does not authenticate. */
export const isHashOfKey = (given: string): boolean => HASH.test(given);

/** The SHA-256 of a configured key, plain or already hashed. */
export const hashOfKey = (given: string): Buffer =>
  isHashOfKey(given) ? Buffer.from(given.slice("sha256:".length), "hex") : createHash("sha256").update(given).digest();

/** The right required for a signal; undefined where every write key may send it. */
export function rightNeeded({ type, data }: { readonly type: string; readonly data?: unknown }): Right | undefined {
  if (type.startsWith("delivery.")) return "receipts";
  // Opt-outs are always accepted; an invalid status is rejected by the reader of the signal.
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
