import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import { openFakeOpenAi } from "../../testing/providers/fake-openai.ts";
import type { AgentReport } from "./report.ts";

const out = mkdtempSync(join(tmpdir(), "live-"));
afterAll(() => rmSync(out, { recursive: true }));

test("a live run records tokens, versions, rejections and failures of a model, and no unchecked output", async () => {
  let asked = 0;
  const fake = await openFakeOpenAi(() =>
    ++asked === 1
      ? { value: { verdicts: [{ criterion: "c1", verdict: "met", reason: "surely", evidence: ["customer.noSuchField"] }] } }
      : { status: 401 },
  );
  const environment = { OPENAI_BASE_URL: fake.url, OPENAI_MODEL: "Small/Model:1", OPENAI_API_KEY: "key", SENTIENT_RECORD: "" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...READS_TYPESCRIPT, join(import.meta.dirname, "live.ts"), "--only", "judging", "--limit", "2", "--out", out],
    { env: { ...process.env, ...environment }, cwd: join(import.meta.dirname, "..", "..") },
  );
  await fake.close();
  expect(stdout.trim().split("\n").at(-1)).toBe("live: 2 of 2 trials held with Small/Model:1");
  const report = JSON.parse(readFileSync(join(out, "small-model-1.json"), "utf8")) as AgentReport;
  expect(report.versions.prompts["judge-criteria@1"]).toBeDefined();
  expect(report.askedBy).toMatch(/^json_schema/);
  expect(report.suites.map(({ contestant }) => contestant)).toEqual(["rules", "Small/Model:1"]);
  expect(report.suites[1]).toMatchObject({
    ...{ cases: 2, held: 2, own: 0, questions: 2, rejected: 1, failures: { unauthorized: 1 } },
    tokens: { input: 100, output: 20 },
  });
  expect(readFileSync(join(out, "small-model-1.md"), "utf8")).toContain("| judging/own | Small/Model:1 | 2 |");
});
