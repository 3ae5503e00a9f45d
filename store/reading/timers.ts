import type { Timer } from "../../domain/entities/customer.ts";
import type { ResponseEnd } from "../../domain/moments/response-ends.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Pool, Queryable } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";
import { type DailyClock, quietResponseEnds, type TimerKey } from "./response-ends.ts";

export interface DueTimer extends Timer {
  readonly customerId: string;
  readonly key: string;
}

/** Timers of all customers. */
export interface Timers {
  /** Timers due before (with `inclusive` also at) an instant, in firing order. */
  due(until: Instant, inclusive: boolean, limit: number): Promise<DueTimer[]>;
  /** Those of some response timers whose end is an outcome and a lesson, and nothing else of the customer. */
  quietResponseEnds(timers: readonly TimerKey[], clock: DailyClock): Promise<ResponseEnd[]>;
}

export function createTimers(pool: Pool): Timers {
  return {
    due: (until, inclusive, limit) => dueTimers(pool, until, inclusive, limit),
    quietResponseEnds: (timers, clock) => quietResponseEnds(pool, timers, clock),
  };
}

// --- internal ---

async function dueTimers(db: Queryable, until: Instant, inclusive: boolean, limit: number): Promise<DueTimer[]> {
  const { rows } = await db.query<{ customer_id: string; key: string; name: string; due: number }>(
    `select customer_id, key, name, to_ms(due) as due from timers where due ${inclusive ? "<=" : "<"} $1::timestamptz
      order by timers.due, customer_id, name, key limit $2`,
    [toTime(until), limit],
  );
  return rows.map(({ customer_id, key, name, due }) => ({ customerId: customer_id, key, name, due }));
}
