import type { Instant } from "../domain/values/time.ts";

/** What one run has used of its time, tokens and money. */
export class RunAccount {
  readonly runId: string;
  /** When its first question was put. */
  startedAt: Instant | undefined;
  tokens = 0;
  usd = 0;

  constructor(runId: string) {
    this.runId = runId;
  }
}
