import { expect, test } from "vitest";
import { withoutServers } from "../testing/command-line.ts";
import { killRuns } from "./kill-runs.ts";

/** Each start of the process takes seconds, and many more on a busy machine. */
const PATIENCE = 900_000;

const short = { seed: "short", customers: 10, signals: 100, environment: withoutServers() };

test("a run that is killed and restarted results in the same record as an unbroken one", { timeout: PATIENCE }, async () => {
  const report = await killRuns({ ...short, kills: 4, live: false });
  expect(report.inFlight).toBe(4);
  expect(report.decisions).toBeGreaterThan(30);
  expect(report.differences).toEqual([]);
});

test("a run that is killed while it sends messages sends none of them twice", { timeout: PATIENCE }, async () => {
  const report = await killRuns({ ...short, kills: 3, live: true });
  expect(report.inFlight).toBe(3);
  expect(report.sentCount).toBeGreaterThan(5);
  expect(report.twice).toEqual([]);
});
