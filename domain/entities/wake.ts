import { createHash } from "node:crypto";
import { joinKey } from "../values/key.ts";
import { type Instant, iso } from "../values/time.ts";
import type { WakeRecord } from "./decision.ts";
import type { Signal } from "./signal.ts";

/** Trigger for judging a customer's open moments: a signal, or a timer that is due. */
export type Wake =
  | { readonly kind: "signal"; readonly signal: Signal }
  | { readonly kind: "timer"; readonly customerId: string; readonly key: string; readonly name: string; readonly due: Instant };

export const customerOf = (wake: Wake): string => (wake.kind === "signal" ? wake.signal.customerId : wake.customerId);

/** Identifies a wake among those of its customer. */
export const identityOf = (wake: Wake): string => joinKey(...partsOf(wake));

/** Seed for all randomness in deciding a wake; unique over customers and policies. */
export const seedOf = (policyVersion: string, wake: Wake): string => joinKey(policyVersion, customerOf(wake), ...partsOf(wake));

/** A wake as decision records name it. */
export const wakeRecord = (wake: Wake): WakeRecord =>
  wake.kind === "signal"
    ? { kind: "signal", signalId: wake.signal.id, source: wake.signal.source, type: wake.signal.type }
    : { kind: "timer", name: wake.name, due: iso(wake.due) };

/** A deterministic id: the same parts give the same id on every machine and in every run. */
export function idFrom(prefix: string, ...parts: readonly string[]): string {
  return `${prefix}_${createHash("sha256").update(parts.join("\u0000")).digest("base64url").slice(0, 22)}`;
}

// --- internal ---

const partsOf = (wake: Wake): readonly [string, string, string] =>
  wake.kind === "signal" ? ["signal", wake.signal.source, wake.signal.id] : ["timer", wake.name, iso(wake.due)];

/** Key of the timer for judging a customer's open moments again; one per customer. */
export const JUDGE_TIMER = "judge";
