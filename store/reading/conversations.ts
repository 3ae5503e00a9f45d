import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { membersOf, rootOf } from "./links.ts";
import { toTime } from "./load-customers.ts";

/** A message of a conversation, from the customer or from us. */
export interface KeptLine {
  readonly by: "customer" | "us";
  readonly text: string;
  readonly at: Instant;
  readonly channel: string;
  /** For a customer's message: its key, as in a promise. */
  readonly key?: string;
  /** For an answer in a conversation: its delivery, and the proposal it left for the customer to confirm. */
  readonly deliveryId?: string;
  readonly result?: Json;
}

/** Messages to and from customers, and human takeovers. */
export interface Conversations {
  /** The latest lines under every id of the customer, oldest first, as of the decision of the delivery that answers them. */
  lines(of: { readonly customerId: string; readonly upTo: number }): Promise<KeptLine[]>;
  /** The ones of these customers with a human takeover. */
  takenOver(customerIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The key of the latest call since an instant whose key starts with one of these prefixes and that is done or pending. */
  lastCall(beginnings: readonly string[], since: Instant): Promise<string | undefined>;
  /** Removes the promises that a reserved delivery would keep, because it is no answer after all. */
  keepOpen(deliveryId: string): Promise<void>;
}

export function createConversations(db: Queryable): Conversations {
  return {
    async lines({ customerId, upTo }) {
      const { rows } = await db.query<LineRow>(LINES, [customerId, upTo, MAX_LINES]);
      return rows.reverse().map(({ by, text, at, channel, key, delivery_id, result }) => ({
        ...{ by, text, at, channel },
        ...(key === null ? {} : { key }),
        ...(delivery_id === null ? {} : { deliveryId: delivery_id }),
        ...(result === null ? {} : { result }),
      }));
    },
    async takenOver(customerIds) {
      if (customerIds.length === 0) return new Set();
      const { rows } = await db.query<{ customer_id: string }>(
        `select distinct ${rootOf("t.customer_id")} as customer_id from tasks t where t.customer_id = any(${membersOf("$1::text[]")}) and ${IS_WITH_HUMAN}`,
        [customerIds],
      );
      return new Set(rows.map(({ customer_id }) => customer_id));
    },
    async lastCall(beginnings, since) {
      const { rows } = await db.query<{ call_key: string }>(
        `select t.call_key from unnest($1::text[]) b join tool_calls t on t.call_key >= b and t.call_key < b || '~'
          where t.created_at > $2::timestamptz and t.status in ('planned', 'running', 'done') order by t.created_at desc limit 1`,
        [beginnings, toTime(since)],
      );
      return rows[0]?.call_key;
    },
    async keepOpen(deliveryId) {
      await db.query("update deliveries set keeps = '[]'::jsonb where delivery_id = $1 and status = 'reserved'", [deliveryId]);
    },
  };
}

/** A claimed task, or an open hand-off of a conversation. */
export const IS_WITH_HUMAN = "(t.state = 'claimed' or (t.state = 'open' and t.facts ? 'conversation'))";

// --- internal ---

interface LineRow {
  by: "customer" | "us";
  text: string;
  at: number;
  channel: string;
  key: string | null;
  delivery_id: string | null;
  result: Json | null;
}

const MAX_LINES = 30;

const LINES = `
with people as materialized (select unnest(${membersOf("array[$1::text]")}) as id)
select * from (
  select 'customer' as by, coalesce(s.event->'data'->>'text', '') as text, to_ms(s.time) as at, coalesce(s.event->'data'->>'channel', '') as channel,
         joined_key(s.source, s.id) as key, null::text as delivery_id, null::jsonb as result, s.seq::numeric as place
    from signals s where s.customer_id in (select id from people) and s.type = 'message.received' and s.seq <= $2
  union all
  select 'us', coalesce(d.content->>'text', d.content->>'body', ''), to_ms(d.reserved_at), d.channel, null, d.delivery_id, d.action_result,
         coalesce((d.frozen->'conversation'->>'upTo')::numeric, n.seq) + 0.5
    from deliveries d
    left join lateral (select max(s.seq) as seq from signals s where s.customer_id in (select id from people) and s.received_at <= d.reserved_at) n on true
   where d.customer_id in (select id from people) and d.status in ('sent', 'delivered', 'uncertain') and d.content is not null
     and d.content->>'summary' is null and coalesce((d.frozen->'conversation'->>'upTo')::numeric, n.seq, 0) <= $2
) x order by place desc nulls last, at desc limit $3`;
