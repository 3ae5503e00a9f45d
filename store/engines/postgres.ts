import type { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import pg from "pg";
import { SentientError } from "../../domain/errors.ts";
import { type Database, type Pool, type Result, type Statement, UNFLUSHED_FIRST } from "./database.ts";
import { type Answered, type Connection, executing, executingTogether, knownOn, type Named } from "./known-statements.ts";
import { PLANNING } from "./planning.ts";
import { sharingTurns } from "./sharing.ts";

export interface PostgresOptions {
  readonly url: string;
  /** Schema of the record's tables; the queue's are in `<schema>_queue`. */
  readonly schema?: string;
  /** Maximum number of connections. */
  readonly connections?: number;
  /** Drops both schemas when the store is closed. */
  readonly temporary?: boolean;
  /** The server refuses whatever would write. */
  readonly readOnly?: boolean;
}

const OLDEST_VERSION = 140_000;

/** Opens a PostgreSQL server, 14 or newer. Tables are created by `migrate`, not here. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, schema = "sentient", connections = 10, temporary = false, readOnly = false } = options;
  const queueSchema = `${schema}_queue`;
  const place = withoutSecrets(url);
  const pool = createPool(url, { search_path: `"${schema}"`, ...PLANNING, ...(readOnly ? READ_ONLY : {}) }, connections);
  try {
    const { rows } = await pool.query<{ version: number }>("select current_setting('server_version_num')::int as version");
    requireVersion(rows[0]?.version ?? 0, place);
  } catch (error) {
    await pool.end();
    if (error instanceof SentientError) throw error;
    throw new SentientError("STORE_FAILED", `PostgreSQL at ${place} cannot be reached: ${reasonOf(error)}; check DATABASE_URL`, {
      cause: error,
    });
  }
  return {
    kind: "postgres",
    place,
    pool,
    queueSchema,
    url,
    async close() {
      if (temporary) await pool.query(`drop schema if exists "${schema}", "${queueSchema}" cascade`);
      await pool.end();
    },
  };
}

/** @param version as in `server_version_num`: 140000 is 14.0 */
export function requireVersion(version: number, place: string): void {
  if (version >= OLDEST_VERSION) return;
  throw new SentientError(
    "BAD_CONFIG",
    `PostgreSQL 14 or newer is needed, ${place} is ${Math.floor(version / 10_000)}; upgrade it, or name another one in DATABASE_URL`,
  );
}

/** A URL that is safe to print: without password, and without the query, which may contain one too. */
export function withoutSecrets(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.password = "";
    parsed.search = "";
    return parsed.toString();
  } catch {
    return "the address given";
  }
}

// --- internal ---

const READ_ONLY = { default_transaction_read_only: "on" };

const TIMESTAMP_TYPES: readonly number[] = [pg.types.builtins.TIMESTAMP, pg.types.builtins.TIMESTAMPTZ];

function createPool(url: string, parameters: Readonly<Record<string, string>>, max: number): Pool {
  const settings: pg.PoolConfig & { readonly pipeline: boolean } = {
    connectionString: url,
    max,
    keepAlive: true,
    // Independent statements share a round trip.
    pipeline: true,
    options: Object.entries(parameters)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
    types: { getTypeParser: (oid: number, format?: "text" | "binary") => parserFor(oid, format) } as pg.CustomTypesConfig,
  };
  const pool = new pg.Pool(settings);
  // The pool replaces a dropped connection, and a query on it rejects. Without these listeners, on the pool for idle connections
  // and on each client for those in use, the error event would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    prepareStatements(client);
  });
  const ours = pool as unknown as Pool & EventEmitter;
  return Object.assign(ours, { sharing: sharingTurns(ours) });
}

/** Names of prepared statements, by text: the same on every connection. */
const names = new Map<string, string>();

/** Makes a connection prepare each parameterised text once. Ours are a few dozen, and none is built from data. */
function prepareStatements(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...words: readonly unknown[]) => unknown;
  const { connection } = client as unknown as { readonly connection: Connection };
  const gather = gathering(connection.stream);
  const prepared = (text: unknown, values: unknown, ...more: readonly unknown[]): unknown => {
    gather();
    if (typeof text !== "string" || !Array.isArray(values) || values.length === 0) return query(text, values, ...more);
    const send = (answered: Answered): unknown => query(executing(connection, named([text, values]), answered));
    const [callback] = more;
    return typeof callback === "function" ? send(callback as Answered) : answerOf(send);
  };
  // The overloads of `query` cannot be expressed for a function expression.
  client.query = prepared as typeof client.query;
  const together = (statements: readonly Statement[], flush: boolean): Promise<Result<never>> | undefined => {
    const all = flush ? statements : [UNFLUSHED_FIRST, ...statements];
    const known = knownOn(connection, all.map(named));
    if (known) {
      gather();
      return answerOf((answered) => query(executingTogether(known, answered)));
    }
    // Prepared here by being executed once, by itself; where the connection is lost, what follows fails too.
    if (!flush) client.query(UNFLUSHED_FIRST[0], [...UNFLUSHED_FIRST[1]]).catch(() => {});
    return undefined;
  };
  Object.assign(client, { together });
}

function named([text, values]: Statement): Named {
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  return { name, text, values };
}

const answerOf = (send: (answered: Answered) => void): Promise<Result<never>> =>
  new Promise((resolve, reject) => {
    send((error, result) => {
      if (!error) return resolve(result);
      // Its own stack ends at the socket.
      Error.captureStackTrace(error);
      reject(error);
    });
  });

/** Sends what is written to a stream before the next tick in one piece: each write is a call to the system, and wakes the other side. */
function gathering(stream: Writable): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    process.nextTick(() => {
      isCorked = false;
      stream.uncork();
    });
  };
}

/** Parses bigint as number and timestamps as Date, like the embedded engine. */
function parserFor(oid: number, format: "text" | "binary" = "text"): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  if (TIMESTAMP_TYPES.includes(oid)) return (text) => new Date(text);
  return pg.types.getTypeParser(oid, format as "text") as (value: string) => unknown;
}

const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? String(error.errors[0]?.message) : error instanceof Error ? error.message : String(error);
