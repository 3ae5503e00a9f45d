import type { PauseTarget } from "../domain/deciding/pause.ts";
import type { TouchKind } from "../domain/entities/customer.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";

// Operations, independent of transport: the command line calls them on a store that it owns, a server from its HTTP routes.
// Every change names its actor and leaves an audit entry.

/** The operator, with an optional note for the audit. */
export interface Actor {
  readonly by: string;
  readonly note?: string;
}

export interface ListOptions {
  readonly customerId?: string;
  readonly limit: number;
  /** Includes closed entries. */
  readonly all?: boolean;
}

/** A piece of work for a human. Times are ISO 8601. */
export interface TaskView {
  readonly taskId: string;
  readonly customerId: string;
  readonly queue: string;
  readonly summary: string;
  readonly createdAt: string;
  readonly due: string;
  readonly overdue: boolean;
  readonly state: "open" | "claimed" | "done" | "expired" | "withdrawn";
  readonly facts: JsonObject;
  readonly deliveryId?: string;
  readonly promiseId?: string;
  readonly claimedBy?: string;
  readonly claimedAt?: string;
  readonly endedAt?: string;
  readonly endedBy?: string;
  readonly contacted?: boolean;
  readonly note?: string;
}

export interface ApprovalView {
  readonly approvalId: string;
  readonly customerId: string;
  readonly decisionId: string;
  readonly experienceId: string;
  readonly moment: string;
  /** When the moment expires; a later answer is refused. */
  readonly expiresAt: string;
  readonly reason: string;
  readonly askedAt: string;
  readonly state: "pending" | "approved" | "rejected" | "lapsed";
  readonly answeredAt?: string;
  readonly answeredBy?: string;
  readonly note?: string;
}

export interface PromiseView {
  readonly promiseId: string;
  readonly customerId: string;
  readonly name: string;
  readonly owner: string;
  readonly openedAt: string;
  readonly due: string;
  readonly overdue: boolean;
  readonly state: "open" | "kept" | "withdrawn";
  readonly endedAt?: string;
  readonly endedBy?: string;
}

export interface PauseView {
  readonly scope: PauseTarget["scope"];
  readonly name?: string;
  readonly since: string;
  readonly by: string;
  readonly note?: string;
}

export interface ResumeView {
  readonly changed: boolean;
  /** Remaining pauses. */
  readonly still: readonly PauseView[];
  /** Customers whose open moments are judged again. */
  readonly wakes: readonly string[];
}

/** Dead letter: a signal or a timer that failed every attempt. Times are ISO 8601. */
export interface DeadView {
  readonly id: string;
  readonly kind: "signal" | "timer";
  readonly customerId: string;
  /** Of a signal. */
  readonly type?: string;
  readonly source?: string;
  readonly signalId?: string;
  /** Name of a timer, and its due time. */
  readonly timer?: string;
  readonly due?: string;
  /** The last failure: one of our codes, a database code, or the name of the error. */
  readonly code: string;
  readonly message: string;
  readonly tries: number;
  /** When it became a dead letter. */
  readonly since: string;
}

/** Selects dead letters: by ids, by code, or all. */
export interface DeadSelection {
  readonly ids?: readonly string[];
  readonly code?: string;
  readonly all?: boolean;
}

export interface AuditView {
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly target: string;
  readonly customerId?: string;
  readonly details: JsonObject;
}

/** Result of an operation. Operations are idempotent: a repetition changes nothing and is no error. */
export type Outcome<View> = View & {
  readonly changed: boolean;
  /** The customer whose open moments are judged again because of it; on a replayed store by `judgeWokenCustomers`. */
  readonly wakes?: string;
};

export interface RetryView {
  readonly runId: string;
  readonly customerId: string;
  /** Reopened moments, which will be judged. */
  readonly moments: readonly string[];
  /** Deliveries of the run: unchanged, or declared not sent. */
  readonly deliveries: readonly { readonly deliveryId: string; readonly status: string; readonly reason?: string }[];
}

export interface ErasureView {
  readonly customerId: string;
  readonly at: string;
  readonly by: string;
  /** Other ids of the same person, erased as well. */
  readonly alsoKnownAs?: readonly string[];
  /** Erased rows by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Number of addresses kept as keyed hashes, so that nothing is sent to them again. */
  readonly suppressed: number;
}

