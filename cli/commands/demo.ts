import { join, relative } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { iso } from "../../domain/values/time.ts";
import { readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines, type SignalLine } from "../../intake/read-signals.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { replayingOn } from "../../runtime/opened-store.ts";
import { type Common, DONE, INTERRUPTED } from "../command.ts";
import { showInConsole } from "../demo-console.ts";
import type { Io } from "../io.ts";
import { demoLines } from "../views/demo-page.ts";
import { demoReport, type Recording } from "../views/demo-report.ts";

const DEALERSHIP = join(packageRoot, "examples", "dealership");
/** The customer whose story is shown in detail. */
const FOLLOWED = "c-dana";

export interface Demo extends Pick<Common, "json"> {
  /** Shows the story in the console, and stays. */
  readonly open: boolean;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

export async function run({ json, open, host, port = 0 }: Demo, io: Io): Promise<number> {
  if (open)
    return showInConsole({ dir: DEALERSHIP, host, port, json }, io, async (dataDir) => {
      const { result } = await record(DEALERSHIP, io, dataDir);
      return result.stopped ? undefined : result.clock;
    });
  const recording = await record(DEALERSHIP, io);
  if (recording.result.stopped) return INTERRUPTED;
  const report = demoReport(recording, { followed: FOLLOWED, folder: relative(process.cwd(), DEALERSHIP) || "." });
  if (json) io.out(JSON.stringify(report));
  else for (const line of demoLines(report, io)) io.out(line);
  return DONE;
}

/**
 * Replays a workspace on a new store, as `run` does, and keeps the decisions and their inputs.
 *
 * @param dataDir folder of the store; default: in memory
 */
export async function record(
  dir: string,
  io: Pick<Io, "environment" | "now" | "note" | "progress" | "isStopped">,
  dataDir?: string,
): Promise<Recording> {
  const { workspace, tools } = await openWorkspace(dir, io);
  const { policy, customersFile = "", signalsFile = "" } = workspace;
  const { lines: customers } = readCustomers(customersFile);
  const decisions: Decision[] = [];
  const signals: SignalEvent[] = [];
  await using runtime = await createRuntime({
    ...{ policy, tools, live: false, now: io.now },
    ...(dataDir === undefined ? {} : { dataDir }),
    onPrepare: () => io.note("preparing the embedded store (once) …"),
  });
  const replaying = replayingOn(runtime, policy);
  const result = await replaying.runStream(keeping(readSignalLines(openSignals(signalsFile, process.stdin)), signals), {
    beforeFirst: async (at) => void (await replaying.importCustomers(customers, at)),
    onDecision: (decision) => void decisions.push(decision),
    onProgress: ({ clock, decisions: count }) => io.progress(`  ${iso(clock).slice(0, 10)}  ${count} decisions`),
    isStopped: io.isStopped,
  });
  const tasks = await replaying.tasks({ limit: 1_000 });
  return { policy, customers: customers.map(({ customer }) => customer), signals, decisions, tasks, result };
}

// --- internal ---

/** Passes lines on and keeps each event once, the first of every identity. */
async function* keeping(lines: AsyncIterable<SignalLine>, kept: SignalEvent[]): AsyncGenerator<SignalLine> {
  for await (const line of lines) {
    if ("event" in line && !kept.some(({ id, source }) => id === line.event.id && source === line.event.source)) kept.push(line.event);
    yield line;
  }
}
