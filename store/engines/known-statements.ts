import { createRequire } from "node:module";
import type { Writable } from "node:stream";
import pg from "pg";
import type { Result } from "./database.ts";

/** A prepared statement with the name that it has on every connection. */
export interface Named {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

export type Answered = (error: Error | undefined | null, result: Result<never>) => void;

/**
 * Executes a statement. The first time on a connection PostgreSQL prepares it, and says what its columns are; from then on it is not asked
 * for them again, as it refuses a statement whose columns have changed.
 */
export function executing(connection: Connection, statement: Named, answered: Answered): pg.Query {
  const columns = columnsOn(connection).get(statement.name);
  if (columns) return new Known([{ ...statement, columns }], answered);
  return new FirstTime({ ...statement, values: [...statement.values] }, answered as never);
}

/**
 * Executes statements as one transaction, which the server begins with the first and commits when all are done: one message back instead of
 * one for each, for the beginning and for the commit.
 */
export const executingTogether = (statements: readonly KnownStatement[], answered: Answered): pg.Query => new Known(statements, answered);

/** Statements with their columns; undefined where one of them was not executed on the connection before. */
export function knownOn(connection: Connection, statements: readonly Named[]): readonly KnownStatement[] | undefined {
  const found: KnownStatement[] = [];
  for (const statement of statements) {
    const columns = columnsOn(connection).get(statement.name);
    if (!columns) return undefined;
    found.push({ ...statement, columns });
  }
  return found;
}

export interface KnownStatement extends Named {
  readonly columns: Columns;
}

/** The part of `pg.Connection` that is used here; its own types leave it out. */
export interface Connection {
  readonly stream: Writable;
  bind(config: { readonly statement: string; readonly values: readonly unknown[] }): void;
  execute(): void;
  sync(): void;
}

// --- internal ---

/** How pg writes values; it has no types. */
const { prepareValue } = createRequire(import.meta.url)("pg/lib/utils.js") as { prepareValue(value: unknown): unknown };

interface Columns {
  readonly names: readonly string[];
  readonly parsers: readonly ((value: string) => unknown)[];
  /** A row without values, which new rows are copies of: they have one shape. */
  readonly empty: Readonly<Record<string, null>>;
}

type Row = Record<string, unknown>;

/** Columns of prepared statements, by connection and name. */
const known = new WeakMap<Connection, Map<string, Columns>>();

function columnsOn(connection: Connection): Map<string, Columns> {
  const there = known.get(connection);
  if (there) return there;
  const made = new Map<string, Columns>();
  known.set(connection, made);
  return made;
}

/** What `pg.Query` gathers, which its types leave out. */
interface Gathered {
  readonly name: string;
  readonly _result: {
    readonly fields: readonly { readonly name: string }[];
    readonly _parsers?: readonly ((value: string) => unknown)[];
  };
}

class FirstTime extends pg.Query {
  handleReadyForQuery(connection: Connection): void {
    const { name, _result } = this as unknown as Gathered;
    const names = _result.fields.map((field) => field.name);
    const empty = Object.fromEntries(names.map((one) => [one, null]));
    columnsOn(connection).set(name, { names, parsers: _result._parsers ?? [], empty });
    (pg.Query.prototype as unknown as FirstTime).handleReadyForQuery.call(this, connection);
  }
}

/** Statements that end with one message. pg calls these methods with what the server answers to one of its queries. */
class Known extends pg.Query {
  readonly callback: Answered;
  private readonly statements: readonly KnownStatement[];
  private readonly values: readonly (readonly unknown[])[];
  private at = 0;
  private gathered: Row[] = [];
  private failure: Error | undefined;
  private result: Result<never> = { rows: [], rowCount: 0 };

  constructor(statements: readonly KnownStatement[], answered: Answered) {
    super("");
    this.statements = statements;
    // Before anything is sent: a value that cannot be written throws.
    this.values = statements.map(({ values }) => values.map(prepareValue));
    this.callback = answered;
  }

  override submit = (connection: pg.Connection): void => {
    const wire = connection as unknown as Connection;
    for (const [place, { name }] of this.statements.entries()) {
      wire.bind({ statement: name, values: this.values[place] ?? [] });
      wire.execute();
    }
    wire.sync();
  };

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const { columns } = this.statements[this.at] as KnownStatement;
    const row: Row = { ...columns.empty };
    try {
      for (const [place, text] of fields.entries())
        if (text !== null) row[columns.names[place] as string] = (columns.parsers[place] as Columns["parsers"][number])(text);
    } catch (error) {
      this.failure ??= error as Error;
    }
    this.gathered.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.result = { rows: this.gathered as never[], rowCount: Number(text.slice(text.lastIndexOf(" ") + 1)) || 0 };
    this.gathered = [];
    this.at++;
  }

  handleError(error: Error): void {
    this.callback(error, this.result);
  }

  handleReadyForQuery(): void {
    this.callback(this.failure, this.result);
  }
}
