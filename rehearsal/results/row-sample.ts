import { byText } from "../../domain/record/order.ts";
import { byTime } from "../../domain/values/time.ts";
import { type CellRow, MOST_ROWS, MOST_ROWS_IN_ALL, type RowSide, type RowsByCell } from "./rows.ts";

/**
 * Keeps rows by cell and side, and of more than fit a sample: those of the smallest hashes. Which ones these are does not depend on the order
 * in which they come, nor on the side, so that both sides tell of the same wakes where both have them.
 */
export class RowSample {
  private readonly cells = new Map<string, Map<RowSide, Kept>>();

  /**
   * @param wake of whom and when it was, alike on both sides
   * @param id of the row in its cell and side
   */
  add(cell: string, { wake, id, row }: { readonly wake: string; readonly id: string; readonly row: CellRow }): void {
    const sides = this.cells.get(cell) ?? new Map<RowSide, Kept>();
    this.cells.set(cell, sides);
    const kept = sides.get(row.side) ?? { entries: [], limit: Number.POSITIVE_INFINITY };
    sides.set(row.side, kept);
    const order = hashOf(wake);
    if (order > kept.limit) return;
    kept.entries.push({ order, id, row });
    if (kept.entries.length < 2 * MOST_ROWS) return;
    kept.entries = smallest(kept.entries);
    kept.limit = kept.entries.at(-1)?.order ?? kept.limit;
  }

  /** Takes back what turned out to be none. */
  remove(cell: string, side: RowSide, id: string): void {
    const kept = this.cells.get(cell)?.get(side);
    if (kept) kept.entries = kept.entries.filter((one) => one.id !== id);
  }

  /** By cell, in order of time. Where all are too many, cells with many rows keep fewer. */
  rows(): RowsByCell {
    const cells = [...this.cells]
      .sort(([a], [b]) => byText(a, b))
      .map(([cell, sides]) => [cell, [...sides.values()].map(({ entries }) => smallest(entries))] as const);
    const most = mostOfEach(
      cells.flatMap(([, sides]) => sides.map(({ length }) => length)),
      MOST_ROWS_IN_ALL,
    );
    return cells.flatMap(([cell, sides]) => {
      const entries = sides.flatMap((kept) => kept.slice(0, most));
      const sorted = entries.sort((a, b) => byTime(a.row.at, b.row.at) || byText(a.row.customerId, b.row.customerId) || byText(a.id, b.id));
      return sorted.length === 0 ? [] : [[cell, sorted.map(({ row }) => row)] as const];
    });
  }
}

// --- internal ---

interface Entry {
  readonly order: number;
  readonly id: string;
  readonly row: CellRow;
}

interface Kept {
  entries: Entry[];
  /** Rows of a larger hash are not among those that are kept. */
  limit: number;
}

const smallest = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => a.order - b.order || byText(a.id, b.id)).slice(0, MOST_ROWS);

/** The most that each may keep, so that together they keep no more than `inAll`. */
function mostOfEach(lengths: readonly number[], inAll: number): number {
  let most = MOST_ROWS;
  while (most > 0 && lengths.reduce((sum, length) => sum + Math.min(length, most), 0) > inAll) most--;
  return most;
}

/** FNV-1a with a final mix: few operations, as it is asked for every wake. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
