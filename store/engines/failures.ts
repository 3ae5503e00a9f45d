/** The suspect of a failed statement: the store itself, the data to be written, or either. */
export type FailureKind = "store" | "data" | "either";

/**
 * Classifies the failure of a statement. `store`: connections, disk, memory, locks, limits, rights or sessions; the same statement succeeds
 * once these recover. `data`: PostgreSQL rejects the values. `either`: another SQLSTATE, for example one that a trigger raises. Undefined
 * for an error that comes from no database.
 */
export function classifyFailure(error: unknown): FailureKind | undefined {
  const all = [...chainOf(error)];
  if (all.some((one) => STORE.test(codeOf(one)) || DRIVER.test(messageOf(one)))) return "store";
  const code = all.map(codeOf).find((one) => SQLSTATE.test(one));
  if (code === undefined) return undefined;
  return DATA.test(code) ? "data" : "either";
}

/** Why the store does not accept writes, for operators. Contains neither the data nor the address. */
export function reasonOf(error: unknown): string {
  const codes = [...chainOf(error)].map(codeOf);
  for (const [code, reason] of REASONS) {
    const known = codes.find((one) => code.test(one));
    if (known !== undefined) return `${reason} (${known})`;
  }
  const code = codes.find((one) => SQLSTATE.test(one));
  return code === undefined ? "the database does not answer" : `the database refuses to be written to (${code})`;
}

/** SQLSTATEs that our statements bring about on purpose. */
export const DIVISION_BY_ZERO = "22012";
export const UNIQUE_VIOLATION = "23505";

/** Whether a statement failed with one of these SQLSTATEs. */
export const hasSqlState = (error: unknown, ...states: readonly string[]): boolean =>
  typeof error === "object" && error !== null && states.includes(codeOf(error));

// --- internal ---

const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Connection (08), authorization (28), rollback (40), resources (53), object in use (55), operator intervention and timeouts (57), system
 * (58), configuration (F0), corruption (XX); a read-only database (25006), idle and transaction timeouts (25P03, 25P04), a missing database
 * (3D), prepared statements lost in a connection pooler (26), cached plans invalidated by a schema change (0A000), and table privileges
 * (42501). Then the error codes of Node.
 */
const STORE =
  /^(?:(?:08|28|40|53|55|57|58|F0|XX|3D|26)[0-9A-Z]{3}|25006|25P03|25P04|0A000|42501)$|^E(?:CONN|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|NOSPC|ROFS|DQUOT|MFILE|NFILE|NOMEM|IO$)/;

/** Messages of drivers without a code, and of a PGlite that has terminated. */
const DRIVER =
  /connection (?:terminated|closed|ended|error)|trying to connect|read timeout|not queryable|client was closed|after calling end|pglite (?:is clos|failed)|^aborted\(|^unreachable$|no space left/i;

/** Data exceptions, constraint violations, and values too large for a row or an index. */
const DATA = /^(?:22|23|54)/;

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:53100|ENOSPC|EDQUOT)$/, "the disk of the database is full"],
  [/^(?:25006|EROFS)$/, "the database is read-only"],
  [/^53300$/, "the database has no connections left"],
  [/^(?:55P03|57014)$/, "the database waits too long for a lock"],
  [/^(?:08|57P|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/, "the database cannot be reached"],
];

/** An error, its causes, and the members of an aggregate error. */
function* chainOf(error: unknown, depth = 0): Generator<object> {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return;
  yield error;
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  yield* chainOf(cause, depth + 1);
  if (Array.isArray(errors)) for (const one of errors) yield* chainOf(one, depth + 1);
}

const MAX_DEPTH = 8;

const codeOf = (error: object): string => String((error as { code?: unknown }).code ?? "");
const messageOf = (error: object): string => String((error as { message?: unknown }).message ?? "");
