import { fixedCatalogue } from "../delivery/catalogue.ts";
import { type Comparison, compareDecisions, wakeKey } from "../domain/deciding/compare-decisions.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import { customerOf, wakeRecord } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { createDecider } from "../engine/decide.ts";
import { recordedStream } from "../engine/recorded-stream.ts";
import { CLOCK, type RunStreamOptions, runStream, type StreamProgress } from "../engine/run-stream.ts";
import { importCustomers } from "../intake/import-customers.ts";
import type { Store } from "../store/store.ts";
import type { Runtime } from "./create-runtime.ts";

export interface ReplayOptions {
  /** The store with the recorded stream and its decisions; read only. */
  readonly source: Store;
  /** A runtime on an empty store. */
  readonly runtime: Runtime;
  /** The policy of `runtime`. */
  readonly policy: Policy;
  readonly onProgress?: (progress: StreamProgress) => void;
  readonly isStopped?: () => boolean;
}

/** Replays the whole recorded stream under another policy and compares its decisions with the recorded ones, wake by wake. */
export async function replay(options: ReplayOptions): Promise<Comparison & { readonly stopped: boolean }> {
  const { decisions: before } = await options.source.read.decisionsAfter(0);
  const after: Decision[] = [];
  const { stopped } = await replayStream(options, before, (decision) => void after.push(decision));
  return { ...compareDecisions(before, after), stopped };
}

/**
 * Replays the whole recorded stream under another policy.
 *
 * @param before the recorded decisions: receipts name their deliveries
 * @param onDecision called for every decision under the other policy, in order
 */
export async function replayStream(
  options: ReplayOptions,
  before: readonly Decision[],
  onDecision: (decision: Decision) => void,
): Promise<{ readonly stopped: boolean }> {
  const clock = await options.source.setting(CLOCK);
  const receipts = new Receipts(before);
  const { stopped } = await replayInto(options, {
    ...(typeof clock === "number" ? { until: clock } : {}),
    rewrite: (event) => receipts.rewrite(event),
    onDecision: (decision) => {
      onDecision(decision);
      receipts.note(decision);
    },
  });
  return { stopped };
}

/**
 * Replays the stream under the original policy of a decision up to its wake, and decides that wake under another policy.
 * Returns that decision, or undefined if the other policy makes none.
 */
export async function decideUnder(decision: Decision, other: Policy, options: ReplayOptions): Promise<Decision | undefined> {
  const { runtime } = options;
  const { stoppedBefore } = await replayInto(options, {
    onDecision: () => {},
    stopBefore: ({ wake }) => ofWholeAsk({ customerId: customerOf(wake), wake: wakeRecord(wake) }) === ofWholeAsk(decision),
  });
  if (!stoppedBefore)
    throw new SentientError(
      "NOT_FOUND",
      `the recorded stream does not lead to ${decision.decisionId}: manual changes by operators are not part of it`,
    );
  const before = await runtime.store.read.lastDecision();
  await createDecider(fixedCatalogue({ ...runtime.deps, policy: other })).decide([stoppedBefore]);
  const { decisions } = await runtime.store.read.decisionsAfter(before);
  return decisions.find((one) => wakeKey(one) === wakeKey(decision));
}

// --- internal ---

/** Key of a wake that is the same for all places of an ask, which are decided together. */
const ofWholeAsk = ({ customerId, wake }: Pick<Decision, "customerId" | "wake">): string =>
  wakeKey({ customerId, wake: wake.kind === "ask" ? { ...wake, place: "" } : wake });

async function replayInto(
  { source, runtime, policy, onProgress, isStopped }: ReplayOptions,
  more: Pick<RunStreamOptions, "onDecision" | "rewrite" | "stopBefore" | "until">,
) {
  const { store, decider } = runtime;
  const stream = recordedStream(source, async (lines, at) => void (await importCustomers(lines, at, store, policy)));
  const byPeople = await source.canaries.list();
  return runStream(stream, {
    store,
    decider,
    byPeople,
    ...more,
    ...(onProgress ? { onProgress } : {}),
    ...(isStopped ? { isStopped } : {}),
  });
}

/**
 * Maps delivery receipts: another policy gives deliveries other ids, so a receipt means the same message to the same customer at the same
 * wake.
 */
class Receipts {
  private readonly original = new Map<string, Decision>();
  private readonly translated = new Map<string, string>();

  constructor(before: readonly Decision[]) {
    for (const decision of before) if (decision.deliveries.length > 0) this.original.set(wakeKey(decision), decision);
  }

  note(decision: Decision): void {
    const was = this.original.get(wakeKey(decision));
    if (!was || was.experienceId !== decision.experienceId) return;
    for (const { deliveryId, channel } of decision.deliveries) {
      const same = was.deliveries.find((one) => one.channel === channel);
      if (same) this.translated.set(same.deliveryId, deliveryId);
    }
  }

  rewrite(event: SignalEvent): SignalEvent {
    const { data } = event;
    const known = typeof data?.deliveryId === "string" ? this.translated.get(data.deliveryId) : undefined;
    return known === undefined ? event : { ...event, data: { ...data, deliveryId: known } };
  }
}
