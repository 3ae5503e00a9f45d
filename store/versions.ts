import type { ReplacedByCanaries } from "../domain/entities/canary.ts";
import type { Json } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";

/** The files of a version by name, as JSON holds them. */
export type KeptFiles = Readonly<Record<string, Json>>;

/** A tool or channel of a version with all that it imports, in one file. */
export interface Bundle {
  /** The file of the version, such as `tools/open-ticket.ts`. */
  readonly file: string;
  /** SHA-256 of the code, in hex. */
  readonly hash: string;
  /** JavaScript that imports nothing but `sentient`, `zod` and what Node has. */
  readonly code: string;
}

/** Hashes of bundles by the files of a version that they were made of. */
export type BundleHashes = Readonly<Record<string, string>>;

/** A version that was put in force, or was kept without it. */
export interface Publication {
  /** Its place in the order of publications: times may be equal. */
  readonly seq: number;
  readonly policyVersion: string;
  readonly at: Instant;
  readonly by: string;
  readonly note?: string;
  /** Where its files came from: a folder, a request, or `roll-back`. */
  readonly from: string;
  /** Of the last version that was put in force. */
  readonly inForce: boolean;
}

/** The version in force, with the place of its publication: a version that is in force again has another one. */
export type VersionInForce = Pick<Publication, "seq" | "policyVersion">;

/** What a publication follows. */
export interface Preceding {
  readonly policyVersion: string;
  readonly files: KeptFiles;
  readonly replaced: ReplacedByCanaries;
}

export interface NewPublication extends Omit<Publication, "seq" | "inForce"> {
  /** Without files, a version that is kept already. */
  readonly files?: KeptFiles;
  /** Of its code. A version that has bundles keeps those. */
  readonly bundles?: readonly Bundle[];
  /** A version with the same code: without `bundles`, those of that version are its own too. */
  readonly codeOf?: string | undefined;
  /** Finds what stays beside its canaries, from the version that it follows; asked within the transaction. */
  readonly replacedIn?: ((before: Preceding | undefined) => ReplacedByCanaries) | undefined;
}

/** The result of a publication: whether it was made, and the version in force before it. */
export interface Published {
  readonly changed: boolean;
  readonly before: string | undefined;
}

/** Versions of the workspace, and which of them is in force. Nothing in them is about a customer. */
export interface VersionRecords {
  /** The `policyVersion` in force; undefined while none was published. */
  inForce(): Promise<string | undefined>;
  /** The same with its place: one row by an index, which every process reads once a second. */
  latest(): Promise<VersionInForce | undefined>;
  /**
   * Puts a version in force in one transaction with its audit entry. One that is in force already changes nothing, except that its golden
   * decisions, which are no part of `policyVersion`, are replaced.
   *
   * @param mayReplace decides by the version in force whether this one may follow it; false leaves everything as it is
   */
  publish(publication: NewPublication, entry: AuditEntry, mayReplace: (inForce: string | undefined) => boolean): Promise<Published>;
  /** Keeps a version without putting it in force; one that is kept already stays as it is. */
  keep(publication: NewPublication & { readonly files: KeptFiles }): Promise<void>;
  /** The kept versions that begin so, at most this many, in order. */
  beginningWith(beginning: string, limit: number): Promise<string[]>;
  files(policyVersion: string): Promise<KeptFiles | undefined>;
  /** The bundles of a version; undefined where it was kept without them. */
  bundleHashes(policyVersion: string): Promise<BundleHashes | undefined>;
  /** The bundles of a version with their code, by file; undefined where it was kept without them. */
  bundles(policyVersion: string): Promise<Bundle[] | undefined>;
  /** The latest publications, newest first, or the latest before one. */
  list(page: { readonly limit: number; readonly before?: number | undefined }): Promise<Publication[]>;
  /** The last publication of a version. */
  lastOf(policyVersion: string): Promise<Publication | undefined>;
  /**
   * What stays beside the canaries of a version: as of its last publication in force, or the last one by a time. Nothing where it never was in
   * force.
   */
  replaced(policyVersion: string, by?: Instant): Promise<ReplacedByCanaries>;
  /** Whether a version has ever been in force here. */
  wasInForce(policyVersion: string): Promise<boolean>;
}

