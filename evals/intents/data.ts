import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import type { Example } from "../../classifier/classifier.ts";
import { SentientError } from "../../domain/errors.ts";

/** Texts with their labels, and texts out of scope. */
export interface Texts {
  readonly inside: readonly Example[];
  readonly outside: readonly string[];
}

const TABLE = "train.csv";
const LISTS = "data.json";

export interface Dataset {
  readonly name: string;
  readonly train: Texts;
  /** Texts for choosing the threshold; without out-of-scope texts there is no threshold to choose. */
  readonly validation: Texts;
  readonly test?: Texts;
}

/** The folder itself or, if it holds no set, its subfolders that do; with a test file, only those of its format. */
export function datasetsIn(dir: string, testFile?: string): string[] {
  const wanted = testFile === undefined ? [TABLE, LISTS] : [testFile.endsWith(".json") ? LISTS : TABLE];
  const holds = (folder: string, files: readonly string[]) => files.some((file) => existsSync(join(folder, file)));
  if (!existsSync(dir) || holds(dir, [TABLE, LISTS])) return [dir];
  const found = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && holds(join(dir, entry.name), wanted))
    .map((entry) => join(dir, entry.name));
  return found.length > 0 ? found.sort() : [dir];
}

/** Reads a folder with `train.csv` (text,category) or `data.json` (CLINC's lists), and a test file in either form. */
export function readDataset(dir: string, testFile?: string): Dataset {
  const name = basename(resolve(dir));
  const test = testFile === undefined ? {} : { test: readTest(testFile) };
  const csv = join(dir, TABLE);
  if (existsSync(csv)) return { name, train: readTable(csv), validation: split([]), ...test };
  const json = join(dir, LISTS);
  if (!existsSync(json)) throw new SentientError("BAD_INPUT", `${dir}: expected train.csv or data.json in it`);
  const { train = [], val = [], oos_train = [], oos_val = [] } = readLists(json);
  return { name, train: split([...train, ...oos_train]), validation: split([...val, ...oos_val]), ...test };
}

/** Rows of comma-separated values (RFC 4180), with line breaks inside quotes. */
export function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end = ""] of `${text.replace(/^\uFEFF/, "").trimEnd()}\n`.matchAll(CELL)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

// --- internal ---

const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/g;

/** CLINC's label of out-of-scope texts. */
const OUTSIDE = "oos";
const Pair = z.tuple([z.string(), z.string()]);
const Lists = z.record(z.string(), z.array(Pair));

function split(pairs: readonly (readonly [string, string])[]): Texts {
  return {
    inside: pairs.filter(([, label]) => label !== OUTSIDE).map(([text, label]) => ({ text, label })),
    outside: pairs.filter(([, label]) => label === OUTSIDE).map(([text]) => text),
  };
}

function readTable(file: string): Texts {
  const [head = [], ...rows] = rowsOf(readFileSync(file, "utf8"));
  const [text, category] = [head.indexOf("text"), head.indexOf("category")];
  if (text < 0 || category < 0) throw new SentientError("BAD_INPUT", `${file}: the first line has no columns text and category`);
  return split(rows.map((row) => [row[text] ?? "", row[category] ?? ""] as const));
}

function readTest(file: string): Texts {
  if (!existsSync(file)) throw new SentientError("BAD_INPUT", `${file}: no such file`);
  if (!file.endsWith(".json")) return readTable(file);
  const given = z.union([z.array(Pair), Lists]).parse(JSON.parse(readFileSync(file, "utf8")));
  if (Array.isArray(given)) return split(given);
  const { test, oos_test = [], ...others } = given;
  return split(test ? [...test, ...oos_test] : Object.values(others).flat().concat(oos_test));
}

const readLists = (file: string): z.infer<typeof Lists> => Lists.parse(JSON.parse(readFileSync(file, "utf8")));
