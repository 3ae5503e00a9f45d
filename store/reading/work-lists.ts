import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { type ListedRows, type ListStatement, type OrderedRows, readList, Values } from "./bounded-list.ts";
import { toTime } from "./load-customers.ts";

// What waits for people, in lists. A page begins after the last row of the page before, by an index.

export interface KeptTask {
  readonly taskId: string;
  /** Missing where it is about no customer, as the task of a stopped canary. */
  readonly customerId?: string;
  readonly queue: string;
  readonly summary: string;
  readonly createdAt: Instant;
  readonly due: Instant;
  readonly state: "open" | "claimed" | "done" | "expired" | "withdrawn";
  readonly facts: JsonObject;
  readonly deliveryId?: string;
  readonly promiseId?: string;
  readonly claimedBy?: string;
  readonly claimedAt?: Instant;
  readonly endedAt?: Instant;
  readonly endedBy?: string;
  readonly contacted?: boolean;
  readonly note?: string;
}

export interface KeptApproval {
  readonly approvalId: string;
  readonly customerId: string;
  readonly decisionId: string;
  readonly experienceId: string;
  readonly momentId: string;
  readonly moment: string;
  readonly momentEnded?: string;
  readonly expiresAt: Instant;
  /** The channel that was approved, or that of the latest decision that asks. */
  readonly channel?: string;
  /** What it would say there, where the experience has several variants. */
  readonly variant?: string;
  readonly reason: string;
  readonly askedAt: Instant;
  readonly state: "pending" | "approved" | "rejected" | "lapsed";
  readonly answeredAt?: Instant;
  readonly answeredBy?: string;
  readonly note?: string;
}

export interface KeptPromise {
  readonly promiseId: string;
  readonly customerId: string;
  readonly name: string;
  readonly owner: string;
  readonly openedAt: Instant;
  readonly due: Instant;
  readonly ended?: "kept" | "withdrawn";
  readonly endedAt?: Instant;
  readonly endedBy?: string;
}

export interface KeptCase {
  readonly caseId: string;
  readonly customerId: string;
  readonly subject?: string;
  readonly queue?: string;
  readonly openedAt: Instant;
  readonly closedAt?: Instant;
}

/** The place where a list goes on: the last row of the page before. */
export type TaskPlace = { readonly taskId: string; readonly queue: string; readonly due: Instant; readonly ended: boolean };
export type ApprovalPlace = { readonly askedAt: Instant; readonly approvalId: string };
export type PromisePlace = { readonly ended: boolean; readonly due: Instant; readonly promiseId: string };
export type CasePlace = { readonly closed: boolean; readonly openedAt: Instant; readonly caseId: string; readonly customerId: string };

export interface Selection<Place = never> {
  readonly customerId?: string | undefined;
  readonly limit: number;
  /** Includes closed ones. */
  readonly all?: boolean | undefined;
  /** The id, or a prefix of it. */
  readonly id?: string;
  /** Reads a page: no more than `READ_TO` rows, and only those after a place. */
  readonly page?: { readonly after?: Place | undefined } | undefined;
}

export interface TaskSelection extends Selection<TaskPlace> {
  readonly queue?: string | undefined;
  readonly claimedBy?: string | undefined;
  readonly unclaimed?: boolean | undefined;
  /** Only open ones that are due by then. */
  readonly lateAt?: Instant | undefined;
  /** `due`: open ones by due date, then ended ones, the latest first. Default: by queue, then by due date. */
  readonly order?: "due" | undefined;
}

export interface ApprovalSelection extends Selection<ApprovalPlace> {
  readonly now: Instant;
  /** `latest`: the latest asked first. Default: in the order in which they were asked. */
  readonly order?: "latest" | undefined;
}

export interface PromiseSelection extends Selection<PromisePlace> {
  readonly owner?: string | undefined;
  /** `due`: open ones by due date, then ended ones, the latest first. Default: by due date, open ones first. */
  readonly order?: "due" | undefined;
}

/** Records in lists: what waits for people, and with `all` what has ended. */
export interface WorkLists {
  tasks(selection: TaskSelection): Promise<ListedRows<KeptTask>>;
  /** Pending ones whose moment is open; with `all` any. */
  approvals(selection: ApprovalSelection): Promise<ListedRows<KeptApproval>>;
  promises(selection: PromiseSelection): Promise<ListedRows<KeptPromise>>;
  /** Open ones first, the earliest opened first. */
  cases(selection: Selection<CasePlace>): Promise<ListedRows<KeptCase>>;
}

