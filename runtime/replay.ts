import { fixedCatalogue } from "../delivery/catalogue.ts";
import { type Comparison, compareDecisions, wakeKey } from "../domain/deciding/compare-decisions.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { customerOf, wakeRecord } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { createDecider } from "../engine/decide.ts";
import { recordedStream } from "../engine/recorded-stream.ts";
import { CLOCK, type RunStreamOptions, runStream, type StreamProgress } from "../engine/run-stream.ts";
import { importCustomers } from "../intake/import-customers.ts";
import type { Store } from "../store/store.ts";
import type { Runtime } from "./create-runtime.ts";
import { Receipts } from "./receipts.ts";

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
  const { source } = options;
  const { decisions: before } = await source.read.decisionsAfter(0);
  const clock = await source.setting(CLOCK);
  const receipts = new Receipts(before);
  const after: Decision[] = [];
  const { stopped } = await replayInto(options, {
    ...(typeof clock === "number" ? { until: clock } : {}),
    rewrite: (event) => receipts.rewrite(event),
    onDecision: (decision) => {
      after.push(decision);
      receipts.note(decision);
    },
  });
  return { ...compareDecisions(before, after), stopped };
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
