import { isDifferent, pairsByWake, wakeKey } from "../../domain/deciding/compare-decisions.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { everyExperience } from "../../domain/entities/policy.ts";
import { createMemoryStore } from "../../engine/playing/memory-store.ts";
import { playStream } from "../../engine/playing/play-stream.ts";
import { Population } from "../../engine/playing/population.ts";
import { importCustomers } from "../../intake/import-customers.ts";
import { matrixOf } from "../../rehearsal/results/matrix.ts";
import { recordedRows } from "../../rehearsal/results/recorded-rows.ts";
import type { Recorded } from "../../rehearsal/results/rehearsal-result.ts";
import type { RowsByCell } from "../../rehearsal/results/rows.ts";
import { createTotals, type Totals } from "../../rehearsal/results/totals.ts";
import { inputsOf } from "../load-tools.ts";
import { Receipts } from "../receipts.ts";
import { bothCounted } from "./both-counted.ts";
import type { LogWatch } from "./log-watch.ts";
import type { Side, Source } from "./source.ts";

export interface PlayBothOptions {
  readonly against: Pick<Side, "policy" | "tools">;
  readonly with: Pick<Side, "policy" | "tools">;
  readonly onProgress?: (side: "against" | "with", signals: number) => void;
  readonly isStopped?: () => boolean;
  /** Watches the play of one side, wake by wake. */
  readonly asked?: { readonly side: "against" | "with"; readonly watch: LogWatch };
  /** Receives what is behind the matrix and the figures. */
  readonly onRows?: (rows: RowsByCell) => void;
}

/**
 * Plays the recorded stream under both policies, in memory, and compares them wake by wake. Nothing leaves the machine, no tool of a
 * workspace is run, and no language model is asked. Undefined where it was stopped.
 */
export async function playBoth(
  source: RecordedSource,
  { against, with: other, ...options }: PlayBothOptions,
): Promise<Recorded | undefined> {
  const before = await playUnder(against, "against", source, options);
  if (!before) return undefined;
  const after = against.policy.version === other.policy.version ? before : await playUnder(other, "with", source, options);
  if (!after) return undefined;
  const pairs = pairsByWake(before.decisions, after.decisions);
  options.onRows?.(
    recordedRows(pairs, { departmentOf: { against: before.departmentOf, with: after.departmentOf }, decisionAt: decisionsOfStore(source) }),
  );
  const different = pairs.filter(({ was, is }) => isDifferent(was, is)).length;
  return { wakes: pairs.length, different, matrix: matrixOf(pairs), against: before.totals, with: after.totals };
}

// --- internal ---

type RecordedSource = Pick<Source, "stream" | "imported" | "byPeople" | "decisions" | "isStored" | "at">;

function decisionsOfStore({ decisions, isStored }: RecordedSource): (key: string) => string | undefined {
  const known = new Map(isStored ? decisions.map((decision) => [wakeKey(decision), decision.decisionId]) : []);
  return (key) => known.get(key);
}

interface Played {
  /** Without what comparing does not read. */
  readonly decisions: readonly Decision[];
  readonly totals: Totals;
  readonly departmentOf: (experienceId: string) => string | undefined;
}

async function playUnder(
  { policy, tools }: Pick<Side, "policy" | "tools">,
  side: "against" | "with",
  { stream, imported, byPeople, decisions: recorded, at }: RecordedSource,
  { onProgress, isStopped, onRows, asked }: Omit<PlayBothOptions, "against" | "with">,
): Promise<Played | undefined> {
  const departments = new Map(everyExperience(policy).map(({ id, department }) => [id, department]));
  const departmentOf = (experienceId: string): string | undefined => departments.get(experienceId);
  const { note, totals } = createTotals(departmentOf);
  const receipts = new Receipts(recorded);
  const decisions: Decision[] = [];
  const watch = asked?.side === side ? asked.watch : undefined;
  const population = new Population(watch ? { ...policy, counted: bothCounted(policy.counted, watch.counted) } : policy);
  watch?.begin(population);
  const store = createMemoryStore(population);
  const lines = stream(async (customers, time) => void (await importCustomers(customers, time, store, policy)));
  const { stopped } = await playStream(lines, {
    ...{ population, tools: inputsOf(tools), customers: imported, byPeople, until: at },
    rewrite: (event) => receipts.rewrite(event),
    onDecision: (decision) => {
      note(decision);
      receipts.note(decision);
      watch?.note(decision);
      decisions.push({ ...decision, candidates: [], moments: [], deliveries: onRows ? shortened(decision.deliveries) : [] });
    },
    ...(onProgress ? { onProgress: ({ signals }) => onProgress(side, signals) } : {}),
    ...(isStopped ? { isStopped } : {}),
    ...(watch ? { beforeWake: (due, canaries) => watch.beforeWake(due, canaries) } : {}),
  });
  return stopped ? undefined : { decisions, totals: totals(), departmentOf };
}

/** Without what they say, which no row tells. */
const shortened = (deliveries: Decision["deliveries"]): Decision["deliveries"] =>
  deliveries.map(({ deliveryId, channel, status }) => ({ deliveryId, channel, status, facts: {} }));
