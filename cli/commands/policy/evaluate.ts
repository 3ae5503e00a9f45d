import { createReadStream, existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { SentientError } from "../../../domain/errors.ts";
import { type Line, linesOf } from "../../../domain/values/lines.ts";
import { actionsOf, type LoggedDecision, type OtherPolicy, tallyOf } from "../../../off-policy/log.ts";
import { type Evaluation, evaluatePolicy } from "../../../off-policy/off-policy.ts";
import { type LogRow, type ReadRow, ROW_LIMITS, readDecision, readLogRow, readPolicyRow, readRewardRow } from "../../../off-policy/rows.ts";
import { sharingLists } from "../../../off-policy/sharing.ts";
import { type Common, DONE, FAILED, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { policyLines } from "../../views/policy-report.ts";
import { withStore, workspaceOfStore } from "../../with-store.ts";

interface Evaluate extends OnStore, Pick<Common, "json"> {
  readonly log: string | undefined;
  readonly policy: string | undefined;
  readonly rewards: string | undefined;
  readonly confidence: number;
  readonly seed: string | undefined;
}

export async function run(
  { log: file, policy: asked = "best", rewards, confidence, seed, json, ...on }: Evaluate,
  io: Io,
): Promise<number> {
  if (file !== undefined && on.data !== undefined)
    throw new SentientError("BAD_INPUT", `two logs are named: ${nameOf(file)} and the store in ${on.data}; name one`);
  const log = file === undefined ? await logOfStore(on, rewards, io) : await logOfFile(file, rewards, io);
  const policy = await policyOf(asked, log, io);
  const evaluation = evaluatePolicy(log, { policy, confidence, ...(seed === undefined ? {} : { seed }) });
  if (json) io.out(JSON.stringify({ policy: asked, ...evaluation, actions: tallyOf(log) }));
  else for (const line of policyLines(asked, evaluation, tallyOf(log), io.paint)) io.out(line);
  return tellDoubts(evaluation, io);
}

// --- internal ---

const SHOWN_PROBLEMS = 20;

async function logOfFile(file: string, rewards: string | undefined, io: Io): Promise<LoggedDecision[]> {
  const numbered = await readRows(file, readLogRow, io);
  const rows = numbered.flatMap(({ line, row }) => (row.isAgain ? [] : [{ ...row, line }]));
  if (rows.length === 0) throw new SentientError("BAD_INPUT", `${nameOf(file)} holds no decisions`);
  if (rewards !== undefined) return joined(rows, await readRows(rewards, readRewardRow, io), rewards, io);
  const without = rows.find(({ reward }) => reward === undefined);
  if (without)
    throw new SentientError(
      "BAD_INPUT",
      `${nameOf(file)}:${without.line}: reward: expected a number here, or a file of rewards with --rewards FILE`,
    );
  return rows.map(({ keys: _, ...row }) => ({ ...row, reward: row.reward ?? 0 }));
}

/** The decisions of a store with what their deliveries have earned; a file of rewards takes the place of that. */
async function logOfStore(on: OnStore, rewards: string | undefined, io: Io): Promise<LoggedDecision[]> {
  const rows = await rowsOfStore(on, rewards !== undefined, io);
  if (rewards !== undefined) return joined(rows, await readRows(rewards, readRewardRow, io), rewards, io);
  return rows.map(({ keys: _, ...row }) => ({ ...row, reward: row.reward ?? 0 }));
}

/** Keeps what the estimators need of each decision: records are many times larger. */
async function rowsOfStore(on: OnStore, isRewardedByFile: boolean, io: Io): Promise<LogRow[]> {
  const shared = sharingLists();
  const rows: LogRow[] = [];
  const keep = ({ reward = 0, keys, choices, features, ...row }: LogRow) =>
    rows.push({
      ...{ ...row, features: shared(features) },
      ...(choices === undefined ? {} : { choices: shared(choices) }),
      ...(isRewardedByFile ? { keys } : { keys: shared([]), reward }),
    });
  await withStore(on, io, async (store) => {
    const { policy } = await workspaceOfStore(on, io, store);
    for await (const decision of store.decisionLog(policy)) {
      const read = readDecision(decision);
      if (!read.ok) throw new SentientError("BAD_INPUT", `the store's decision ${decision.decisionId} cannot be used: ${read.problem}`);
      if (!read.row.isAgain) keep(read.row);
    }
  });
  if (rows.length === 0)
    throw new SentientError("BAD_INPUT", "the store holds no decisions; name one whose workspace has decided, or a LOG");
  return rows;
}

/** Adds the file's rewards of a decision and of its deliveries to its row; none where the file does not name it. */
function joined(
  rows: readonly LogRow[],
  given: readonly Numbered<{ key: string; reward: number }>[],
  file: string,
  io: Io,
): LoggedDecision[] {
  const sums = new Map<string, number>();
  for (const { row } of given) sums.set(row.key, (sums.get(row.key) ?? 0) + row.reward);
  const named = new Set(rows.flatMap(({ keys }) => keys));
  const strangers = given.filter(({ row }) => !named.has(row.key));
  if (given.length > 0 && strangers.length === given.length)
    throw new SentientError("BAD_INPUT", `${nameOf(file)}: no row names a decision or a delivery of the log`);
  if (strangers.length > 0) {
    const [first] = strangers;
    io.warn(`${io.paint.yellow("!")} ${nameOf(file)}:${first?.line}: ${strangers.length} rewards belong to no decision of the log`);
  }
  return rows.map(({ keys, ...row }) => ({
    ...row,
    reward: [...new Set(keys)].reduce((sum, key) => sum + (sums.get(key) ?? 0), row.reward ?? 0),
  }));
}

async function policyOf(asked: string, log: readonly LoggedDecision[], io: Io): Promise<OtherPolicy> {
  if (asked === "uniform" || asked === "best") return { kind: asked };
  if (asked.startsWith("always:")) return { kind: "always", action: asked.slice("always:".length) };
  if (!existsSync(asked))
    throw new SentientError(
      "BAD_INPUT",
      `--policy ${asked}: expected uniform, best, always:ACTION or a file; actions are ${actionsOf(log).join(", ")}`,
    );
  const rows = await readRows(asked, readPolicyRow, io);
  const [first] = rows;
  if (first && rows.length === 1) return { kind: "given", probabilities: log.map(() => first.row) };
  if (rows.length === log.length) return { kind: "given", probabilities: rows.map(({ row }) => row) };
  throw new SentientError(
    "BAD_INPUT",
    `${nameOf(asked)} has ${rows.length} lines: expected one for every decision of the log (${log.length}), or one for all`,
  );
}

interface Numbered<T> {
  readonly line: number;
  readonly row: T;
}

/** Reads a file line by line. Invalid lines are reported at once with their numbers and end the command. */
async function readRows<T>(file: string, read: (text: string) => ReadRow<T>, { stdin, warn, paint }: Io): Promise<Numbered<T>[]> {
  const rows: Numbered<T>[] = [];
  let wrong = 0;
  for await (const one of linesIn(file, stdin)) {
    const { line } = one;
    const found = "text" in one ? read(one.text) : { ok: false as const, problem: one.problem };
    if (found.ok) rows.push({ line, row: found.row });
    else if (++wrong <= SHOWN_PROBLEMS) warn(`${paint.red("✗")} ${nameOf(file)}:${line}: ${found.problem}`);
  }
  if (wrong > 0) throw new SentientError("BAD_INPUT", `${nameOf(file)}: ${wrong} of ${wrong + rows.length} lines cannot be used`);
  return rows;
}

async function* linesIn(file: string, stdin: Readable): AsyncGenerator<Line> {
  try {
    yield* linesOf(file === "-" ? stdin : createReadStream(file), ROW_LIMITS.maxBytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SentientError("BAD_INPUT", `cannot read ${nameOf(file)}: ${code === "ENOENT" ? "no such file" : message}`, { cause: error });
  }
}

const nameOf = (file: string): string => (file === "-" ? "standard input" : file);

/** An inconclusive log is a failure, not a result. */
function tellDoubts({ refusals, warnings }: Evaluation, { warn, paint }: Io): number {
  for (const warning of warnings) warn(`${paint.yellow("!")} ${warning}`);
  for (const refusal of refusals) warn(`${paint.red("✗")} the log cannot answer: ${refusal}`);
  return refusals.length > 0 ? FAILED : DONE;
}
