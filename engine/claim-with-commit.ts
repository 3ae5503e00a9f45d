import type { AgentContext } from "../agents/agent.ts";
import { isReady } from "../agents/channel-executor.ts";
import type { ClaimAhead } from "../agents/claim-ahead.ts";
import { type OpenDelivery, openDelivery, type WakeRun } from "../agents/wake-run.ts";
import { takeBack } from "../delivery/take-back.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { SECOND } from "../domain/values/time.ts";
import type { Claim, CommitResult } from "../store/store.ts";

/** A claim for the deliveries of some runs, to be committed with them; undefined where something is still to happen before one is sent. */
export function claimFor(
  runs: readonly WakeRun[],
  { policyFor, pauses }: Pick<AgentContext, "policyFor" | "pauses">,
  { live, sendQueues }: Pick<ToolDeps, "live" | "sendQueues">,
): ClaimAhead | undefined {
  if (!live || pauses.length > 0) return undefined;
  const open = runs.flatMap((one) => openDelivery(one) ?? []);
  const goesAtOnce = (one: OpenDelivery): boolean =>
    isReady(one, policyFor) && !policyFor(one.customerId, one.at).channels[one.channel]?.makesTask;
  return open.length > 0 && open.every(goesAtOnce) ? sendQueues.hold(open) : undefined;
}

/** Commits with a claim, where there is one. What of it has not begun after some seconds is taken back: it would be given up as interrupted. */
export async function committing(
  claim: ClaimAhead | undefined,
  deps: Pick<ToolDeps, "store" | "now">,
  commit: (claim: Claim | undefined) => Promise<CommitResult>,
): Promise<CommitResult> {
  if (!claim) return commit(undefined);
  try {
    const result = await commit({ name: claim.name, at: deps.now(), deliveryIds: claim.deliveryIds() });
    if (result.isClaimed) setTimeout(() => void takeBack(claim, deps), BEGINS_WITHIN_MS).unref();
    else claim.takeBack();
    return result;
  } catch (error) {
    // It may be written: the connection may have been lost after that.
    await takeBack(claim, deps);
    throw error;
  }
}

// --- internal ---

/** Jobs begin within milliseconds where the queue works. */
const BEGINS_WITHIN_MS = 5 * SECOND;
