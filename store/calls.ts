import type { Json, JsonObject } from "../domain/json.ts";
import { storableJson } from "../domain/storable.ts";
import type { Instant } from "../domain/time.ts";
import type { Queryable } from "./database.ts";
import { toTime } from "./load-customers.ts";

export interface PlannedCall {
  readonly key: string;
  readonly tool: string;
  readonly customerId: string;
  readonly runId: string;
  readonly deliveryId: string;
  readonly input: Json;
  readonly at: Instant;
}

export interface KeptCall {
  readonly key: string;
  readonly tool: string;
  readonly customerId: string;
  readonly deliveryId: string;
  readonly input: JsonObject;
  readonly status: "planned" | "running" | "done" | "failed" | "uncertain";
  readonly output?: JsonObject;
  readonly error?: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly at: Instant;
}

export interface SettledCall {
  readonly key: string;
  readonly status: "done" | "failed" | "uncertain" | "planned";
  readonly output?: Json;
  readonly error?: Json;
  readonly at: Instant;
}

/** Rows of tool calls with a side effect. */
export interface Calls {
  /** Writes calls down before they are queued; one that is there already is left as it is. */
  plan(calls: readonly PlannedCall[]): Promise<void>;
  get(keys: readonly string[]): Promise<KeptCall[]>;
  /** Takes a planned call for running. False when it is not planned any more. */
  start(key: string): Promise<boolean>;
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
    get: (keys) => get(db, keys),
    start: async (key) =>
      (
        await db.query("update tool_calls set status = 'running', attempts = attempts + 1 where call_key = $1 and status = 'planned'", [
          key,
        ])
      ).rowCount === 1,
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

async function get(db: Queryable, keys: readonly string[]): Promise<KeptCall[]> {
  const { rows } = await db.query<{ call: KeptCall & { output: JsonObject | null; error: KeptCall["error"] | null } }>(
    `select json_build_object('key', call_key, 'tool', tool, 'customerId', customer_id, 'deliveryId', delivery_id, 'input', input, 'status', status,
            'output', output, 'error', error, 'attempts', attempts, 'at', ms(created_at)) as call
       from tool_calls where call_key = any($1::text[]) order by created_at, call_key`,
    [keys],
  );
  return rows.map(({ call: { output, error, ...call } }) => ({ ...call, ...(output ? { output } : {}), ...(error ? { error } : {}) }));
}
