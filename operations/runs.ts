import type { Change } from "../domain/entities/change.ts";
import { SentientError } from "../domain/errors.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { LeftByRun, OperationWrite } from "../store/store.ts";
import { auditOf, momentToAct, OPERATOR, type OperationDeps, operate, wakeAt } from "./deps.ts";
import type { Actor, Operations, Outcome, RetryView } from "./operation.ts";

export function runOperations(deps: OperationDeps): Operations["runs"] {
  return { retry: ({ id, force = false }, actor) => retry(id, actor, force, deps) };
}

// --- internal ---

type Left = LeftByRun["deliveries"][number];

/**
 * A failed delivery is never resent: its moments are reopened and judged anew, with current consent, caps and facts.
 * Uncertain deliveries, which may have gone out, are retried only with `force`.
 */
async function retry(id: string, actor: Actor, force: boolean, deps: OperationDeps): Promise<Outcome<RetryView>> {
  const run = await deps.store.read.run(id);
  const left = await deps.store.operations.leftByRun(run.runId);
  const at = await momentToAct(deps);
  const { runId, customerId } = run;
  const failed = left.deliveries.filter((delivery) => isLeft(delivery));
  if (failed.length === 0) throw nothingLeft(runId, left);
  refuseUncertain(runId, left, force);
  const moments = left.moments.filter(({ expiresAt }) => expiresAt > at);
  if (moments.length === 0) throw tooLate(runId, left, at);
  const declared = failed.filter(({ status }) => status === "uncertain");
  const operation: OperationWrite = {
    audit: auditOf(deps, actor, {
      action: "run.retried",
      target: runId,
      customerId,
      details: { force, moments: moments.map(({ name }) => name) },
    }),
    reopened: moments.map(({ momentId }) => momentId),
  };
  const changes: Change[] = [
    ...declared.map(
      ({ deliveryId }): Change => ({ type: "delivery_moved", deliveryId, to: "failed", reason: `declared not sent by ${actor.by}`, at }),
    ),
    wakeAt(OPERATOR, at),
  ];
  const changed = await operate(deps, customerId, at, () => changes, { operation });
  const after = changed ? await deps.store.operations.leftByRun(runId) : left;
  return {
    ...{ runId, customerId, changed, moments: changed ? moments.map(({ name }) => name) : [] },
    deliveries: after.deliveries.map(({ deliveryId, status, reason }) => ({
      deliveryId,
      status,
      ...(reason === undefined ? {} : { reason }),
    })),
    ...(changed ? { wakes: customerId } : {}),
  };
}

const isLeft = ({ status }: Left): boolean => status === "failed" || status === "uncertain";

function nothingLeft(runId: string, { deliveries }: LeftByRun): SentientError {
  const [first] = deliveries;
  if (!first) return new SentientError("CONFLICT", `run ${runId} delivered nothing, so there is nothing to retry`);
  const why = first.reason === undefined ? "" : ` (${first.reason})`;
  const what: Readonly<Record<string, string>> = {
    cancelled: `was cancelled${why}, which is no failure and is never retried`,
    bounced:
      "bounced: the address is undeliverable; the next message needs another address, or npx sentient customers lift once this one works again",
    reserved: "is waiting to be sent and goes out by itself once no pause holds it",
    sending: "is being sent at this moment",
  };
  return new SentientError(
    "CONFLICT",
    `nothing to retry in run ${runId}: delivery ${first.deliveryId} ${what[first.status] ?? `is ${first.status}`}`,
  );
}

function refuseUncertain(runId: string, { deliveries, calls }: LeftByRun, force: boolean): void {
  if (force) return;
  const delivery = deliveries.find(({ status }) => status === "uncertain");
  const call = calls.find(({ status }) => status === "uncertain");
  const what = delivery ? `delivery ${delivery.deliveryId} went out` : call ? `${call.tool} took effect` : undefined;
  if (what === undefined) return;
  throw new SentientError(
    "CONFLICT",
    `run ${runId}: it is unknown whether ${what}, and a retry may repeat it; check with the provider first, and give --force if it did not`,
  );
}

function tooLate(runId: string, { moments }: LeftByRun, at: Instant): SentientError {
  const [first] = moments;
  const why = first
    ? `its moment ${first.name} expired at ${iso(first.expiresAt)}, before ${iso(at)}`
    : "its moments are open again or were served since; npx sentient decisions list shows how";
  return new SentientError("CONFLICT", `nothing to retry in run ${runId}: ${why}`);
}
