import type { NewDelivery } from "../../domain/entities/change.ts";
import type { Signal } from "../../domain/entities/signal.ts";
import type { Instant } from "../../domain/values/time.ts";

/** A signal that comes in a future; its order of arrival is given by the play. */
export type ComingSignal = Omit<Signal, "seq">;

/** A delivery that a play has made. */
export interface MadeDelivery {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly learnsAs?: string;
  readonly features: NewDelivery["features"];
  /** What counts as its success; missing where its experience names none. */
  readonly success?: { readonly signals: readonly string[]; readonly within: number };
  /** When it was sent. */
  readonly at: Instant;
  /** How many of this experience she got before in this play. */
  readonly nth: number;
}

/** What comes after the recorded time (`rehearsal/future.ts`). */
export interface ComingFuture {
  /** What customers send of themselves: days in order, each by time. */
  readonly days: () => Iterable<readonly ComingSignal[]>;
  /** What a customer answers to a delivery, by time. */
  readonly answersTo: (delivery: MadeDelivery) => readonly ComingSignal[];
}
