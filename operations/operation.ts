import type { PauseTarget } from "../domain/deciding/pause.ts";
import type { TouchKind } from "../domain/entities/customer.ts";
import type { PageOf } from "./monitoring/views.ts";
import type { TouchRequest } from "./people/requests.ts";
import type { TouchView } from "./people/views.ts";
import type {
  ApprovalView,
  AuditView,
  CaseView,
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

export type { TouchView } from "./people/views.ts";
export type * from "./views.ts";

// What operators do. There are two implementations: on a store (`createOperations`) and on a server over HTTP
// (`cli/remote.ts`). Every change names its actor and leaves an audit entry.

/** The operator, with an optional note for the audit. */
export interface Actor {
  readonly by: string;
  readonly note?: string;
  /** Whether a key or a session of that person says so; otherwise the name is as it was given. */
  readonly isVerified?: boolean;
}

/** Bounds of a list. */
export interface Page {
  readonly limit: number;
  readonly customerId?: string | undefined;
}

export interface ListOptions extends Page {
  /** Includes closed entries. */
  readonly all?: boolean | undefined;
}

/** Asks for a list page by page. */
export interface Paged {
  readonly paged: true;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** A list: its first entries, or page by page. */
export interface List<Options extends Page, Name extends string, Entry> {
  (request: Options & Paged): Promise<PageOf<Name, Entry>>;
  (options: Options): Promise<Entry[]>;
  (request: Options & Partial<Paged>): Promise<Entry[] | PageOf<Name, Entry>>;
}

export interface TaskOptions extends ListOptions {
  readonly queue?: string | undefined;
  readonly claimedBy?: string | undefined;
  /** Only those that nobody has claimed. */
  readonly unclaimed?: boolean | undefined;
  /** Only open ones whose due date has passed. */
  readonly overdue?: boolean | undefined;
  /** `due`: open ones by due date over all queues, then ended ones, the latest due date first. Default: by queue, then by due date. */
  readonly order?: "due" | undefined;
}

export interface ApprovalOptions extends ListOptions {
  /** `latest`: the latest asked first. Default: in the order in which they were asked. */
  readonly order?: "latest" | undefined;
}

export interface PromiseOptions extends ListOptions {
  /** The department that owes them. */
  readonly owner?: string | undefined;
  /** `due`: open ones by due date, then ended ones, the latest due date first. Default: by due date, open ones first. */
  readonly order?: "due" | undefined;
}

export interface DeadOptions extends Page {
  readonly code?: string | undefined;
}

/** The subject of an operation: an id, or the beginning of one. */
export interface Of {
  readonly id: string;
}

/** Selects dead letters: by ids, by code, or all. */
export interface DeadSelection {
  readonly ids?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly all?: boolean | undefined;
}

/** Operations of people, by noun. Ids may be given by their beginnings; times are ISO 8601. A change names its actor and is in the audit. */
export interface Operations {
  readonly tasks: {
    readonly list: List<TaskOptions, "tasks", TaskView>;
    show(task: Of): Promise<TaskView>;
    /** @param task.takeOver claim it even if another operator holds it */
    claim(task: Of & { readonly takeOver?: boolean | undefined }, actor: Actor): Promise<Outcome<TaskView>>;
    /** Gives a claimed task back to its queue. Only its holder may. */
    return(task: Of, actor: Actor): Promise<Outcome<TaskView>>;
    /** @param task.contacted how the customer was contacted for it, recorded as a touch */
    done(task: Of & { readonly contacted?: Exclude<TouchKind, "delivery"> | undefined }, actor: Actor): Promise<Outcome<TaskView>>;
  };
  readonly approvals: {
    readonly list: List<ApprovalOptions, "approvals", ApprovalView>;
    approve(approval: Of, actor: Actor): Promise<Outcome<ApprovalView>>;
    reject(approval: Of, actor: Actor): Promise<Outcome<ApprovalView>>;
  };
  readonly promises: {
    readonly list: List<PromiseOptions, "promises", PromiseView>;
    show(promise: Of): Promise<PromiseView>;
    kept(promise: Of, actor: Actor): Promise<Outcome<PromiseView>>;
  };
  readonly cases: {
    readonly list: List<ListOptions, "cases", CaseView>;
    /** Closes a case by its whole id. One that is not open is an error that names the open ones. */
    close(one: Of & { readonly customerId: string }, actor: Actor): Promise<Outcome<CaseView>>;
  };
  readonly runs: {
    /** @param run.force retry even if it is uncertain whether the message went out */
    retry(run: Of & { readonly force?: boolean | undefined }, actor: Actor): Promise<Outcome<RetryView>>;
  };
  readonly customers: {
    /** Records that a person was in contact with them. */
    touch(request: TouchRequest, actor: Actor): Promise<TouchView>;
    export(customer: Of, actor: Actor): Promise<CustomerExport>;
    erase(customer: Of, actor: Actor): Promise<ErasureView>;
    /**
     * Reinstates undeliverable addresses.
     * @param customer.address one of them; default: all
     */
    lift(customer: Of & { readonly address?: string | undefined }, actor: Actor): Promise<Outcome<LiftView>>;
    /** Merges one customer into another; both source records stay. */
    merge(customer: Of & { readonly into: string }, actor: Actor): Promise<Outcome<MergeView>>;
    /** Removes the link that merged a customer into another one. */
    split(customer: Of, actor: Actor): Promise<SplitView>;
  };
  readonly pauses: {
    list(options: object): Promise<PauseView[]>;
    pause(what: { readonly target: PauseTarget }, actor: Actor): Promise<Outcome<PauseView>>;
    /**
     * Ends one pause and wakes the customers it affected. Deliveries reserved before it are sent by the reconciler, or at
     * once by `sendReserved`.
     */
    resume(what: { readonly target: PauseTarget }, actor: Actor): Promise<ResumeView>;
  };
  readonly dead: {
    /** Latest first. */
    readonly list: List<DeadOptions, "dead", DeadView>;
    /** Redrives them with a fresh attempt count; a timer keeps its due time. An unknown id is an error and changes nothing. */
    revive(selection: DeadSelection, actor: Actor): Promise<Revived>;
    /** Discards them; a discarded signal that arrives again is a duplicate. */
    discard(selection: DeadSelection, actor: Actor): Promise<Discarded>;
  };
  readonly audit: {
    /** The latest entries in order of time; each page is older than the one before. */
    readonly list: List<Page, "audit", AuditView>;
  };
}
