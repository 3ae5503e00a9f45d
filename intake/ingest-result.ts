/** A signal that was refused. */
export interface RejectedSignal {
  /** Its place among those sent together, from 0. */
  readonly index: number;
  readonly code: "BAD_INPUT" | "CONFLICT" | "FORBIDDEN" | "OVERLOADED";
  readonly error: string;
}

/** What became of signals that were sent: how many were accepted, were known already, or were rejected and why. */
export interface IngestResult {
  readonly accepted: number;
  readonly duplicates: number;
  /** Why signals were refused, for the first hundred of them. */
  readonly rejected: readonly RejectedSignal[];
  /** How many more were refused. */
  readonly moreRejected?: number;
}
