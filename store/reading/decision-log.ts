import type { OutcomeKind } from "../../domain/entities/customer.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Queryable } from "../engines/database.ts";

/** A decision with the outcomes of its deliveries. */
export interface LoggedRecord {
  readonly decision: Omit<Decision, "deliveries" | "runId">;
  readonly deliveries: readonly LoggedDelivery[];
}

export interface LoggedDelivery {
  readonly deliveryId: string;
  readonly experienceId: string;
  /** In order of time. */
  readonly outcomes: readonly { readonly kind: OutcomeKind; readonly reward: number }[];
}

/** All decisions with their outcomes, page by page. */
export interface DecisionLog {
  /** The first `limit` decisions after a sequence number, in the order of decision, and the sequence number of the last. */
  after(place: number, limit: number): Promise<{ readonly rows: LoggedRecord[]; readonly last: number }>;
}

export const createDecisionLog = (db: Queryable): DecisionLog => ({
  async after(place, limit) {
    const { rows } = await db.query<Row>(PAGE, [place, limit]);
    return {
      rows: rows.map(({ record, deliveries }) => ({ decision: record, deliveries: deliveries ?? [] })),
      last: rows.at(-1)?.seq ?? place,
    };
  },
});

// --- internal ---

interface Row {
  seq: number;
  record: LoggedRecord["decision"];
  deliveries: LoggedDelivery[] | null;
}

const PAGE = `
select n.seq::float8 as seq, n.record,
  (select json_agg(json_build_object('deliveryId', d.delivery_id, 'experienceId', d.experience_id, 'outcomes', coalesce(
            (select json_agg(json_build_object('kind', o.kind, 'reward', o.reward) order by o.at, o.kind) from outcomes o where o.delivery_id = d.delivery_id), '[]'))
          order by d.delivery_id)
     from deliveries d where d.decision_id = n.decision_id) as deliveries
from decisions n where n.seq > $1::bigint order by n.seq limit $2::int`;
