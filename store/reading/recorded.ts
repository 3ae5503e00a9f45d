import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";

/** A signal as recorded on arrival. */
export interface RecordedSignal {
  readonly seq: number;
  readonly event: Json;
  readonly bodyHash: string;
  /** Its effective time: the stated one, or the time of arrival if that is earlier. */
  readonly time: Instant;
  readonly receivedAt: Instant;
}

/** An imported record, and the signal it came after. */
export interface RecordedImport {
  readonly afterSeq: number;
  readonly at: Instant;
  readonly line: Json;
}

/** All external input, in order: enough to replay the store. */
export interface Recorded {
  /** Signals after a sequence number, in order of arrival. */
  signals(afterSeq: number, limit: number, customerId?: string): Promise<RecordedSignal[]>;
  imports(customerId?: string): Promise<RecordedImport[]>;
}

export const createRecorded = (db: Queryable): Recorded => ({
  signals: async (afterSeq, limit, customerId) =>
    (
      await db.query<RecordedSignal>(
        `select seq::float8 as seq, event, body_hash as "bodyHash", to_ms(time) as time, to_ms(received_at) as "receivedAt" from signals where seq > $1::bigint and ($3::text is null or customer_id = $3) order by seq limit $2`,
        [afterSeq, limit, customerId ?? null],
      )
    ).rows,
  imports: async (customerId) =>
    (
      await db.query<RecordedImport>(
        `select after_seq::float8 as "afterSeq", to_ms(at) as at, line from imports where $1::text is null or customer_id = $1 order by seq`,
        [customerId ?? null],
      )
    ).rows,
});
