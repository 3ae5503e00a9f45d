import type { PauseTarget } from "../domain/deciding/pause.ts";
import type { TouchKind } from "../domain/entities/customer.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";

// What operators do, whatever carries their words: the command line calls it on a store that it owns, a server behind its
// HTTP routes. Every one that changes something names who did it and leaves a line in the audit.

/** Who acts, and what they have to say about it. */
export interface Actor {
  readonly by: string;
  readonly note?: string;
}

export interface ListOptions {
  readonly customerId?: string;
  readonly limit: number;
  /** Also what is over. */
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
  /** When the moment is over, and an answer comes too late. */
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
  /** What is still paused. */
  readonly still: readonly PauseView[];
  /** Customers whose open moments are due to be judged again. */
  readonly wakes: readonly string[];
}

/** A signal or a timer that was given up. Times are ISO 8601. */
export interface DeadView {
  readonly id: string;
  readonly kind: "signal" | "timer";
  readonly customerId: string;
  /** Of a signal. */
  readonly type?: string;
  readonly source?: string;
  readonly signalId?: string;
  /** The name of a timer, and when it was due. */
  readonly timer?: string;
  readonly due?: string;
  /** Why it was given up: a code of ours, of the database, or the kind of the error. */
  readonly code: string;
  readonly message: string;
  readonly tries: number;
  /** When it was given up. */
  readonly since: string;
}

/** Which dead letters: some by their ids, all, or those of a code. */
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

/** What came of an operation. Asking for what is so already changes nothing and is no error. */
export type Outcome<View> = View & {
  readonly changed: boolean;
  /** The customer whose open moments are due to be judged again because of it; on a replayed store by `carryOut`. */
  readonly wakes?: string;
};

export interface RetryView {
  readonly runId: string;
  readonly customerId: string;
  /** Moments that are open again and will be judged. */
  readonly moments: readonly string[];
  /** Deliveries of the run that are left where they are, or were declared not sent. */
  readonly deliveries: readonly { readonly deliveryId: string; readonly status: string; readonly reason?: string }[];
}

export interface ErasureView {
  readonly customerId: string;
  readonly at: string;
  readonly by: string;
  /** Other ids of the same person, which are gone as well. */
  readonly alsoKnownAs?: readonly string[];
  /** How many rows are gone, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** How many addresses stay known by their keyed hash, so that nothing is sent to them again. */
  readonly suppressed: number;
}

export interface MergeView {
  readonly customerId: string;
  /** Who stands for both now. */
  readonly into: string;
}

export interface SplitView {
  readonly customerId: string;
  /** Into whom she had disappeared. */
  readonly from: string;
  readonly changed: true;
  /** Both are due to be judged again. */
  readonly wakes: readonly string[];
}

export interface LiftView {
  readonly customerId: string;
  /** The addresses that count again; none where none of hers was given up. */
  readonly lifted: readonly { readonly type: string; readonly value: string; readonly reason: string }[];
}

/** Everything held about a person, as one document: by table, each row as it is stored. */
export interface CustomerExport {
  readonly customerId: string;
  readonly exportedAt: string;
  /** Other ids of the same person, whose rows are among these. */
  readonly alsoKnownAs?: readonly string[];
  readonly record: Json;
  readonly tables: Readonly<Record<string, readonly Json[]>>;
}

/** What operators do, by noun. Ids may be given by their beginnings; times are ISO 8601. A change names its actor and is in the audit. */
export interface Operations {
  readonly tasks: {
    list(options: ListOptions & { readonly queue?: string }): Promise<TaskView[]>;
    /** @param options.takeOver also from somebody else */
    claim(id: string, actor: Actor, options?: { readonly takeOver?: boolean }): Promise<Outcome<TaskView>>;
    /** @param options.contacted how the customer was contacted over it: a touch in the ledger */
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
    /** @param options.force also where nobody knows whether it went out */
    retry(id: string, actor: Actor, options?: { readonly force?: boolean }): Promise<Outcome<RetryView>>;
  };
  readonly customers: {
    export(id: string, actor: Actor): Promise<CustomerExport>;
    erase(id: string, actor: Actor): Promise<ErasureView>;
    /**
     * Lets addresses that were given up be written to again.
     * @param options.address one of them; without it all
     */
    lift(id: string, actor: Actor, options?: { readonly address?: string }): Promise<Outcome<LiftView>>;
    /** Makes one customer disappear into another; both source records stay. */
    merge(id: string, into: string, actor: Actor): Promise<Outcome<MergeView>>;
    /** Removes the link by which a customer has disappeared into another one. */
    split(id: string, actor: Actor): Promise<SplitView>;
  };
  readonly pauses: {
    list(): Promise<PauseView[]>;
    pause(target: PauseTarget, actor: Actor): Promise<Outcome<PauseView>>;
    /**
     * Ends one pause. The customers whom it kept something from are woken; what was reserved before it goes out with the
     * next look at what was left behind, or at once by `carryOut`.
     */
    resume(target: PauseTarget, actor: Actor): Promise<ResumeView>;
  };
  readonly dead: {
    /** The latest first. */
    list(options: { readonly customerId?: string; readonly code?: string; readonly limit: number }): Promise<DeadView[]>;
    /** Lets them be tried again, as if for the first time; a timer gets its time back. An id that is none is an error, and then nothing changes. */
    revive(selection: DeadSelection, actor: Actor): Promise<{ readonly changed: boolean; readonly revived: readonly DeadView[] }>;
    /** Gives them up for good; a signal stays a duplicate when it comes again. */
    discard(selection: DeadSelection, actor: Actor): Promise<{ readonly changed: boolean; readonly discarded: readonly DeadView[] }>;
  };
  readonly audit: {
    list(options: { readonly customerId?: string; readonly limit: number }): Promise<AuditView[]>;
  };
}
