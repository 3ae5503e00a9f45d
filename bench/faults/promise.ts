/** A promise, and whether it was held. */
export interface Held {
  readonly promise: string;
  readonly held: boolean;
  readonly detail: string;
}

/** The result of one round of fault injection. */
export interface Round {
  readonly name: string;
  /** Figures, for display. */
  readonly counts: readonly (readonly string[])[];
  readonly promises: readonly Held[];
  /** Faults that hit while work was in flight. */
  readonly faults: number;
}

/** A promise that holds without counterexamples; the first ones are in the detail. */
export const noneOf = (promise: string, against: readonly string[], detail: string): Held => ({
  promise,
  held: against.length === 0,
  detail: against.length === 0 ? detail : `${detail}; ${against.length} against it: ${against.slice(0, 3).join("; ")}`,
});
