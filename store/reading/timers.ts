import type { Timer } from "../../domain/entities/customer.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";

export interface DueTimer extends Timer {
  readonly customerId: string;
  readonly key: string;
}

export async function dueTimers(db: Queryable, until: Instant, inclusive: boolean, limit: number): Promise<DueTimer[]> {
  const { rows } = await db.query<{ customer_id: string; key: string; name: string; due: number }>(
    `select customer_id, key, name, ms(due) as due from timers where due ${inclusive ? "<=" : "<"} $1::timestamptz
      order by timers.due, customer_id, name, key limit $2`,
    [toTime(until), limit],
  );
  return rows.map(({ customer_id, key, name, due }) => ({ customerId: customer_id, key, name, due }));
}
