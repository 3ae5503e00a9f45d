import type { SignalIdentity } from "../domain/entities/signal.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import type { StoredSignal } from "./commit/customer-commit.ts";
import { arrivalRow } from "./commit/rows.ts";
import { type Pool, transaction } from "./engines/database.ts";
import { rootOf } from "./reading/links.ts";

/** An ask that was answered, or came too late. */
export interface KeptAsk {
  readonly customerId: string;
  readonly at: Instant;
  readonly bodyHash: string;
  readonly late: boolean;
  /** What it was answered; null for a late one, and for one of a recorded stream. */
  readonly answer: Json;
}

/** An ask as it comes in. */
export interface BegunAsk {
  /** Its place in the order of arrival. */
  readonly seq: number;
  /** The customer, or the one into which it was merged. */
  readonly customerId: string;
  /** Whether there is such a customer, or a signal of one that waits. */
  readonly isKnown: boolean;
  /** What it was answered before. */
  readonly known?: KeptAsk;
}

/** Asks by their key, (`source`, `id`). The commit of an answer and the mark as late exclude each other: the first one stands. */
export interface Asks {
  /** Gives an ask its place in the order of arrival, and finds its customer and what it was answered before. */
  begin(key: SignalIdentity, customerId: string): Promise<BegunAsk>;
  find(key: SignalIdentity): Promise<KeptAsk | undefined>;
  /** Records an ask as late, so that it is never decided; false where it has been answered meanwhile. */
  markLate(signal: StoredSignal, channel: string): Promise<boolean>;
  /** The texts of deliveries by id. */
  contentsOf(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, { readonly content: JsonObject; readonly locale?: string }>>;
}

export function createAsks(pool: Pool): Asks {
  return {
    async begin(key, customerId) {
      const { rows } = await pool.query<AskRow & { seq: number; root: string; is_known: boolean }>(BEGIN, [key.source, key.id, customerId]);
      const [row] = rows;
      const known = row && keptAsk(row);
      return { seq: row?.seq ?? 0, customerId: row?.root ?? customerId, isKnown: row?.is_known === true, ...(known ? { known } : {}) };
    },
    async find(key) {
      const { rows } = await pool.query<AskRow>(`select ${COLUMNS} from asks a where a.source = $1 and a.id = $2`, [key.source, key.id]);
      return rows[0] && keptAsk(rows[0]);
    },
    markLate: (signal, channel) =>
      transaction(pool, async (db) => {
        const { source, id, customerId, receivedAt, bodyHash } = signal;
        const { rowCount } = await db.query(MARK_LATE, [source, id, customerId, channel, receivedAt, bodyHash]);
        if (rowCount === 0) return false;
        await db.query(KEEP_LATE, [storableJson([{ seq: signal.seq, ...arrivalRow(signal) }])]);
        return true;
      }),
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
  customer_id: string | null;
  at: number | null;
  body_hash: string | null;
  late: boolean | null;
  answer: Json;
}

const COLUMNS = "a.customer_id, ms(a.at) as at, a.body_hash, a.late, a.answer";

const BEGIN = `
select nextval('arrivals')::float8 as seq, ${COLUMNS}, c.id as root,
       exists (select 1 from customers k where k.customer_id = c.id) or exists (select 1 from inbox i where i.customer_id = c.id and i.dead_at is null) as is_known
  from (select ${rootOf("$3::text")} as id) c left join asks a on a.source = $1 and a.id = $2`;

const MARK_LATE = `
insert into asks (source, id, customer_id, channel, at, body_hash, late)
values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6, true) on conflict (source, id) do nothing`;

const KEEP_LATE = `
insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
select seq, source, id, type, customer_id, time, received_at, event || '{"late": true}'::jsonb, body_hash
  from jsonb_to_recordset($1::jsonb) as x(seq bigint, source text, id text, type text, customer_id text, time timestamptz, received_at timestamptz, event jsonb, body_hash text)`;

function keptAsk({ customer_id, at, body_hash, late, answer }: AskRow): KeptAsk | undefined {
  if (customer_id === null || at === null || body_hash === null) return undefined;
  return { customerId: customer_id, at, bodyHash: body_hash, late: late === true, answer };
}
