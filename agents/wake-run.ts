import type { Opinion } from "../domain/deciding/funnel.ts";
import type { Draft, NewDelivery } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Wake } from "../domain/entities/wake.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";

/** One wake of one customer, on its way through the agents. Each agent adds what it found out. */
export interface WakeRun {
  readonly wakeId: string;
  readonly runId: string;
  readonly wake: Wake;
  /** The instant of the wake: what deciding calls now. */
  readonly now: Instant;
  /** The customer as loaded. */
  before?: Customer;
  /** The customer after what the wake meant. */
  interpreted?: Draft;
  /** The other customer of a merge: as loaded, and with what follows for her. */
  into?: { readonly before: Customer; readonly draft: Draft };
  /** The customer after what was decided. */
  judged?: Draft;
  /** Experiences on channels whose success was estimated for it. */
  readonly asked: Set<string>;
  /** What a language model says about criteria in plain words, by experience; missing until it was asked. */
  opinions?: ReadonlyMap<string, Opinion>;
  /** Texts that could not be written this time: their candidates are out when it is judged again. */
  readonly rejected: RejectedText[];
  /** The text of the delivery that was decided, once it is written. */
  content?: JsonObject;
  readonly steps: Step[];
}

export interface RejectedText {
  readonly experienceId: string;
  readonly channel: string;
  readonly detail: string;
}

/** A delivery whose slot is taken, on its way out: from a case of this batch, or found again after a crash. */
export interface OpenDelivery {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly customerId: string;
  readonly runId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly to?: string;
  readonly at: Instant;
  readonly frozen: JsonObject;
  content?: JsonObject;
  /** What the experience's action gave back. */
  action?: JsonObject;
  /** Its text is there, and nothing is done before it goes. */
  readonly isReady?: boolean;
  /** Set once it cannot go out any more. */
  stopped?: string;
}

/** Everything that one execution of the graph works on. The graph's own state holds ids only. */
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

/** The delivery that the case decided on, if any. */
export function deliveryOf({ judged }: WakeRun): NewDelivery | undefined {
  const decided = judged?.changes.find((change) => change.type === "decided");
  return decided?.type === "decided" ? decided.delivery : undefined;
}

/** Deliveries that can still go out. */
export const going = (deliveries: Batch["deliveries"]): OpenDelivery[] =>
  [...deliveries.values()].filter(({ stopped }) => stopped === undefined);

/** Whether the text of a delivery is what a conversation gives, and none has given it yet. */
export const isAnswer = ({ frozen, action }: OpenDelivery): boolean => isObject(frozen.conversation) && !isObject(action?.conversation);

export function stop(delivery: OpenDelivery, reason: string): void {
  delivery.stopped = reason;
}

/** The delivery of a case whose slot is taken, as the executor works on it. */
export function openDelivery(one: WakeRun): OpenDelivery | undefined {
  const decided = one.judged?.changes.find((change) => change.type === "decided");
  if (decided?.type !== "decided" || !decided.delivery) return undefined;
  const { deliveryId, experienceId, channel, to, at, frozen } = decided.delivery;
  const { decisionId, customerId } = decided.decision;
  return {
    ...{ deliveryId, decisionId, customerId, runId: one.runId, experienceId, channel, at, frozen },
    ...(to === undefined ? {} : { to }),
    ...(one.content ? { content: one.content } : {}),
  };
}

/** What the case has changed so far. */
export const draftOf = ({ judged, interpreted }: WakeRun): Draft | undefined => judged ?? interpreted;
