import { readConfig } from "../../config/config.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { SentientError } from "../../domain/errors.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import type { StreamResult } from "../../engine/run-stream.ts";
import { type LineProblems, MAX_LISTED, mergeProblems, NO_PROBLEMS } from "../../intake/line-problems.ts";
import { createCustomerReader, customerLines } from "../../intake/read-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import { checkRoomFor, createRoomWatch } from "../../intake/room-in-memory.ts";
import { bundleWorkspace } from "../../runtime/load-code.ts";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { type Replaying, replayingOn } from "../../runtime/opened-store.ts";
import type { Workspace } from "../../workspace/load.ts";
import { problemsError } from "../../workspace/problem.ts";
import { problemsOfFiles } from "../../workspace/versions/version-files.ts";
import { type Common, DONE, FAILED, INTERRUPTED, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { openRuntime } from "../open-runtime.ts";
import { actorOf } from "../operating.ts";
import { sourceOf } from "../versions.ts";
import { decisionLine } from "../views/decision-line.ts";
import { keptInWords, sharedInWords, summaryOf, type Tally, tally } from "../views/run-summary.ts";
import { tellWrongLines, type WrongLines } from "../views/wrong-lines.ts";

interface Run extends Pick<Common, "workspace" | "json"> {
  readonly dir: string | undefined;
  readonly signals: string | undefined;
  readonly until: Instant | undefined;
  readonly data: string | undefined;
  readonly live: boolean;
}

export async function run({ signals: given, until, data: dataDir, live, json: isJson, ...where }: Run, io: Io): Promise<number> {
  const opened = await openWorkspace(workspaceOf(where), io);
  const { workspace } = opened;
  const signals = signalsOf(given, workspace);
  const isInMemory = dataDir === undefined && readConfig(io.environment).databaseUrl === undefined;
  if (isInMemory && signals !== "-") checkRoomFor(signals, process.availableMemory());
  const watchRoom = isInMemory ? createRoomWatch(() => process.availableMemory()) : () => {};
  const began = performance.now();
  await using runtime = await openRuntime(opened, io, dataDir === undefined ? undefined : { dataDir }, { live });
  const replaying = replayingOn(runtime, workspace.policy);
  // Lets later commands on this store find its workspace.
  await replaying.rememberWorkspace(workspace.dir);
  if (dataDir !== undefined) await keep(workspace, replaying, io);
  const wrong: WrongLines[] = [];
  const tallied: Tally = { byAction: {}, byExperience: {}, byChannel: {} };
  const result = await replaying.runStream(readSignalLines(openSignals(signals, io.stdin)), {
    ...(until === undefined ? {} : { until }),
    beforeFirst: async (at) => void wrong.push(...(await importAll(workspace, at, replaying, io))),
    onDecision: (decision) => show(decision, tallied, isJson, io),
    onProgress: ({ signals: count, timers, decisions, clock }) => {
      io.progress(`${iso(clock).slice(0, 16)}  ${count} signals, ${timers} timers, ${decisions} decisions`);
      watchRoom(count);
    },
    isStopped: io.isStopped,
  });
  wrong.push(wrongSignals(result, signals));
  if (result.unknownChannels) io.warn(keptInWords(result.unknownChannels));
  for (const lines of wrong) tellWrongLines(lines, io);
  for (const line of summaryOf(workspace, result, tallied, performance.now() - began, io.paint)) io.note(line);
  if (result.stopped) return INTERRUPTED;
  return wrong.some(({ problems }) => problems.length > 0) ? FAILED : DONE;
}

// --- internal ---

/** Customers of a file that are read before they are imported. */
const PART = 5_000;

/** Decisions name the version; a workspace that is too large for one is only warned of. */
async function keep(workspace: Workspace, replaying: Replaying, io: Io): Promise<void> {
  const unfit = problemsOfFiles(workspace.files);
  try {
    if (unfit.length > 0) throw problemsError(unfit);
    const bundles = await bundleWorkspace(workspace.dir);
    await replaying.keepVersion(workspace, { at: io.now(), by: actorOf({}, io).by, from: sourceOf(workspace.dir), bundles });
  } catch (error) {
    if (!(error instanceof SentientError && error.code === "BAD_CONFIG")) throw error;
    io.warn(`the store does not keep this version of the workspace: ${error.message}`);
  }
}

function signalsOf(given: string | undefined, { dir, signalsFile }: Workspace): string {
  const signals = given ?? signalsFile;
  if (signals === undefined)
    throw new SentientError(
      "BAD_INPUT",
      `no signals: ${dir} has no signals.jsonl; give a file with --signals FILE, or - for standard input`,
    );
  return signals;
}

async function importAll({ customersFile }: Workspace, at: Instant, replaying: Replaying, { note, warn }: Io): Promise<WrongLines[]> {
  if (customersFile === undefined) return [];
  const reader = createCustomerReader();
  const total = { imported: 0, unchanged: 0, shared: 0 };
  let refused: LineProblems = NO_PROBLEMS;
  const unknown = new Set<string>();
  const importPart = async () => {
    const { imported, unchanged, sharedIdentities, unknownChannels = [], ...wrong } = await replaying.importCustomers(reader.drain(), at);
    total.imported += imported;
    total.unchanged += unchanged;
    total.shared += sharedIdentities;
    refused = mergeProblems(refused, wrong);
    for (const name of unknownChannels) if (unknown.size < MAX_LISTED) unknown.add(name);
  };
  // Part by part: a file may have more lines than memory holds.
  for (const line of customerLines(customersFile)) {
    reader.take(line);
    if (reader.waiting === PART) await importPart();
  }
  await importPart();
  note(`${total.imported} customers imported${total.unchanged > 0 ? `, ${total.unchanged} known` : ""}`);
  if (total.shared > 0) warn(sharedInWords(total.shared));
  if (unknown.size > 0) warn(keptInWords([...unknown]));
  return [{ file: "customers.jsonl", ...mergeProblems(reader.result(), refused) }];
}

function show(decision: Decision, tallied: Tally, isJson: boolean, { out, paint }: Io): void {
  tally(decision, tallied);
  out(isJson ? JSON.stringify(decision) : decisionLine(decision, paint));
}

function wrongSignals({ problems, conflicts, moreProblems }: StreamResult, path: string): WrongLines {
  const file = path === "-" ? "standard input" : (path.split("/").at(-1) ?? path);
  return { file, ...mergeProblems({ problems, moreProblems }, { problems: conflicts, moreProblems: 0 }) };
}
