import { readFileSync } from "node:fs";
import { SentientError } from "../../domain/errors.ts";

/** A row of a table: its line number and its cells by column name. */
export interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/** Reads comma-separated values (RFC 4180, with quoted cells) and checks that the needed columns exist. */
export function readCsv(text: string, file: string, needed: readonly string[]): Row[] {
  const [head, ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const names = cellsOf(head ?? "", file, 1);
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new SentientError("BAD_INPUT", `${file}: the first line has no column ${missing.join(", ")}`);
  const rows = lines.flatMap((line, index) => (line === "" ? [] : [rowOf(names, line, file, index + 2)]));
  if (rows.length === 0) throw new SentientError("BAD_INPUT", `${file}: no rows under the first line`);
  return rows;
}

/** A cell as a number within bounds; anything else is reported with its line. */
export function numberIn(row: Row, name: string, file: string, { min, max }: { min: number; max: number }): number {
  const text = row.cells.get(name) ?? "";
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new SentientError("BAD_INPUT", `${file}:${row.line}: ${name} is ${JSON.stringify(text)}, expected a number from ${min} to ${max}`);
}

export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SentientError("BAD_INPUT", `cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? "unknown reason"}`, {
      cause: error,
    });
  }
}

// --- internal ---

function rowOf(names: readonly string[], line: string, file: string, number: number): Row {
  const cells = cellsOf(line, file, number);
  if (cells.length !== names.length)
    throw new SentientError("BAD_INPUT", `${file}:${number}: ${cells.length} cells, the first line names ${names.length}`);
  return { line: number, cells: new Map(names.map((name, index) => [name, cells[index] ?? ""])) };
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

function cellsOf(line: string, file: string, number: number): string[] {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  CELL.lastIndex = 0;
  for (let more = true; more; ) {
    const match = CELL.exec(line);
    if (!match) throw new SentientError("BAD_INPUT", `${file}:${number}: a quote is not closed`);
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    more = match[3] === ",";
  }
  return cells;
}
