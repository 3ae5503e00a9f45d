import { Readable } from "node:stream";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Learned } from "../../domain/learning/learning.ts";
import { EVERYONE } from "../../domain/learning/lessons.ts";
import { playStream } from "../../engine/playing/play-stream.ts";
import { Population } from "../../engine/playing/population.ts";
import { readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { RecordedHistory } from "../../rehearsal/future.ts";
import { rulesOf } from "../../rehearsal/results/rules.ts";
import { sampleOf } from "../../rehearsal/twins.ts";
import type { Workspace } from "../../workspace/load.ts";
import { inputsOf } from "../load-tools.ts";
import { bothCounted } from "./both-counted.ts";
import { likenessBy } from "./likeness.ts";
import { LogOfPlay } from "./log-of-play.ts";
import { PastOfPlay } from "./past-of-play.ts";
import type { Side, Source } from "./source.ts";

export interface SourceOfFilesOptions {
  /** The most customers that are rehearsed; of more, a share is. */
  readonly most: number;
  /** Signal types that another policy counts, which will be played from the end on, with its windows. */
  readonly counted?: Policy["counted"];
  readonly onProgress?: (signals: number) => void;
  readonly isStopped?: () => boolean;
  /** Receives what of the files cannot be read. */
  readonly onWarning?: (text: string) => void;
}

/**
 * Plays the customers and signals of a workspace under a policy, in memory. Undefined where it was stopped.
 *
 * @throws `BAD_INPUT` where it has no signals
 */
export async function sourceOfFiles(
  { dir, signalsFile, customersFile }: Pick<Workspace, "dir" | "signalsFile" | "customersFile">,
  { policy, tools }: Pick<Side, "policy" | "tools">,
  { most, counted, onProgress, isStopped, onWarning = () => {} }: SourceOfFilesOptions,
): Promise<Source | undefined> {
  if (signalsFile === undefined) throw noSignals(dir);
  const read = customersFile === undefined ? { lines: [], problems: [], moreProblems: 0 } : readCustomers(customersFile);
  // What only the other policy counts is kept for it.
  const population = new Population(counted ? { ...policy, counted: bothCounted(policy.counted, counted) } : policy);
  const past = new PastOfPlay((id) => population.rootOf(id));
  const stream = () => readSignalLines(openSignals(signalsFile, Readable.from([])));
  const decisions: Decision[] = [];
  const lastRules = new Map<string, string | undefined>();
  const log = new LogOfPlay();
  const result = await playStream(past.passing(stream()), {
    ...{ population, tools: inputsOf(tools), customers: read.lines },
    onDecision(decision) {
      decisions.push({ ...decision, candidates: [], moments: [] });
      log.decided(decision);
      lastRules.set(decision.customerId, rulesOf(decision)[0]);
    },
    onPlayed(played) {
      past.note(played);
      log.note(played);
    },
    ...(onProgress ? { onProgress: ({ signals }) => onProgress(signals) } : {}),
    ...(isStopped ? { isStopped } : {}),
  });
  if (result.stopped) return undefined;
  const { since } = past;
  if (since === undefined) throw noSignals(dir);
  tellWrong("customers.jsonl", read.problems.length + read.moreProblems, onWarning);
  tellWrong("signals.jsonl", result.problems.length + result.conflicts.length + result.moreProblems, onWarning);
  const at = result.clock;
  const whole = population.start(at);
  const roots = whole.customers.map(({ customerId }) => customerId).filter((id) => population.rootOf(id) === id);
  const played = new Set(
    sampleOf(
      roots.sort().map((customerId) => ({ customerId })),
      most,
    ).map(({ customerId }) => customerId),
  );
  const customers = roots.filter((id) => played.has(id)).flatMap((id) => population.load(id, at) ?? []);
  const start = { ...whole, customers: whole.customers.filter(({ customerId }) => played.has(population.rootOf(customerId))) };
  const likeOf = likenessBy(policy, at);
  return {
    ...{ at, stream, imported: read.lines, byPeople: [], decisions, isStored: false, customers, lastRules },
    log: () => log.rows(policy),
    // It begins with everything that was played.
    notInStart: () => [],
    startFor: async () => start,
    history: {
      period: { from: Math.min(since, at), until: at, zone: policy.timezone },
      population: roots.length,
      customers: customers.map((customer) => ({ customerId: customer.customerId, since: customer.origin.at, ...likeOf(customer) })),
      signals: past.signals(),
      deliveries: past.deliveries(),
      arms: learnedIn(population.arms),
    },
  };
}

// --- internal ---

const noSignals = (dir: string): SentientError =>
  new SentientError(
    "BAD_INPUT",
    `nothing to rehearse from: ${dir} has no signals in a signals.jsonl, and no store is given (--data DIR, or DATABASE_URL)`,
  );

/** Arms alone: what is learned about the hours of a channel is kept among them, under everyone. */
const learnedIn = (arms: Population["arms"]): RecordedHistory["arms"] =>
  Object.fromEntries([...arms].flatMap(([arm, state]) => (arm.startsWith(`${EVERYONE}\n`) ? [] : [[arm, state as Learned]])));

function tellWrong(file: string, lines: number, onWarning: (text: string) => void): void {
  if (lines > 0)
    onWarning(`${lines} ${lines === 1 ? "line" : "lines"} of ${file} cannot be used and ${lines === 1 ? "is" : "are"} left out`);
}
