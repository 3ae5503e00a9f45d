import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { need } from "../../domain/errors.ts";
import { DAY } from "../../domain/values/time.ts";
import { playStream } from "../../engine/playing/play-stream.ts";
import { Population } from "../../engine/playing/population.ts";
import { readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { PastSignal } from "../../rehearsal/future.ts";
import type { ByName } from "../../rehearsal/results/figures.ts";
import { MOST_ROWS } from "../../rehearsal/results/rows.ts";
import { learnTwins } from "../../rehearsal/twins.ts";
import { tools } from "../../tools/index.ts";
import { openWorkspace } from "../open-workspace.ts";
import type { ThreadData } from "./path-task.ts";
import { playHere } from "./play-here.ts";
import { type PathsProgress, type PlayedPaths, type PlayPathsOptions, playPaths } from "./play-paths.ts";
import { filesOfSide } from "./side-files.ts";
import type { Side } from "./source.ts";

let data: ThreadData;
let side: Side;
/** Two paths, both sides alike, in one thread. */
let alone: PlayedPaths;

beforeAll(async () => {
  data = await dealershipToPlay();
  alone = await played({ threads: 1, collects: true });
});

test("two paths, both sides alike: the same on both, whatever the number of threads", async () => {
  const together = await played({ threads: 3 });
  // Rows are collected where they are asked for, and change nothing else.
  expect(together).toEqual({ ...alone, rows: {} });
  expect(alone.paths.length).toBe(2);
  for (const path of alone.paths) expect(path.with).toEqual(path.against);
  expect(alone.paths[0]).not.toEqual(alone.paths[1]);
  expect(alone).toMatchObject({ isStopped: false, wakes: expect.any(Number) });
});

test("what is behind the figures of the first path is the same in threads and here, and as much as the figures", async () => {
  expect((await playedHere()).rows).toEqual(alone.rows);
  const rows = new Map(alone.rows.against);
  const { all, left } = need(alone.paths[0], "a path").against;
  const figures = Object.entries({
    ...{ deliveries: all.deliveries, nothing: left.length },
    ...named("byExperience", all.byExperience),
    ...named("byChannel", all.byChannel),
    ...named("byDepartment", all.byDepartment),
    ...named("silences", all.silences),
    ...named("deferred", all.deferred),
    ...named("tasks", all.tasks),
    ...named("nothing", all.nothingBy),
  });
  expect([...rows.keys()].filter((cell) => cell !== "successes")).toEqual(figures.map(([cell]) => cell).sort());
  for (const [cell, count] of figures) expect([cell, rows.get(cell)?.length]).toEqual([cell, Math.min(count, MOST_ROWS)]);
  expect(rows.get("deliveries")?.[0]).toMatchObject({ side: "against", simulated: true, against: { action: "deliver" } });
});

test("a thread that runs out of memory says so, and what to do", async () => {
  await expect(played({ threads: 1, memoryMb: 8 })).rejects.toMatchObject({
    code: "TOO_LARGE",
    message: expect.stringMatching(/--customers/),
  });
});

test("files that give another policy than that of their version are refused", async () => {
  const { files, start } = data.sides.with;
  const sides = { against: { start, files: { ...files, policyVersion: "0".repeat(64) } }, with: data.sides.with };
  await expect(played({ threads: 1, sides })).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringMatching(/expected 000000000000/),
  });
});

test("stopped before it begins, it has played nothing", async () => {
  expect(await played({ signal: AbortSignal.abort() })).toEqual({ paths: [], wakes: 0, rows: {}, isStopped: true });
});

test("stopped in the middle, it keeps the paths of which both sides are done", async () => {
  const stop = new AbortController();
  const onProgress = ({ done }: PathsProgress): void => {
    if (done === 2) stop.abort();
  };
  const { paths, isStopped } = await played({ threads: 1, signal: stop.signal, onProgress });
  expect([paths, isStopped]).toEqual([alone.paths.slice(0, 1), true]);
});

// --- internal ---

const played = (more: Partial<PlayPathsOptions>) => playPaths({ ...data, paths: 2, ...more });

const playedHere = () => {
  const { sides, ...rest } = data;
  const one = { side, start: sides.against.start };
  return playHere({ ...rest, sides: { against: one, with: one }, paths: 2, collects: true });
};

const named = (figure: string, counts: ByName<number>): ByName<number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${figure}:${name}`, count]));

/** The dealership after its recorded stream, and a week of what its customers send. */
async function dealershipToPlay(): Promise<ThreadData> {
  const dir = join(import.meta.dirname, "../../examples/dealership");
  const { workspace, tools: own } = await openWorkspace(dir, { environment: {} });
  const { policy, signalsFile = "", customersFile = "" } = workspace;
  const population = new Population(policy);
  const signals: PastSignal[] = [];
  const { clock } = await playStream(readSignalLines(openSignals(signalsFile, process.stdin)), {
    ...{ population, tools: new Map(tools.map((tool) => [tool.name, tool])), customers: readCustomers(customersFile).lines },
    onDecision: () => {},
    onPlayed: ({ run: { wake } }) => {
      // Ten of each: fewer tell nothing of how a type comes.
      if (wake.kind === "signal") for (let n = 0; n < 10; n++) signals.push({ ...wake.signal, time: wake.signal.time - n * DAY });
    },
  });
  const start = population.start(clock);
  const customers = start.customers.map(({ customerId }) => ({ customerId, since: clock - 60 * DAY }));
  const period = { from: clock - 60 * DAY, until: clock, zone: policy.timezone };
  const history = { period, customers, population: customers.length, signals, deliveries: [], arms: {} };
  const files = { policyVersion: policy.version, files: filesOfSide(workspace.files), replaced: {}, code: { dir }, environment: {} };
  side = { policy, tools: own, files };
  return {
    sides: { against: { files, start }, with: { files, start } },
    twins: learnTwins(history, { policies: [policy] }),
    frame: { from: clock, days: 7, customers: customers.map(({ customerId }) => customerId) },
    until: clock + 7 * DAY,
    seed: "test",
  };
}