export const createWorkLists = (db: Queryable): WorkLists => ({
  tasks: (selection) => list(db, selection, tasks),
  approvals: (selection) => list(db, selection, approvals),
  promises: (selection) => list(db, selection, promises),
  cases: (selection) => list(db, selection, cases),
});

// --- internal ---

async function list<Row, Selected extends Selection<unknown>>(
  db: Queryable,
  selection: Selected,
  statementOf: (selection: Selected, value: Value) => ListStatement,
): Promise<ListedRows<Row>> {
  const values = new Values();
  const statement = statementOf(selection, values.add);
  return readList(db, statement, values, { limit: selection.limit, isPage: selection.page !== undefined });
}

type Value = Values["add"];

const ofCustomer = (customerId: string | undefined, value: Value): string | undefined =>
  customerId === undefined ? undefined : `r.customer_id = ${value(customerId, "text")}`;

/** A prefix match, and the order in which a complete id that is also the prefix of another one comes first. */
function named(column: string, id: string | undefined, value: Value): { readonly match?: string; readonly first: string } {
  if (id === undefined) return { first: "" };
  const text = value(id, "text");
  return { match: `(${column} = ${text} or starts_with(${column}, ${text}))`, first: `${column} = ${text} desc, ` };
}

// As in the index tasks_by_due.
const ENDED = "(state not in ('open', 'claimed'))";
const DUE = "(case when state in ('open', 'claimed') then ms(due) else -ms(due) end)";

const TASK = `json_strip_nulls(json_build_object('taskId', task_id, 'customerId', customer_id, 'queue', queue, 'summary', summary, 'createdAt', to_ms(created_at), 'due', to_ms(due),
  'state', state, 'deliveryId', delivery_id, 'promiseId', promise_id, 'claimedBy', claimed_by, 'claimedAt', to_ms(claimed_at),
  'endedAt', to_ms(ended_at), 'endedBy', ended_by, 'contacted', contacted, 'note', note))::jsonb || jsonb_build_object('facts', facts)`;

function tasks(selection: TaskSelection, value: Value): ListStatement {
  const { customerId, id, all = false, queue, claimedBy, unclaimed = false, lateAt, order: by, page } = selection;
  const { match, first } = named("task_id", id, value);
  const columns = by === "due" ? `${ENDED}, ${DUE}, task_id` : "queue, due, task_id";
  const order = `${first}${columns}`;
  const after = page?.after && `(${columns}) > (${taskPlace(page.after, by === "due", value)})`;
  const inQueue = queue !== undefined && `queue = ${value(queue, "text")}`;
  const where = [
    ofCustomer(customerId, value),
    match,
    !all && `state in ('open', 'claimed') and not ${ENDED}`,
    by !== "due" && inQueue,
    after,
  ];
  const fits = [
    by === "due" && inQueue,
    claimedBy !== undefined && `claimed_by = ${value(claimedBy, "text")}`,
    unclaimed && "state = 'open'",
    lateAt !== undefined && `state in ('open', 'claimed') and due <= ${value(toTime(lateAt), "timestamptz")}`,
  ];
  return { parts: [{ select: "select * from tasks r", where, order }], order, fits, entry: TASK };
}

function taskPlace({ ended, due, taskId, queue }: TaskPlace, byDue: boolean, value: Value): string {
  const first = byDue
    ? [value(ended, "boolean"), value(ended ? -due : due, "float8")]
    : [value(queue, "text"), value(toTime(due), "timestamptz")];
  return [...first, value(taskId, "text")].join(", ");
}

const APPROVAL = `(
  select json_strip_nulls(json_build_object('approvalId', approval_id, 'customerId', r.customer_id, 'decisionId', r.decision_id, 'experienceId', r.experience_id,
    'momentId', moment_id, 'moment', moment, 'momentEnded', moment_ended, 'expiresAt', to_ms(expires_at), 'reason', reason, 'askedAt', to_ms(asked_at),
    'channel', coalesce(r.channel, asked.channel), 'variant', case when r.channel is null then asked.record->>'variant' else r.variant end,
    'state', state, 'answeredAt', to_ms(answered_at), 'answeredBy', answered_by, 'note', note))
  from (values (coalesce(
      (select n.decision_id from (select * from decisions n where n.customer_id = r.customer_id order by n.seq desc limit 50) n
        where n.experience_id = r.experience_id and n.action = 'await_approval' order by n.seq desc limit 1),
      r.decision_id))) latest (id) left join decisions asked on asked.decision_id = latest.id)`;

