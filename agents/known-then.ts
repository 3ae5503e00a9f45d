import type { Opinion } from "../domain/deciding/funnel.ts";
import type { Pause } from "../domain/deciding/pause.ts";

/**
 * What a wake knew beside its customer's own signals, from the records of that time: for a wake that is considered again, without the
 * other customers.
 */
export interface KnownThen {
  /** The expected success that was drawn, of an ask for one place; undefined where the record names none. */
  drawnFor(way: Way): Drawn | undefined;
  /** The priority of the winner, where the record only counts the experience among those that lost; undefined otherwise. */
  lostTo(experienceId: string, place: string | undefined): number | undefined;
  /** The language model's verdict on a criterion in plain words; undefined where none was given. */
  opinionOn(experienceId: string): Opinion | undefined;
  readonly pauses: readonly Pause[];
  /** Slots used by experiences with a total limit. */
  readonly totals: ReadonlyMap<string, number>;
  /** Whether a human was handling what the customer wrote. */
  readonly isTakenOver: boolean;
  /** The experience that is asked about: its candidate stays whole in the record. */
  readonly whole?: string | undefined;
}

export interface Way {
  readonly experienceId: string;
  readonly channel: string;
  readonly variant: string | undefined;
  readonly place: string | undefined;
}

export interface Drawn {
  readonly P: number;
  /** Whether its mean was below `governance.minPropensity`. */
  readonly isBelow: boolean;
}
