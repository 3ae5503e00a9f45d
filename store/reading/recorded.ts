import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";

/** A signal as it arrived. */
export interface RecordedSignal {
  readonly seq: number;
  readonly event: Json;
  readonly bodyHash: string;
  /** What it counts as: the time that it told, or its arrival where that came before. */
  readonly time: Instant;
  readonly receivedAt: Instant;
}

/** A record as it was imported, and after which signal. */
export interface RecordedImport {
  readonly afterSeq: number;
  readonly at: Instant;
  readonly line: Json;
}

/** Everything that came from outside, in its order: enough to replay the store. */
export interface Recorded {
  /** Signals after a place, in order of arrival. */
  signals(afterSeq: number, limit: number): Promise<RecordedSignal[]>;
  imports(): Promise<RecordedImport[]>;
}

export const createRecorded = (db: Queryable): Recorded => ({
  signals: async (afterSeq, limit) =>
    (
      await db.query<RecordedSignal>(
        `select seq::float8 as seq, event, body_hash as "bodyHash", ms(time) as time, ms(received_at) as "receivedAt" from signals where seq > $1::bigint order by seq limit $2`,
        [afterSeq, limit],
      )
    ).rows,
  imports: async () =>
    (await db.query<RecordedImport>(`select after_seq::float8 as "afterSeq", ms(at) as at, line from imports order by seq`, [])).rows,
});
