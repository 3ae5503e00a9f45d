import type { Instant } from "../domain/values/time.ts";

/** Time, tokens and money used by one run. */
export class RunAccount {
  readonly runId: string;
  /** Time of its first call. */
  startedAt: Instant | undefined;
  tokens = 0;
  usd = 0;

  constructor(runId: string) {
    this.runId = runId;
  }
}
