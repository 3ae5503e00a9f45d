import type { Decision } from "../../domain/entities/decision.ts";
import { SentientError } from "../../domain/errors.ts";
import { type Instant, iso, parseInstant } from "../../domain/values/time.ts";
import { type ReplayResult, replay } from "../../engine/run-stream.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { toldTogether } from "../../intake/line-problems.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { Workspace } from "../../workspace/load.ts";
import { type Arguments, type Command, DONE, FAILED, INTERRUPTED, text, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { openRuntime } from "../open-runtime.ts";
import { openWorkspace } from "../open-workspace.ts";
import { decisionLine } from "../views/decision-line.ts";
import { keptInWords, sharedInWords, summaryOf, type Tally, tally } from "../views/run-summary.ts";
import { tellWrongLines, type WrongLines } from "../views/wrong-lines.ts";
import { WORKSPACE_SETTING } from "../with-store.ts";

export const command: Command = {
  async run(args, io) {
    const opened = await openWorkspace(workspaceOf(args), io);
    const { workspace } = opened;
    const until = untilOf(text(args.options.until));
    const signals = signalsOf(args, workspace);
    const began = performance.now();
    const dataDir = text(args.options.data);
    await using runtime = await openRuntime(opened, io, dataDir === undefined ? undefined : { dataDir }, args.options.live === true);
    // Later commands on this store find the workspace that it belongs to.
    await runtime.store.commit([], { [WORKSPACE_SETTING]: workspace.dir });
    const wrong: WrongLines[] = [];
    const tallied: Tally = { byAction: {}, byExperience: {}, byChannel: {} };
    const isJson = args.options.json === true;
    const result = await replay(readSignalLines(openSignals(signals, io.stdin)), {
      store: runtime.store,
      decider: runtime.decider,
      ...(until === undefined ? {} : { until }),
      beforeFirst: async (at) => void wrong.push(...(await importAll(workspace, at, runtime.store, io))),
      onDecision: (decision) => show(decision, tallied, isJson, io),
      onProgress: ({ signals: count, timers, decisions, clock }) =>
        io.progress(`${iso(clock).slice(0, 16)}  ${count} signals, ${timers} timers, ${decisions} decisions`),
      isStopped: io.isStopped,
    });
    wrong.push(wrongSignals(result, signals));
    if (result.unknownChannels) io.warn(keptInWords(result.unknownChannels));
    for (const lines of wrong) tellWrongLines(lines, io);
    for (const line of summaryOf(workspace, result, tallied, performance.now() - began, io.paint)) io.note(line);
    if (result.stopped) return INTERRUPTED;
    return wrong.some(({ problems }) => problems.length > 0) ? FAILED : DONE;
  },
};

// --- internal ---

function untilOf(given: string | undefined): Instant | undefined {
  if (given === undefined) return undefined;
  const until = parseInstant(given);
  if (until === undefined)
    throw new SentientError("BAD_INPUT", `--until ${given}: expected an ISO 8601 time with a zone, like 2026-06-20T00:00:00Z`);
  return until;
}

function signalsOf(args: Arguments, { dir, signalsFile }: Workspace): string {
  const given = text(args.options.signals) ?? signalsFile;
  if (given === undefined)
    throw new SentientError(
      "BAD_INPUT",
      `no signals: ${dir} has no signals.jsonl; give a file with --signals FILE, or - for standard input`,
    );
  return given;
}

async function importAll(
  { customersFile, policy }: Workspace,
  at: Instant,
  store: Parameters<typeof importCustomers>[2],
  { note, warn }: Io,
): Promise<WrongLines[]> {
  if (customersFile === undefined) return [];
  const { lines, ...wrong } = readCustomers(customersFile);
  const { imported, unchanged, sharedIdentities, unknownChannels, ...refused } = await importCustomers(lines, at, store, policy);
  note(`${imported} customers imported${unchanged > 0 ? `, ${unchanged} known` : ""}`);
  if (sharedIdentities > 0) warn(sharedInWords(sharedIdentities));
  if (unknownChannels) warn(keptInWords(unknownChannels));
  return [{ file: "customers.jsonl", ...toldTogether(wrong, refused) }];
}

function show(decision: Decision, tallied: Tally, isJson: boolean, { out, paint }: Io): void {
  tally(decision, tallied);
  out(isJson ? JSON.stringify(decision) : decisionLine(decision, paint));
}

function wrongSignals({ problems, conflicts, moreProblems }: ReplayResult, path: string): WrongLines {
  const file = path === "-" ? "standard input" : (path.split("/").at(-1) ?? path);
  return { file, ...toldTogether({ problems, moreProblems }, { problems: conflicts, moreProblems: 0 }) };
}
