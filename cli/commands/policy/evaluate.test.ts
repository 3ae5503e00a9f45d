import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { runTyped } from "../../../testing/typed/typed-command.ts";
import { createPaint, type Io } from "../../io.ts";

const dir = mkdtempSync(join(tmpdir(), "policy-evaluate-"));
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
/** Writes one JSON value per line. */
function fileOf(rows: readonly unknown[]): string {
  const file = join(dir, `${files++}.ndjson`);
  writeFileSync(file, rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join(""));
  return file;
}

async function evaluated(log: string, options: Readonly<Record<string, string | boolean>> = {}, stdin = Readable.from([])) {
  const said = { out: [] as string[], warned: [] as string[] };
  const io: Io = {
    ...{ out: (line) => void said.out.push(line), note: () => {}, warn: (line) => void said.warned.push(line), progress: () => {} },
    ...{ paint: createPaint(false), stdin, environment: {}, columns: 100, isTerminal: false, now: () => 0, isStopped: () => false },
  };
  const status = await runTyped("policy evaluate", [log], options, io);
  const json = options["json"] === true ? JSON.parse(said.out.join("")) : undefined;
  return { status, json, text: said.out.join("\n"), warned: said.warned.join("\n") };
}

const row = (action: string, probability: number, reward: number) => ({ context: { day: "monday" }, action, probability, reward });
/** Mail is chosen a quarter of the time and earns 1 in half of its decisions; calls earn nothing. */
const EXPLORED = Array.from({ length: 400 }, (_, index) =>
  index % 4 === 0 ? row("mail", 0.25, index % 8 === 0 ? 1 : 0) : row("call", 0.75, 0),
);

test("the value of always choosing one action, with its gain over the log", async () => {
  const { status, json, warned } = await evaluated(fileOf(EXPLORED), { json: true, policy: "always:mail" });

  expect(status).toBe(0);
  expect(warned).toBe("");
  expect(json).toMatchObject({
    policy: "always:mail",
    decisions: 400,
    logged: { value: 0.125 },
    estimates: { ips: { value: 0.5, gain: { value: 0.375 } }, snips: { value: 0.5 } },
    support: { effectiveSampleSize: 100, meanWeight: 1 },
    refusals: [],
    actions: [
      { action: "call", decisions: 300, reward: 0 },
      { action: "mail", decisions: 100, reward: 0.5 },
    ],
  });
  expect(json.estimates.dr.value).toBeCloseTo(0.5, 1);
  expect(json.estimates.dr.low).toBeLessThan(0.5);
});

test.each([
  ["best", 0.5],
  ["uniform", 0.25],
])("the policy %s is worth %f here", async (policy, value) => {
  const { json } = await evaluated(fileOf(EXPLORED), { json: true, policy });
  expect(json.estimates.ips.value).toBeCloseTo(value, 10);
});

test("without a policy the best one is evaluated", async () => {
  const { json } = await evaluated(fileOf(EXPLORED), { json: true });
  expect(json.policy).toBe("best");
});

test("a policy from a file: one line for all decisions, or one for each", async () => {
  const log = fileOf(EXPLORED);
  const one = await evaluated(log, { json: true, policy: fileOf([{ mail: 0.5, call: 0.5 }]) });
  const each = await evaluated(log, { json: true, policy: fileOf(EXPLORED.map(() => '"mail"')) });

  expect(one.json.estimates.ips.value).toBeCloseTo(0.25, 10);
  expect(each.json.estimates.ips.value).toBeCloseTo(0.5, 10);
});

test("the log may come from standard input, and blank lines count in line numbers only", async () => {
  const text = EXPLORED.map((one) => `${JSON.stringify(one)}\r\n\r\n`).join("");
  const { json } = await evaluated("-", { json: true, policy: "uniform" }, Readable.from([text]));
  expect(json.decisions).toBe(400);
});

test("the text output shows the values, the gain and their basis", async () => {
  const { text } = await evaluated(fileOf(EXPLORED), { policy: "always:mail" });
  expect(text).toMatch(/always:mail against a log of 400 decisions, 95 % intervals/);
  expect(text).toMatch(/IPS +0\.5 +0\.\d+ to 0\.\d+ +\+0\.375 /);
  expect(text).toMatch(/worth 100 decisions of that policy/);
});

