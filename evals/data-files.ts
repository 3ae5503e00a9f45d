import { existsSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { signalKey } from "../domain/entities/signal.ts";
import { type LineProblem, MAX_LISTED } from "../intake/line-problems.ts";
import { readCustomers } from "../intake/read-customers.ts";
import { openSignals, readSignalLines, type SignalLine } from "../intake/read-signals.ts";
import { KnownData } from "../workspace/known-data.ts";
import type { Note, Problem } from "../workspace/problem.ts";
import { whyNoFile } from "../workspace/regular-file.ts";
import { customersOf, idOf, isExpected, signalsOf, writtenAt } from "./case-data.ts";
import { CaseNames, unknownIn } from "./case-names.ts";
import type { CheckedSuite } from "./check-suites.ts";
import { caseFile, type GoldenCase, type GoldenSuite } from "./golden.ts";

/** What the data of a workspace hold: the names that they make known, and what is broken in them. */
export interface DataFiles {
  readonly known: KnownData;
  /** Broken lines of files. */
  readonly notes: readonly Note[];
  /** Broken records and signals written into golden decisions, which therefore cannot run. */
  readonly problems: readonly Problem[];
}

/** Reads `customers.jsonl`, `signals.jsonl`, and the records and signals of golden decisions: each file once. */
export async function readDataFiles(dir: string, suites: readonly CheckedSuite[]): Promise<DataFiles> {
  const known = new KnownData();
  const problems: Problem[] = [];
  const files: FilesByKind = { customers: pathsAt(dir, "customers.jsonl"), signals: pathsAt(dir, "signals.jsonl") };
  const cases: CheckedCase[] = [];
  for (const checked of suites) {
    for (const [index, one] of ("suite" in checked ? checked.suite.cases : []).entries()) {
      const names = new CaseNames();
      const paths: string[] = [];
      for (const kind of ["customers", "signals"] as const) {
        paths.push(...filesOf(one[kind], kind, checked, dir));
        problems.push(...(await takeCase(kind, index, one, checked, { dir, files, known, names })));
      }
      cases.push({ index, one, checked, names, paths });
    }
  }
  const { notes, namesIn } = await takeFiles(files, resolve(dir), known);
  return { known, problems: [...problems, ...cases.flatMap((one) => unknownOf(one, namesIn))], notes };
}

// --- internal ---

/** Paths of the files to read. */
interface FilesByKind {
  readonly customers: Set<string>;
  readonly signals: Set<string>;
}

const pathsAt = (dir: string, name: string): Set<string> => {
  const path = join(resolve(dir), name);
  return new Set(existsSync(path) && whyNoFile(path) === undefined ? [path] : []);
};

/** A case, the names in its own data, and the files that hold its other data. */
interface CheckedCase {
  readonly index: number;
  readonly one: GoldenCase;
  readonly checked: CheckedSuite;
  readonly names: CaseNames;
  readonly paths: readonly string[];
}

function unknownOf({ index, one, checked, names, paths }: CheckedCase, namesIn: ReadonlyMap<string, CaseNames>): Problem[] {
  if ("problems" in checked) return [];
  const { suite, name } = checked;
  const sources = [names, ...paths.flatMap((path) => namesIn.get(path) ?? [])];
  return one.expect.flatMap((expectation, place) => {
    const path = ["cases", index, "expect", place];
    return unknownIn(expectation, sources).map((message) => ({ file: name, line: suite.lineOf(path), path: path.join("."), message }));
  });
}

/** The file in which a case's records or signals are: the one that it names, or the workspace's. */
function filesOf(given: GoldenCase[keyof FilesByKind], kind: keyof FilesByKind, checked: CheckedSuite, dir: string): string[] {
  if (Array.isArray(given) || "problems" in checked) return [];
  return typeof given === "string" ? filesNamed(given, checked.suite, dir) : [...pathsAt(dir, `${kind}.jsonl`)];
}

/** The file that a case names; one that is not there is a problem of the case. */
function filesNamed(given: string, suite: GoldenSuite, dir: string): string[] {
  try {
    return [resolve(caseFile(given, suite, dir))];
  } catch {
    return [];
  }
}

async function takeFiles({ customers, signals }: FilesByKind, root: string, known: KnownData) {
  const notes: Note[] = [];
  const namesIn = new Map<string, CaseNames>();
  const taken = (path: string): Taken => {
    const names = namesIn.get(path) ?? new CaseNames();
    namesIn.set(path, names);
    return { known, names };
  };
  const note = (path: string, found: readonly LineProblem[]): void => {
    const file = relative(root, path).split(sep).join("/");
    notes.push(...found.map(({ line, problem }) => ({ file, line, message: problem })));
  };
  for (const path of customers) note(path, takeCustomers(readCustomers(path), taken(path)));
  for (const path of signals) note(path, await takeSignals(readSignalLines(openSignals(path, process.stdin)), taken(path)));
  return { notes, namesIn };
}

/** Where data are remembered. */
interface Taken {
  readonly known: KnownData;
  readonly names: CaseNames;
}

interface Taking extends Taken {
  readonly dir: string;
  readonly files: FilesByKind;
}

/** Takes the records or signals written into a case, or remembers the file that it names. */
async function takeCase(
  kind: keyof FilesByKind,
  index: number,
  one: GoldenCase,
  checked: CheckedSuite,
  { dir, files, ...taken }: Taking,
): Promise<Problem[]> {
  if ("problems" in checked) return [];
  const { suite, name } = checked;
  const given = one[kind];
  if (typeof given === "string") for (const path of filesNamed(given, suite, dir)) files[kind].add(path);
  if (!Array.isArray(given)) return [];
  const found =
    kind === "customers"
      ? takeCustomers(customersOf(one, suite, { dir }), taken)
      : (await takeSignals(signalsOf(one, suite, { dir }), taken)).filter(({ line }) => !isExpected(idOf(writtenAt(line, one)) ?? "", one));
  return found.map(({ line, problem }) => {
    const path = ["cases", index, kind, line - 1];
    return { file: name, line: suite.lineOf(path), path: path.join("."), message: problem };
  });
}

function takeCustomers(
  { lines, problems, moreProblems }: ReturnType<typeof readCustomers>,
  { known, names }: Taken,
): readonly LineProblem[] {
  for (const { customer } of lines) {
    known.customer(customer.traits);
    names.customers.add(customer.id);
  }
  if (problems.length > 0) names.hasOthers = true;
  return more(problems, moreProblems);
}

async function takeSignals(lines: AsyncIterable<SignalLine>, { known, names }: Taken): Promise<readonly LineProblem[]> {
  const problems: LineProblem[] = [];
  const bodies = new Map<string, string>();
  for await (const read of lines) {
    const { line } = read;
    if ("problem" in read) problems.push({ line, problem: read.problem });
    else {
      const { event, bodyHash } = read;
      const key = signalKey(event);
      const first = bodies.get(key);
      if (first === undefined) bodies.set(key, bodyHash);
      else if (first !== bodyHash)
        problems.push({ line, problem: `signal ${event.id} of ${event.source} came before with another body; the first is kept` });
      known.signal(event.type, event.data);
      names.signal(event);
    }
  }
  return more(problems.slice(0, MAX_LISTED), Math.max(0, problems.length - MAX_LISTED));
}

const more = (problems: readonly LineProblem[], count: number): readonly LineProblem[] =>
  count === 0 ? problems : [...problems, { line: problems.at(-1)?.line ?? 1, problem: `and ${count} more broken lines behind it` }];
