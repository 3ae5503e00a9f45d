import type { Queryable } from "../engines/database.ts";

/** The most rows that a page of a filtered list reads to find its entries. */
export const READ_TO = 5_000;

/** Rows of a list, or of a page of it. */
export interface ListedRows<Row> {
  readonly rows: Row[];
  /** The last row that a page has read, where its bound came before the page was full. */
  readonly reached?: Row;
}

/** Rows in the order of an index. */
export interface OrderedRows {
  /** A select without a condition, `select * from tasks`. */
  readonly select: string;
  readonly where: Conditions;
  readonly order: string;
}

/** A list as its rows are found: in the order of indexes, and filtered by what no index holds. */
export interface ListStatement {
  /** Where its rows are; of several, each has its part of the order. */
  readonly parts: readonly OrderedRows[];
  /** The order of all, by columns of the rows. */
  readonly order: string;
  /** Conditions on a row that no index holds. */
  readonly fits: Conditions;
  /** An entry of the list as JSON, from a row `r`. */
  readonly entry: string;
}

export type Conditions = readonly (string | false | undefined)[];

/** Parameters of a statement. */
export class Values {
  readonly params: unknown[] = [];
  /** Adds a value and gives its parameter. */
  readonly add = (value: unknown, type: string): string => `$${this.params.push(value)}::${type}`;
}

/** Reads the first `limit` rows that fit. A page reads `READ_TO` rows for them at most, and says which was the last. */
export async function readList<Row>(
  db: Queryable,
  statement: ListStatement,
  { params, add }: Values,
  { limit, isPage }: { readonly limit: number; readonly isPage: boolean },
): Promise<ListedRows<Row>> {
  const { rows } = await db.query<{ one: Row; fits: boolean; isLast: boolean }>(textOf(statement, add(limit, "int"), isPage), params);
  const last = rows.find(({ isLast }) => isLast);
  return { rows: rows.filter(({ fits }) => fits).map(({ one }) => one), ...(last === undefined ? {} : { reached: last.one }) };
}

// --- internal ---

function textOf({ parts, order, fits, entry }: ListStatement, limit: string, isPage: boolean): string {
  const fitting = all(fits);
  const isBounded = isPage && fitting !== "true";
  const rows = parts
    .map(
      ({ select, where, order: own }) =>
        `(${select} where ${all(isBounded ? where : [...where, ...fits])} order by ${own} limit ${isBounded ? READ_TO : limit})`,
    )
    .join(" union all ");
  if (!isBounded) return `select ${entry} as one, true as fits, false as "isLast" from (${rows}) r order by ${order} limit ${limit}`;
  return `
select ${entry} as one, (${fitting}) is true as fits, n = ${READ_TO} as "isLast" from (select r.*, row_number() over (order by ${order}) as n from (${rows}) r) r
 where n = ${READ_TO} or (n < ${READ_TO} and ${fitting}) order by ${order} limit ${limit}`;
}

const all = (conditions: Conditions): string => conditions.filter(Boolean).join(" and ") || "true";
