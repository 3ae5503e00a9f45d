import type { PauseTarget } from "../domain/deciding/pause.ts";
import type { TouchKind } from "../domain/entities/customer.ts";
import type {
  ApprovalView,
  AuditView,
  CustomerExport,
  DeadView,
  Discarded,
  ErasureView,
  LiftView,
  MergeView,
  Outcome,
  PauseView,
  PromiseView,
  ResumeView,
  RetryView,
  Revived,
  SplitView,
  TaskView,
} from "./views.ts";

export type * from "./views.ts";

// What operators do. There are two implementations: on a store (`createOperations`) and on a server over HTTP
// (`cli/remote.ts`). Every operation that changes something names who did it and leaves a line in the audit.

/** Who acts, and what they have to say about it. */
export interface Actor {
  readonly by: string;
  readonly note?: string;
}

/** Which entries of a list. */
export interface Page {
  readonly limit: number;
  readonly customerId?: string | undefined;
}

export interface ListOptions extends Page {
  /** Also what is over. */
  readonly all?: boolean | undefined;
}

/** What an operation is about: an id, or the beginning of one. */
export interface Of {
  readonly id: string;
}

/** Which dead letters: some by their ids, all, or those of a code. */
export interface DeadSelection {
  readonly ids?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly all?: boolean | undefined;
}

/** What operators do, by noun. Ids may be given by their beginnings; times are ISO 8601. A change names its actor and is in the audit. */
export interface Operations {
  readonly tasks: {
    list(options: ListOptions & { readonly queue?: string | undefined }): Promise<TaskView[]>;
    /** @param task.takeOver also from somebody else */
    claim(task: Of & { readonly takeOver?: boolean | undefined }, actor: Actor): Promise<Outcome<TaskView>>;
    /** @param task.contacted how the customer was contacted over it: a touch in the ledger */
    done(task: Of & { readonly contacted?: Exclude<TouchKind, "delivery"> | undefined }, actor: Actor): Promise<Outcome<TaskView>>;
  };
  readonly approvals: {
    list(options: ListOptions): Promise<ApprovalView[]>;
    approve(approval: Of, actor: Actor): Promise<Outcome<ApprovalView>>;
    reject(approval: Of, actor: Actor): Promise<Outcome<ApprovalView>>;
  };
  readonly promises: {
    list(options: ListOptions): Promise<PromiseView[]>;
    kept(promise: Of, actor: Actor): Promise<Outcome<PromiseView>>;
  };
  readonly runs: {
    /** @param run.force also where nobody knows whether it went out */
    retry(run: Of & { readonly force?: boolean | undefined }, actor: Actor): Promise<Outcome<RetryView>>;
  };
  readonly customers: {
    export(customer: Of, actor: Actor): Promise<CustomerExport>;
    erase(customer: Of, actor: Actor): Promise<ErasureView>;
    /**
     * Lets addresses that were given up be written to again.
     * @param customer.address one of them; without it all
     */
    lift(customer: Of & { readonly address?: string | undefined }, actor: Actor): Promise<Outcome<LiftView>>;
    /** Makes one customer disappear into another; both source records stay. */
    merge(customer: Of & { readonly into: string }, actor: Actor): Promise<Outcome<MergeView>>;
    /** Removes the link by which a customer has disappeared into another one. */
    split(customer: Of, actor: Actor): Promise<SplitView>;
  };
  readonly pauses: {
    list(options: object): Promise<PauseView[]>;
    pause(what: { readonly target: PauseTarget }, actor: Actor): Promise<Outcome<PauseView>>;
    /**
     * Ends one pause. The customers whom it kept something from are woken; what was reserved before it goes out with the
     * next look at what was left behind, or at once by `carryOut`.
     */
    resume(what: { readonly target: PauseTarget }, actor: Actor): Promise<ResumeView>;
  };
  readonly dead: {
    /** The latest first. */
    list(options: Page & { readonly code?: string | undefined }): Promise<DeadView[]>;
    /** Lets them be tried again, as if for the first time; a timer gets its time back. An unknown id is an error, and then nothing changes. */
    revive(selection: DeadSelection, actor: Actor): Promise<Revived>;
    /** Gives them up for good; a signal stays a duplicate when it comes again. */
    discard(selection: DeadSelection, actor: Actor): Promise<Discarded>;
  };
  readonly audit: {
    list(options: Page): Promise<AuditView[]>;
  };
}
