import { hash } from "node:crypto";
import { joinKey } from "../values/key.ts";
import { type Instant, iso } from "../values/time.ts";
import type { Ask } from "./ask.ts";
import type { WakeRecord } from "./decision.ts";
import type { Signal } from "./signal.ts";

/** Trigger for judging a customer's open moments: a signal, a timer that is due, or an ask. */
export type Wake = EventWake | AskWake;

/** An ask; of one place where `place` is set. */
export interface AskWake {
  readonly kind: "ask";
  readonly ask: Ask;
  readonly place?: string;
}

/** A wake that a signal or a timer brings about. */
export type EventWake =
  | { readonly kind: "signal"; readonly signal: Signal }
  | { readonly kind: "timer"; readonly customerId: string; readonly key: string; readonly name: string; readonly due: Instant };

export function customerOf(wake: Wake): string {
  if (wake.kind === "ask") return wake.ask.customerId;
  return wake.kind === "signal" ? wake.signal.customerId : wake.customerId;
}

/** Identifies a wake among those of its customer. */
export const identityOf = (wake: Wake): string => joinKey(...partsOf(wake));

/** Seed for all randomness in deciding a wake; unique over customers and policies. */
export const seedOf = (policyVersion: string, wake: Wake): string => joinKey(policyVersion, customerOf(wake), ...partsOf(wake));

/**
 * The id of the decision of a wake. It does not rest on the version of the policy: a wake that is tried again under another version is decided
 * once, and what was planned for it is done once.
 */
export const decisionIdOf = (wake: Wake): string => idFrom("d", customerOf(wake), identityOf(wake));

/** A wake as decision records name it. */
export function wakeRecord(wake: Wake): WakeRecord {
  if (wake.kind === "ask") {
    const { id, source, channel, places } = wake.ask;
    return { kind: "ask", askId: id, source, channel, place: wake.place ?? places.join(", ") };
  }
  return wake.kind === "signal"
    ? { kind: "signal", signalId: wake.signal.id, source: wake.signal.source, type: wake.signal.type }
    : { kind: "timer", name: wake.name, due: iso(wake.due) };
}

/** A deterministic id: the same parts give the same id on every machine and in every run. */
export function idFrom(prefix: string, ...parts: readonly string[]): string {
  return `${prefix}_${hash("sha256", parts.join("\u0000"), "base64url").slice(0, 22)}`;
}

// --- internal ---

function partsOf(wake: Wake): readonly string[] {
  if (wake.kind === "ask") return ["ask", wake.ask.source, wake.ask.id, ...(wake.place === undefined ? [] : [wake.place])];
  return wake.kind === "signal" ? ["signal", wake.signal.source, wake.signal.id] : ["timer", wake.name, iso(wake.due)];
}

/** Key of the timer for judging a customer's open moments again; one per customer. */
export const JUDGE_TIMER = "judge";

/** Key of the timer by which a customer comes under a new version of the policy, where nothing else wakes them. */
export const VERSION_TIMER = "version";
