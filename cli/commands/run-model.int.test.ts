import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import { type Ended, sentientWith } from "../../testing/command-line.ts";
import { type FakeOpenAi, openFakeOpenAi } from "../../testing/providers/fake-openai.ts";

const folder = mkdtempSync(join(tmpdir(), "run-model-"));
let fake: FakeOpenAi;

const FILES = {
  "sentient.yaml": `
version: 1
name: Northwind
channels: {box: {kind: file}}
moments: {back: {on: came.back, expires: 2d}}
model: {baseUrl: "\${OPENAI_BASE_URL}", name: "\${OPENAI_MODEL}", budget: {perRunTokens: 20000, perDayUsd: 50}}
`,
  "experiences/offer.yaml": `
id: offer
serves: [back]
action: {tool: issue_offer, input: {percent: 20, validFor: 3h}}
channels: {box: {text: "Dear {{ customer.firstName }}, 20% off with {{ action.code }}.", brief: Say it warmly.}}
`,
  "experiences/call.yaml": `
id: call
serves: [back]
value: 9
judge: The customer wants to be called.
channels: {box: {text: "We call you."}}
`,
  "customers.jsonl": '{"id":"c-1","traits":{"firstName":"Dana"},"at":"2026-05-01T00:00:00Z"}\n',
  "signals.jsonl":
    '{"specversion":"1.0","id":"s-1","source":"web","type":"came.back","subject":"c-1","time":"2026-06-01T15:00:00Z","data":{}}\n',
};

beforeAll(async () => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  fake = await openFakeOpenAi(({ user }) => {
    if (user.includes("The criteria:"))
      return { value: { verdicts: [{ criterion: "c1", verdict: "not_met", reason: "nobody said so", evidence: ["customer.openCases"] }] } };
    const code = /with (\S+)\./.exec(user)?.[1];
    return { value: { parts: [{ part: "text", text: `Welcome back, Dana! Take 20% off with ${code}.` }] } };
  });
});
afterAll(async () => {
  await fake.close();
  rmSync(folder, { recursive: true });
});

const endpoint = (url: string) => ({ OPENAI_BASE_URL: url, OPENAI_MODEL: "small", OPENAI_API_KEY: "key" });
const sentient = (words: string[], environment: Record<string, string> = {}): Promise<Ended> =>
  sentientWith({ OPENAI_BASE_URL: "", OPENAI_MODEL: "", OPENAI_API_KEY: "", ...environment }, [...words, "--workspace", folder]);

async function run(
  environment?: Record<string, string>,
  data = mkdtempSync(join(folder, "data-")),
): Promise<{ decision: Decision; err: string }> {
  const { code, out, err } = await sentient(["run", folder, "--json", "--data", data], environment);
  expect(code, err).toBe(0);
  return { decision: JSON.parse(out[0] ?? "") as Decision, err };
}

const textOf = ({ deliveries }: Decision) => String(deliveries[0]?.content?.text);
const judgedCall = ({ candidates }: Decision) => candidates.find(({ experienceId }) => experienceId === "call")?.reasons[0];

test("with an endpoint the model judges and words, also a text with the code of its offer, and the run records actions and cost", async () => {
  const data = mkdtempSync(join(folder, "kept-"));
  const { decision } = await run(endpoint(fake.url), data);
  expect(decision).toMatchObject({ action: "deliver", experienceId: "offer" });
  expect(judgedCall(decision)).toMatchObject({ code: "judge_declined", decidedBy: "model", detail: "nobody said so (customer.openCases)" });
  expect(textOf(decision)).toMatch(/^Welcome back, Dana! Take 20% off with [A-Z0-9-]{8,}\.$/);
  const shown = JSON.parse((await sentient(["runs", "show", decision.runId, "--json", "--data", data])).out.join(""));
  expect(shown.usage).toEqual({ inputTokens: 200, outputTokens: 40, usd: expect.closeTo(0.006) });
  expect(shown.steps).toEqual(
    expect.arrayContaining([expect.objectContaining({ wrote: "model", tries: [{ written: expect.anything(), findings: [] }] })]),
  );
  const explained = (await sentient(["decisions", "explain", decision.decisionId, "--data", data])).out.join("\n");
  const total =
    "A language model was asked 2 times: 240 tokens (200 in, 40 out), $0.0060; the workspace sets no price, so that of an expensive model is assumed.";
  expect(explained).toContain(total);
  const lines = (await sentient(["runs", "show", decision.runId, "--data", data])).out.join("\n");
  expect(lines).toContain(total);
  expect(lines).toMatch(
    /eligibility-judge +judge-criteria@1 +small +1 +100 +20 +\$0\.0030 +\d+ ms +an answer +19880 tokens of the run; \$\d+\.\d\d of the day/,
  );
  const { usage, questions } = JSON.parse(
    (await sentient(["decisions", "explain", decision.decisionId, "--json", "--data", data])).out.join(""),
  );
  expect(usage).toEqual(shown.usage);
  expect(questions).toMatchObject([
    {
      agent: "eligibility-judge",
      asked: "judge-criteria@1",
      model: "small",
      attempts: 1,
      inputTokens: 100,
      outputTokens: 20,
      isPriceAssumed: true,
    },
    { agent: "content-generator", asked: "write-content@1", left: { runTokens: 19_760 } },
  ]);
});

test("with an unreachable endpoint, and with none, the decisions are those without a model", async () => {
  const gone = await openFakeOpenAi(() => ({ hangs: true }));
  await gone.close();
  const dead = await run(endpoint(gone.url));
  const none = await run();
  for (const { decision } of [dead, none]) {
    expect(decision).toMatchObject({ action: "deliver", experienceId: "offer" });
    expect(judgedCall(decision)?.code).toBe("judge_unavailable");
    expect(textOf(decision)).toMatch(/^Dear Dana, 20% off with [A-Z0-9-]{8,}\.$/);
  }
  expect(none.err).toContain("no model is asked: neither model.name nor OPENAI_MODEL is set");
});

test("doctor reports the endpoint's capabilities, or why it cannot be called", async () => {
  const model = async (environment?: Record<string, string>) => {
    const { out, code } = await sentient(["doctor", "--json"], environment);
    return { code, ...JSON.parse(out.join("")).find(({ what }: { what: string }) => what === "model") };
  };
  expect(await model(endpoint(fake.url))).toMatchObject({
    code: 0,
    state: "good",
    detail: expect.stringContaining("is asked by json_schema"),
  });
  expect(await model(endpoint("http://no-such-host.invalid/v1"))).toMatchObject({
    code: 1,
    state: "bad",
    detail: expect.stringContaining("does not resolve"),
  });
  expect(await model()).toMatchObject({ code: 0, state: "absent" });
});