function approvals({ customerId, id, all = false, now, order: by, page }: ApprovalSelection, value: Value): ListStatement {
  const { match, first } = named("approval_id", id, value);
  const [following, direction] = by === "latest" ? ["<", "desc"] : [">", "asc"];
  const place = page?.after && `${value(toTime(page.after.askedAt), "timestamptz")}, ${value(page.after.approvalId, "text")}`;
  const where = [
    ofCustomer(customerId, value),
    match,
    !all && "r.state = 'pending'",
    place !== undefined && `(asked_at, approval_id) ${following} (${place})`,
  ];
  // A moment may be over before the decision that ends it, and its approvals with it.
  const fits = [!all && `moment_ended is null and expires_at > ${value(toTime(now), "timestamptz")}`];
  const select = `select r.*, m.* from approvals r cross join lateral (
    select name as moment, ended as moment_ended, expires_at from moments where moment_id = r.moment_id limit 1) m`;
  const order = `${first}asked_at ${direction}, approval_id ${direction}`;
  return { parts: [{ select, where, order }], order, fits, entry: APPROVAL };
}

const PROMISE = `json_strip_nulls(json_build_object('promiseId', promise_id, 'customerId', customer_id, 'name', name, 'owner', owner, 'openedAt', to_ms(opened_at), 'due', to_ms(due),
  'ended', ended, 'endedAt', to_ms(ended_at), 'endedBy', ended_by))`;

/** Open ones, then ended ones: each by an index of its own. */
function promises({ customerId, id, all = false, owner, order: by, page }: PromiseSelection, value: Value): ListStatement {
  const { match, first } = named("promise_id", id, value);
  const own = [ofCustomer(customerId, value), match];
  const after = page?.after;
  const place = after && `${value(toTime(after.due), "timestamptz")}, ${value(after.promiseId, "text")}`;
  const [following, direction] = by === "due" ? ["<", "desc"] : [">", "asc"];
  const select = "select * from promises r";
  const open: OrderedRows = {
    select,
    where: ["ended is null", ...own, place !== undefined && `(due, promise_id) > (${place})`],
    order: `${first}due, promise_id`,
  };
  const ended: OrderedRows = {
    select,
    where: ["ended is not null", ...own, after?.ended === true && `(due, promise_id) ${following} (${place})`],
    order: `${first}due ${direction}, promise_id ${direction}`,
  };
  const parts = [...(after?.ended === true ? [] : [open]), ...(all ? [ended] : [])];
  const fits = [owner !== undefined && `owner = ${value(owner, "text")}`];
  const openFirst = "ended is not null, case when ended is null then due end, case when ended is null then promise_id end";
  return { parts, order: `${first}${openFirst}, due ${direction}, promise_id ${direction}`, fits, entry: PROMISE };
}

const CASE = `json_strip_nulls(json_build_object('caseId', case_id, 'customerId', customer_id, 'subject', case when jsonb_typeof(data->'subject') = 'string' then data->>'subject' end,
  'queue', case when jsonb_typeof(data->'queue') = 'string' then data->>'queue' end, 'openedAt', to_ms(opened_at), 'closedAt', to_ms(closed_at)))`;

/** Open ones, then closed ones: each by an index of its own. */
function cases({ customerId, all = false, page }: Selection<CasePlace>, value: Value): ListStatement {
  const id = customerId === undefined ? undefined : value(customerId, "text");
  const own =
    id !== undefined && `customer_id = any(array(select ${id} union all select l.customer_id from links l where l.root_id = ${id}))`;
  const after = page?.after;
  const following =
    after !== undefined &&
    `(opened_at, case_id, customer_id) > (${value(toTime(after.openedAt), "timestamptz")}, ${value(after.caseId, "text")}, ${value(after.customerId, "text")})`;
  const order = "opened_at, case_id, customer_id";
  const part = (closed: boolean): OrderedRows => ({
    select: "select * from cases r",
    where: [closed ? "closed_at is not null" : "closed_at is null", own, after?.closed === closed && following],
    order,
  });
  const parts = [...(after?.closed === true ? [] : [part(false)]), ...(all ? [part(true)] : [])];
  return { parts, order: `closed_at is not null, ${order}`, fits: [], entry: CASE };
}
