import { EventEmitter } from "node:events";
import type { PGlite } from "@electric-sql/pglite";
import type { Pool, PoolClient, Result } from "./database.ts";
import { createStatements } from "./pglite-statements.ts";

/**
 * A `pg.Pool` over the single session of a PGlite. All clients share that session, so a transaction holds it from `begin` to
 * `commit` while the other clients queue; notifications go to every listening client.
 */
export function createPglitePool(pglite: PGlite): Pool {
  const session = new Session(pglite);
  const pool = new EventEmitter() as Pool;
  // Every part of the queue adds an error listener, although an in-process session emits no errors.
  pool.setMaxListeners(0);
  pool.query = (text, params) => session.exclusively((run) => run(text, params));
  pool.connect = async () => new PgliteClient(session);
  pool.end = async () => {};
  return pool;
}

// --- internal ---

type Query = string | { readonly text: string; readonly values?: readonly unknown[] };
type Run = <Row>(query: Query, params?: readonly unknown[], options?: { readonly begins?: boolean }) => Promise<Result<Row>>;

class Session {
  readonly listeners = new Set<EventEmitter>();
  private readonly pglite: PGlite;
  private readonly ask: ReturnType<typeof createStatements>;
  private tail: Promise<void> = Promise.resolve();

  constructor(pglite: PGlite) {
    this.pglite = pglite;
    this.ask = createStatements(pglite);
    pglite.onNotification((channel, payload) => {
      for (const client of this.listeners) client.emit("notification", { channel, payload, processId: 0 });
    });
  }

  /** Waits for exclusive use of the session; the returned function releases it. */
  async take(): Promise<() => void> {
    const before = this.tail;
    let free: () => void = () => {};
    this.tail = new Promise((resolve) => {
      free = resolve;
    });
    await before;
    return free;
  }

  async exclusively<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const free = await this.take();
    try {
      return await work(this.run);
    } finally {
      free();
    }
  }

  readonly run: Run = async (query, params, { begins = false } = {}) => {
    const text = textOf(query);
    const values = (typeof query === "string" ? params : query.values) ?? [];
    if (values.length > 0 || ONE_STATEMENT.test(text)) return asResult(await this.ask(text, values.map(asParameter), { begins }));
    if (begins) await this.ask("begin", []);
    return asResult((await this.pglite.exec(text)).at(-1));
  };
}

/**
 * A text that certainly is a single statement, and none that changes how others are run. A text without parameters may contain
 * several, which only the simple protocol accepts: two calls into WebAssembly, and planned each time.
 */
const ONE_STATEMENT = /^\s*(?:begin|commit|rollback|select|with|insert|update|delete)\b[^;]*$/i;

/** A bare `begin`: it is sent together with the next statement. */
const JUST_BEGIN = /^\s*begin\s*$/i;

class PgliteClient extends EventEmitter implements PoolClient {
  private readonly session: Session;
  private releaseSession: (() => void) | undefined;
  /** Whether the next statement begins a transaction. */
  private beginsNext = false;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    super();
    this.session = session;
  }

  query<Row>(query: Query, params?: readonly unknown[]): Promise<Result<Row>> {
    const answered = this.tail.then(() => this.ask<Row>(query, params));
    this.tail = answered.catch(() => {});
    return answered;
  }

  private async ask<Row>(query: Query, params?: readonly unknown[]): Promise<Result<Row>> {
    const text = textOf(query);
    const command = commandOf(text);
    if (command === "listen") this.session.listeners.add(this);
    if (!this.releaseSession && command !== "begin") return this.session.exclusively((run) => run<Row>(query, params));
    this.releaseSession ??= await this.session.take();
    if (JUST_BEGIN.test(text)) {
      this.beginsNext = true;
      return { rows: [], rowCount: 0 };
    }
    const begins = this.beginsNext;
    this.beginsNext = false;
    try {
      return await this.session.run<Row>(query, params, { begins });
    } finally {
      if (command === "commit" || command === "rollback") this.endTransaction();
    }
  }

  release(): void {
    this.session.listeners.delete(this);
    if (!this.releaseSession) return;
    // A client released in the middle of a transaction must not leave it open for the next one.
    void this.session.run("rollback").finally(() => this.endTransaction());
  }

  private endTransaction(): void {
    this.beginsNext = false;
    this.releaseSession?.();
    this.releaseSession = undefined;
  }
}

/** The effect of a statement on the session. Leading comments are skipped. */
function commandOf(text: string): "begin" | "commit" | "rollback" | "listen" | "other" {
  const bare = text
    .replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/, "")
    .slice(0, 40)
    .toLowerCase();
  if (/^(begin|start\s+transaction)\b/.test(bare)) return "begin";
  if (/^(commit|end)\b/.test(bare)) return "commit";
  if (/^rollback\b(?!\s+to\b)/.test(bare)) return "rollback";
  return /^listen\b/.test(bare) ? "listen" : "other";
}

const textOf = (query: Query): string => (typeof query === "string" ? query : query.text);

function asResult<Row>(result: { rows: unknown[]; affectedRows?: number | undefined } | undefined): Result<Row> {
  const rows = (result?.rows ?? []) as Row[];
  // PGlite reports no affected rows for a query that returns rows.
  return { rows, rowCount: result?.affectedRows || rows.length };
}

const asParameter = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : (value ?? null));
