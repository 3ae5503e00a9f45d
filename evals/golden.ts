import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { ACTIONS, REASON_CODES } from "../domain/entities/decision.ts";
import { SIGNAL_IDS } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import type { IdPlaces } from "../domain/values/json-numbers.ts";
import { nearest } from "../domain/values/nearest.ts";
import { terminalSafe } from "../domain/values/terminal-safe.ts";
import { parseInstant } from "../domain/values/time.ts";
import { decodeText } from "../domain/values/utf8.ts";
import { CUSTOMER_IDS } from "../intake/read-customers.ts";
import { SEGMENT_IDS } from "../intake/segment.ts";
import { describeProblem, type Problem } from "../workspace/problem.ts";
import { flattenIssue } from "../workspace/prune.ts";
import { whyNoFile } from "../workspace/regular-file.ts";
import { keys } from "../workspace/schema.ts";
import { lineOf, lostValues } from "../workspace/yaml.ts";

const text = z.string("expected text").min(1, "expected text, not an empty string");
const time = z.string().refine((value) => parseInstant(value) !== undefined, "expected an ISO 8601 time with a zone");

/** One of a few words; a misspelt one gets a suggestion. */
const oneOf = <Word extends string>(words: readonly Word[]) =>
  z.enum(words as readonly [Word, ...Word[]], {
    error: ({ input }) => {
      const meant = typeof input === "string" ? nearest(input, words) : undefined;
      return meant === undefined ? `expected one of ${words.join(", ")}` : `unknown ${String(input)}; did you mean ${meant}?`;
    },
  });
const reasonCode = oneOf(REASON_CODES);
const count = z.int("expected a whole number").min(0, "expected a whole number from 0");

/** Fields that a decision must match; omitted ones match anything. */
const match = {
  customer: text.optional(),
  experience: text.optional(),
  channel: text.optional(),
  /** Name of the variant that was chosen. */
  variant: text.optional(),
  /** Tag of the language of what was delivered, or `default`. */
  locale: text.optional(),
  department: text.optional(),
  action: oneOf(ACTIONS).optional(),
  /** The customer's stage at the decision. */
  stage: text.optional(),
  /** Id of the ask that it answers, and the place of it. */
  ask: text.optional(),
  place: text.optional(),
  /** Whether the place was given what it was given before. */
  again: z.boolean("expected true or false").optional(),
  /** Only decisions before or after this time. */
  before: time.optional(),
  after: time.optional(),
};

/** An expected decision. */
const present = {
  ...match,
  /** Id of its signal or ask, or the time of the decision. */
  at: text.optional(),
  reasons: z.array(reasonCode, "expected a list of reason codes, like [consent_revoked]").optional(),
  until: time.optional(),
  /** Address that the message goes to. */
  to: text.optional(),
  /** Text that the message contains. */
  says: text.optional(),
  /** Text that the message does not contain. */
  saysNot: text.optional(),
  /** Codes of candidates by id: why they did not win. */
  candidates: z.record(text, z.union([z.array(reasonCode), reasonCode])).optional(),
  /** Recorded propensity of the chosen action. */
  probability: z.number("expected a number from 0 to 1").min(0).max(1).optional(),
};
const Present = keys(present, ["never", "count", "task", "noTask", "rejected"]);
export type Present = z.infer<typeof Present>;

const Never = keys({
  never: keys({ ...match, says: text.optional() }).refine((value) => Object.keys(value).length > 0, "expected at least one key"),
});
const Count = keys({
  count: keys({ ...match, min: count.optional(), max: count.optional() }).refine(
    ({ min, max }) => min !== undefined || max !== undefined,
    "expected min or max",
  ),
});
export type Match = z.infer<typeof Never>["never"];

/** Fields that a task must match; omitted ones match anything. */
const taskMatch = keys({
  customer: text.optional(),
  queue: text.optional(),
  /** Name of the promise that was broken. */
  promise: text.optional(),
  due: time.optional(),
  says: text.optional(),
}).refine((value) => Object.keys(value).length > 0, "expected at least one key");
export type TaskMatch = z.infer<typeof taskMatch>;
/** A task expected at the end of the case, and one that must not exist. */
const Task = keys({ task: taskMatch });
const NoTask = keys({ noTask: taskMatch });
/** A signal of the case that is refused, by its id, and text that the reason contains. */
const Rejected = keys({ rejected: text, because: text.optional() });
export type Rejected = z.infer<typeof Rejected>;

