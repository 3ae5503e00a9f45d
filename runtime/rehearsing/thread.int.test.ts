import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { DAY } from "../../domain/values/time.ts";
import { playStream } from "../../engine/playing/play-stream.ts";
import { Population } from "../../engine/playing/population.ts";
import { readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { PastSignal } from "../../rehearsal/future.ts";
import { learnTwins } from "../../rehearsal/twins.ts";
import { tools } from "../../tools/index.ts";
import { openWorkspace } from "../open-workspace.ts";
import type { ThreadData } from "./path-task.ts";
import { type PlayPathsOptions, playPaths } from "./play-paths.ts";
import { filesOfSide } from "./side-files.ts";

let data: ThreadData;

beforeAll(async () => {
  data = await dealershipToPlay();
});

test("two paths, both sides alike: the same on both, whatever the number of threads", async () => {
  const [alone, together] = [await played({ threads: 1 }), await played({ threads: 3 })];
  expect(together).toEqual(alone);
  expect(alone.paths.length).toBe(2);
  for (const path of alone.paths) expect(path.with).toEqual(path.against);
  expect(alone.paths[0]).not.toEqual(alone.paths[1]);
  expect(alone).toMatchObject({ isStopped: false, wakes: expect.any(Number) });
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
  expect(await played({ signal: AbortSignal.abort() })).toEqual({ paths: [], wakes: 0, isStopped: true });
});

// --- internal ---

const played = (more: Partial<PlayPathsOptions>) => playPaths({ ...data, paths: 2, ...more });

/** The dealership after its recorded stream, and a week of what its customers send. */
async function dealershipToPlay(): Promise<ThreadData> {
  const dir = join(import.meta.dirname, "../../examples/dealership");
  const { workspace } = await openWorkspace(dir, { environment: {} });
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
  return {
    sides: { against: { files, start }, with: { files, start } },
    twins: learnTwins(history, { policies: [policy] }),
    frame: { from: clock, days: 7, customers: customers.map(({ customerId }) => customerId) },
    until: clock + 7 * DAY,
    seed: "test",
  };
}
