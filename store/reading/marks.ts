import type { Queryable } from "../engines/database.ts";

/** Topics that consoles show live. A topic is a name: a page that shows its subject reads it again. */
export const TOPICS = [
  "decisions",
  "inbox",
  "deliveries",
  "calls",
  "dead",
  "tasks",
  "approvals",
  "promises",
  "pauses",
  "rehearsals",
  "audit",
] as const;
export type Topic = (typeof TOPICS)[number];

/** The state of a topic, or of one customer, as a text that differs after each change. It says nothing else. */
export interface Mark {
  readonly topic: Topic | "customer";
  readonly customerId?: string;
  readonly mark: string;
}

/** Marks of everything that is shown live. */
export interface Marks {
  /**
   * All topics, and these customers: one statement that reads at most `MARKED_ROWS` rows a table, however large the store is. Customers
   * without a record have no mark; a merged one has that of the customer it was merged into.
   */
  read(customerIds: readonly string[]): Promise<Mark[]>;
}

/** How many rows of a table a mark is made of. */
export const MARKED_ROWS = 200;

export function createMarks(db: Queryable): Marks {
  return {
    async read(customerIds) {
      const { rows } = await db.query<Row>(MARKS, [customerIds]);
      const markOf = (topic: Topic): string => rows.find((row) => row.topic === topic)?.mark ?? "";
      // Rows beyond the limit change with a decision or an operator's deed only, so that these stand for them.
      const rest = `${markOf("decisions")} ${markOf("audit")}`;
      return rows.map(({ topic, customer_id, n, mark }) => ({
        topic,
        mark: n < MARKED_ROWS ? mark : `${mark} ${rest}`,
        ...(customer_id === null ? {} : { customerId: customer_id }),
      }));
    },
  };
}

// --- internal ---

interface Row {
  readonly topic: Mark["topic"];
  readonly customer_id: string | null;
  readonly n: number;
  readonly mark: string;
}

/** A row with a lower number may be committed after one with a higher number, within fewer rows than these. */
const LATE_ROWS = 64;

/** The last row, and how many of the numbers before it exist. */
const lastOf = (topic: Topic, table: string, column: string, condition = "true"): string => `
select '${topic}', null, 0, concat_ws(' ', l.last, (select count(*) from (select 1 from ${table} where ${column} > l.last - ${LATE_ROWS} and ${condition} limit ${LATE_ROWS}) x))
  from (select max(${column}) as last from ${table} where ${condition}) l`;

/** The first rows in the order of an index: how many there are, and a hash over what changes in them. */
const rowsOf = (topic: Topic, columns: string, from: string): string => `
select '${topic}', null, count(*)::int, concat_ws(' ', count(*), bit_xor(hashtextextended(concat_ws(E'\\n', ${columns}), 0)))
  from (select * from ${from} limit ${MARKED_ROWS}) x`;

const DEAD = `(select seq::text as id, dead_at, discarded_at from inbox where dead_at is not null order by dead_at desc limit ${MARKED_ROWS / 2})
  union all (select joined_key(customer_id, key), dead_at, null from failed_timers where dead_at is not null limit ${MARKED_ROWS / 2})`;

const MARKS = `
select 'decisions' as topic, null::text as customer_id, 0 as n, null::text as mark where false
union all ${lastOf("decisions", "decisions", "seq")}
union all ${lastOf("inbox", "inbox", "seq", "dead_at is null")}
union all ${lastOf("audit", "audit", "audit_id")}
union all ${rowsOf("deliveries", "delivery_id, status", "deliveries where settled_at is null order by reserved_at")}
union all ${rowsOf("calls", "call_key, status, attempts", "tool_calls where status in ('planned', 'running') order by created_at")}
union all ${rowsOf("dead", "id, dead_at, discarded_at", `(${DEAD}) d`)}
union all ${rowsOf("tasks", "task_id, state, claimed_by", "tasks where state in ('open', 'claimed') order by queue, due")}
union all ${rowsOf("approvals", "approval_id, decision_id", "approvals where state = 'pending' order by asked_at")}
union all ${rowsOf("promises", "promise_id, overdue", "promises where ended is null order by customer_id")}
union all ${rowsOf("pauses", "scope, name, since", "pauses order by scope, name")}
union all ${rowsOf("rehearsals", "rehearsal_id, status, progress", "rehearsals order by seq desc")}
union all
select 'customer', asked.id, 0, concat_ws(' ', c.version,
         (select bit_xor(hashtextextended(concat_ws(E'\\n', d.delivery_id, d.status), 0))
            from (select delivery_id, status from deliveries where customer_id = c.customer_id order by reserved_at desc limit 5) d),
         (select count(*) from (select 1 from inbox i where i.customer_id = c.customer_id and i.dead_at is null order by i.seq limit 50) w))
  from unnest($1::text[]) as asked(id)
  left join links l on l.customer_id = asked.id
  join customers c on c.customer_id = coalesce(l.root_id, asked.id)`;
