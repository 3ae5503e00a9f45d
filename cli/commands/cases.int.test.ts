import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listening, listen } from "../../server/listen.ts";
import { policyOf } from "../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../../testing/service.ts";
import { runTyped, type TypedOptions } from "../../testing/typed-command.ts";
import { DONE } from "../command.ts";
import { createPaint, type Io } from "../io.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-cases-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SETTINGS =
  "timezone: UTC\nchannels: {box: {kind: file, address: none}}\ngovernance: {consent: {box: opt_out}}\nmoments: {mended: {on: case.closed, expires: 1d}}\n";
const EXPERIENCE = "id: after\nserves: [mended]\nchannels: {box: {text: Is it mended?}}\n";
const SIGNALS = [
  { id: "1", subject: "ann", time: "2026-06-01T10:00:00Z", data: { caseId: 17, subject: "brakes" } },
  { id: "2", subject: "bob", time: "2026-06-01T11:30:00Z", data: { caseId: "K-1" } },
].map((one) => ({ specversion: "1.0", source: "desk", type: "case.opened", ...one }));

/** Where the commands find the customers: options for each, and the environment. */
interface Target {
  readonly options: TypedOptions;
  readonly environment: Io["environment"];
}

async function type(command: string, words: readonly string[], more: TypedOptions, { options, environment }: Target) {
  const said = { out: [] as string[], noted: [] as string[] };
  const io: Io = {
    ...{ out: (line) => void said.out.push(line), note: (line) => void said.noted.push(line), warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment, columns: 100, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  const status = await runTyped(command, words, { ...options, ...more }, io);
  return { status, out: said.out.join("\n"), noted: said.noted.join("\n") };
}

let service: TestService | undefined;
let listening: Listening | undefined;
const targets: Record<string, Target> = {};
beforeAll(async () => {
  const workspace = join(root, "workspace");
  mkdirSync(join(workspace, "experiences"), { recursive: true });
  writeFileSync(join(workspace, "sentient.yaml"), `version: 1\nname: Cases\n${SETTINGS}`);
  writeFileSync(join(workspace, "experiences/after.yaml"), EXPERIENCE);
  writeFileSync(join(workspace, "signals.jsonl"), SIGNALS.map((one) => JSON.stringify(one)).join("\n"));
  const data = join(root, "data");
  const store: Target = { options: { data }, environment: {} };
  await type("run", [workspace], { until: "2026-06-01T12:00:00Z" }, store);
  targets["a store"] = store;
  service = await openTestService(policyOf(SETTINGS, [EXPERIENCE]), { remove: async () => {} });
  for (const signal of SIGNALS) await service.post("/v1/signals", signal);
  await service.settled();
  listening = await listen(service.app, { host: "127.0.0.1", port: 0 });
  targets.SENTIENT_URL = { options: {}, environment: { SENTIENT_URL: listening.url, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY } };
});
afterAll(async () => {
  await listening?.close();
  await service?.close();
});

describe.each(["a store", "SENTIENT_URL"])("W10: sentient cases on %s", (name) => {
  const typed = (command: string, words: readonly string[] = [], more: TypedOptions = {}) =>
    type(command, words, more, targets[name] ?? expect.fail(`${name} is not open`));

  test("W10: lists open cases, closes one as the signal does, and shows it as closed", async () => {
    expect(await typed("cases list")).toEqual({
      ...{ status: DONE, noted: "" },
      out: "17   open since 2026-06-01 10:00  ann  brakes\nK-1  open since 2026-06-01 11:30  bob",
    });
    expect((await typed("cases list", [], { customer: "bob" })).out).toBe("K-1  open since 2026-06-01 11:30  bob");
    const closed = await typed("cases close", ["ann", "17"], { by: "olga", note: "mended" });
    expect(closed).toMatchObject({ status: DONE, out: expect.stringContaining("case 17 of ann is closed") });
    expect(JSON.parse((await typed("cases list", [], { all: true, json: true })).out)).toMatchObject([
      { caseId: "K-1", customerId: "bob", state: "open" },
      { caseId: "17", customerId: "ann", subject: "brakes", state: "closed" },
    ]);
    expect((await typed("cases list", [], { all: true })).out).toMatch(/^17 +closed \d{4}-\d\d-\d\d \d\d:\d\d +ann +brakes$/m);
    expect(JSON.parse((await typed("audit list", [], { json: true })).out)).toMatchObject([
      { by: "olga", action: "case.closed", target: "17", customerId: "ann", details: { note: "mended" } },
    ]);
    await service?.settled();
    const decided = await typed("decisions list", [], { customer: "ann", json: true });
    expect(JSON.parse(decided.out)).toMatchObject({ action: "deliver", experienceId: "after" });
  });

  test("W10: refuses a case that is closed, or that the customer does not have, and names the open ones", async () => {
    await expect(typed("cases close", ["ann", "17"])).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/^case 17 was closed at .*; none is open$/),
    });
    await expect(typed("cases close", ["bob", "17"])).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "bob has no case 17; open: K-1",
    });
    await typed("cases close", ["bob", "K-1"]);
    expect(await typed("cases list")).toEqual({ status: DONE, out: "", noted: "no cases are open; --all also shows closed ones" });
  });
});
