import { compareDecisions } from "../../domain/deciding/compare-decisions.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { SentientError } from "../../domain/errors.ts";
import { iso } from "../../domain/values/time.ts";
import { type OpenWorkspace, openVersion, openWorkspace } from "../../runtime/open-workspace.ts";
import type { OpenedStore } from "../../runtime/opened-store.ts";
import { type Common, DONE, INTERRUPTED, type OnStore } from "../command.ts";
import type { Io } from "../io.ts";
import { openRuntime } from "../open-runtime.ts";
import { comparisonLines, oneDecisionLines } from "../views/comparison.ts";
import { withStore } from "../with-store.ts";

interface Replay extends OnStore, Pick<Common, "json"> {
  readonly decision: string | undefined;
}

export async function run({ decision, workspace: dir, data, json }: Replay, io: Io): Promise<number> {
  if (dir === undefined) throw new SentientError("BAD_INPUT", "replay needs the workspace to replay under: --workspace OTHER");
  const other = await openWorkspace(dir, io);
  return withStore({ data }, io, async (source) => {
    await tellWhatIsForgotten(source, io);
    return decision === undefined ? replayAll(source, other, json, io) : replayOne(decision, source, other, json, io);
  });
}

// --- internal ---

/** A stream without its beginning leads to other states, and so to other decisions, under any policy. */
async function tellWhatIsForgotten(store: OpenedStore, io: Io): Promise<void> {
  const until = await store.prunedUntil();
  if (until === undefined) return;
  io.warn(`signals up to ${iso(until)} are forgotten (retention.signals): what they led to is missing from this replay`);
}

async function replayAll(source: OpenedStore, other: OpenWorkspace, isJson: boolean, io: Io): Promise<number> {
  await using runtime = await openRuntime(other, io);
  const comparison = await source.replay({
    ...{ runtime, policy: other.workspace.policy },
    isStopped: io.isStopped,
    onProgress: ({ signals, decisions }) => io.progress(`${signals} signals, ${decisions} decisions`),
  });
  if (comparison.stopped) return INTERRUPTED;
  const { stopped: _stopped, ...result } = comparison;
  if (isJson) io.out(JSON.stringify({ policyVersion: other.workspace.policy.version, ...result }));
  else for (const line of comparisonLines(result, io)) io.out(line);
  return DONE;
}

async function replayOne(id: string, source: OpenedStore, other: OpenWorkspace, isJson: boolean, io: Io): Promise<number> {
  const decision = await source.lookUps(async () => ({ policy: other.workspace.policy, tools: other.tools })).decisions.show({ id });
  const original = await originalOf(decision, source, io);
  await using runtime = await openRuntime(original, io);
  const after = await source.decideUnder(decision, other.workspace.policy, {
    runtime,
    policy: original.workspace.policy,
    isStopped: io.isStopped,
  });
  const comparison = compareDecisions([decision], after ? [after] : []);
  if (isJson) io.out(JSON.stringify({ before: decision, after: after ?? null, same: comparison.same === 1 }));
  else for (const line of oneDecisionLines(decision, after, io)) io.out(line);
  return DONE;
}

/** The workspace version that made a decision: only it leads to the same state before the wake. */
async function originalOf({ decisionId, policyVersion, decidedAt }: Decision, source: OpenedStore, io: Io): Promise<OpenWorkspace> {
  const kept = await source.version(policyVersion, Date.parse(decidedAt));
  const dir = await source.workspaceDir();
  if (kept) return openVersion(kept, dir ?? ".", io);
  const original = dir === undefined ? undefined : await openWorkspace(dir, io);
  if (original?.workspace.policy.version === policyVersion) return original;
  const why = original ? `${dir} has changed since` : "the store does not say which workspace made it";
  throw new SentientError(
    "CONFLICT",
    `${decisionId} was made under policy ${policyVersion.slice(0, 12)}, and ${why}; leave the decision out to replay the whole stream`,
  );
}
