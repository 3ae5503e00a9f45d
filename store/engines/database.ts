import type { EventEmitter } from "node:events";

/** Rows and how many were touched, the same from every engine. */
export interface Result<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

export interface Queryable {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Result<Row>>;
}

/** A connection taken out of the pool, in the shape of `pg.PoolClient`. It answers in the order in which it is asked, and may be asked before it has answered. */
export interface PoolClient extends Queryable, EventEmitter {
  release(destroy?: boolean): void;
}

/** The part of `pg.Pool` that this project and its queue use. */
export interface Pool extends Queryable, EventEmitter {
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
}

export type EngineKind = "embedded" | "postgres";

/** An open PostgreSQL: a server, or the one inside this process. */
export interface Database {
  readonly kind: EngineKind;
  /** Where it is, for people: a folder, or a URL without its password. */
  readonly place: string;
  readonly pool: Pool;
  /** The schema of the queue's tables, and its address where the queue opens connections of its own. */
  readonly queueSchema: string;
  readonly url?: string;
  /** Tells other processes that find the data owned where this one answers, and proves to those who hold one of its keys that it does. */
  announce?(url: string, keys: readonly string[]): void;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /**
   * Whether its commit waits until it is on disk (default). One that does not may be lost with the server, within its last
   * half second, but never before anything that was committed after it.
   */
  readonly flush?: boolean;
}

/** Lets the one statement that it is a condition of be committed without waiting for the disk. */
export const UNFLUSHED = "(select set_config('synchronous_commit', 'off', true)) is not null";

/** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
export async function transaction<T>(
  pool: Pool,
  work: (client: Queryable) => Promise<T>,
  { flush = true }: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    // It travels with the first statement. It fails only with its connection, and then so does whatever follows.
    const begun = client.query(flush ? "begin" : "begin; set local synchronous_commit = off");
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
