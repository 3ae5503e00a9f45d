import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { holdReason } from "./commit/hold-reason.ts";
import type { Queryable } from "./engines/database.ts";
import { hasSqlState, UNIQUE_VIOLATION } from "./engines/failures.ts";
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

/** Suffix of the key of an experience's action call; the prefix is the delivery id. */
export const ACTION = ":action";

export interface KeptCall {
  readonly key: string;
  readonly tool: string;
  readonly customerId: string;
  readonly deliveryId: string;
  readonly input: JsonObject;
  readonly status: CallStatus;
  /** Why it may not run now: `paused`, or the reason code of its ended delivery. Set by `due` only. */
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

/** Tool calls with a side effect, one row each. */
export interface Calls {
  /** Writes calls before they are queued; an existing one is left unchanged. */
  plan(calls: readonly PlannedCall[]): Promise<void>;
  get(keys: readonly string[]): Promise<KeptCall[]>;
  /** The same, each with its hold reason at an instant; undefined: the time of its delivery's decision. */
  due(keys: readonly string[], now: Instant | undefined): Promise<KeptCall[]>;
  /**
   * Moves a planned call to `running`, unless its delivery has ended or its moment has expired by `now()`. `effectKey`: idempotency key
   * among the calls of its tool. `taken`: it is no longer planned, or no longer to run. Otherwise returns the call with the same effect
   * and its outcome so far.
   */
  start(key: string, effectKey?: string, now?: () => Instant): Promise<"started" | "taken" | KeptCall>;
  /** Records the outcome of a call, unless it is settled; an abandoned call without an answer counts as not settled. */
  settle(settled: SettledCall): Promise<void>;
  /**
   * Settles calls that were running when their process ended as `uncertain`. With `createdBefore`, for when other processes may be
   * running: only older calls of customers without a lease.
   */
  abandon(now: Instant, which?: { readonly createdBefore: Instant }): Promise<void>;
}

export function createCalls(db: Queryable): Calls {
  return {
    plan: (calls) => plan(db, calls),
    get: (keys) => select(db, GET, [keys]),
    due: (keys, now) => select(db, DUE, [keys, now === undefined ? null : toTime(now)]),
    start: (key, effectKey, now) => start(db, key, effectKey, now),
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
   and not exists (select 1 from deliveries d where d.delivery_id = t.delivery_id and (d.status <> 'reserved' or d.expires_at <= $3::timestamptz))`;

/** The unique index on running and done calls lets only one of two calls with the same effect start. */
async function start(
  db: Queryable,
  key: string,
  effectKey: string | undefined,
  now: (() => Instant) | undefined,
): Promise<"started" | "taken" | KeptCall> {
  const hash = effectKey === undefined ? null : createHash("sha256").update(effectKey).digest("base64url");
  try {
    return (await db.query(START, [key, hash, now === undefined ? null : toTime(now())])).rowCount === 1 ? "started" : "taken";
  } catch (error) {
    if (!hasSqlState(error, UNIQUE_VIOLATION)) throw error;
    const [same] = await select(db, SAME_EFFECT, [key, hash]);
    // The other call has failed meanwhile, so this one may start, unless its moment has expired by now.
    return same ?? start(db, key, effectKey, now);
  }
}

const selectCalls = (more: string, from: string, where = "t.call_key = any($1::text[])"): string => `
select json_build_object('key', t.call_key, 'tool', t.tool, 'customerId', t.customer_id, 'deliveryId', t.delivery_id, 'input', t.input, 'status', t.status,
         'output', t.output, 'error', t.error, 'attempts', t.attempts, 'at', to_ms(t.created_at)${more}) as call
  from tool_calls t ${from} where ${where} order by t.created_at, t.call_key`;

const GET = selectCalls("", "");
const SAME_EFFECT = selectCalls(
  "",
  "",
  "t.tool = (select tool from tool_calls where call_key = $1) and t.effect_key = $2 and t.status in ('running', 'done', 'uncertain')",
);
// Conditions checked when the slot was reserved are checked again before each call.
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
