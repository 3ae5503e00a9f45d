import { type SignalIdentity, signalKey } from "../domain/entities/signal.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import type { StoredSignal } from "./commit/customer-commit.ts";
import { type KeptArm, versionsOf } from "./commit/learned.ts";
import { arrivalRow } from "./commit/rows.ts";
import type { Pool, Queryable } from "./engines/database.ts";
import { CLAIMED, type ClaimedRow, type ClaimOptions, type NextWake, wakeOf } from "./leases.ts";
import { rootOf } from "./reading/links.ts";
import { toTime } from "./reading/load-customers.ts";
import { SHARED_STATE, type SharedRow, type SharedState, sharedState } from "./shared-state.ts";

/** An ask that was answered, or came too late. */
export interface KeptAsk {
  readonly customerId: string;
  readonly at: Instant;
  readonly bodyHash: string;
  readonly late: boolean;
  /** What it was answered; null for a late one, and for one of a recorded stream. */
  readonly answer: Json;
}

/** An ask to be answered. */
export interface ComingAsk extends SignalIdentity {
  /** The customer as it was named. */
  readonly customerId: string;
  /** Its place in the order of arrival, once it has one. */
  readonly seq?: number | undefined;
  /** An unknown customer is not made. */
  readonly mustBeKnown?: boolean | undefined;
}

/** An ask as it comes in. */
export interface BegunAsk {
  /** Its place in the order of arrival. */
  readonly seq: number;
  /** The customer, or the one into which it was merged. */
  readonly customerId: string;
  /** Whether there is such a customer, or a signal of one that waits; true where it need not be. */
  readonly isKnown: boolean;
  /** What it was answered before. */
  readonly known?: KeptAsk;
}

/** An ask whose time is over. */
export interface LateAsk {
  readonly signal: StoredSignal;
  readonly channel: string;
}

/** A begun ask, and its customer's lease. */
export interface OpenedAsk extends BegunAsk {
  /** Whether the customer is leased now; never for one that was answered before, or whose customer is not known and must be. */
  readonly isLeased: boolean;
  /** What the customer is decided for next. */
  readonly next?: NextWake;
}

