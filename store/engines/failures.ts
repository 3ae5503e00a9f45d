/** What a failure speaks against: the store itself, what was to be written, or (as far as it says) either. */
export type FailureKind = "store" | "data" | "either";

/**
 * Reads a failure of a statement. `store`: its connections, disk, memory, locks, limits, rights or sessions; the same statement succeeds once
 * they are in order. `data`: PostgreSQL has looked at the values and refuses these. `either`: another code of a database, as a trigger raises
 * one. Undefined where no database has spoken.
 */
export function classifyFailure(error: unknown): FailureKind | undefined {
  const all = [...chainOf(error)];
  if (all.some((one) => STORE.test(codeOf(one)) || DRIVER.test(messageOf(one)))) return "store";
  const code = all.map(codeOf).find((one) => SQLSTATE.test(one));
  if (code === undefined) return undefined;
  return DATA.test(code) ? "data" : "either";
}

/** Why the store cannot be written to, for people who run it. Tells nothing of what was to be written, nor where. */
export function reasonOf(error: unknown): string {
  const codes = [...chainOf(error)].map(codeOf);
  for (const [code, reason] of REASONS) {
    const known = codes.find((one) => code.test(one));
    if (known !== undefined) return `${reason} (${known})`;
  }
  const code = codes.find((one) => SQLSTATE.test(one));
  return code === undefined ? "the database does not answer" : `the database refuses to be written to (${code})`;
}

// --- internal ---

const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Connections (08), rights to log in (28), rollbacks (40), resources (53), objects in use (55), interventions and time limits (57), the system
 * (58), configuration (F0), damage (XX); a database that only reads (25006), that ends idle or long transactions (25P03, 25P04), that is not
 * there (3D), statements that a pool between has lost (26), plans that a change of a table made old (0A000), and rights on tables (42501). Then
 * the errors of Node.
 */
const STORE =
  /^(?:(?:08|28|40|53|55|57|58|F0|XX|3D|26)[0-9A-Z]{3}|25006|25P03|25P04|0A000|42501)$|^E(?:CONN|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|NOSPC|ROFS|DQUOT|MFILE|NFILE|NOMEM|IO$)/;

/** What drivers say without a code, and what a PostgreSQL in WebAssembly says that has ended. */
const DRIVER =
  /connection (?:terminated|closed|ended|error)|trying to connect|read timeout|not queryable|client was closed|after calling end|pglite (?:is clos|failed)|^aborted\(|^unreachable$|no space left/i;

/** Data exceptions, constraints, and values that are larger than a row or an index takes. */
const DATA = /^(?:22|23|54)/;

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:53100|ENOSPC|EDQUOT)$/, "the disk of the database is full"],
  [/^(?:25006|EROFS)$/, "the database is read-only"],
  [/^53300$/, "the database has no connections left"],
  [/^(?:55P03|57014)$/, "the database waits too long for a lock"],
  [/^(?:08|57P|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/, "the database cannot be reached"],
];

/** An error with what caused it, and those that it stands for. */
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
