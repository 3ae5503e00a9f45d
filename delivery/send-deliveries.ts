import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import { type ChannelRule, makerOf } from "../domain/entities/policy.ts";
import { announcedStatuses } from "../domain/record/delivery-events.ts";
import type { Instant } from "../domain/values/time.ts";
import type { KeptDelivery } from "../store/store.ts";
import type { DueDelivery } from "./handed-over.ts";
import { keepPromises } from "./keep-promises.ts";
import { deferQuietHours } from "./quiet-deferral.ts";
import { UNKNOWN_HERE } from "./run-outside.ts";
import { outcomeOf, spanOf } from "./send-one.ts";
import { taskOfDelivery } from "./task-of-delivery.ts";
import type { ToolDeps, Traces } from "./tool-deps.ts";

/** A delivery of a job, and the claim that was committed with it, which this start of the job may use. */
export interface Sending {
  readonly deliveryId: string;
  readonly claim?: string | undefined;
}

/**
 * Sends deliveries, each at most once. Local ones (recorded messages, tasks) are done in one transaction; those for a provider
 * are claimed, then sent, then their outcome is recorded. A missing answer leaves a delivery `uncertain`.
 */
export async function sendDeliveries(sending: readonly Sending[], deps: ToolDeps, traces: Traces = new Map()): Promise<CallOutcome[]> {
  const open = await openOf(sending, deps);
  const reserved = open.filter(({ status, claim }) => status === "reserved" || claim !== undefined);
  const ready = await deferQuietHours(
    reserved.filter((delivery) => isComplete(delivery, deps) && isKnown(delivery, deps)),
    deps,
  );
  const waiting = reserved
    .filter((one) => !ready.includes(one))
    .map((one): CallOutcome => ({ key: one.deliveryId, status: "waiting", code: isKnown(one, deps) ? undefined : UNKNOWN_HERE }));
  const here = ready.filter((delivery) => staysHere(delivery, deps));
  const outside = ready.filter((delivery) => !staysHere(delivery, deps));
  const outcomes = [
    ...waiting,
    ...(await sendLocally(here, deps, traces)),
    ...(outside.length > 0 ? await deps.sendQueues.send(outside, traces) : []),
  ];
  const known = new Set(outcomes.map(({ key }) => key));
  // Settled by an earlier attempt of the same job, or cancelled meanwhile: nothing is left to do.
  return [
    ...outcomes,
    ...sending
      .filter(({ deliveryId }) => !known.has(deliveryId))
      .map(({ deliveryId }): CallOutcome => ({ key: deliveryId, status: "done" })),
  ];
}

// --- internal ---

/**
 * Deliveries as they were committed a moment ago in this process, and the rows of the others; claiming decides which of them go. What was
 * claimed with its commit is open at the first start of its job alone.
 */
async function openOf(sending: readonly Sending[], { handedOver, store }: ToolDeps): Promise<readonly DueDelivery[]> {
  const claims = new Map(sending.map(({ deliveryId, claim }) => [deliveryId, claim]));
  const handed = handedOver.take([...claims.keys()]).filter(({ deliveryId, claim }) => claim?.name === claims.get(deliveryId));
  if (handed.length === sending.length) return handed;
  const known = new Set(handed.map(({ deliveryId }) => deliveryId));
  const rows = await store.deliveries.open([...claims.keys()].filter((id) => !known.has(id)));
  return [...handed, ...rows.map((row) => dueOf(row, claims.get(row.deliveryId)))];
}

/** A delivery that another process has claimed with its commit, and whose job has come here, is claimed anew. */
const dueOf = (row: KeptDelivery, claim: string | undefined): DueDelivery =>
  row.status === "sending" && claim !== undefined ? { ...row, claim: { name: claim } } : row;

const ruleOf = ({ channel }: KeptDelivery, { policy }: ToolDeps): ChannelRule | undefined => policy.channels[channel];

/** A delivery that has its text and whose action is done: jobs are checked against the rows first. */
const isComplete = (delivery: KeptDelivery, { policy }: ToolDeps): boolean =>
  delivery.content !== undefined &&
  (delivery.acted === undefined ? makerOf(policy, delivery)?.action === undefined : delivery.acted === "done");

/** An unknown channel belongs to another version. */
const isKnown = ({ channel }: KeptDelivery, { policy }: ToolDeps): boolean => Object.hasOwn(policy.channels, channel);

const staysHere = (delivery: KeptDelivery, deps: ToolDeps): boolean => !deps.live || ruleOf(delivery, deps)?.makesTask === true;

async function sendLocally(deliveries: readonly KeptDelivery[], deps: ToolDeps, traces: Traces): Promise<CallOutcome[]> {
  if (deliveries.length === 0) return [];
  const spans = deliveries.map((delivery) => ({ delivery, span: spanOf(delivery, deps, traces) }));
  const tasks = deliveries.flatMap((delivery) => {
    const rule = ruleOf(delivery, deps);
    return rule?.makesTask ? [taskOfDelivery(delivery, rule, timeOf(delivery, deps))] : [];
  });
  const ids = deliveries.map(({ deliveryId }) => deliveryId);
  const { live, now, store } = deps;
  const announced = announcedStatuses(deps.policy);
  const taken = await store.deliveries.sendLocally(ids, { recorded: !live, tasks, now: live ? now() : undefined, announced });
  await keepPromises(
    deliveries.filter(({ deliveryId }) => taken.going.has(deliveryId)),
    deps,
  );
  for (const { delivery, span } of spans) {
    span.set({ "sentient.outcome": outcomeOf(delivery.deliveryId, taken).status });
    span.end();
  }
  return ids.map((id) => outcomeOf(id, taken));
}

/** A replay sends at the time of the decision, a live process at the current time. */
const timeOf = (delivery: KeptDelivery, { live, now }: ToolDeps): Instant => (live ? now() : delivery.at);
