import { compareDecisions } from "../../domain/deciding/compare-decisions.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { everyExperience, type Policy } from "../../domain/entities/policy.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Recorded } from "../../rehearsal/results/rehearsal-result.ts";
import { createTotals, type Totals } from "../../rehearsal/results/totals.ts";
import type { Store } from "../../store/store.ts";
import type { AnyTool } from "../../tools/tool.ts";
import { createRuntime } from "../create-runtime.ts";
import { replayStream } from "../replay.ts";

/** A policy with the tools of its workspace, which are never run. */
export interface Side {
  readonly policy: Policy;
  readonly tools: readonly AnyTool[];
}

export interface ReplayBothOptions {
  /** The store with the recorded stream; only read. */
  readonly source: Store;
  readonly against: Side;
  readonly with: Side;
  readonly now: () => Instant;
  readonly onProgress?: (side: "against" | "with", signals: number) => void;
  readonly isStopped?: () => boolean;
}

/**
 * Replays the recorded stream under both policies, each in a store in memory, and compares them wake by wake. Nothing leaves the machine,
 * and no language model is asked. Undefined where it was stopped.
 */
export async function replayBoth({ against, with: other, ...options }: ReplayBothOptions): Promise<Recorded | undefined> {
  const { decisions } = await options.source.read.decisionsAfter(0);
  const before = await replayUnder(against, "against", decisions, options);
  if (!before) return undefined;
  const after = against.policy.version === other.policy.version ? before : await replayUnder(other, "with", decisions, options);
  if (!after) return undefined;
  const { same, differences } = compareDecisions(before.decisions, after.decisions);
  return { wakes: same + differences.length, different: differences.length, against: before.totals, with: after.totals };
}

// --- internal ---

interface Replayed {
  /** Without what comparing does not read. */
  readonly decisions: readonly Decision[];
  readonly totals: Totals;
}

async function replayUnder(
  { policy, tools }: Side,
  side: "against" | "with",
  recorded: readonly Decision[],
  { source, now, onProgress, isStopped }: Omit<ReplayBothOptions, "against" | "with">,
): Promise<Replayed | undefined> {
  await using runtime = await createRuntime({ policy, tools, live: false, now });
  const departments = new Map(everyExperience(policy).map(({ id, department }) => [id, department]));
  const { note, totals } = createTotals((experienceId) => departments.get(experienceId));
  const decisions: Decision[] = [];
  const { stopped } = await replayStream(
    {
      ...{ source, runtime, policy },
      ...(onProgress ? { onProgress: ({ signals }) => onProgress(side, signals) } : {}),
      ...(isStopped ? { isStopped } : {}),
    },
    recorded,
    (decision) => {
      note(decision);
      decisions.push({ ...decision, candidates: [], moments: [], deliveries: [] });
    },
  );
  return stopped ? undefined : { decisions, totals: totals() };
}
