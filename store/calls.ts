import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Queryable } from "./engines/database.ts";
import { holdReason } from "./holds.ts";
import { toTime } from "./reading/load-customers.ts";

export interface PlannedCall {
  readonly key: string;
  readonly tool: string;
  readonly customerId: string;
  readonly runId: string;
  readonly deliveryId: string;
  readonly input: Json;
  readonly at: Instant;
}

export type CallStatus = "planned" | "running" | "done" | "failed" | "uncertain" | "cancelled";

/** What the key of a call begins with the id of its delivery and ends with, where it does what the experience names as its action. */
export const ACTION = ":action";

export interface KeptCall {
  readonly key: string;
  readonly tool: string;
  readonly customerId: string;
  readonly deliveryId: string;
  readonly input: JsonObject;
  readonly status: CallStatus;
  /** Why it may not run now: `paused`, or the reason code for which its delivery is over. Only where it was asked for. */
  readonly hold?: string;
  readonly output?: JsonObject;
  readonly error?: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly at: Instant;
}

export interface SettledCall {
  readonly key: string;
  readonly status: Exclude<CallStatus, "planned" | "running">;
  readonly output?: Json;
  readonly error?: Json;
  readonly at: Instant;
}

/** Rows of tool calls with a side effect. */
export interface Calls {
  /** Writes calls down before they are queued; one that is there already is left as it is. */
  plan(calls: readonly PlannedCall[]): Promise<void>;
  get(keys: readonly string[]): Promise<KeptCall[]>;
  /** The same, each with what keeps it back at an instant; undefined: that of its delivery's decision. */
  due(keys: readonly string[], now: Instant | undefined): Promise<KeptCall[]>;
  /**
   * Takes a planned call for running, unless its delivery is over. `effectKey`: what makes it the same as other calls of its tool.
   * `taken`: it is not planned any more; else the call that has the same effect, with what came of it so far.
   */
  start(key: string, effectKey?: string): Promise<"started" | "taken" | KeptCall>;
  /** Writes down what came of a call, unless that is settled already; that it was given up without an answer settles nothing. */
  settle(settled: SettledCall): Promise<void>;
  /**
   * Calls that were running when their process ended: whether they did something is not known. With `createdBefore`, where
   * others may be at work, only old ones of customers on whom nobody works.
   */
  abandon(now: Instant, which?: { readonly createdBefore: Instant }): Promise<void>;
}

export function createCalls(db: Queryable): Calls {
  return {
    plan: (calls) => plan(db, calls),
    get: (keys) => select(db, GET, [keys]),
    due: (keys, now) => select(db, DUE, [keys, now === undefined ? null : toTime(now)]),
    start: (key, effectKey) => start(db, key, effectKey),
    settle: async ({ key, status, output, error, at }) => {
      await db.query(
        "update tool_calls set status = $2, output = $3::jsonb, error = $4::jsonb, finished_at = $5::timestamptz where call_key = $1 and (status in ('planned', 'running') or (status = 'uncertain' and error is null))",
        [key, status, output === undefined ? null : storableJson(output), error === undefined ? null : storableJson(error), toTime(at)],
      );
    },
    abandon: async (now, which) => {
      await db.query(
        `update tool_calls t set status = 'uncertain', finished_at = $1::timestamptz
          where t.status = 'running' and ($2::timestamptz is null or (t.created_at < $2
                and not exists (select 1 from lanes l where l.customer_id = t.customer_id and l.until > clock_timestamp())))`,
        [toTime(now), which === undefined ? null : toTime(which.createdBefore)],
      );
    },
  };
}

// --- internal ---

async function plan(db: Queryable, calls: readonly PlannedCall[]): Promise<void> {
  if (calls.length === 0) return;
  await db.query(
    `insert into tool_calls (call_key, tool, customer_id, run_id, delivery_id, input, status, created_at)
     select call_key, tool, customer_id, run_id, delivery_id, input, 'planned', created_at
       from jsonb_to_recordset($1::jsonb) as x(call_key text, tool text, customer_id text, run_id text, delivery_id text, input jsonb, created_at timestamptz)
     on conflict (call_key) do nothing`,
    [
      storableJson(
        calls.map(({ key, tool, customerId, runId, deliveryId, input, at }) => ({
          call_key: key,
          tool,
          customer_id: customerId,
          run_id: runId,
          delivery_id: deliveryId,
          input,
          created_at: toTime(at),
        })),
      ),
    ],
  );
}

const START = `
update tool_calls t set status = 'running', attempts = attempts + 1, effect_key = $2
 where call_key = $1 and status = 'planned'
   and not exists (select 1 from deliveries d where d.delivery_id = t.delivery_id and d.status <> 'reserved')`;

/** The index on what is running or done is what lets only one of two through. */
async function start(db: Queryable, key: string, effectKey: string | undefined): Promise<"started" | "taken" | KeptCall> {
  const hash = effectKey === undefined ? null : createHash("sha256").update(effectKey).digest("base64url");
  try {
    return (await db.query(START, [key, hash])).rowCount === 1 ? "started" : "taken";
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    const [same] = await select(db, SAME_EFFECT, [key, hash]);
    // It has failed meanwhile, and this one may.
    return same ?? start(db, key, effectKey);
  }
}

const UNIQUE_VIOLATION = "23505";

const selectCalls = (more: string, from: string, where = "t.call_key = any($1::text[])"): string => `
select json_build_object('key', t.call_key, 'tool', t.tool, 'customerId', t.customer_id, 'deliveryId', t.delivery_id, 'input', t.input, 'status', t.status,
         'output', t.output, 'error', t.error, 'attempts', t.attempts, 'at', ms(t.created_at)${more}) as call
  from tool_calls t ${from} where ${where} order by t.created_at, t.call_key`;

const GET = selectCalls("", "");
const SAME_EFFECT = selectCalls(
  "",
  "",
  "t.tool = (select tool from tool_calls where call_key = $1) and t.effect_key = $2 and t.status in ('running', 'done', 'uncertain')",
);
// What was judged when its slot was reserved is judged again before anything is done for it.
const DUE = selectCalls(
  `, 'hold', case when d.delivery_id is null then null when d.status <> 'reserved' then coalesce(d.reason, d.status) else ${holdReason("$2")} end`,
  "left join deliveries d on d.delivery_id = t.delivery_id",
);

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

async function select(db: Queryable, sql: string, params: readonly unknown[]): Promise<KeptCall[]> {
  const { rows } = await db.query<{ call: KeptCall & Nullable<Pick<KeptCall, "output" | "error" | "hold">> }>(sql, params);
  return rows.map(({ call: { output, error, hold, ...call } }) => ({
    ...call,
    ...(output ? { output } : {}),
    ...(error ? { error } : {}),
    ...(hold ? { hold } : {}),
  }));
}
