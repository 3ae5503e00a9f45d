import type { OutcomeKind } from "../domain/entities/customer.ts";
import type { Features } from "../domain/entities/lesson.ts";
import type { Signal } from "../domain/entities/signal.ts";
import type { Learned } from "../domain/learning/learning.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Period } from "./arrivals.ts";

/** What was recorded of a population: all that its future is made from. Plain data. */
export interface RecordedHistory {
  /** From when until when it was recorded, and the zone of the workspace. */
  readonly period: Period;
  /** Customers that are played. Whatever is of others is left out. */
  readonly customers: readonly PastCustomer[];
  /** How many customers there are in all: more than are played where these are a sample. */
  readonly population: number;
  readonly signals: readonly PastSignal[];
  readonly deliveries: readonly PastDelivery[];
  /** What the arms have learned, by the key of `armOf`. */
  readonly arms: Readonly<Record<string, Learned>>;
}

export interface PastCustomer {
  readonly customerId: string;
  /** Since when she is known: the time of her origin. */
  readonly since: Instant;
  /** The same text for customers who are like one another; without it she is like everybody. */
  readonly like?: string;
}

/** A recorded signal; without data where its body was removed since. */
export type PastSignal = Pick<Signal, "customerId" | "source" | "type" | "time"> & Partial<Pick<Signal, "data">>;

/** A delivery that was sent, and what became of it. */
export interface PastDelivery {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly learnsAs?: string;
  /** When it was sent. */
  readonly at: Instant;
  readonly outcomes: readonly { readonly kind: OutcomeKind; readonly at: Instant }[];
}

/** A signal of a future, with an id that no recorded one has; its order of arrival is given by whoever plays it. */
export type FutureSignal = Omit<Signal, "seq">;

/** A delivery that a play has made. */
export interface PlayedDelivery {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly learnsAs?: string;
  /** Of its decision, for what its arm has learned. */
  readonly features?: Features;
  /** What counts as its success under the policy that made it; missing where its experience names none. */
  readonly success?: { readonly signals: readonly string[]; readonly within: number };
  /** When it was sent. */
  readonly at: Instant;
  /** How many of this experience she got before in this play: answers are drawn by customer, experience and this, never by the side. */
  readonly nth: number;
}

/** One of several futures of a population. */
export interface Future {
  /**
   * What customers send of themselves, and what they still answer to what was sent before: the same whatever is decided. A day at a time,
   * from the end of the recorded time; each day by time.
   */
  readonly days: () => Iterable<readonly FutureSignal[]>;
  /** What a customer answers to a delivery, by time: receipts, replies, a success. Also after the end of the play. */
  readonly answersTo: (delivery: PlayedDelivery) => readonly FutureSignal[];
}
