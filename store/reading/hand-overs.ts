import type { DeliveryStatus } from "../../domain/entities/customer.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { READ_TO } from "./bounded-list.ts";
import { toTime } from "./load-customers.ts";

/** A delivery in a list: where it went and what became of it, without its text. */
export interface ListedDelivery {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly department?: string;
  readonly channel: string;
  readonly variant?: string;
  readonly locale?: string;
  readonly to?: string;
  readonly status: DeliveryStatus;
  readonly reason?: string;
  readonly recorded?: true;
  readonly reservedAt: Instant;
  readonly settledAt?: Instant;
  readonly attempts: number;
  readonly providerId?: string;
}

/** A call of a tool with a side effect. */
export interface ListedCall {
  readonly key: string;
  readonly tool: string;
  readonly status: "planned" | "running" | "done" | "failed" | "uncertain" | "cancelled";
  readonly customerId?: string;
  readonly runId?: string;
  readonly deliveryId?: string;
  readonly at: Instant;
  readonly finishedAt?: Instant;
  readonly attempts: number;
  readonly error?: { readonly code?: string; readonly message?: string };
}

/** Bounds of a list of rows, within a span of time. */
export interface Within {
  readonly from: Instant;
  readonly to: Instant;
  /** The most entries; filters may read up to `READ_TO` rows for them. */
  readonly limit: number;
  readonly customerId?: string | undefined;
  /** The last entry of the page before. */
  readonly after?: Place | undefined;
}

/** A place in a list that is ordered by time, and by id within an instant. */
export interface Place {
  readonly at: Instant;
  readonly id: string;
}

/** A page of a list. */
export interface Listed<Entry> {
  readonly entries: Entry[];
  /** The last entry, or the last row that was read, where reading ended before the beginning of the span. */
  readonly reached?: Place;
}

/** Deliveries and calls, the latest first. */
export interface HandOvers {
  /** By the time of settling where the status is of those that went wrong, or else by the time of the decision. */
  deliveries(wanted: DeliveriesWanted): Promise<Listed<ListedDelivery>>;
  calls(wanted: CallsWanted): Promise<Listed<ListedCall>>;
}

export interface DeliveriesWanted extends Within {
  /** Default: those that went wrong; of a customer, all. */
  readonly status?: Exclude<DeliveryStatus, "sent" | "delivered" | "cancelled"> | undefined;
  readonly channel?: string | undefined;
}

export interface CallsWanted extends Within {
  /** Default: those that went wrong; of a customer, all. */
  readonly status?: Exclude<ListedCall["status"], "done" | "cancelled"> | undefined;
  readonly tool?: string | undefined;
}

export function createHandOvers(db: Queryable): HandOvers {
  return {
    deliveries: ({ status, channel, ...within }) => page(db, deliveriesOf(status, within), within, [status ?? null, channel ?? null]),
    calls: ({ status, tool, ...within }) => page(db, callsOf(status, within), within, [status ?? null, tool ?? null]),
  };
}

// --- internal ---

/**
 * Reads rows newest first, up to a bound, and takes those that fit: `$1` to `$2` is the span, `$3` `$4` the last entry before. A span with
 * an entry before ends with its instant: one bound on the time, so that the planner knows how many rows there are.
 */
const PAGE = (rows: string, fits: string, entry: string): string => `
with x as materialized (${rows} order by at desc, id desc limit ${READ_TO})
select (select count(*)::float8 from x) as read, (select json_build_object('at', to_ms(at), 'id', id) from x order by at, id limit 1) as last,
       (select count(*)::float8 from x where ${fits}) as fitting,
       (select json_build_object('at', to_ms(at), 'id', id) from x where ${fits} order by at desc, id desc offset $6::int - 1 limit 1) as nth,
       (select coalesce(json_agg(json_strip_nulls(${entry}) order by at desc, id desc), '[]')
          from (select x.* from x where ${fits} order by x.at desc, x.id desc limit $6) x) as entries`;

const SPAN = (at: string, id: string): string =>
  `${at} >= $1::timestamptz and ${at} < $2::timestamptz and ($4::text is null or ${at} < $3::timestamptz or ${id} < $4)`;

