import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import { type ChannelRule, makerOf } from "../domain/entities/policy.ts";
import { announcedStatuses } from "../domain/record/delivery-events.ts";
import type { Instant } from "../domain/values/time.ts";
import type { KeptDelivery } from "../store/store.ts";
import { keepPromises } from "./keep-promises.ts";
import { deferQuietHours } from "./quiet-deferral.ts";
import { UNKNOWN_HERE } from "./run-outside.ts";
import { outcomeOf, spanOf } from "./send-one.ts";
import { taskOfDelivery } from "./task-of-delivery.ts";
import type { ToolDeps, Traces } from "./tool-deps.ts";

/**
 * Sends deliveries, each at most once. Local ones (recorded messages, tasks) are done in one transaction; those for a provider
 * are claimed, then sent, then their outcome is recorded. A missing answer leaves a delivery `uncertain`.
 */
export async function sendDeliveries(deliveryIds: readonly string[], deps: ToolDeps, traces: Traces = new Map()): Promise<CallOutcome[]> {
  const open = await openOf(deliveryIds, deps);
  const reserved = open.filter(({ status }) => status === "reserved");
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
  return [...outcomes, ...deliveryIds.filter((id) => !known.has(id)).map((key): CallOutcome => ({ key, status: "done" }))];
}

// --- internal ---

/** Deliveries as they were committed a moment ago in this process, and the rows of the others; claiming decides which of them go. */
async function openOf(ids: readonly string[], { handedOver, store }: ToolDeps): Promise<readonly KeptDelivery[]> {
  const handed = handedOver.take(ids);
  if (handed.length === ids.length) return handed;
  const known = new Set(handed.map(({ deliveryId }) => deliveryId));
  return [...handed, ...(await store.deliveries.open(ids.filter((id) => !known.has(id))))];
}

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
