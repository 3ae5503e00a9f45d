import type { Opinion } from "../domain/deciding/funnel.ts";
import type { PlaceAnswer } from "../domain/entities/ask.ts";
import type { Draft, NewDelivery } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Wake } from "../domain/entities/wake.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import type { Mutable } from "../domain/values/mutable.ts";
import type { Instant } from "../domain/values/time.ts";
import type { ClaimAhead } from "./claim-ahead.ts";

/** One wake of one customer, on its way through the agents. Each agent adds its findings. */
export interface WakeRun {
  readonly wakeId: string;
  readonly runId: string;
  readonly wake: Wake;
  /** The instant of the wake: the decision's `now`. */
  readonly now: Instant;
  /** The customer as loaded. */
  before?: Customer;
  /** The customer after the wake's signals were interpreted. */
  interpreted?: Draft;
  /** The other customer of a merge: as loaded, and with the changes that follow. */
  into?: { readonly before: Customer; readonly draft: Draft };
  /** The customer after the decision. */
  judged?: Draft;
  /** The arms from which success probabilities were estimated, list by list: a decision may ask for thousands at once. */
  readonly asked: (readonly string[])[];
  /** The language model's verdicts on plain-language criteria, by experience; undefined until asked. */
  opinions?: ReadonlyMap<string, Opinion>;
  /** Texts that could not be written: their candidates are excluded when the run is judged again. */
  readonly rejected: RejectedText[];
  /** The text of the delivery that was decided, once written. */
  content?: JsonObject;
  /** What an ask is given: texts by delivery, and the answer by place. */
  contents?: ReadonlyMap<string, JsonObject>;
  places?: Readonly<Record<string, PlaceAnswer>>;
  /** The claim of its delivery, where the commit has written one. */
  claim?: ClaimAhead;
  readonly steps: Step[];
}

export interface RejectedText {
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly detail: string;
}

/** A delivery that holds a slot: from a run of this batch, or recovered after a crash. */
export interface OpenDelivery {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly customerId: string;
  readonly runId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  /** Set where it is from a canary beside an experience that stays. */
  readonly learnsAs?: string;
  readonly locale?: string;
  readonly to?: string;
  readonly at: Instant;
  readonly frozen: JsonObject;
  content?: JsonObject;
  /** The output of the experience's action. */
  action?: JsonObject;
  /** What the commit of this batch has written of it; undefined where it was recovered. */
  readonly written?: NewDelivery;
  /** Its text is there, and no action precedes it. */
  isReady?: boolean;
  /** Where the commit has claimed it for sending. */
  readonly claim?: ClaimAhead;
  /** Set once it can no longer go out. */
  stopped?: string;
}

/** The working set of one execution of the graph. The graph's own state holds ids only. */
export interface Batch {
  readonly runs: Map<string, WakeRun>;
  readonly deliveries: Map<string, OpenDelivery>;
}

/** What one agent did in a run. */
export interface Step {
  readonly agent: string;
  readonly ms: number;
  readonly [detail: string]: Json;
}

/** The delivery that the run decided on and that is still to be handed over, if any; the answer to an ask is a hand-over. */
export function deliveryOf({ judged, wake }: WakeRun): NewDelivery | undefined {
  if (wake.kind === "ask") return undefined;
  const decided = judged?.changes.find((change) => change.type === "decided");
  return decided?.type === "decided" ? decided.delivery : undefined;
}

/** Deliveries that can still go out. */
export const going = (deliveries: Batch["deliveries"]): OpenDelivery[] =>
  [...deliveries.values()].filter(({ stopped }) => stopped === undefined);

/** Whether a conversation has to write the text of a delivery and has not done so. */
export const isAnswer = ({ frozen, action }: OpenDelivery): boolean => isObject(frozen.conversation) && !isObject(action?.conversation);

export function stop(delivery: OpenDelivery, reason: string): void {
  delivery.stopped = reason;
}

/** The delivery of a run that holds its slot, as the executor works on it. */
export function openDelivery(one: WakeRun): OpenDelivery | undefined {
  if (one.wake.kind === "ask") return undefined;
  const decided = one.judged?.changes.find((change) => change.type === "decided");
  if (decided?.type !== "decided" || !decided.delivery) return undefined;
  const { deliveryId, experienceId, channel, variant, learnsAs, locale, to, at, frozen } = decided.delivery;
  const { decisionId, customerId } = decided.decision;
  const { runId } = one;
  const written = decided.delivery;
  const open: Mutable<OpenDelivery> = { deliveryId, decisionId, customerId, runId, experienceId, channel, at, frozen, written };
  if (variant !== undefined) open.variant = variant;
  if (learnsAs !== undefined) open.learnsAs = learnsAs;
  if (locale !== undefined) open.locale = locale;
  if (to !== undefined) open.to = to;
  if (one.content) open.content = one.content;
  if (one.claim) open.claim = one.claim;
  return open;
}

/** The run's changes so far. */
export const draftOf = ({ judged, interpreted }: WakeRun): Draft | undefined => judged ?? interpreted;

/** Whether the text of the last decision was refused, so that it has to be decided again. */
export function isRefused(one: WakeRun): boolean {
  const delivery = deliveryOf(one);
  return (
    delivery !== undefined &&
    one.rejected.some(({ experienceId, channel }) => experienceId === delivery.experienceId && channel === delivery.channel)
  );
}
