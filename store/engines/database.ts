import type { EventEmitter } from "node:events";

/** Rows and the number of rows affected, the same on every engine. */
export interface Result<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

export interface Queryable {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Result<Row>>;
}

/** A connection checked out of the pool, in the shape of `pg.PoolClient`. Statements may be pipelined; results arrive in order. */
export interface PoolClient extends Queryable, EventEmitter {
  release(destroy?: boolean): void;
  /**
   * Runs statements as one transaction that the server begins and commits by itself, where the connection knows all of them; undefined where it
   * does not.
   *
   * @returns the result of the last statement
   */
  together?<Row>(statements: readonly Statement[], flush: boolean): Promise<Result<Row>> | undefined;
}

/** The part of `pg.Pool` that this project and its queue use. */
export interface Pool extends Queryable, EventEmitter {
  connect(): Promise<PoolClient>;
  /** For short statements: those of one turn of the event loop are one message to the server. The embedded engine has no messages. */
  readonly sharing?: Queryable;
  end(): Promise<void>;
}

export type EngineKind = "embedded" | "postgres";

/** A copy of an embedded store, which another process may open. */
export interface StoreCopy {
  readonly dataDir: string;
  remove(): Promise<void>;
}

/** An open PostgreSQL: a server, or the embedded one. */
export interface Database {
  readonly kind: EngineKind;
  /** Its address, for display: a folder, or a URL without its password. */
  readonly place: string;
  readonly pool: Pool;
  /** The schema of the queue's tables; `url` if the queue opens its own connections. */
  readonly queueSchema: string;
  readonly url?: string;
  /** Copies the store of a folder, which no other process can open, as it is now. */
  copy?(): Promise<StoreCopy>;
  /** Publishes the URL of this process's server in the lock, with a proof for holders of one of its keys. */
  announce?(url: string, keys: readonly string[]): void;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /**
   * Whether the commit waits for the disk (default). Without, a server crash within half a second may lose it; WAL order holds, so
   * nothing committed after it survives then.
   */
  readonly flush?: boolean;
}

/** A condition for a `where` clause: that statement's transaction commits without waiting for the disk. */
export const UNFLUSHED = "(select set_config('synchronous_commit', 'off', true)) is not null";

/** The same as the first statement of a transaction that is sent at once. */
export const UNFLUSHED_FIRST: Statement = ["select set_config('synchronous_commit', $1, true)", ["off"]];

/** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
export async function transaction<T>(
  pool: Pool,
  work: (client: Queryable) => Promise<T>,
  { flush = true }: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    // Pipelined with the first statement. It fails only if the connection does, and then every later statement fails too.
    const begun = client.query(BEGIN(flush));
    begun.catch(() => {});
    const result = await work(client);
    await begun;
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A statement with its parameters. */
export type Statement = readonly [text: string, params: readonly unknown[]];

/**
 * Runs statements in one transaction without waiting for one before the next is sent, in one round trip to a server. The first one that
 * fails takes all back, and rejects.
 *
 * @returns the result of the last statement
 */
export async function atOnce<Row>(
  pool: Pool,
  statements: readonly Statement[],
  { flush = true }: TransactionOptions = {},
): Promise<Result<Row>> {
  const client = await pool.connect();
  let broken = true;
  try {
    const together = client.together?.<Row>(statements, flush);
    if (together !== undefined) {
      // What the server refuses leaves the connection as it was; anything else, as FATAL, is the end of it.
      const result = await together.catch((error: unknown) => {
        broken = (error as { severity?: unknown }).severity !== "ERROR";
        throw error;
      });
      broken = false;
      return result;
    }
    const sent = [
      client.query(BEGIN(flush)),
      ...statements.map(([text, params]) => client.query<Row>(text, params)),
      client.query("commit"),
    ];
    const ended = await Promise.allSettled(sent);
    // Of a transaction that failed, the commit is a rollback. Where that fails too, the connection is lost.
    broken = ended.at(-1)?.status === "rejected";
    for (const one of ended) if (one.status === "rejected") throw one.reason;
    return (ended.at(-2) as PromiseFulfilledResult<Result<Row>>).value;
  } finally {
    client.release(broken);
  }
}

// --- internal ---

const BEGIN = (flush: boolean): string => (flush ? "begin" : "begin; set local synchronous_commit = off");
