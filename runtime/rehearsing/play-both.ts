import { compareDecisions } from "../../domain/deciding/compare-decisions.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { everyExperience } from "../../domain/entities/policy.ts";
import { createMemoryStore } from "../../engine/playing/memory-store.ts";
import { playStream } from "../../engine/playing/play-stream.ts";
import { Population } from "../../engine/playing/population.ts";
import { importCustomers } from "../../intake/import-customers.ts";
import type { Recorded } from "../../rehearsal/results/rehearsal-result.ts";
import { createTotals, type Totals } from "../../rehearsal/results/totals.ts";
import { tools as builtIn } from "../../tools/index.ts";
import type { AnyTool } from "../../tools/tool.ts";
import { Receipts } from "../receipts.ts";
import type { Side, Source } from "./source.ts";

export interface PlayBothOptions {
  readonly against: Pick<Side, "policy" | "tools">;
  readonly with: Pick<Side, "policy" | "tools">;
  readonly onProgress?: (side: "against" | "with", signals: number) => void;
  readonly isStopped?: () => boolean;
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
  const { same, differences } = compareDecisions(before.decisions, after.decisions);
  return { wakes: same + differences.length, different: differences.length, against: before.totals, with: after.totals };
}

/** Tools by name, as a play looks them up. */
export const toolsByName = (own: readonly AnyTool[]): ReadonlyMap<string, AnyTool> =>
  new Map([...builtIn, ...own].map((tool) => [tool.name, tool]));

// --- internal ---

type RecordedSource = Pick<Source, "stream" | "imported" | "byPeople" | "decisions" | "at">;

interface Played {
  /** Without what comparing does not read. */
  readonly decisions: readonly Decision[];
  readonly totals: Totals;
}

async function playUnder(
  { policy, tools }: Pick<Side, "policy" | "tools">,
  side: "against" | "with",
  { stream, imported, byPeople, decisions: recorded, at }: RecordedSource,
  { onProgress, isStopped }: Omit<PlayBothOptions, "against" | "with">,
): Promise<Played | undefined> {
  const departments = new Map(everyExperience(policy).map(({ id, department }) => [id, department]));
  const { note, totals } = createTotals((experienceId) => departments.get(experienceId));
  const receipts = new Receipts(recorded);
  const decisions: Decision[] = [];
  const population = new Population(policy);
  const store = createMemoryStore(population);
  const lines = stream(async (customers, time) => void (await importCustomers(customers, time, store, policy)));
  const { stopped } = await playStream(lines, {
    ...{ population, tools: toolsByName(tools), customers: imported, byPeople, until: at },
    rewrite: (event) => receipts.rewrite(event),
    onDecision: (decision) => {
      note(decision);
      receipts.note(decision);
      decisions.push({ ...decision, candidates: [], moments: [], deliveries: [] });
    },
    ...(onProgress ? { onProgress: ({ signals }) => onProgress(side, signals) } : {}),
    ...(isStopped ? { isStopped } : {}),
  });
  return stopped ? undefined : { decisions, totals: totals() };
}
