import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";

/** A session of a person in the console. */
export interface KeptSession {
  /** SHA-256 of its token, in hex. */
  readonly hash: string;
  readonly name: string;
  readonly role: string;
  /** The fingerprint of the key that began it. */
  readonly keyPrint: string;
  readonly createdAt: Instant;
  readonly seenAt: Instant;
  readonly expiresAt: Instant;
}

/** Sessions, shared by all processes on a store. Times are those of the caller. */
export interface SessionRecords {
  begin(session: KeptSession, entry: AuditEntry): Promise<void>;
  /** A session that has not expired and was seen since an instant. */
  find(hash: string, now: Instant, seenSince: Instant): Promise<KeptSession | undefined>;
  /** All such sessions, the latest seen first, of one person or of all. */
  list(now: Instant, seenSince: Instant, name?: string): Promise<KeptSession[]>;
  seen(hash: string, at: Instant): Promise<void>;
  /** False if it had ended. */
  end(hash: string, entry: AuditEntry): Promise<boolean>;
}

export function createSessionRecords(pool: Pool): SessionRecords {
  return {
    begin: (session, entry) =>
      transaction(pool, async (db) => {
        const { hash, name, role, keyPrint, createdAt, seenAt, expiresAt } = session;
        await db.query(INSERT, [hash, name, role, keyPrint, toTime(createdAt), toTime(seenAt), toTime(expiresAt)]);
        await audit(db, entry);
      }),
    find: async (hash, now, seenSince) =>
      (await pool.query<Row>(`${LIVE} and hash = $3`, [toTime(now), toTime(seenSince), hash])).rows.map(sessionOf)[0],
    list: async (now, seenSince, name) =>
      (
        await pool.query<Row>(`${LIVE} and ($3::text is null or name = $3) order by seen_at desc, hash limit 1000`, [
          toTime(now),
          toTime(seenSince),
          name ?? null,
        ])
      ).rows.map(sessionOf),
    seen: async (hash, at) =>
      void (await pool.query("update console_sessions set seen_at = $2::timestamptz where hash = $1", [hash, toTime(at)])),
    end: (hash, entry) =>
      transaction(pool, async (db) => {
        const { rowCount } = await db.query("delete from console_sessions where hash = $1", [hash]);
        if (rowCount > 0) await audit(db, entry);
        return rowCount > 0;
      }),
  };
}

// --- internal ---

interface Row {
  readonly hash: string;
  readonly name: string;
  readonly role: string;
  readonly key_print: string;
  readonly created_at: number;
  readonly seen_at: number;
  readonly expires_at: number;
}

const sessionOf = ({ hash, name, role, key_print, created_at, seen_at, expires_at }: Row): KeptSession => ({
  ...{ hash, name, role, keyPrint: key_print },
  ...{ createdAt: created_at, seenAt: seen_at, expiresAt: expires_at },
});

const INSERT = `
insert into console_sessions (hash, name, role, key_print, created_at, seen_at, expires_at)
values ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7::timestamptz)`;

const LIVE = `
select hash, name, role, key_print, to_ms(created_at) as created_at, to_ms(seen_at) as seen_at, to_ms(expires_at) as expires_at
  from console_sessions where expires_at > $1::timestamptz and seen_at > $2::timestamptz`;

const audit = async (db: Queryable, entry: AuditEntry): Promise<void> =>
  void (await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]));
