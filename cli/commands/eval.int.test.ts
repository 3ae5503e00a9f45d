import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import type { Report } from "../../evals/compare.ts";
import { runTyped } from "../../testing/typed/typed-command.ts";
import { BELOW_GATE, DONE } from "../command.ts";
import { createPaint, type Io } from "../io.ts";

const STARTER = join(import.meta.dirname, "..", "..", "examples", "starter");
const scratch = mkdtempSync(join(tmpdir(), "eval-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A copy of the small workspace, so that its golden decisions may be changed. */
function copyOf(name: string, edit: (suite: string) => string = (suite) => suite): string {
  const dir = join(scratch, name);
  cpSync(STARTER, dir, { recursive: true });
  rmSync(join(dir, "evals", "settled.yaml"));
  const file = join(dir, "evals", "first.yaml");
  const before = readFileSync(file, "utf8");
  const after = edit(before);
  writeFileSync(file, after);
  return dir;
}

async function evaluated(words: readonly string[], options: Readonly<Record<string, string | boolean>> = {}) {
  const said = { out: [] as string[], noted: [] as string[] };
  const io: Io = {
    ...{ out: (line) => void said.out.push(line), note: (line) => void said.noted.push(line), warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment: {}, columns: 100, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  const status = await runTyped("eval", words, options, io);
  return { status, last: said.out.at(-1), out: said.out.join("\n"), noted: said.noted.join("\n") };
}

const report = (out: string): Report => JSON.parse(out) as Report;

test("several workspaces in one run: their suites are distinguished, and the last line is the sum", async () => {
  const { status, last, noted } = await evaluated([copyOf("one"), copyOf("two")]);
  expect({ status, last }).toEqual({ status: DONE, last: "14 of 14 expectations hold" });
  expect(noted).toMatch(/^one\/first$[\s\S]*^two\/first$/m);
});

describe("one inverted expectation fails the suite", () => {
  test.each<[string, RegExp, string]>([
    ["a message that must not be there", /at: o-1, action: deliver, experience: welcome/, "at: o-1, action: silence, experience: welcome"],
    ["a text that is not said", /says: the milk was sour/, "says: the coffee was cold"],
    ["never, where it did happen", /never: \{customer: tom\}/, "never: {customer: ines}"],
    ["a silence that was none", /at: x-3, action: deliver, experience: we-miss-you/, "at: x-3, action: silence"],
    ["a reason that was another", /reasons: \[consent_revoked\]/, "reasons: [consent_missing]"],
    ["one message more than was sent", /action: deliver, max: 1/, "action: deliver, max: 0"],
  ])("%s", async (name, from, to) => {
    const dir = copyOf(name.replaceAll(" ", "-"), (suite) => suite.replace(from, to));
    const { status, last, noted } = await evaluated([dir]);
    expect({ status, last }).toEqual({ status: BELOW_GATE, last: "6 of 7 expectations hold" });
    expect(noted).toContain("✗ two weeks of two customers");
    const [, line] = /evals\/first\.yaml:(\d+)$/m.exec(noted) ?? [];
    expect(readFileSync(join(dir, "evals", "first.yaml"), "utf8").split("\n")[Number(line) - 1]).toContain(to);
  });
});

test("repeated trials have the same result", async () => {
  const dir = copyOf("trials");
  const twice = report((await evaluated([dir], { trials: "2", json: true })).out);
  const [once, again] = [report((await evaluated([dir], { json: true })).out), report((await evaluated([dir], { json: true })).out)];
  const [suite] = twice.suites;
  expect(suite?.cases.flatMap(({ expectations }) => expectations.map(({ held }) => held))).toEqual(Array(7).fill(2));
  expect(suite?.score).toBe(1);
  expect({ ...again, madeAt: "" }).toEqual({ ...once, madeAt: "" });
});

test("a gate passes at its threshold", async () => {
  const dir = copyOf("gate", (suite) => `${suite.replace("name: first", "name: first\ngate: 0")}      - {task: {queue: marketing}}\n`);
  expect(await evaluated([dir])).toMatchObject({ status: DONE, last: "7 of 8 expectations hold" });
});

test.each([
  ["an experience", "never: {customer: tom, experience: welcom}", /unknown experience welcom/],
  ["a channel", "never: {customer: tom, channel: sms}", /unknown channel sms/],
  ["a customer", "never: {customer: tim}", /unknown customer tim/],
  ["a queue", "task: {queue: nobody}", /unknown queue nobody/],
])("%s that is unknown is a mistake in the suite, not an expectation that holds", async (_name, to, problem) => {
  const dir = copyOf(to.replaceAll(/\W+/g, "-"), (suite) => suite.replace("never: {customer: tom}", to));
  await expect(evaluated([dir])).rejects.toThrow(problem);
});

test("a baseline reports regressions and improvements", async () => {
  const dir = copyOf("before");
  const kept = join(scratch, "report");
  const { noted } = await evaluated([dir], { report: kept });
  expect(noted).toContain("report.json and report.html are in");
  expect(readFileSync(join(kept, "report.html"), "utf8")).toContain("7 of 7 expectations hold");
  const worse = join(dir, "experiences", "make-it-right.yaml");
  writeFileSync(worse, readFileSync(worse, "utf8").replace("status: approved", "status: draft"));
  const after = await evaluated([dir], { baseline: join(kept, "report.json") });
  expect(after.status).toBe(BELOW_GATE);
  expect(after.out).toContain("worse   first / two weeks of two customers / experience make-it-right");
  expect(after.out).toContain("against the baseline: 0 better, 1 worse, 0 new, 0 removed");
});

test("a missing suite is reported with the existing ones", async () => {
  expect(existsSync(STARTER)).toBe(true);
  await expect(evaluated(["second"], { workspace: STARTER })).rejects.toThrow("no golden decisions called second; there are first");
});

test("W11: a failed expectation shows file, line and the nearest decisions in the terminal, in JSON and in the report", async () => {
  const dir = copyOf("near", (suite) => suite.replace("action: deliver, experience: welcome", "action: defer, experience: welcome"));
  const kept = join(scratch, "near-report");
  const { out, noted } = await evaluated([dir], { report: kept });
  expect(noted).toContain("experience welcome, channel email, action defer, at o-1, says flat white evals/first.yaml:6");
  expect(noted).toMatch(
    /no decision is like that; the nearest are\n\s+· 2026-03-02T09:12:00Z \(o-1\) ines deliver welcome by email \(.*\)\n\s+action deliver, not defer\n/,
  );
  expect(out).not.toContain("action deliver, not defer");
  const html = readFileSync(join(kept, "report.html"), "utf8");
  expect(html).toContain("evals/first.yaml:6: no decision is like that; the nearest are");
  expect(html).toContain("action deliver, not defer");
  const [failed] = report((await evaluated([dir], { json: true })).out).suites[0]?.cases[0]?.expectations ?? [];
  expect(failed).toMatchObject({ held: 0, file: "evals/first.yaml", line: 6, near: [{ differs: ["action deliver, not defer"] }] });
});
