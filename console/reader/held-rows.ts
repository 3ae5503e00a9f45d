import { createContext, useContext, useState } from "react";

// Rows never move under the reader: a list that has changed keeps its rows in their places until the reader asks for the newer ones.

export interface Held<Row> {
  readonly rows: readonly Row[];
  /** Rows that are not shown yet. */
  readonly newer: number;
  /** Rows that are shown and are no longer in the list. */
  readonly gone: number;
}

/**
 * The rows to show: those shown before, in their places, with their present values, then what follows the last of them. A row before that
 * which was not shown is newer; one that has gone keeps its last value. Of a list that goes on, the newer ones push the last rows to the next
 * page: those have not gone.
 */
export function holdRows<Row>(shown: readonly Row[], fresh: readonly Row[], keyOf: (row: Row) => string, goesOn = false): Held<Row> {
  // A page more, or nothing new: what was shown is the beginning of what came.
  if (shown.every((row, index) => row === fresh[index] || isSame(row, fresh[index], keyOf))) return { rows: fresh, newer: 0, gone: 0 };
  const values = new Map(fresh.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  const last = fresh.findLastIndex((row) => known.has(keyOf(row)));
  // Nothing is left of what was shown: what came is newer, none of it follows.
  const following = last < 0 && shown.length > 0 ? [] : fresh.slice(last + 1);
  const end = goesOn ? shown.findLastIndex((row) => values.has(keyOf(row))) + 1 : shown.length;
  return {
    rows: [...shown.map((row) => values.get(keyOf(row)) ?? row), ...following],
    newer: fresh.length - following.length - [...known].filter((key) => values.has(key)).length,
    gone: shown.slice(0, end).filter((row) => !values.has(keyOf(row))).length,
  };
}

const isSame = <Row>(one: Row, other: Row | undefined, keyOf: (row: Row) => string): boolean =>
  other !== undefined && keyOf(one) === keyOf(other);

/** Whether the rows below still belong to the address before: `Loading` knows. */
export const OfAddressBefore = createContext(false);

/** Holds the rows of the list at this address. `show` lets it follow once. */
export function useHeldRows<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  address: string,
  goesOn = false,
): Held<Row> & { readonly show: () => void } {
  const isBefore = useContext(OfAddressBefore);
  const [shown, setShown] = useState({ address, rows });
  const show = (): void => setShown({ address, rows });
  if (shown.address !== address && !isBefore) show();
  // An empty list has nothing that could move.
  if (shown.address === address && shown.rows.length === 0 && rows.length > 0) show();
  const held = isBefore ? { rows, newer: 0, gone: 0 } : holdRows(shown.address === address ? shown.rows : rows, rows, keyOf, goesOn);
  if (!isBefore && shown.address === address && held.rows.length > shown.rows.length) setShown({ address, rows: held.rows });
  return { ...held, show };
}