const DELIVERY_COLUMNS = `d.delivery_id as id, d.decision_id, d.customer_id, d.experience_id, d.department, d.channel, d.variant, d.locale, d.address, d.status, d.reason, d.recorded,
  d.reserved_at, d.settled_at, d.attempts, d.provider_id`;
const DELIVERY = `json_build_object('deliveryId', id, 'decisionId', decision_id, 'customerId', customer_id, 'experienceId', experience_id, 'department', department,
  'channel', channel, 'variant', variant, 'locale', locale, 'to', address, 'status', status, 'reason', reason, 'recorded', case when recorded then true end, 'reservedAt', to_ms(reserved_at),
  'settledAt', to_ms(settled_at), 'attempts', attempts, 'providerId', provider_id)`;
const FITS = (column: string): string =>
  `($7::text is null or x.status = $7) and ($8::text is null or x.${column} = $8) and ($5::text is null or x.customer_id = $5)`;

const deliveryPage = (at: string, where: string): string =>
  PAGE(
    `select ${DELIVERY_COLUMNS}, ${at} as at from deliveries d where ${where} and ${SPAN(at, "d.delivery_id")}`,
    FITS("channel"),
    DELIVERY,
  );

const DELIVERIES = {
  open: deliveryPage("d.reserved_at", "d.settled_at is null"),
  troubled: deliveryPage("d.settled_at", "d.troubled"),
  ofCustomer: deliveryPage("d.reserved_at", "d.customer_id = $5"),
};

function deliveriesOf(status: DeliveriesWanted["status"], { customerId }: Within): string {
  if (customerId !== undefined) return DELIVERIES.ofCustomer;
  return status === "reserved" || status === "sending" ? DELIVERIES.open : DELIVERIES.troubled;
}

const CALL_COLUMNS =
  "c.call_key as id, c.tool, c.status, c.customer_id, c.run_id, c.delivery_id, c.created_at as at, c.finished_at, c.attempts, c.error";
const CALL = `json_build_object('key', id, 'tool', tool, 'status', status, 'customerId', customer_id, 'runId', run_id, 'deliveryId', delivery_id, 'at', to_ms(at),
  'finishedAt', to_ms(finished_at), 'attempts', attempts,
  'error', case when error is not null then json_build_object('code', coalesce(error ->> 'code', error ->> 'name'), 'message', error ->> 'message') end)`;

const callPage = (where: string): string =>
  PAGE(`select ${CALL_COLUMNS} from tool_calls c where ${where} and ${SPAN("c.created_at", "c.call_key")}`, FITS("tool"), CALL);

const CALLS = {
  open: callPage("c.status in ('planned', 'running')"),
  troubled: callPage("c.status in ('failed', 'uncertain')"),
  ofCustomer: callPage("c.customer_id = $5"),
};

function callsOf(status: CallsWanted["status"], { customerId }: Within): string {
  if (customerId !== undefined) return CALLS.ofCustomer;
  return status === "planned" || status === "running" ? CALLS.open : CALLS.troubled;
}

async function page<Entry>(
  db: Queryable,
  sql: string,
  { from, to, limit, customerId, after }: Within,
  filters: readonly unknown[],
): Promise<Listed<Entry>> {
  const place = after ? [toTime(after.at), after.id] : [null, null];
  const end = after === undefined ? to : Math.min(to, after.at + 1);
  const { rows } = await db.query<PageRow<Entry>>(sql, [...[toTime(from), toTime(end), ...place, customerId ?? null, limit], ...filters]);
  const [row] = rows;
  if (!row) return { entries: [] };
  const reached = row.fitting > limit ? row.nth : row.read >= READ_TO ? row.last : null;
  return { entries: row.entries, ...(reached === null ? {} : { reached }) };
}

interface PageRow<Entry> {
  readonly read: number;
  readonly last: Place | null;
  readonly fitting: number;
  /** The place of the last entry of a full page. */
  readonly nth: Place | null;
  readonly entries: Entry[];
}
