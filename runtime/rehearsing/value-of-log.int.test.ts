import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { need } from "../../domain/errors.ts";
import { evaluatePolicy } from "../../off-policy/off-policy.ts";
import { readPolicyRow } from "../../off-policy/rows.ts";
import type { Evaluated } from "../../rehearsal/results/evaluated.ts";
import { writeSimulatedLog, writeWorkspace } from "../../testing/simulated-log.ts";
import { openWorkspace } from "../open-workspace.ts";
import { playBoth } from "./play-both.ts";
import { filesOfSide } from "./side-files.ts";
import type { Side, Source } from "./source.ts";
import { sourceOfFiles } from "./source-of-files.ts";
import { askLog, valueOfLog } from "./value-of-log.ts";

const root = mkdtempSync(join(tmpdir(), "value-of-log-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const settings = (learning: string): string =>
  `version: 1\nname: Shop\ntimezone: UTC\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: visited, expires: 2d, urgency: 0.3}}\ngovernance: {consent: {box: opt_out}}\nlearning: ${learning}\n`;
const message = (value: number, box: string): string =>
  `status: approved\nserves: [m]\nvalue: ${value}\nsuccess: {signal: bought, within: 1d}\nchannels: {box: ${box}}\n`;
const TEXT = "{text: Hello}";
const VARIANTS = "{variants: {short: {text: Hi}, long: {text: Good morning}}}";

async function sideOf(dir: string): Promise<Side> {
  const { workspace, tools } = await openWorkspace(dir, { environment: {} });
  const { policy, files } = workspace;
  return {
    policy,
    tools,
    files: { policyVersion: policy.version, files: filesOfSide(files), replaced: {}, code: { dir }, environment: {} },
  };
}

async function sourceOf(dir: string, side: Side): Promise<Source> {
  const { workspace } = await openWorkspace(dir, { environment: {} });
  return need(await sourceOfFiles(workspace, side, { most: 1_000 }), "a source");
}

async function asked(source: Source, against: Side, other: Side) {
  const question = askLog(source, against, other);
  await playBoth(source, { against, with: other, ...("watch" in question ? { asked: question } : {}) });
  return { question, value: await valueOfLog(source, question, "s") };
}

type AnsweredEstimates = ReturnType<typeof answered>["estimates"];

const answered = (value: Evaluated) => {
  if ("refused" in value) throw new Error(value.refused.join("; "));
  return value;
};

/** The doubly robust estimate weighs what else would have been drawn: it differs by chance. */
function expectTheLogItself({ ips, snips, dr }: AnsweredEstimates, logged: number): void {
  expect([ips.value, snips.value]).toEqual([expect.closeTo(logged, 6), expect.closeTo(logged, 6)]);
  expect([dr.gain.low < 0, dr.gain.high > 0]).toEqual([true, true]);
}

describe("a log of known truth: of two messages one succeeds in 6 of 10, the other in 2 of 10", () => {
  let source: Source;
  let log: Side;
  let better: Side;
  let found: Awaited<ReturnType<typeof asked>>;

  beforeAll(async () => {
    const dir = writeWorkspace(join(root, "log"), settings("{explore: thompson, features: []}"), {
      good: message(10, TEXT),
      weak: message(25, TEXT),
    });
    await writeSimulatedLog(dir, { customers: 100, visits: 4, chanceOf: ({ experienceId }) => (experienceId === "good" ? 0.6 : 0.2) });
    log = await sideOf(dir);
    source = await sourceOf(dir, log);
    const only = writeWorkspace(join(root, "only"), settings("{explore: thompson, features: []}"), { good: message(10, TEXT) });
    better = await sideOf(only);
    found = await asked(source, log, better);
  });

  test("what a policy that sends the better one alone is worth lies in each interval", () => {
    const { estimates, logged, decisions } = answered(found.value);
    expect(decisions).toBe(400);
    for (const estimate of Object.values(estimates)) {
      expect(estimate.low).toBeLessThan(0.6);
      expect(estimate.high).toBeGreaterThan(0.6);
    }
    expect(logged.value).toBeLessThan(0.55);
    expect(estimates.dr.gain.low).toBeGreaterThan(0);
  });

  test("the policy that has decided is worth what the log has earned", async () => {
    const { value } = await asked(source, log, log);
    const { estimates, logged } = answered(value);
    expectTheLogItself(estimates, logged.value);
  });

  test("the estimates are those of policy evaluate from the same probabilities in a file", async () => {
    const { question, value } = found;
    if (!("watch" in question)) throw new Error("it was refused");
    const rows = [];
    const probabilities = [];
    for await (const { row, decisionId } of source.log()) {
      const { keys: _keys, ...logged } = row;
      rows.push({ ...logged, reward: row.reward ?? 0 });
      const choice = need(question.watch.choiceAt(decisionId), "a choice");
      const read = readPolicyRow(JSON.stringify(Object.fromEntries(choice.probabilities)));
      if (read.ok) probabilities.push(read.row);
    }
    const { estimates } = evaluatePolicy(rows, { policy: { kind: "given", probabilities }, seed: "s" });
    expect(answered(value).estimates).toEqual(estimates);
  });

  test("a policy that does what the log never did is refused", async () => {
    const dir = writeWorkspace(join(root, "never"), settings("{explore: thompson, features: []}"), { other: message(10, TEXT) });
    expect((await asked(source, log, await sideOf(dir))).value).toEqual({
      refused: expect.arrayContaining([
        expect.stringMatching(/the log never took other@box, which the policy takes in 100 % of decisions/),
      ]),
    });
  });
});

test("variants and hours: the probability of each logged decision is found again", async () => {
  const learning = "{explore: thompson, features: [], times: {channels: [box], within: 24h, below: 0.7}}";
  const dir = writeWorkspace(join(root, "hours"), settings(learning), { a: message(10, VARIANTS), b: message(12, TEXT) });
  await writeSimulatedLog(dir, { customers: 20, visits: 4, chanceOf: ({ variant }) => (variant === "long" ? 0.2 : 0.6) });
  const log = await sideOf(dir);
  const source = await sourceOf(dir, log);
  expect(source.decisions.filter(({ hour, action }) => hour !== undefined && action === "defer").length).toBeGreaterThan(10);
  expect(new Set(source.decisions.map(({ variant }) => variant))).toEqual(new Set([undefined, "short", "long"]));
  const { value, question } = await asked(source, log, log);
  const { estimates, logged, decisions } = answered(value);
  expect(decisions).toBe(source.decisions.length);
  expectTheLogItself(estimates, logged.value);
  if (!("watch" in question)) throw new Error("it was refused");
  for (const { decisionId, probability } of source.decisions)
    expect(question.watch.choiceAt(decisionId)?.ofLogged).toBeCloseTo(probability, 6);
});

test("a log of which nothing was drawn is not asked, and no wake is judged twice", async () => {
  const dir = writeWorkspace(join(root, "certain"), settings("{explore: none, features: []}"), { a: message(10, TEXT) });
  await writeSimulatedLog(dir, { customers: 5, visits: 2, chanceOf: () => 1 });
  const log = await sideOf(dir);
  const source = await sourceOf(dir, log);
  const { question, value } = await asked(source, log, log);
  expect(question).not.toHaveProperty("watch");
  expect(value).toEqual({ refused: [expect.stringMatching(/^none of its decisions was drawn/)] });
});
