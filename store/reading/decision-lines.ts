import type { Decision, DecisionAction } from "../../domain/entities/decision.ts";
import { type Instant, iso, MINUTE } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";

/** A row of the list of decisions. */
export interface DecisionRow {
  readonly seq: number;
  readonly decidedAt: Instant;
  /** The record, where the row fits the columns that are asked for; without its deliveries. */
  readonly record?: Omit<Decision, "deliveries" | "runId">;
  readonly lapsedCode?: string;
}

/** Columns of a decision that a filter names. */
export interface DecisionColumns {
  readonly customerId?: string | undefined;
  readonly action?: DecisionAction | undefined;
  readonly experienceIds?: readonly string[] | undefined;
  readonly channel?: string | undefined;
  readonly from: Instant;
  readonly to?: Instant | undefined;
}

/** Columns of a line, read in order of decision, newest first. */
export interface DecisionLines {
  /** The rows before a place (a sequence number), newest first, all that were read. */
  before(place: number | undefined, columns: DecisionColumns, limit: number): Promise<DecisionRow[]>;
  /** A place after which no decision is older than an instant: about 30 rows are read to find it. Undefined: there is none. */
  placeOf(at: Instant): Promise<number | undefined>;
  /** The statuses of the deliveries of decisions: `recorded` for those that were said to be sent and left no machine. */
  statuses(decisionIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** How far the time of a decision and the order in which decisions were written may differ: a batch in work. */
export const OUT_OF_ORDER = 10 * MINUTE;

/** `record` is read only where the columns fit. */
const ROWS = `
select n.seq::float8 as seq, to_ms(n.decided_at) as "decidedAt", n.lapsed_code as "lapsedCode",
       case when ($3::text is null or n.action = $3) and ($4::text[] is null or n.experience_id = any($4)) and ($5::text is null or n.channel = $5)
             and n.decided_at >= $6::timestamptz and ($7::timestamptz is null or n.decided_at < $7) then n.record end as record
  from decisions n
 where n.seq < coalesce($1::bigint, 9223372036854775807)`;

/** Its values: place, limit, action, experiences, channel, from, to, and the customer. */
export const linesStatement = (ofCustomer: boolean): string =>
  `${ROWS}${ofCustomer ? " and n.customer_id = $8" : ""} order by n.seq desc limit $2`;

export const createDecisionLines = (db: Queryable): DecisionLines => ({
  async before(place, { customerId, action, experienceIds, channel, from, to }, limit) {
    const values = [
      place ?? null,
      limit,
      action ?? null,
      experienceIds ?? null,
      channel ?? null,
      iso(from),
      to === undefined ? null : iso(to),
    ];
    const text = linesStatement(customerId !== undefined);
    const { rows } = await db.query<Record<keyof DecisionRow, unknown>>(text, customerId === undefined ? values : [...values, customerId]);
    return rows.map(({ record, lapsedCode, ...row }) => ({
      ...(row as Pick<DecisionRow, "seq" | "decidedAt">),
      ...(record === null ? {} : { record: record as NonNullable<DecisionRow["record"]> }),
      ...(lapsedCode === null ? {} : { lapsedCode: String(lapsedCode) }),
    }));
  },
  placeOf: (at) => placeOf(db, at),
  async statuses(decisionIds) {
    const { rows } = await db.query<{ decision_id: string; statuses: string[] }>(
      `select decision_id, array_agg(case when recorded and status in ('sent', 'delivered') then 'recorded' else status end order by delivery_id) as statuses
         from deliveries where decision_id = any($1::text[]) group by decision_id`,
      [decisionIds],
    );
    return new Map(rows.map(({ decision_id, statuses }) => [decision_id, statuses]));
  },
});

// --- internal ---

interface Edge {
  readonly seq: number;
  readonly at: Instant;
}

/** By halving: decisions are written in the order of their time, but for those of a batch. */
async function placeOf(db: Queryable, at: Instant): Promise<number | undefined> {
  const edge = async (which: string, values: readonly number[] = []): Promise<Edge | undefined> =>
    (await db.query<Edge>(`select seq::float8 as seq, to_ms(decided_at) as at from decisions ${which} limit 1`, [...values])).rows[0];
  const wanted = at + OUT_OF_ORDER;
  const [first, last] = [await edge("order by seq"), await edge("order by seq desc")];
  if (first === undefined || last === undefined || last.at < wanted) return undefined;
  let [low, high] = [first.seq, last.seq];
  while (low < high) {
    const middle = await edge("where seq >= $1::bigint order by seq", [Math.floor((low + high) / 2)]);
    if (middle === undefined || middle.at >= wanted) high = Math.floor((low + high) / 2);
    else low = middle.seq + 1;
  }
  return high;
}