export function createVersionRecords(pool: Pool): VersionRecords {
  return {
    inForce: () => inForce(pool),
    latest: () => latest(pool),
    publish: (publication, entry, mayReplace) => transaction(pool, (db) => publish(db, publication, entry, mayReplace)),
    keep: (publication) =>
      transaction(pool, async (db) => {
        await lockPublications(db);
        const { rows } = await db.query("select 1 from versions where policy_version = $1", [publication.policyVersion]);
        if (rows.length > 0) return;
        await keepFiles(db, publication.policyVersion, publication.files);
        await keepBundles(db, publication);
        await add(db, publication, false);
      }),
    beginningWith: async (beginning, limit) =>
      (
        await pool.query<{ policy_version: string }>(
          "select policy_version from versions where starts_with(policy_version, $1) order by policy_version limit $2::int",
          [beginning, limit],
        )
      ).rows.map(({ policy_version }) => policy_version),
    files: async (policyVersion) =>
      (await pool.query<{ files: KeptFiles }>("select files from versions where policy_version = $1", [policyVersion])).rows[0]?.files,
    bundleHashes: (policyVersion) => bundleHashes(pool, policyVersion),
    bundles: async (policyVersion) => {
      const hashes = await bundleHashes(pool, policyVersion);
      if (hashes === undefined) return undefined;
      const { rows } = await pool.query<Pick<Bundle, "hash" | "code">>("select hash, code from bundles where hash = any($1::text[])", [
        Object.values(hashes),
      ]);
      const codeOf = new Map(rows.map(({ hash, code }) => [hash, code]));
      return Object.entries(hashes)
        .map(([file, hash]) => ({ file, hash, code: codeOf.get(hash) ?? "" }))
        .sort((a, b) => (a.file < b.file ? -1 : 1));
    },
    list: async ({ limit, before }) => publications(pool, "$2::bigint is null or p.seq < $2::bigint", [limit, before ?? null]),
    lastOf: async (policyVersion) => (await publications(pool, "p.policy_version = $2", [1, policyVersion]))[0],
    replaced: async (policyVersion, by) => {
      const { rows } = await pool.query<{ replaced: ReplacedByCanaries | null }>(
        `select replaced from publications where policy_version = $1 and in_force and ($2::timestamptz is null or at <= $2::timestamptz)
          order by seq desc limit 1`,
        [policyVersion, by === undefined ? null : toTime(by)],
      );
      return rows[0]?.replaced ?? {};
    },
    wasInForce: async (policyVersion) =>
      (await pool.query("select 1 from publications where policy_version = $1 and in_force limit 1", [policyVersion])).rows.length > 0,
  };
}

/** One publication at a time: each sees the one before it, and their order is that of their commits. Readers go on. */
export const lockPublications = (db: Queryable) => db.query("lock table publications in share row exclusive mode");

/** The same as `VersionRecords.publish`, within a transaction that writes something else too. */
export async function publish(
  db: Queryable,
  { files, bundles, codeOf, replacedIn, ...publication }: NewPublication,
  entry: AuditEntry,
  mayReplace: (inForce: string | undefined) => boolean,
): Promise<Published> {
  await lockPublications(db);
  const before = await inForce(db);
  const isInForce = before === publication.policyVersion;
  if (!isInForce && !mayReplace(before)) return { changed: false, before };
  if (files) await keepFiles(db, publication.policyVersion, files);
  await keepBundles(db, { policyVersion: publication.policyVersion, bundles, codeOf });
  if (isInForce) return { changed: false, before };
  await add(db, publication, true, replacedIn?.(await precedingAs(db, before)));
  await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
  return { changed: true, before };
}

// --- internal ---

