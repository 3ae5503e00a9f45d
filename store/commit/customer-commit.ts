import type { Change } from "../../domain/entities/change.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { TraceParent } from "../../telemetry/trace.ts";
import type { OperationWrite } from "./operations-rows.ts";

/** A signal as it is kept: the event as it came, and a hash of its body by which a conflict is told from a duplicate. */
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
  /** It waits in the inbox, which it leaves when it is written: once. */
  readonly isWaiting?: true;
}

export interface RunRow {
  readonly runId: string;
  readonly customerId: string;
  readonly wake: Json;
  readonly policyVersion: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly steps: Json;
}

/** What one wake did to one customer, to be written whole or not at all. */
export interface CustomerCommit {
  readonly before: Customer;
  readonly after: Customer;
  readonly changes: readonly Change[];
  readonly signal?: StoredSignal;
  readonly run?: RunRow;
  readonly importHash?: string;
  /** The line that it was imported from. */
  readonly imported?: { readonly line: Json; readonly at: Instant };
  /** Texts that are written already, by delivery. */
  readonly contents?: ReadonlyMap<string, Json>;
  /** The tool call whose doing these changes are: it is done when they are written, and they are written once. */
  readonly call?: { readonly key: string; readonly output: Json; readonly at: Instant };
  /** The delivery whose promises these changes keep and make, once. */
  readonly promisesOf?: string;
  /** Another customer's part in it: both are written or neither. */
  readonly along?: Pick<CustomerCommit, "before" | "after" | "changes">;
  /** Where in a trace this is done: timers that it sets lead back there. */
  readonly trace?: TraceParent | undefined;
  /** What an operator does, of which these changes are the consequence. */
  readonly operation?: OperationWrite;
}

export interface CommitResult {
  /** Customers whose case is written. The others had changed since they were loaded, and nothing of theirs is. */
  readonly committed: ReadonlySet<string>;
  /** Set when an experience's limit in total was used up meanwhile; then nothing at all is written. */
  readonly exhausted?: readonly string[];
  /** Set when what is written once only was written before; then nothing at all is written. */
  readonly isRepeated?: true;
}
