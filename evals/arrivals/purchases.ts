import { SentientError } from "../../domain/errors.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type History, WEEK } from "../../rehearsal/arrivals.ts";
import { type Row, readCsv, textOf } from "../learning/csv.ts";

/** Purchases of customers over 78 weeks: learned from the first half, foretold for the second one. */
export interface Purchases {
  readonly histories: readonly History[];
  readonly from: Instant;
  readonly split: Instant;
  readonly until: Instant;
}

/** Reads a table with the columns `customer_id` and `date` (YYYYMMDD), as CDNOW's; several purchases of a day are one. */
export function readPurchases(file: string): Purchases {
  const days = new Map<string, Set<Instant>>();
  for (const row of readCsv(textOf(file), file, ["customer_id", "date"])) {
    const customerId = row.cells.get("customer_id") ?? "";
    days.set(customerId, (days.get(customerId) ?? new Set()).add(dayOf(row, file)));
  }
  const histories = [...days].map(([customerId, times]) => ({ customerId, times: [...times].sort((a, b) => a - b) }));
  const from = Math.min(...histories.map(({ times }) => times[0] ?? Infinity));
  return { histories, from, split: from + WEEKS * WEEK, until: from + 2 * WEEKS * WEEK };
}

// --- internal ---

const WEEKS = 39;

function dayOf(row: Row, file: string): Instant {
  const text = row.cells.get("date") ?? "";
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // A date that is not in the calendar becomes another one.
  if (!Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === `${year}-${month}-${day}`) return at;
  throw new SentientError("BAD_INPUT", `${file}:${row.line}: date is ${JSON.stringify(text)}, expected YYYYMMDD`);
}
