import { expect, test } from "vitest";
import { RIGHT, RULES } from "./contestants.ts";
import { judgingSuite } from "./judging.ts";
import { measure } from "./measure.ts";
import { type AgentReport, comparisonOf, markdownOf, reportOf, tableOf } from "./report.ts";

const suite = judgingSuite();
const report = async (madeAt: string): Promise<AgentReport> => {
  const rows = [await measure(suite, RULES, { trials: 1 }), await measure(suite, RIGHT, { trials: 1 })];
  return reportOf({ madeAt, model: "scripted" }, [suite], rows);
};

test("a report names everything that may affect results: prompts with their hashes, packages, policies, Node", async () => {
  const { versions } = await report("2026-06-01T00:00:00Z");
  expect(versions.prompts["judge-criteria@1"]).toMatch(/^[0-9a-f]{16}$/);
  expect(versions.packages).toMatchObject({ openai: expect.stringMatching(/^\d/), zod: expect.stringMatching(/^\d/) });
  expect(versions).toMatchObject({ node: process.versions.node, policies: { "judging/own": suite.policy.version } });
});

test("a table has a row for each suite and contestant, with the interval of its share", async () => {
  const { suites } = await report("2026-06-01T00:00:00Z");
  expect(tableOf(suites)[2]).toMatch(/^\| judging\/own \| rules \| 16 \| 62\.5 % \(38\.6 % to 81\.5 %\) \| 62\.5 % of \^1 \| 16 of 16 \|/);
  expect(markdownOf(await report("2026-06-01T00:00:00Z"))).toContain("Prompts: judge-criteria@1 (");
});

test("two reports are compared row by row, with the prompts that differ and whether the difference is significant", async () => {
  const [before, now] = [await report("2026-06-01T00:00:00Z"), await report("2026-06-02T00:00:00Z")];
  expect(comparisonOf(before, now).join("\n")).toContain("The prompts are the same.");
  const [rules, right] = now.suites;
  if (!rules || !right) throw new Error("expected two rows");
  const changed: AgentReport = {
    ...now,
    versions: { ...now.versions, prompts: { ...now.versions.prompts, "judge-criteria@1": "0".repeat(16) } },
    suites: [
      { ...rules, rate: 0.5, interval: [0.28, 0.72] },
      { ...right, suite: "judging/new" },
    ],
  };
  const lines = comparisonOf(before, changed);
  expect(lines).toContain("Prompts that differ: before judge-criteria@1; now judge-criteria@1.");
  expect(lines).toContain(
    "| judging/own | rules | 62.5 % (38.6 % to 81.5 %) | 50.0 % (28.0 % to 72.0 %) | -12.5 points, within the interval |",
  );
  expect(lines).toContain("| judging/new | scripted right | - | 100.0 % (80.6 % to 100.0 %) | new |");
  expect(lines).toContain("| judging/own | scripted right | 100.0 % (80.6 % to 100.0 %) | - | gone |");
});
