import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import { runStream } from "../engine/run-stream.ts";
import { importCustomers, readCustomers } from "../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../intake/read-signals.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { createRuntime, type Runtime } from "./create-runtime.ts";
import { channelsOf } from "./load-channels.ts";
import { actionTools } from "./load-tools.ts";
import { decideUnder, replay } from "./replay.ts";

const DEALERSHIP = join(import.meta.dirname, "..", "examples", "dealership");
const load = (dir: string) => loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: actionTools });
const open = (policy: ReturnType<typeof load>["policy"]): Promise<Runtime> => createRuntime({ policy, live: false, now: Date.now });

const folder = mkdtempSync(join(tmpdir(), "replay-under-"));
const workspace = load(DEALERSHIP);
const decisions: Decision[] = [];
let source: Runtime;

beforeAll(async () => {
  source = await open(workspace.policy);
  await runStream(readSignalLines(openSignals(join(DEALERSHIP, "signals.jsonl"), process.stdin)), {
    ...{ store: source.store, decider: source.decider },
    beforeFirst: async (at) =>
      void (await importCustomers(readCustomers(join(DEALERSHIP, "customers.jsonl")).lines, at, source.store, workspace.policy)),
    onDecision: (decision) => void decisions.push(decision),
  });
});

afterAll(async () => {
  await source.close();
  rmSync(folder, { recursive: true });
});

/** The dealership with one change. */
function changed(name: string, from: RegExp, to: string) {
  const dir = join(folder, name);
  cpSync(DEALERSHIP, dir, { recursive: true });
  const file = join(dir, "sentient.yaml");
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
  return load(dir);
}

test("under the same workspace every recorded wake gets the same decision", async () => {
  await using runtime = await open(workspace.policy);
  const { same, differences, totals } = await replay({ source: source.store, runtime, policy: workspace.policy });
  expect(differences).toEqual([]);
  expect(same).toBe(decisions.length);
  expect(totals.after).toEqual(totals.before);
});

test("under a stricter cap fewer are sent, and differences are reported wake by wake and in totals", async () => {
  const stricter = changed("stricter", /\{id: weekly, max: \d+/, "{id: weekly, max: 1");
  await using runtime = await open(stricter.policy);
  const { same, differences, totals } = await replay({ source: source.store, runtime, policy: stricter.policy });
  expect(differences.length).toBeGreaterThan(10);
  expect(totals.after.byAction.deliver).toBeLessThan(totals.before.byAction.deliver ?? 0);
  const wakes = new Set([...differences.map(({ customerId, at }) => `${customerId} ${at}`)]);
  expect(wakes.size).toBeGreaterThan(10);
  expect(same).toBeGreaterThan(0);
});

test("one decision: its own workspace repeats it, another one decides the same wake from the same state", async () => {
  const decision = decisions.find(
    ({ customerId, action, reasons }) =>
      customerId === "c-dana" && action === "defer" && reasons.some(({ code }) => code === "cap_reached"),
  );
  expect(decision).toBeDefined();
  if (!decision) return;
  {
    await using runtime = await open(workspace.policy);
    const again = await decideUnder(decision, workspace.policy, { source: source.store, runtime, policy: workspace.policy });
    expect({ ...again, deliveries: [] }).toEqual({ ...decision, deliveries: [] });
  }
  await using runtime = await open(workspace.policy);
  const free = changed("free", /caps:\n(?: {4}.*\n)+/, "caps: []\n");
  const other = await decideUnder(decision, free.policy, { source: source.store, runtime, policy: workspace.policy });
  expect(other).toMatchObject({ action: "deliver", wake: decision.wake, experienceId: decision.experienceId });
});