describe("decisions as printed", () => {
  const decision = (index: number) => ({
    ...{ decisionId: `d-${index}`, customerId: `c-${index}`, action: "deliver", channel: "email", reasons: [], moments: [{ name: "m" }] },
    ...{ experienceId: index % 2 === 0 ? "quote" : "visit", probability: 0.5 },
    candidates: ["quote", "visit"].map((experienceId, at) => ({
      ...{ experienceId, channel: "email", verdict: index % 2 === at ? "chosen" : "eligible" },
      reasons: [{ code: index % 2 === at ? "eligible" : "lower_priority" }],
    })),
    deliveries: [{ deliveryId: `m-${index}` }],
  });
  const decisions = Array.from({ length: 200 }, (_, index) => decision(index));

  test("that gave again what was given before count once", async () => {
    const again = { ...decision(0), decisionId: "d-again", again: true, deliveries: [] };
    const { json } = await evaluated(fileOf([...decisions, again].map((one) => ({ ...one, reward: 1 }))), { json: true });
    expect(json.decisions).toBe(200);
  });

  test("take their rewards from a file, by decision or by delivery, and none where it has none", async () => {
    const rewards = fileOf([
      { decisionId: "d-0", reward: 1 },
      { deliveryId: "m-0", reward: 2 },
      { deliveryId: "m-2", reward: 7 },
      { deliveryId: "m-999", reward: 100 },
      ...Array.from({ length: 20 }, (_, index) => ({ deliveryId: `m-${4 + 2 * index}`, reward: 1 })),
    ]);
    const { json, warned } = await evaluated(fileOf(decisions), { json: true, policy: "always:quote@email", rewards });

    expect(json.logged.value).toBeCloseTo(30 / 200, 12);
    expect(json.estimates.ips.value).toBeCloseTo(30 / 100, 12);
    expect(warned).toContain(":4: 1 rewards belong to no decision of the log");
  });

  test("item 10: a log without a reward for the policy's actions is refused, with bounds", async () => {
    const rewarded = decisions.map((one, index) => ({ ...one, reward: index % 2 === 1 ? 1 : 0 }));
    const { status, warned, json } = await evaluated(fileOf(rewarded), { json: true, policy: "always:quote@email" });
    expect(status).toBe(1);
    expect(warned).toMatch(/the log cannot answer: .*rest on 0 rewards, at least 10 are needed; .* at most 0\.030 \(95 %, rule of three\)/);
    expect(json).not.toHaveProperty("estimates");
  });

  test("without rewards are refused at the first line without one", async () => {
    await expect(evaluated(fileOf([{ ...decision(0), reward: 1 }, decision(1)]))).rejects.toThrow(/:2: reward: expected a number/);
  });

  test("without randomness support no estimate", async () => {
    const certain = decisions.map((one) => ({ ...one, probability: 1, reward: 1 }));
    const { status, warned, json } = await evaluated(fileOf(certain), { json: true, policy: "always:visit@email" });
    expect(status).toBe(1);
    expect(warned).toMatch(/the log cannot answer: in 50 % of decisions .* the log was certain .*: it was written without exploring/);
    expect(json).not.toHaveProperty("estimates");
  });
});

describe("invalid input is reported with its line", () => {
  test("lines of the log, each one", async () => {
    const log = fileOf([row("mail", 0.5, 1), "{broken", row("mail", 0, 1), { action: "mail", reward: 1 }]);
    const said: string[] = [];
    const io = { stdin: Readable.from([]), paint: createPaint(false), warn: (line: string) => void said.push(line) } as unknown as Io;
    await expect(runTyped("policy evaluate", [log], {}, io)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringMatching(/3 of 4 lines/),
    });
    expect(said.map((line) => /:(\d+): (\w+)/.exec(line)?.slice(1))).toEqual([
      ["2", "not"],
      ["3", "probability"],
      ["4", "probability"],
    ]);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["an unknown policy", { policy: "bset" }, /expected uniform, best, always:ACTION or a file; actions are call, mail/],
    ["a confidence that is none", { confidence: "95" }, /--confidence 95: expected a number from 0\.5 to 0\.999/],
    ["a file of rewards that is not there", { rewards: "/nowhere/rewards.ndjson" }, /cannot read .*rewards\.ndjson: no such file/],
  ])("%s", async (_, options, why) => {
    await expect(evaluated(fileOf(EXPLORED), options)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringMatching(why) });
  });

  test("a policy for another log", async () => {
    const policy = fileOf(['"mail"', '"mail"', '"call"']);
    await expect(evaluated(fileOf(EXPLORED), { policy })).rejects.toThrow(
      /has 3 lines: expected one for every decision of the log \(400\)/,
    );
  });

  test("a folder, a missing log, and one without decisions", async () => {
    await expect(evaluated(dir)).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(evaluated(join(dir, "none"))).rejects.toThrow(/no such file/);
    await expect(evaluated(fileOf([]))).rejects.toThrow(/holds no decisions/);
  });
});
