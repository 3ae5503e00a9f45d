import { every, type StartTimer } from "../concurrency/periodic.ts";
import { BUILT_IN_MOMENTS, type BuiltInSignalType } from "../domain/entities/built-ins.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { canonicalJson, type Json } from "../domain/values/json.ts";
import { type Instant, MINUTE, SECOND } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import type { Store } from "../store/store.ts";
import type { SweptFor } from "../store/version-sweep.ts";
import { errorFields, type Log } from "../telemetry/log.ts";

export interface VersionSweeperOptions {
  readonly store: Pick<Store, "versions" | "versionSweep">;
  /** The policy that this process decides by; undefined while it cannot run the version in force. */
  readonly policy: () => Policy | undefined;
  readonly now: () => Instant;
  readonly log: Log;
  readonly outages?: OutageMonitor;
  readonly startTimer?: StartTimer;
}

/**
 * Wakes customers whom a new version concerns, and whom nothing else wakes: what it no longer has ends, and what it newly listens to in time
 * is set. In small steps within the hour; every process may run one, as the place is in the store.
 */
export interface VersionSweeper {
  start(): void;
  /** Takes one step now. */
  step(): Promise<void>;
  stop(): Promise<void>;
}

export function createVersionSweeper(options: VersionSweeperOptions): VersionSweeper {
  const { log, outages = createOutageMonitor({ log }), startTimer } = options;
  const loop = every({
    everyMs: EVERY_MS,
    run: () => step(options),
    onError: (error) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("customers could not be brought under the version in force; it is tried again", errorFields(error));
    },
    ...(startTimer ? { startTimer } : {}),
  });
  return { ...loop, step: () => step(options) };
}

/**
 * Whom a policy concerns that customers come under, by what they have.
 *
 * @param before the policy under which they have been until then
 */
export const sweptBetween = (policy: Policy, before: Policy): SweptFor => sweptFor(policy, listeningOf(policy), listeningOf(before));

/** A mistake is mostly seen within minutes; until then a roll-back loses nothing but what woke meanwhile. */
export const GRACE_MS = 10 * MINUTE;

/** Over which the customers are spread: with the grace and the wakes themselves less than an hour. */
export const SPREAD_MS = 40 * MINUTE;

// --- internal ---

const EVERY_MS = 5 * SECOND;

const STEPS = SPREAD_MS / EVERY_MS;

const AT_LEAST = 200;

async function step({ store, policy: current, now, log }: VersionSweeperOptions): Promise<void> {
  const policy = current();
  const latest = await store.versions.latest();
  if (!policy || latest?.policyVersion !== policy.version) return;
  const listening = listeningOf(policy);
  const swept = await store.versionSweep.step({
    ...{ seq: latest.seq, now: now(), graceMs: GRACE_MS, steps: STEPS, atLeast: AT_LEAST },
    listens: canonicalJson(listening as unknown as Json),
    forWhom: (listened) => sweptFor(policy, listening, listened === undefined ? NOTHING : (JSON.parse(listened) as Listening)),
  });
  if (swept && swept.woken > 0) log.info("customers are brought under the version in force", { policyVersion: policy.version, ...swept });
}

/** What a policy listens to in time, so that two versions can be compared. */
interface Listening {
  readonly absent: Readonly<Record<string, { readonly signal: string; readonly for: number | string }>>;
  readonly stages: readonly (readonly [string, string])[];
}

const NOTHING: Listening = { absent: {}, stages: [] };
const DAILY_CLOCK = "clock.daily" satisfies BuiltInSignalType;

const listeningOf = ({ moments, stages }: Policy): Listening => ({
  absent: Object.fromEntries(
    moments.flatMap(({ name, absent }) =>
      absent ? [[name, { signal: absent.signal, for: typeof absent.for === "number" ? absent.for : absent.for.text }] as const] : [],
    ),
  ),
  stages: stages.map(({ name, when }) => [name, when?.text ?? ""] as const),
});

function sweptFor(policy: Policy, { absent, stages }: Listening, listened: Listening): SweptFor {
  const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
  const anew = Object.entries(absent).filter(([name, { signal, for: span }]) => {
    const before = listened.absent[name];
    return before?.signal !== signal || before.for !== span;
  });
  return {
    moments: [...policy.moments.map(({ name }) => name), ...Object.keys(BUILT_IN_MOMENTS)],
    channels: Object.keys(policy.channels),
    experiences: policy.experiences.map(({ id }) => id),
    daily: policy.listens(DAILY_CLOCK),
    heard: [...new Set(anew.map(([, { signal }]) => signal))],
    everyone: stages.length > 0 && !isSame(stages, listened.stages),
  };
}
