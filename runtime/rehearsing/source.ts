import type { Customer } from "../../domain/entities/customer.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { PlayStart } from "../../engine/playing/play-start.ts";
import type { ImportInto } from "../../engine/recorded-stream.ts";
import type { Interlude } from "../../engine/run-stream.ts";
import type { ImportLine } from "../../intake/import-customers.ts";
import type { SignalLine } from "../../intake/read-signals.ts";
import type { LogRow } from "../../off-policy/rows.ts";
import type { RecordedHistory } from "../../rehearsal/future.ts";
import type { KeptCanary } from "../../store/store.ts";
import type { AnyTool } from "../../tools/tool.ts";
import type { SideFiles } from "./side-files.ts";

/** A policy with the tools of its workspace, which are never run. */
export interface Side {
  readonly policy: Policy;
  readonly tools: readonly AnyTool[];
  /** From which a thread compiles its own. */
  readonly files: SideFiles;
}

/** A decision of the log. */
export interface LoggedRow extends Pick<Decision, "decisionId" | "policyVersion"> {
  /** With what its deliveries have earned until the end of the recorded time. */
  readonly row: LogRow;
}

/** What a rehearsal is made from: a recorded stream, what was decided on it, and how things stand at its end. */
export interface Source {
  /** The end of the recorded time. */
  readonly at: Instant;
  /** The recorded stream, from its beginning. */
  stream(importInto: ImportInto): AsyncIterable<SignalLine | Interlude>;
  /** Golden records that are imported at the time of the first signal. */
  readonly imported: readonly ImportLine[];
  /** What people did to canaries. */
  readonly byPeople: readonly KeptCanary[];
  /** What was decided, in order, as receipts name it. */
  readonly decisions: readonly Decision[];
  /** Whether a store has them; otherwise they were decided in memory. */
  readonly isStored: boolean;
  /** The same with what each has earned, as the estimators read it. */
  log(): AsyncIterable<LoggedRow>;
  readonly history: RecordedHistory;
  /** The customers of the history, in its order, as they are at the end. */
  readonly customers: readonly Customer[];
  /** The rule by which each customer's last decision did not go, by her id; none where it did. */
  readonly lastRules: ReadonlyMap<string, string | undefined>;
  /** What of the past a play of the future under a policy does not begin with, in sentences. */
  notInStart(policy: Policy): readonly string[];
  /** How things stand at the end for a play under a policy. */
  startFor(policy: Policy): Promise<PlayStart>;
}
