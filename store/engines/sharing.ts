import type { Pool, PoolClient, Queryable, Result } from "./database.ts";

/**
 * Sends the statements of one turn of the event loop over one connection, in their order: one message to the server, where each by itself
 * would be one and would wake another of its processes. Each stays a transaction of its own. For short statements only, as one waits for
 * those before it.
 */
export function sharingTurns(pool: Pick<Pool, "connect">): Queryable {
  let current: Turn | undefined;
  return {
    async query<Row>(text: string, params?: readonly unknown[]): Promise<Result<Row>> {
      const turn = current ?? new Turn(pool.connect());
      if (current === undefined) {
        current = turn;
        setImmediate(() => {
          current = undefined;
          turn.leave();
        });
      }
      return turn.query<Row>(text, params);
    },
  };
}

// --- internal ---

/** A connection while statements of one turn use it. */
class Turn {
  private readonly connecting: Promise<PoolClient>;
  /** Statements without an answer, and the turn of the event loop itself. */
  private users = 1;
  private isBroken = false;

  constructor(connecting: Promise<PoolClient>) {
    this.connecting = connecting;
    connecting.catch(() => {});
  }

  async query<Row>(text: string, params?: readonly unknown[]): Promise<Result<Row>> {
    this.users++;
    try {
      const client = await this.connecting;
      return await client.query<Row>(text, params);
    } catch (error) {
      // What the server refuses leaves the connection as it was; anything else, as FATAL, is the end of it.
      this.isBroken ||= (error as { severity?: unknown }).severity !== "ERROR";
      throw error;
    } finally {
      this.leave();
    }
  }

  leave(): void {
    this.users--;
    if (this.users > 0) return;
    this.connecting.then(
      (client) => client.release(this.isBroken),
      // No connection: each statement was told.
      () => {},
    );
  }
}