export interface MergeView {
  readonly customerId: string;
  /** The surviving customer. */
  readonly into: string;
}

export interface SplitView {
  readonly customerId: string;
  /** The customer it had been merged into. */
  readonly from: string;
  readonly changed: true;
  /** Both are judged again. */
  readonly wakes: readonly string[];
}

export interface LiftView {
  readonly customerId: string;
  /** Reinstated addresses; empty if none was undeliverable. */
  readonly lifted: readonly { readonly type: string; readonly value: string; readonly reason: string }[];
}

/** All data held about a person, as one document: by table, each row as stored. */
export interface CustomerExport {
  readonly customerId: string;
  readonly exportedAt: string;
  /** Other ids of the same person, whose rows are included. */
  readonly alsoKnownAs?: readonly string[];
  readonly record: Json;
  readonly tables: Readonly<Record<string, readonly Json[]>>;
}

/** What operators do, by noun. Ids may be given by their beginnings; times are ISO 8601. A change names its actor and is in the audit. */
export interface Operations {
  readonly tasks: {
    list(options: ListOptions & { readonly queue?: string }): Promise<TaskView[]>;
    /** @param options.takeOver claim it even if another operator holds it */
    claim(id: string, actor: Actor, options?: { readonly takeOver?: boolean }): Promise<Outcome<TaskView>>;
    /** @param options.contacted how the customer was contacted for it, recorded as a touch */
    done(id: string, actor: Actor, options?: { readonly contacted?: Exclude<TouchKind, "delivery"> }): Promise<Outcome<TaskView>>;
  };
  readonly approvals: {
    list(options: ListOptions): Promise<ApprovalView[]>;
    approve(id: string, actor: Actor): Promise<Outcome<ApprovalView>>;
    reject(id: string, actor: Actor): Promise<Outcome<ApprovalView>>;
  };
  readonly promises: {
    list(options: ListOptions): Promise<PromiseView[]>;
    kept(id: string, actor: Actor): Promise<Outcome<PromiseView>>;
  };
  readonly runs: {
    /** @param options.force retry even if it is uncertain whether the message went out */
    retry(id: string, actor: Actor, options?: { readonly force?: boolean }): Promise<Outcome<RetryView>>;
  };
  readonly customers: {
    export(id: string, actor: Actor): Promise<CustomerExport>;
    erase(id: string, actor: Actor): Promise<ErasureView>;
    /**
     * Reinstates undeliverable addresses.
     * @param options.address one of them; default: all
     */
    lift(id: string, actor: Actor, options?: { readonly address?: string }): Promise<Outcome<LiftView>>;
    /** Merges one customer into another; both source records stay. */
    merge(id: string, into: string, actor: Actor): Promise<Outcome<MergeView>>;
    /** Removes the link that merged a customer into another one. */
    split(id: string, actor: Actor): Promise<SplitView>;
  };
  readonly pauses: {
    list(): Promise<PauseView[]>;
    pause(target: PauseTarget, actor: Actor): Promise<Outcome<PauseView>>;
    /**
     * Ends one pause and wakes the customers it affected. Deliveries reserved before it are sent by the reconciler, or at
     * once by `sendReserved`.
     */
    resume(target: PauseTarget, actor: Actor): Promise<ResumeView>;
  };
  readonly dead: {
    /** Latest first. */
    list(options: { readonly customerId?: string; readonly code?: string; readonly limit: number }): Promise<DeadView[]>;
    /** Redrives them with a fresh attempt count; a timer keeps its due time. An unknown id is an error and changes nothing. */
    revive(selection: DeadSelection, actor: Actor): Promise<{ readonly changed: boolean; readonly revived: readonly DeadView[] }>;
    /** Discards them; a discarded signal that arrives again is a duplicate. */
    discard(selection: DeadSelection, actor: Actor): Promise<{ readonly changed: boolean; readonly discarded: readonly DeadView[] }>;
  };
  readonly audit: {
    list(options: { readonly customerId?: string; readonly limit: number }): Promise<AuditView[]>;
  };
}
