import { storableJson } from "../../domain/values/storable.ts";
import type { Queryable } from "../engines/database.ts";
import { hasSqlState } from "../engines/failures.ts";
import { CHANGED } from "./commit-at-once.ts";
import type { CommitResult, CustomerCommit } from "./customer-commit.ts";
import { customerRow, INSERT_CUSTOMERS, UPDATE_CUSTOMERS } from "./customer-rows.ts";
import { type Held, HOLD } from "./hold.ts";
import { Rows } from "./rows.ts";
import { DECIDED, decidedStatements, INSERT_ASKS, type Table } from "./writes.ts";

/**
 * Writes the answers to asks, all or none, in one statement that is its own transaction: six round trips fewer than the general way, and
 * somebody waits.
 *
 * @param held leases that end with it
 * @returns undefined where nothing was written and the general way has to be taken: something is no ask, writes other rows too, or has
 *   changed since it was loaded
 */
export async function commitAnswers(
  db: Queryable,
  commits: readonly CustomerCommit[],
  held: Held = NOTHING_HELD,
): Promise<CommitResult | undefined> {
  if (commits.length === 0 || !commits.every(({ ask, along }) => ask && !along)) return undefined;
  const rows = new Rows();
  for (const one of commits) rows.addCommit(one);
  if (!rows.areOnlyOf(ANSWERED)) return undefined;
  if (commits.some(({ ask }) => ask?.isOver?.() === true)) return undefined;
  for (const { ask } of commits) ask?.onCommit?.();
  const known = commits.filter(({ before }) => before.version > 0);
  const fresh = commits.filter(({ before }) => before.version === 0);
  const { text, tables } = writeAnswersOf((table) => rows.has(table));
  try {
    await db.query(text, [
      ...tables.map((table) => rows.parameter(table)),
      ...[known.map(customerRow), fresh.map(customerRow), rows.of("asks")].map((list) => storableJson(list)),
      ...[commits.length, held.customerIds, held.owner],
    ]);
    return { committed: new Set(commits.map(({ before }) => before.customerId)) };
  } catch (error) {
    if (hasSqlState(error, ...CHANGED)) return undefined;
    throw error;
  }
}

// --- internal ---

/** What an ask writes: it never waited in the inbox. */
const ANSWERED: readonly Table[] = [...DECIDED.filter((table) => table !== "arrivals"), "asks"];

const NOTHING_HELD: Held = { owner: "", customerIds: [] };

// Nothing but an error takes a statement back.
const writeAnswersOf = decidedStatements((parts, { length }) => {
  const $ = (n: number): string => `$${length + n}`;
  const released = `released as (${HOLD($(5), $(6), "0")})`;
  return `
with ${UPDATE_CUSTOMERS($(1))}, ${INSERT_CUSTOMERS($(2))}, kept_asks as (${INSERT_ASKS($(3))} returning 1
), ${[...parts, released].join(", ")}
select 1 / (case when (select count(*) from updated) + (select count(*) from inserted) = ${$(4)}::int
                  and (select count(*) from kept_asks) = ${$(4)}::int then 1 else 0 end) as is_whole`;
});
