import type { Queryable } from "../engines/database.ts";

/** A migration as it is written: `NNNN-name.sql`, and where the rules are in the domain, code that runs after it. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The rows of a batch: a condition with parameters, in the statement of a step in batches or in its code. */
export interface Batch {
  readonly condition: string;
  readonly values: readonly unknown[];
}

/** A part of a migration that is carried out, and recorded as done, by itself. */
export interface Step {
  readonly kind: "statements" | "build_index" | "drop_index" | "batches";
  /** Runs before the statement, in its transaction; of `batches` for each batch, and gives the rows that it has changed. */
  readonly code?: (db: Queryable, batch: Batch) => Promise<number>;
  /** One statement; for `statements` all of them, in one text. */
  readonly sql: string;
  /** The table that it reads or rewrites; undefined for `statements`. */
  readonly table?: string;
  /** The index that is built or dropped. */
  readonly index?: string;
  /** Of `batches`: how the statement calls the table, and the key by whose order it goes through it. */
  readonly alias?: string;
  readonly key?: readonly string[];
  /** Of `batches`: whether it writes few of the rows that it goes through. */
  readonly few?: boolean;
  /** The table that nobody else can read or write while it lasts, as long as it takes; `why` is for people. */
  readonly alone?: { readonly table: string; readonly why: string };
  /** Whether processes of the version before would fail after it. */
  readonly contracts: boolean;
}

/** In the statement of a step in batches: the condition that a row belongs to the batch. */
export const BATCH = ":batch";

/**
 * The steps of a migration, in order. Each index of a table that is already there is built or dropped by itself, since a server does
 * that beside other work only outside of a transaction. `-- batches of TABLE ALIAS by KEY, …` before a statement with `:batch` in its
 * condition makes it run for a few thousand rows at a time; `; few are written` after the key says that it reads most of them only.
 * `-- alone with TABLE: why` before a statement says that it cannot be parted: it locks the table as long as it takes. What follows a
 * line `-- contract` waits until nobody runs the version before. All else is carried out together, as far as nothing of this comes between.
 */
export function stepsOf({ name, sql }: Pick<Migration, "name" | "sql">): Step[] {
  const steps: Step[] = [];
  const created = new Set<string>();
  let contracts = false;
  for (const text of statementsIn(sql)) {
    const comment = commentOf(text);
    const statement = text.slice(comment.length).trim();
    contracts ||= CONTRACT.test(comment);
    if (statement === "") continue;
    created.add(CREATE_TABLE.exec(statement)?.[1] ?? "");
    const step = stepOf(statement, comment, created, contracts);
    const last = steps.at(-1);
    if (isPlain(step) && last && isPlain(last) && last.contracts === contracts)
      steps[steps.length - 1] = { ...last, sql: `${last.sql};\n${statement}` };
    else steps.push(step);
    if (step.kind === "batches" && !statement.includes(BATCH))
      throw new Error(`migration ${name}: a statement in batches needs ${BATCH} in its condition`);
  }
  return steps;
}

/** The columns and expressions of an index, as its statement lists them. */
export function indexedBy(statement: string): string[] {
  const from = statement.indexOf("(", statement.search(/\bon\b/i));
  const parts: string[] = [];
  let depth = 0;
  let begin = from + 1;
  for (let at = from; at < statement.length; at++) {
    if (statement[at] === "(") depth++;
    if (statement[at] === ")") depth--;
    if (depth === 0 || (depth === 1 && statement[at] === ",")) {
      parts.push(statement.slice(begin, at).trim());
      begin = at + 1;
    }
    if (depth === 0) break;
  }
  return parts;
}

// --- internal ---

const CONTRACT = /^\s*-- contract\b/m;
const CREATE_TABLE = /^create (?:unlogged )?table (?:if not exists )?(\w+)/i;
const CREATE_INDEX = /^create (?:unique )?index (\w+) on (\w+)/i;
const DROP_INDEX = /^drop index (\w+)$/i;
const BATCHES = /^\s*-- batches of (\w+) (\w+) by (\w+(?:, \w+)*)(; few are written)?$/m;
const ALONE = /^\s*-- alone with (\w+): (.+)$/m;

/** Whether a step is carried out together with others like it. */
const isPlain = ({ kind, alone }: Step): boolean => kind === "statements" && alone === undefined;

function stepOf(statement: string, comment: string, created: ReadonlySet<string>, contracts: boolean): Step {
  const built = CREATE_INDEX.exec(statement);
  // An index of a new table costs nothing, and belongs to the transaction that creates it.
  if (built && !created.has(String(built[2])))
    return { kind: "build_index", sql: statement, index: String(built[1]), table: String(built[2]), contracts };
  const dropped = DROP_INDEX.exec(statement);
  if (dropped) return { kind: "drop_index", sql: statement, index: String(dropped[1]), contracts };
  const [, table, alias, key, few] = BATCHES.exec(comment) ?? [];
  const [, locked, why = ""] = ALONE.exec(comment) ?? [];
  if (locked !== undefined) return { kind: "statements", sql: statement, alone: { table: locked, why }, contracts };
  if (table === undefined || alias === undefined || key === undefined) return { kind: "statements", sql: statement, contracts };
  return { kind: "batches", sql: statement, table, alias, key: key.split(", "), ...(few ? { few: true } : {}), contracts };
}

/** The lines of comment before a statement. */
const commentOf = (text: string): string => /^(?:\s+|--[^\n]*(?:\n|$))*/.exec(text)?.[0] ?? "";

/** What a statement may contain that hides a semicolon: comments, texts, quoted names, bodies of functions. */
const TOKEN = /--[^\n]*|'(?:[^']|'')*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$|;/g;

/** The statements of a file, each with the comments before it. */
function statementsIn(sql: string): string[] {
  const statements: string[] = [];
  let begin = 0;
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (token !== ";") continue;
    statements.push(sql.slice(begin, index));
    begin = index + 1;
  }
  return [...statements, sql.slice(begin)];
}
