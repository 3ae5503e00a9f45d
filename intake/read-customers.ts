import { createHash } from "node:crypto";
import { SentientError } from "../domain/errors.ts";
import { parseGuarded } from "../domain/values/json.ts";
import type { IdPlaces } from "../domain/values/json-numbers.ts";
import { type Line, linesIn } from "../domain/values/lines.ts";
import { CustomerLine } from "../workspace/schema.ts";
import { type LineProblem, type LineProblems, ProblemList } from "./line-problems.ts";
import { linesInFile } from "./lines-in-file.ts";

export interface ImportLine {
  readonly line: number;
  readonly customer: CustomerLine;
  readonly hash: string;
}

/** Golden records of a file, and the problems of its invalid lines. */
export interface ReadCustomers extends LineProblems {
  readonly lines: readonly ImportLine[];
}

/** Limits of one golden record in a line. */
export const LINE_LIMITS = { maxBytes: 1024 * 1024, maxDepth: 64 };

/** Where a line holds ids: a whole number of any size is read as its digits there. */
export const CUSTOMER_IDS: IdPlaces = [["id"], ["identities", "*", "value"]];

/** Reads golden records line by line. */
export interface CustomerReader {
  take(line: Line): void;
  /** How many were read since the last `drain`. */
  readonly waiting: number;
  /** The records read since, for a file that is imported part by part. */
  drain(): readonly ImportLine[];
  /** What has not been drained, and the problems of all. */
  result(): ReadCustomers;
}

/** Reads `customers.jsonl`; reports invalid lines by number and keeps the others. */
export function readCustomers(path: string): ReadCustomers {
  const reader = createCustomerReader();
  for (const line of customerLines(path)) reader.take(line);
  return reader.result();
}

/** The same from text: one JSON object a line. */
export function readCustomerText(text: string): ReadCustomers {
  const reader = createCustomerReader();
  for (const line of linesIn(Buffer.from(text), LINE_LIMITS.maxBytes)) reader.take(line);
  return reader.result();
}

/**
 * Lines of a file of golden records.
 *
 * @throws `BAD_INPUT` if the file cannot be read
 */
export function* customerLines(path: string): Generator<Line> {
  try {
    yield* linesInFile(path, LINE_LIMITS.maxBytes);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message;
    throw new SentientError("BAD_INPUT", `cannot read customers from ${path}: ${why}`);
  }
}

export function createCustomerReader(): CustomerReader {
  let lines: ImportLine[] = [];
  const problems = new ProblemList<LineProblem>();
  const seen = new Map<string, number>();
  return {
    take(found) {
      const { line } = found;
      const read = "text" in found ? readCustomer(found.text) : found;
      if ("problem" in read) return problems.add({ line, problem: read.problem });
      const { id } = read.customer;
      const before = seen.get(id);
      if (before !== undefined) return problems.add({ line, problem: `id: ${id} is already in line ${before}` });
      seen.set(id, line);
      lines.push({ line, ...read });
    },
    get waiting() {
      return lines.length;
    },
    drain() {
      const read = lines;
      lines = [];
      return read;
    },
    result: () => ({ lines, problems: problems.first, moreProblems: problems.more }),
  };
}

// --- internal ---

function readCustomer(raw: string): Omit<ImportLine, "line"> | { problem: string } {
  const guarded = parseGuarded(raw, LINE_LIMITS, CUSTOMER_IDS);
  if (!guarded.ok) return { problem: guarded.problem };
  const parsed = CustomerLine.safeParse(guarded.value);
  if (parsed.success) return { customer: parsed.data, hash: createHash("sha256").update(raw).digest("base64url") };
  return {
    problem: parsed.error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message)).join("; "),
  };
}
