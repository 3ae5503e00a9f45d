import { createHash } from "node:crypto";
import { joinKey } from "../values/key.ts";
import { type Instant, iso } from "../values/time.ts";
import type { WakeRecord } from "./decision.ts";
import type { Signal } from "./signal.ts";

/** What makes a customer's open moments be judged again: a signal, or a timer that is due. */
export type Wake =
  | { readonly kind: "signal"; readonly signal: Signal }
  | { readonly kind: "timer"; readonly customerId: string; readonly key: string; readonly name: string; readonly due: Instant };

export const customerOf = (wake: Wake): string => (wake.kind === "signal" ? wake.signal.customerId : wake.customerId);

/** What tells one wake of a customer from another, and seeds all chance in deciding it. */
export const identityOf = (wake: Wake): string => joinKey(...partsOf(wake));

/** The same over all customers and policies. */
export const seedOf = (policyVersion: string, wake: Wake): string => joinKey(policyVersion, customerOf(wake), ...partsOf(wake));

/** A wake as records name it. */
export const wakeRecord = (wake: Wake): WakeRecord =>
  wake.kind === "signal"
    ? { kind: "signal", signalId: wake.signal.id, source: wake.signal.source, type: wake.signal.type }
    : { kind: "timer", name: wake.name, due: iso(wake.due) };

/** An id made from what it stands for: the same parts give the same id on every machine and in every run. */
export function idFrom(prefix: string, ...parts: readonly string[]): string {
  return `${prefix}_${createHash("sha256").update(parts.join("\u0000")).digest("base64url").slice(0, 22)}`;
}

// --- internal ---

const partsOf = (wake: Wake): readonly [string, string, string] =>
  wake.kind === "signal" ? ["signal", wake.signal.source, wake.signal.id] : ["timer", wake.name, iso(wake.due)];

/** The one timer by which a customer's open moments are judged again. */
export const JUDGE_TIMER = "judge";
