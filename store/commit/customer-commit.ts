import type { Change } from "../../domain/entities/change.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { TraceParent } from "../../telemetry/trace.ts";
import type { OperationWrite } from "./operations-rows.ts";

/** A stored signal: the original event, and a hash of its body that distinguishes a conflict from a duplicate. */
export interface StoredSignal {
  readonly seq: number;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly customerId: string;
  readonly time: Instant;
  readonly receivedAt: Instant;
  readonly event: Json;
  readonly bodyHash: string;
  /** It is in the inbox, from which the commit removes it: once. */
  readonly isWaiting?: true;
}

/** An ask as it is kept with its answer; what it was answered is kept where it may be asked again. */
export interface AskRow {
  readonly source: string;
  readonly id: string;
  readonly customerId: string;
  readonly channel: string;
  readonly at: Instant;
  readonly bodyHash: string;
  readonly isLate: boolean;
  /** Whether a place was given something. */
  readonly gave: boolean;
  readonly answer?: Json;
  /** Looked at last, before the transaction is committed: where it is true, nothing of the batch is written. */
  readonly isOver?: () => boolean;
  /** Called after that: the transaction is being committed, and nothing takes it back. */
  readonly onCommit?: () => void;
}

export interface RunRow {
  readonly runId: string;
  readonly customerId: string;
  /** With the `traceId` of its decision, if traces are exported. */
  readonly wake: Json;
  readonly policyVersion: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly steps: Json;
}

/** All changes that one wake makes to one customer, written atomically. */
export interface CustomerCommit {
  readonly before: Customer;
  readonly after: Customer;
  readonly changes: readonly Change[];
  readonly signal?: StoredSignal;
  readonly run?: RunRow;
  readonly importHash?: string;
  /** The import line of the customer. */
  readonly imported?: { readonly line: Json; readonly at: Instant };
  /** Contents generated before the commit, by delivery. */
  readonly contents?: ReadonlyMap<string, Json>;
  /** The tool call that makes these changes: the commit completes it, so they are written once. */
  readonly call?: { readonly key: string; readonly output: Json; readonly at: Instant };
  /** The delivery whose promises these changes keep and make, once. */
  readonly promisesOf?: string;
  /** The changes to a second customer, written atomically with these. */
  readonly along?: Pick<CustomerCommit, "before" | "after" | "changes">;
  /** The current span: timers set by the commit link back to it. */
  readonly trace?: TraceParent | undefined;
  /** The ask that these changes answer, once. */
  readonly ask?: AskRow;
  /** The operator action that causes these changes. */
  readonly operation?: OperationWrite;
}

/** A claim for sending, of deliveries that the commit reserves. */
export interface Claim {
  readonly name: string;
  readonly at: Instant;
  readonly deliveryIds: ReadonlySet<string>;
}

export interface CommitResult {
  /** Customers whose commit is written. The others had changed since they were loaded; nothing of theirs is written. */
  readonly committed: ReadonlySet<string>;
  /** Set if the deliveries of the claim that was asked for are claimed; otherwise they are reserved. */
  readonly isClaimed?: true;
  /** Experiences whose limit in total was exhausted meanwhile; then nothing at all is written. */
  readonly exhausted?: readonly string[];
  /** Set if a write-once row was already written; then nothing at all is written. */
  readonly isRepeated?: true;
}
