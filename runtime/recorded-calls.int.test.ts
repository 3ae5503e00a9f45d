import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import type { Decision } from "../domain/entities/decision.ts";
import { openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { openFakeOpenAi } from "../testing/providers/fake-openai.ts";
import { NORTHWIND } from "../testing/talk.ts";
import { modelOf } from "./connect-model.ts";

const folder = mkdtempSync(join(tmpdir(), "recorded-calls-"));
afterAll(() => rmSync(folder, { recursive: true }));

const POLICY = policyOf("moments: {m: {on: go, expires: 30d}}", [
  "id: asked\nvalue: 9\njudge: The customer is waiting for us.",
  'id: worded\nchannels: {box: {text: "Hello {{ customer.firstName }}", brief: Say it warmly.}}',
]);

/** Decisions, messages and steps for one customer, with the model in the environment. */
async function decide(environment: Record<string, string>, seat = 17) {
  const notes: string[] = [];
  const model = modelOf({}, readConfig(environment).model, (why) => void notes.push(why));
  const { play, customers, runtime } = await openOperated(POLICY, {}, model);
  try {
    await customers({ id: "c-1", traits: { seat, firstName: "Dana" } });
    const decisions: Decision[] = await play([["2026-06-02T15:00:00Z", "go"]]);
    return { decisions, text: decisions[0]?.deliveries[0]?.content?.text };
  } finally {
    await runtime.close();
  }
}

const endpoint = () =>
  openFakeOpenAi(({ user }) =>
    user.includes("The criteria:")
      ? { value: { verdicts: [{ criterion: "c1", verdict: "not_met", reason: "as recorded", evidence: ["customer.seat"] }] } }
      : { value: { parts: [{ part: "text", text: "Good morning, Dana, nice to see you!" }] } },
  );

test("recorded calls replace the endpoint, which may be unreachable, with identical decisions", async () => {
  const fake = await endpoint();
  const file = join(folder, "kept", "full.jsonl");
  const given = { OPENAI_BASE_URL: fake.url, OPENAI_MODEL: "small", SENTIENT_RECORD: file, SENTIENT_RECORD_CONTENT: "full" };
  const recorded = await decide(given);
  await fake.close();
  expect(recorded.text).toBe("Good morning, Dana, nice to see you!");
  const replayed = await decide({ SENTIENT_REPLAY: file });
  expect(replayed).toEqual(recorded);
  expect(fake.requests).toHaveLength(2);
});

test("a question missing in the recording ends the run with its code", async () => {
  const fake = await endpoint();
  const file = join(folder, "other.jsonl");
  await decide({ OPENAI_BASE_URL: fake.url, OPENAI_MODEL: "small", SENTIENT_RECORD: file, SENTIENT_RECORD_CONTENT: "full" });
  await fake.close();
  await expect(decide({ SENTIENT_REPLAY: file }, 18)).rejects.toMatchObject({ code: "CALL_NOT_RECORDED" });
});

test("by default a recording has no content, and cannot be replayed", async () => {
  const fake = await endpoint();
  const file = join(folder, "redacted.jsonl");
  await decide({ OPENAI_BASE_URL: fake.url, OPENAI_MODEL: "small", SENTIENT_RECORD: file });
  await fake.close();
  const kept = readFileSync(file, "utf8");
  const calls = kept
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(calls).toMatchObject([
    { prompt: "judge-criteria@1", model: "small", finishReason: "stop", usage: { inputTokens: 100, outputTokens: 20 } },
    { prompt: "write-content@1", versions: { node: process.versions.node } },
  ]);
  expect(kept).not.toMatch(/Dana|nice|as recorded|waiting for us/);
  await expect(decide({ SENTIENT_REPLAY: file })).rejects.toThrow("recorded without its content");
});

test("a conversation whose answer is missing in the recording ends the run too, without a hand-off", async () => {
  const fake = await openFakeOpenAi(() => ({ value: { calls: [], say: "We sell roof racks." } }));
  const file = join(folder, "talk.jsonl");
  const talk = async (environment: Record<string, string>, text: string) => {
    const { play, customers, runtime } = await openOperated(
      NORTHWIND,
      {},
      modelOf({}, readConfig(environment).model, () => {}),
    );
    try {
      await customers({ id: "c-1", traits: { firstName: "Dana" } });
      return await play([["2026-06-02T15:00:00Z", "message.received", { channel: "chat", text }]], "2026-06-02T15:01:00Z");
    } finally {
      await runtime.close();
    }
  };
  await talk(
    { OPENAI_BASE_URL: fake.url, OPENAI_MODEL: "small", SENTIENT_RECORD: file, SENTIENT_RECORD_CONTENT: "full" },
    "What do you sell?",
  );
  await fake.close();
  await talk({ SENTIENT_REPLAY: file }, "What do you sell?");
  await expect(talk({ SENTIENT_REPLAY: file }, "Do you sell cars?")).rejects.toMatchObject({ code: "CALL_NOT_RECORDED" });
});

test("an unusable file, and both options at once, are reported before any decision", async () => {
  await expect(decide({ SENTIENT_REPLAY: join(folder, "none.jsonl") })).rejects.toMatchObject({ code: "BAD_CONFIG" });
  expect(() => readConfig({ SENTIENT_RECORD: "a", SENTIENT_REPLAY: "b" })).toThrow("either records calls or replays them");
});