/** Asks by their key, (`source`, `id`). The commit of an answer and the mark as late exclude each other: the first one stands. */
export interface Asks {
  /** Gives asks their places in the order of arrival, and finds their customers and what they were answered before. */
  begin(asks: readonly ComingAsk[]): Promise<BegunAsk[]>;
  /**
   * Begins asks, in their order, and leases their customers: those that nobody holds. Reads what every decision needs with it.
   *
   * @param known arms read before, of which only the changed ones are read again; not modified
   */
  open(
    asks: readonly ComingAsk[],
    lease: Pick<ClaimOptions, "owner" | "leaseMs" | "now">,
    known?: ReadonlyMap<string, KeptArm>,
  ): Promise<{ readonly asks: readonly OpenedAsk[]; readonly shared: SharedState }>;
  find(key: SignalIdentity): Promise<KeptAsk | undefined>;
  /** Records asks as late, so that they are never decided; false for one that has been answered meanwhile. */
  markLate(asks: readonly LateAsk[]): Promise<boolean[]>;
  /** The texts of deliveries by id. */
  contentsOf(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, { readonly content: JsonObject; readonly locale?: string }>>;
}

export function createAsks(pool: Pool): Asks {
  return {
    async begin(asks) {
      const { rows } = await pool.query<BegunRow>(BEGIN, listsOf(asks));
      return rows.map(begunAsk);
    },
    async open(asks, { owner, leaseMs, now }, known = new Map()) {
      const params = [...listsOf(asks), owner, leaseMs, toTime(now), versionsOf(known)];
      const { rows } = await pool.query<OpenedRow>(OPEN, params);
      const opened = rows.map((row) => {
        const next = row.may_decide ? wakeOf(row as ClaimedRow) : undefined;
        return { ...begunAsk(row), isLeased: row.customer_id !== null, ...(next ? { next } : {}) };
      });
      return { asks: opened, shared: sharedState(rows[0] as SharedRow | undefined, known) };
    },
    async find(key) {
      const { rows } = await pool.query<AskRow>(`select ${COLUMNS} from asks a where a.source = $1 and a.id = $2`, [key.source, key.id]);
      return rows[0] && keptAsk(rows[0]);
    },
    markLate: (asks) => markLate(pool, asks),
    async contentsOf(deliveryIds) {
      if (deliveryIds.length === 0) return new Map();
      const { rows } = await pool.query<{ delivery_id: string; content: JsonObject | null; locale: string | null }>(
        "select delivery_id, content, locale from deliveries where delivery_id = any($1::text[])",
        [deliveryIds],
      );
      return new Map(
        rows.flatMap(({ delivery_id, content, locale }) =>
          content ? [[delivery_id, locale === null ? { content } : { content, locale }] as const] : [],
        ),
      );
    },
  };
}

// --- internal ---

interface AskRow {
  asked_of: string | null;
  at: number | null;
  body_hash: string | null;
  late: boolean | null;
  answer: Json;
}

interface BegunRow extends AskRow {
  seq: number;
  root: string;
  is_known: boolean;
}

/** The shared state stands in the first one. */
type OpenedRow = BegunRow & Partial<ClaimedRow> & Partial<SharedRow>;

const listsOf = (asks: readonly ComingAsk[]): unknown[] => [
  asks.map(({ source }) => source),
  asks.map(({ id }) => id),
  asks.map(({ customerId }) => customerId),
  asks.map(({ seq }) => seq ?? null),
  asks.map(({ mustBeKnown = false }) => mustBeKnown),
];

function begunAsk(row: BegunRow): BegunAsk {
  const known = keptAsk(row);
  return { seq: row.seq, customerId: row.root, isKnown: row.is_known, ...(known ? { known } : {}) };
}

async function markLate(db: Queryable, asks: readonly LateAsk[]): Promise<boolean[]> {
  // An ask that is here twice is marked once.
  const byKey = new Map(asks.map((one) => [signalKey(one.signal), one]));
  const rows = [...byKey.values()].map(({ signal, channel }) => ({ seq: signal.seq, channel, ...arrivalRow(signal) }));
  const marked = await db.query<SignalIdentity>(MARK_LATE, [storableJson(rows)]);
  const keys = new Set(marked.rows.map(signalKey));
  return asks.map(({ signal }) => keys.has(signalKey(signal)));
}

const COLUMNS = "a.customer_id as asked_of, to_ms(a.at) as at, a.body_hash, a.late, a.answer";

/** Asks with their places (SQL, parts of a `with`): `begun`. */
const BEGUN = `
x as materialized (
  select n, coalesce(seq, nextval('arrivals')::float8) as seq, source, id, ${rootOf("x.customer_id")} as root, must_be_known
    from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::boolean[]) with ordinality as x(source, id, customer_id, seq, must_be_known, n)
), begun as materialized (
  select x.*, ${COLUMNS},
         not must_be_known or exists (select 1 from customers k where k.customer_id = x.root)
           or exists (select 1 from inbox i where i.customer_id = x.root and i.dead_at is null) as is_known
    from x left join asks a on a.source = x.source and a.id = x.id
)`;

const BEGIN = `with ${BEGUN} select * from begun order by n`;

const OPEN = `
with ${BEGUN}, wanted as (
  select distinct root as customer_id from begun where asked_of is null and is_known
), ${CLAIMED("$6", "$7", "$8")}
select begun.*, claimed.*, s.*
  from begun left join claimed on claimed.customer_id = begun.root and begun.asked_of is null and begun.is_known
  left join lateral (select ${SHARED_STATE("$9")}) s on begun.n = 1
 order by n`;

const MARK_LATE = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(seq bigint, source text, id text, type text, customer_id text, channel text, time timestamptz, received_at timestamptz, event jsonb, body_hash text)
), marked as (
  insert into asks (source, id, customer_id, channel, at, body_hash, late)
  select source, id, customer_id, channel, received_at, body_hash, true from x order by source, id
  on conflict (source, id) do nothing returning source, id
), kept as (
  insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
  select x.seq, x.source, x.id, x.type, x.customer_id, x.time, x.received_at, x.event || '{"late": true}'::jsonb, x.body_hash
    from x join marked m on m.source = x.source and m.id = x.id order by x.seq
)
select source, id from marked`;

function keptAsk({ asked_of, at, body_hash, late, answer }: AskRow): KeptAsk | undefined {
  if (asked_of === null || at === null || body_hash === null) return undefined;
  return { customerId: asked_of, at, bodyHash: body_hash, late: late === true, answer };
}