const IN_FORCE = "select seq::float8 as seq, policy_version from publications where in_force order by seq desc limit 1";

const inForce = async (db: Queryable): Promise<string | undefined> => (await latest(db))?.policyVersion;

async function latest(db: Queryable): Promise<VersionInForce | undefined> {
  const [row] = (await db.query<Pick<Row, "seq" | "policy_version">>(IN_FORCE)).rows;
  return row && { seq: row.seq, policyVersion: row.policy_version };
}

const keepFiles = (db: Queryable, policyVersion: string, files: KeptFiles) =>
  db.query(
    "insert into versions (policy_version, files) values ($1, $2::jsonb) on conflict (policy_version) do update set files = excluded.files",
    [policyVersion, storableJson(files)],
  );

const bundleHashes = async (db: Queryable, policyVersion: string): Promise<BundleHashes | undefined> =>
  (await db.query<{ bundles: BundleHashes | null }>("select bundles from versions where policy_version = $1", [policyVersion])).rows[0]
    ?.bundles ?? undefined;

/** Bundles are kept once: what a version was published with is what it runs. */
async function keepBundles(
  db: Queryable,
  { policyVersion, bundles, codeOf }: { policyVersion: string; bundles?: readonly Bundle[] | undefined; codeOf?: string | undefined },
): Promise<void> {
  if ((await bundleHashes(db, policyVersion)) !== undefined) return;
  const hashes = bundles
    ? Object.fromEntries(bundles.map(({ file, hash }) => [file, hash]))
    : codeOf === undefined
      ? undefined
      : await bundleHashes(db, codeOf);
  if (hashes === undefined) return;
  for (const { hash, code } of bundles ?? [])
    await db.query("insert into bundles (hash, code) values ($1, $2) on conflict (hash) do nothing", [hash, code]);
  await db.query("update versions set bundles = $2::jsonb where policy_version = $1", [policyVersion, storableJson(hashes)]);
}

async function precedingAs(db: Queryable, policyVersion: string | undefined): Promise<Preceding | undefined> {
  if (policyVersion === undefined) return undefined;
  const { rows } = await db.query<Pick<Preceding, "files"> & { replaced: ReplacedByCanaries | null }>(
    `select v.files, p.replaced from publications p join versions v using (policy_version) where p.in_force order by p.seq desc limit 1`,
  );
  return { policyVersion, files: rows[0]?.files ?? {}, replaced: rows[0]?.replaced ?? {} };
}

const add = (
  db: Queryable,
  { policyVersion, at, by, note, from }: Pick<NewPublication, "policyVersion" | "at" | "by" | "note" | "from">,
  isInForce: boolean,
  replaced: ReplacedByCanaries = {},
) =>
  db.query(
    `insert into publications (policy_version, at, actor, note, origin, in_force, replaced)
     values ($1, $2::timestamptz, $3, $4, $5, $6::boolean, nullif($7::jsonb, '{}'::jsonb))`,
    [policyVersion, toTime(at), by, note ?? null, from, isInForce, storableJson(replaced)],
  );

interface Row {
  readonly seq: number;
  readonly policy_version: string;
  readonly at: number;
  readonly actor: string;
  readonly note: string | null;
  readonly origin: string;
  readonly is_current: boolean;
}

async function publications(db: Queryable, where: string, params: readonly [number, unknown]): Promise<Publication[]> {
  const { rows } = await db.query<Row>(
    `select p.seq::float8 as seq, p.policy_version, to_ms(p.at) as at, p.actor, p.note, p.origin, coalesce(p.seq = f.seq, false) as is_current
       from publications p left join (${IN_FORCE}) f on true
      where ${where} order by p.seq desc limit $1::int`,
    params,
  );
  return rows.map(({ seq, policy_version, at, actor, note, origin, is_current }) => ({
    ...{ seq, policyVersion: policy_version, at, by: actor, from: origin, inForce: is_current },
    ...(note === null ? {} : { note }),
  }));
}
