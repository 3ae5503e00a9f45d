import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listening, listen } from "../../server/listen.ts";
import { policyOf } from "../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../../testing/service.ts";
import { runTyped, type TypedOptions } from "../../testing/typed-command.ts";
import { createPaint, type Io } from "../io.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-why-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SETTINGS =
  "timezone: UTC\ndepartments: [sales, service]\nchannels: {box: {kind: file, address: none}, desk: {kind: human, queue: showroom}}\ngovernance: {consent: {box: opt_out}}\nmoments: {m: {on: go, expires: 30d}}\nlearning: {explore: none}\n";
const EXPERIENCES = [
  "id: offer\ndepartment: sales\nserves: [m]\nvalue: 10\nchannels: {box: {text: Buy}}\n",
  "id: help\ndepartment: service\nserves: [m]\nvalue: 20\nchannels: {desk: {summary: Call}}\n",
];
const GO = { specversion: "1.0", source: "web", id: "1", type: "go", subject: "ann", time: "2026-06-01T10:00:00Z", data: {} };

interface Target {
  readonly options: TypedOptions;
  readonly environment: Io["environment"];
}

async function type(command: string, words: readonly string[], more: TypedOptions, { options, environment }: Target) {
  const out: string[] = [];
  const io: Io = {
    ...{ out: (line) => void out.push(line), note: () => {}, warn: () => {}, progress: () => {}, paint: createPaint(false) },
    ...{ stdin: Readable.from([]), environment, columns: 100, isTerminal: false, now: Date.now, isStopped: () => false },
  };
  await runTyped(command, words, { ...options, ...more }, io);
  return out.join("\n");
}

let service: TestService | undefined;
let listening: Listening | undefined;
const targets: Record<string, Target> = {};
beforeAll(async () => {
  const workspace = join(root, "workspace");
  mkdirSync(join(workspace, "experiences"), { recursive: true });
  writeFileSync(join(workspace, "sentient.yaml"), `version: 1\nname: Why\n${SETTINGS}`);
  for (const [index, text] of EXPERIENCES.entries()) writeFileSync(join(workspace, `experiences/${index}.yaml`), text);
  writeFileSync(join(workspace, "signals.jsonl"), JSON.stringify(GO));
  const store: Target = { options: { data: join(root, "data"), workspace }, environment: {} };
  await type("run", [workspace], { until: "2026-06-02T00:00:00Z" }, { ...store, options: { data: join(root, "data") } });
  targets["a store"] = store;
  service = await openTestService(policyOf(SETTINGS, EXPERIENCES), { remove: async () => {} });
  await service.post("/v1/signals", { ...GO, time: new Date().toISOString() });
  await service.settled();
  listening = await listen(service.app, { host: "127.0.0.1", port: 0 });
  targets.SENTIENT_URL = { options: {}, environment: { SENTIENT_URL: listening.url, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY } };
});
afterAll(async () => {
  await listening?.close();
  await service?.close();
});

describe.each(["a store", "SENTIENT_URL"])("on %s", (name) => {
  const ask = (experience: string, more: TypedOptions = {}) => type("why", ["ann", experience], more, targets[name] as Target);

  test("the sentence, what would change it, whom to ask, the ladder and the decisions", async () => {
    const said = await ask("offer");
    expect(said).toContain("offer did not go to ann: on ");
    expect(said).toContain("it lost to help of service: priority");
    expect(said).toContain("Would change it: a value above 20 instead of 10.");
    expect(said).toContain("Ask: service (queue showroom), about why help weighs more.");
    expect(said).toContain("✓ In the catalogue and approved?\n    it is approved\n");
    expect(said).toMatch(/✗ Did it pass every stage and win\?\n {4}on /);
    expect(said).toMatch(/held back {2}lower_priority {2}help won\n/);
    expect(said).not.toContain("Did it arrive?");
  });

  test("with --json, and within a window", async () => {
    const why = JSON.parse(await ask("offer", { json: true, from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" }));
    expect(why).toMatchObject({ stoppedAt: "moment", searched: { from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" } });
  });
});