export const Expectation = z.union([
  Never,
  Count,
  Task,
  NoTask,
  Rejected,
  Present.refine((value) => Object.keys(value).length > 0, "expected at least one key"),
]);
export type Expectation = z.infer<typeof Expectation>;

const record = z.record(z.string(), z.unknown());

const GoldenCase = keys({
  name: text,
  /** Initial records: a list, or a file; default: the workspace's own. */
  customers: z.union([z.array(record), text]).optional(),
  /** The stream: a list, or a file; default: the workspace's own. */
  signals: z.union([z.array(record), text]).optional(),
  until: time.optional(),
  /** Whether its customers are in the share of every canary (default), or in that of none. */
  canary: z.boolean("expected true or false").optional(),
  expect: z.array(Expectation).min(1, "expected at least one expectation"),
});
export type GoldenCase = z.infer<typeof GoldenCase>;

export const GoldenSuite = keys({
  name: text,
  trials: z.int().min(1).default(1),
  gate: z.number().min(0).max(1).default(1),
  cases: z.array(GoldenCase).min(1, "expected at least one case"),
});
export type GoldenSuite = z.infer<typeof GoldenSuite> & {
  readonly file: string;
  /** Line of a path in the file. */
  lineOf(path: readonly (string | number)[]): number;
};

/** Where the records and signals of a case hold ids. */
const CASE_IDS: IdPlaces = [
  ...CUSTOMER_IDS.map((place) => ["cases", "*", "customers", "*", ...place]),
  ...SIGNAL_IDS.map((place) => ["cases", "*", "signals", "*", ...place]),
  ...SEGMENT_IDS.map((place) => ["cases", "*", "signals", "*", "segment", ...place]),
];

/** Reads a file of golden decisions; problems are reported with file, line and path. */
export function readSuite(file: string): GoldenSuite {
  const checked = checkSuite(file);
  if (!("problems" in checked)) return checked.suite;
  const problems = checked.problems.map((problem) => terminalSafe(describeProblem(problem)));
  throw new SentientError("BAD_INPUT", `the golden decisions cannot be used\n${problems.join("\n")}`, { isList: true });
}

/** The same, but returns the problems. `called` is the file name used in problems. */
export function checkSuite(file: string, called = file): { readonly suite: GoldenSuite } | { readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const read = decodeText(readFileSync(file));
  if (!read.ok) return { problems: [{ file: called, line: read.line, message: read.problem }] };
  const document = parseDocument(read.text, { lineCounter: lines, prettyErrors: false, merge: true });
  const unread = document.errors.map(({ pos, message }) => ({
    file: called,
    line: lines.linePos(pos[0]).line,
    message: `not YAML: ${message}`,
  }));
  const broken = unread.length > 0 ? unread : lostValues(document, lines, called, CASE_IDS);
  if (broken.length > 0) return { problems: broken };
  const parsed = GoldenSuite.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (parsed.success) return { suite: { ...parsed.data, file, lineOf: (path) => lineOf(document, lines, path) } };
  const issues = parsed.error.issues.flatMap(flattenIssue);
  const unknown = new Set(issues.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => path.join(".")));
  const problems = issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    const problem = (place: readonly (string | number)[], message: string) =>
      ({ file: called, line: lineOf(document, lines, place), path: place.join("."), message }) satisfies Problem;
    if (issue.code === "unrecognized_keys") {
      const messages = issue.message.split("\n");
      return issue.keys.map((key, index) => problem([...path, key], messages[index] ?? issue.message));
    }
    // Rules over several keys make sense only once all keys are known.
    if (issue.code === "custom" && unknown.has(path.join("."))) return [];
    return [problem(path, issue.message.replace(/^Invalid input: /, ""))];
  });
  return { problems };
}

/** A file named by a case: beside the file of golden decisions, or in the workspace. */
export function caseFile(name: string, { file }: Pick<GoldenSuite, "file">, workspaceDir: string): string {
  const found = [join(dirname(file), name), join(workspaceDir, name)].find(existsSync);
  if (found === undefined)
    throw new SentientError("BAD_INPUT", `${basename(file)} names ${name}, which is neither beside it nor in ${workspaceDir}`);
  const why = whyNoFile(found);
  if (why !== undefined) throw new SentientError("BAD_INPUT", `${basename(file)} names ${name}, which ${why}`);
  return found;
}
