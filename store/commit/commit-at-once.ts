import { storableJson } from "../../domain/values/storable.ts";
import { atOnce, type Pool, type Statement, type TransactionOptions } from "../engines/database.ts";
import { DIVISION_BY_ZERO, hasSqlState, UNIQUE_VIOLATION } from "../engines/failures.ts";
import { toTime } from "../reading/load-customers.ts";
import type { Claim, CommitResult, CustomerCommit } from "./customer-commit.ts";
import { customerRow, INSERT_CUSTOMERS, UPDATE_CUSTOMERS } from "./customer-rows.ts";
import { holdReason } from "./hold-reason.ts";
import { Rows } from "./rows.ts";
import { DECIDED, decidedStatements, ONCE, type Table, WRITES } from "./writes.ts";

/**
 * Writes commits, all or none, in one transaction whose statements are sent together: nothing of them waits for the result of an earlier
 * one, which divides by zero where it is not what it has to be.
 *
 * @returns undefined where nothing was written and the general way has to be taken: a result decides what else is written (an ask, a
 *   merge, a limit in total, what is learned), or a customer or a signal has changed since it was loaded
 */
export async function commitAtOnce(
  pool: Pool,
  commits: readonly CustomerCommit[],
  { flush = true, claim }: CommitAtOnceOptions,
): Promise<CommitResult | undefined> {
  if (commits.length === 0 || commits.some(({ ask, along }) => ask !== undefined || along !== undefined)) return undefined;
  const rows = new Rows();
  for (const one of commits) rows.addCommit(one);
  if (!rows.areOnlyOf(UNCONDITIONAL)) return undefined;
  const isClaimed = claim !== undefined && rows.areOnlyOf(HOLDS_NOTHING);
  if (isClaimed) rows.claim(claim);
  try {
    const options = { flush: flush || isClaimed };
    await atOnce(pool, [...claimingVersions(commits), ...writing(rows, isClaimed ? claim : undefined)], options);
    const committed = new Set(commits.map(({ before }) => before.customerId));
    return isClaimed ? { committed, isClaimed } : { committed };
  } catch (error) {
    if (hasSqlState(error, ...CHANGED)) return undefined;
    throw error;
  }
}

export interface CommitAtOnceOptions extends TransactionOptions {
  /** Deliveries to claim for sending with what reserves them, where nothing holds any of them and the commit has nothing out of the ordinary. */
  readonly claim?: Claim | undefined;
}

/** SQLSTATEs of a batch that is not written as a whole: division by zero, and a row that was written before. */
export const CHANGED: readonly string[] = [DIVISION_BY_ZERO, UNIQUE_VIOLATION];

// --- internal ---

/** Tables of whose statements no result is looked at. */
const UNCONDITIONAL: readonly Table[] = [...DECIDED, ...WRITES.map(([table]) => table)].filter((table) => !ONCE.includes(table));

/** Tables that say whether a delivery may be sent, written after what reserves it. */
const HOLDING: readonly Table[] = [
  ...(["identities", "addresses", "addressEnds", "refusals", "undeliverable", "reinstated"] as const),
  ...(["consents", "consentRestores", "links", "linkEnds", "tasks", "taskEnds"] as const),
];
const HOLDS_NOTHING: readonly Table[] = UNCONDITIONAL.filter((table) => !HOLDING.includes(table));

const IS_WHOLE = (count: string, wanted: string): string => `1 / (case when ${count} = ${wanted}::int then 1 else 0 end) as is_whole`;
const INSERTING = `with ${INSERT_CUSTOMERS("$1")} select ${IS_WHOLE("(select count(*) from inserted)", "$2")}`;
const UPDATING = `with ${UPDATE_CUSTOMERS("$1")} select ${IS_WHOLE("(select count(*) from updated)", "$2")}`;

/** The customers' own rows first: their locks are taken in the order of ids. */
function claimingVersions(commits: readonly CustomerCommit[]): Statement[] {
  const fresh = commits.filter(({ before }) => before.version === 0);
  const known = commits.filter(({ before }) => before.version > 0);
  return (
    [
      [fresh, INSERTING],
      [known, UPDATING],
    ] as const
  ).flatMap(([some, text]): Statement[] => (some.length === 0 ? [] : [[text, [storableJson(some.map(customerRow)), some.length]]]));
}

const leftOf = (tables: readonly Table[]): string =>
  tables.includes("arrivals") ? IS_WHOLE("(select count(*) from left_inbox)", `$${tables.length + 1}`) : "1 as is_whole";

const writeDecidedOf = decidedStatements((parts, tables) => `with ${parts.join(", ")} select ${leftOf(tables)}`);

/** The same where deliveries are claimed: it divides by zero where one of them is held. */
const claimDecidedOf = decidedStatements((parts, tables) => {
  const now = `$${tables.length + (tables.includes("arrivals") ? 2 : 1)}`;
  const held = `(select count(*) from delivery_rows d where d.claim is not null and ${holdReason(now)} is not null)`;
  return `with ${parts.join(", ")} select ${leftOf(tables)}, 1 / (case when ${held} = 0 then 1 else 0 end) as may_go`;
});

function writing(rows: Rows, claim: Claim | undefined): Statement[] {
  const { text, tables } = (claim ? claimDecidedOf : writeDecidedOf)((table) => rows.has(table));
  const lists = tables.map((table) => rows.parameter(table));
  const arrivals = tables.includes("arrivals") ? [rows.of("arrivals").length] : [];
  const now = claim ? [toTime(claim.at)] : [];
  return [
    ...(tables.length === 0 ? [] : [[text, [...lists, ...arrivals, ...now]] as const]),
    ...WRITES.flatMap(([table, sql]): Statement[] => (rows.has(table) ? [[sql, [storableJson(rows.of(table))]]] : [])),
  ];
}
