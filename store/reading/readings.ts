import type { OutcomeKind } from "../../domain/entities/customer.ts";
import type { Decision, DeliveryRecord } from "../../domain/entities/decision.ts";
import { type Usage, usageOf } from "../../domain/entities/model-answer.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Json, JsonObject } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { type ListedRows, readList, Values } from "./bounded-list.ts";

export interface RunSummary {
  readonly runId: string;
  readonly customerId: string;
  readonly wake: Json;
  /** The trace in which the wake was decided, if traces were exported. */
  readonly traceId?: string;
  readonly startedAt: string;
  readonly status: string;
  /** Of several, as of an ask for several places, the first that gave something. */
  readonly decisionId?: string;
  readonly action?: string;
  readonly experienceId?: string;
  /** All of them, in order of decision, where there are several. */
  readonly decisions?: readonly DecisionOfRun[];
}

export interface DecisionOfRun {
  readonly decisionId: string;
  readonly action: string;
  readonly experienceId?: string;
}

export interface RunRecord extends RunSummary {
  readonly finishedAt?: string;
  readonly policyVersion: string;
  readonly steps: Json;
  /** Usage and costs of language models in it. */
  readonly usage: Usage;
  readonly toolCalls: readonly Json[];
}

export interface TaskRecord {
  readonly taskId: string;
  /** Null where it is about no customer. */
  readonly customerId: string | null;
  readonly queue: string;
  readonly summary: string;
  readonly due: string;
  readonly state: string;
  readonly facts: JsonObject;
}

export interface Page {
  readonly customerId?: string | undefined;
  readonly limit: number;
}

export type RunPlace = Pick<RunSummary, "runId" | "startedAt">;

export type OutcomePlace = Pick<OutcomeRecord, "at" | "deliveryId" | "kind">;

export interface OutcomePage extends Page {
  readonly experienceId?: string | undefined;
  /** Reads a page: no more than `READ_TO` outcomes, and only those after a place. */
  readonly page?: { readonly after?: OutcomePlace | undefined } | undefined;
}

/** The fate of a delivery. */
export interface OutcomeRecord {
  readonly at: string;
  readonly kind: OutcomeKind;
  readonly customerId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly department?: string;
  readonly deliveryId: string;
  readonly decisionId: string;
}

/** Queries for display; decisions do not depend on them. */
export interface Readings {
  /** The latest decisions, in the order of decision, with their deliveries. */
  decisions(page: Page & { readonly ids?: readonly string[] }): Promise<Decision[]>;
  /** All decisions after a sequence number, with the sequence number of the last. */
  decisionsAfter(place: number): Promise<{ readonly decisions: Decision[]; readonly last: number }>;
  /** The sequence number of the last decision. */
  lastDecision(): Promise<number>;
  /** One decision, by its id or a prefix of it. */
  decision(id: string): Promise<Decision>;
  /** The latest first, those after the last one of the page before. */
  runs(page: Page & { readonly after?: RunPlace | undefined }): Promise<RunSummary[]>;
  run(id: string): Promise<RunRecord>;
  tasks(page: Page): Promise<TaskRecord[]>;
  /** The latest outcomes of deliveries first. */
  outcomes(page: OutcomePage): Promise<ListedRows<OutcomeRecord>>;
  /** Row counts of the main tables. */
  counts(): Promise<Readonly<Record<string, number>>>;
}

export function createReadings(db: Queryable): Readings {
  return {
    decisions: (page) => decisions(db, page),
    decisionsAfter: (place) => decisionsAfter(db, place),
    lastDecision: async () =>
      (await db.query<{ last: number }>("select coalesce(max(seq), 0)::float8 as last from decisions")).rows[0]?.last ?? 0,
    decision: async (id) => one("decision", id, await decisions(db, { ids: await idsLike(db, "decisions", "decision_id", id), limit: 2 })),
    runs: (page) => runs(db, page),
    run: (id) => run(db, id),
    tasks: (page) => tasks(db, page),
    outcomes: (page) => outcomes(db, page),
    counts: () => counts(db),
  };
}

// --- internal ---

const DECISIONS = `
select n.seq::float8 as seq, n.record, n.run_id,
  (select json_agg(json_build_object('deliveryId', d.delivery_id, 'channel', d.channel, 'variant', d.variant, 'locale', d.locale, 'to', d.address, 'status', d.status, 'reason', d.reason,
            'recorded', d.recorded, 'content', d.content, 'facts', d.facts, 'action', d.action_result) order by d.delivery_id)
     from deliveries d where d.decision_id = n.decision_id) as deliveries
from decisions n`;

