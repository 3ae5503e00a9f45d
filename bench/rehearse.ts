import { join } from "node:path";
import { DAY } from "../domain/values/time.ts";
import type { PlayStart } from "../engine/playing/play-start.ts";
import { playStream } from "../engine/playing/play-stream.ts";
import { Population } from "../engine/playing/population.ts";
import { readCustomers } from "../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../intake/read-signals.ts";
import { futureOf } from "../rehearsal/play-future.ts";
import { learnTwins } from "../rehearsal/twins.ts";
import { channelsOf } from "../runtime/load-channels.ts";
import { actionTools, inputsOf } from "../runtime/load-tools.ts";
import { compilingWith } from "../runtime/open-workspace.ts";
import type { SideToPlay } from "../runtime/rehearsing/path-task.ts";
import { playPaths } from "../runtime/rehearsing/play-paths.ts";
import { filesOfSide } from "../runtime/rehearsing/side-files.ts";
import { tools } from "../tools/index.ts";
import type { WorkspaceFiles } from "../workspace/check-files.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { problemsError } from "../workspace/problem.ts";
import { multiplied, recordedMonth } from "./rehearsal-population.ts";

/**
 * The dealership's policy against itself with one contact a week less, for a month, one path: each side in a thread. Customers are copies of
 * the twelve of the demo, as they stand at its end; they send ten signals a month each.
 */
export async function benchRehearse() {
  const rows = [["customers", "signals", "wakes, both sides", "seconds", "wakes a second", "peak memory, both threads"]];
  for (const customers of [1_000, 3_000, 10_000]) {
    const { wakes, signals, seconds } = await rehearsed(customers);
    const peak = `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`;
    rows.push([String(customers), String(signals), String(wakes), seconds.toFixed(1), String(Math.round(wakes / seconds)), peak]);
  }
  return { title: `rehearse: the dealership, ${DAYS} days, one path`, rows };
}

// --- internal ---

const DIR = join(import.meta.dirname, "..", "examples", "dealership");
const DAYS = 30;
const SIGNALS_EACH = 10;
const SEED = "bench";

async function rehearsed(customers: number) {
  const { workspace, start: few } = await playedDemo();
  const start = multiplied(few, customers);
  const history = recordedMonth(workspace.signalsFile ?? "", start, workspace.policy, customers * SIGNALS_EACH);
  const until = start.at + DAYS * DAY;
  const sides = { against: sideOf(workspace.files, start), with: sideOf(withOneContactLess(workspace.files), start) };
  const twins = learnTwins(history, { policies: [workspace.policy] });
  const frame = { from: start.at, days: DAYS, customers: start.customers.map(({ customerId }) => customerId) };
  const signals = [...futureOf(twins, { until, seed: SEED, path: 0 }).days()].reduce((sum, day) => sum + day.length, 0);
  const began = performance.now();
  const { wakes } = await playPaths({ sides, twins, frame, until, seed: SEED, paths: 1, threads: 2 });
  return { wakes, signals, seconds: (performance.now() - began) / 1_000 };
}

const compile = compilingWith({ tools: [], channels: [] }, { environment: {} });

/** The demo, played to its end. */
async function playedDemo() {
  const workspace = loadWorkspace(DIR, { environment: {}, channels: channelsOf(), tools: actionTools, inputs: inputsOf([]) });
  const population = new Population(workspace.policy);
  const { clock } = await playStream(readSignalLines(openSignals(workspace.signalsFile ?? "", process.stdin)), {
    ...{ population, tools: new Map(tools.map((tool) => [tool.name, tool])) },
    customers: readCustomers(workspace.customersFile ?? "").lines,
    onDecision: () => {},
  });
  return { workspace, start: population.start(clock) };
}

function withOneContactLess(files: WorkspaceFiles): WorkspaceFiles {
  const settings = String(files.get("sentient.yaml")).replace("{id: weekly, max: 2,", "{id: weekly, max: 1,");
  return new Map([...files, ["sentient.yaml", Buffer.from(settings)]]);
}

function sideOf(files: WorkspaceFiles, start: PlayStart): SideToPlay {
  const checked = compile(files);
  if (!checked.ok) throw problemsError(checked.problems);
  const { version: policyVersion } = checked.policy;
  return { start, files: { policyVersion, files: filesOfSide(files), replaced: {}, code: { bundles: [] }, environment: {} } };
}