interface DecisionRow {
  seq: number;
  record: Omit<Decision, "deliveries" | "runId">;
  run_id: string;
  deliveries: Record<string, unknown>[] | null;
}

async function decisions(db: Queryable, { customerId, ids, limit }: Page & { ids?: readonly string[] }): Promise<Decision[]> {
  const { rows } = await db.query<DecisionRow>(
    `select * from (
       ${DECISIONS} where ($1::text is null or n.customer_id = $1) and ($2::text[] is null or n.decision_id = any($2)) order by n.seq desc limit $3
     ) latest order by seq`,
    [customerId ?? null, ids ?? null, limit],
  );
  return rows.map(decisionOf);
}

async function decisionsAfter(db: Queryable, place: number): Promise<{ decisions: Decision[]; last: number }> {
  const { rows } = await db.query<DecisionRow>(`${DECISIONS} where n.seq > $1::bigint order by n.seq`, [place]);
  return { decisions: rows.map(decisionOf), last: rows.at(-1)?.seq ?? place };
}

function decisionOf({ record, run_id, deliveries }: DecisionRow): Decision {
  const { decisionId, policyVersion, supersedes, ...rest } = record;
  return {
    decisionId,
    runId: run_id,
    ...rest,
    deliveries: (deliveries ?? []).map(deliveryOf),
    policyVersion,
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

/** Omits null fields, and `recorded` if false. */
const deliveryOf = (row: Record<string, unknown>): DeliveryRecord =>
  Object.fromEntries(
    Object.entries(row).filter(([key, value]) => value !== null && !(key === "recorded" && value === false)),
  ) as DeliveryRecord;

/** Ids that start with the given prefix, at most two; an exact match alone. */
async function idsLike(db: Queryable, table: "decisions" | "runs", column: string, id: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select ${column} as id from ${table} where ${column} = $1 or starts_with(${column}, $1) order by ${column} = $1 desc limit 2`,
    [id],
  );
  const found = rows.map((row) => row.id);
  return found[0] === id ? [id] : found;
}

function one<T>(kind: string, id: string, found: readonly T[]): T {
  const [first] = found;
  if (first === undefined) throw new SentientError("NOT_FOUND", `no ${kind} ${id} in the store`);
  if (found.length > 1) throw new SentientError("BAD_INPUT", `several ${kind}s begin with ${id}; give more of the id`);
  return first;
}

interface RunRow {
  run_id: string;
  customer_id: string;
  wake: JsonObject;
  started_at: number;
  finished_at: number | null;
  status: string;
  policy_version: string;
  steps: Json;
  decision_id: string | null;
  action: string | null;
  experience_id: string | null;
  seq: number | null;
}

const runsWithDecisions = (runs: string): string => `
select r.run_id, r.customer_id, r.wake, to_ms(r.started_at) as started_at, to_ms(r.finished_at) as finished_at, r.status, r.policy_version, r.steps,
       d.decision_id, d.action, d.experience_id, d.seq::float8 as seq
  from ${runs} r left join decisions d on d.customer_id = r.customer_id and d.run_id = r.run_id`;

/** The rows of each run, in the order of the first of each. */
function byRun(rows: readonly RunRow[]): [RunRow, ...RunRow[]][] {
  const found = new Map<string, [RunRow, ...RunRow[]]>();
  for (const row of rows) {
    const known = found.get(row.run_id);
    if (known) known.push(row);
    else found.set(row.run_id, [row]);
  }
  return [...found.values()];
}

const decisionIn = ({ decision_id, action, experience_id }: RunRow): DecisionOfRun[] =>
  decision_id === null || action === null
    ? []
    : [{ decisionId: decision_id, action, ...(experience_id === null ? {} : { experienceId: experience_id }) }];

/** One run, from its rows: one for each decision. */
function runOf(rows: readonly [RunRow, ...RunRow[]]): RunSummary {
  const [row] = rows;
  const decisions = rows.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0)).flatMap(decisionIn);
  const { traceId, ...wake } = row.wake;
  return {
    runId: row.run_id,
    customerId: row.customer_id,
    wake,
    ...(typeof traceId === "string" ? { traceId } : {}),
    startedAt: iso(row.started_at),
    status: row.status,
    ...(decisions.find(({ action }) => action === "deliver") ?? decisions[0]),
    ...(decisions.length > 1 ? { decisions } : {}),
  };
}

const PAGE_OF_RUNS = `(
  select * from runs where ($1::text is null or customer_id = $1) and started_at <= coalesce($3::timestamptz, 'infinity')
     and (started_at < coalesce($3::timestamptz, 'infinity') or run_id > $4::text) order by started_at desc, run_id limit $2)`;

async function runs(db: Queryable, { customerId, limit, after }: Page & { readonly after?: RunPlace | undefined }): Promise<RunSummary[]> {
  const { rows } = await db.query<RunRow>(`${runsWithDecisions(PAGE_OF_RUNS)} order by r.started_at desc, r.run_id`, [
    customerId ?? null,
    limit,
    after?.startedAt ?? null,
    after?.runId ?? null,
  ]);
  return byRun(rows).map(runOf);
}

async function run(db: Queryable, id: string): Promise<RunRecord> {
  const { rows } = await db.query<RunRow>(`${runsWithDecisions("runs")} where r.run_id = any($1::text[])`, [
    await idsLike(db, "runs", "run_id", id),
  ]);
  const ofOne = one("run", id, byRun(rows));
  const [row] = ofOne;
  const { rows: calls } = await db.query<{ call: Json }>(
    `select json_build_object('key', call_key, 'tool', tool, 'status', status, 'attempts', attempts, 'input', input, 'output', output, 'error', error) as call
       from tool_calls where run_id = $1 order by created_at, call_key`,
    [row.run_id],
  );
  return {
    ...runOf(ofOne),
    policyVersion: row.policy_version,
    steps: row.steps,
    usage: usageOf(row.steps),
    toolCalls: calls.map(({ call }) => call),
    ...(row.finished_at === null ? {} : { finishedAt: iso(row.finished_at) }),
  };
}

async function tasks(db: Queryable, { customerId, limit }: Page): Promise<TaskRecord[]> {
  const { rows } = await db.query<{ task: TaskRecord & { due: number } }>(
    `select json_build_object('taskId', task_id, 'customerId', customer_id, 'queue', queue, 'summary', summary, 'due', to_ms(due), 'state', state, 'facts', facts) as task
       from tasks where ($1::text is null or customer_id = $1) order by tasks.due, task_id limit $2`,
    [customerId ?? null, limit],
  );
  return rows.map(({ task }) => ({ ...task, due: iso(task.due as unknown as number) }));
}

const OUTCOMES = `
select r.*, d.decision_id from outcomes r cross join lateral (select decision_id from deliveries where deliveries.delivery_id = r.delivery_id limit 1) d`;
const OUTCOME = `json_strip_nulls(json_build_object('at', to_ms(at), 'kind', kind, 'customerId', customer_id, 'experienceId', experience_id, 'channel', channel, 'department', department,
  'deliveryId', delivery_id, 'decisionId', decision_id))`;

async function outcomes(db: Queryable, { customerId, experienceId, limit, page }: OutcomePage): Promise<ListedRows<OutcomeRecord>> {
  const values = new Values();
  const after = page?.after;
  const at = after && values.add(after.at, "timestamptz");
  const last = after && `${values.add(after.deliveryId, "text")}, ${values.add(after.kind, "text")}`;
  const where = [
    customerId !== undefined && `customer_id = ${values.add(customerId, "text")}`,
    at !== undefined && `at <= ${at} and (at < ${at} or (delivery_id, kind) > (${last}))`,
  ];
  const order = "at desc, delivery_id, kind";
  const fits = [experienceId !== undefined && `experience_id = ${values.add(experienceId, "text")}`];
  const statement = { parts: [{ select: OUTCOMES, where, order }], order, fits, entry: OUTCOME };
  const { rows, reached } = await readList<OutcomeRecord & { at: number }>(db, statement, values, { limit, isPage: page !== undefined });
  const shown = ({ at: ms, ...outcome }: { at: number } & OutcomeRecord): OutcomeRecord => ({ ...outcome, at: iso(ms) });
  return { rows: rows.map(shown), ...(reached === undefined ? {} : { reached: shown(reached) }) };
}

async function counts(db: Queryable): Promise<Record<string, number>> {
  const tables = ["customers", "signals", "moments", "decisions", "deliveries", "touches", "tasks", "promises", "timers", "runs"];
  const { rows } = await db.query<Record<string, number>>(
    `select ${tables.map((table) => `(select count(*)::float8 from ${table}) as ${table}`).join(", ")}`,
  );
  return rows[0] ?? {};
}
