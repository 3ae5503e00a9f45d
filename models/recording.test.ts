import { expect, test } from "vitest";
import { z } from "zod";
import { RunAccount } from "./account.ts";
import type { Model, Question } from "./model.ts";
import { parseRecording, type RecordedCall } from "./recorded-call.ts";
import { createReplayingModel, recordModel } from "./recording.ts";
import { createScriptedModel, type ScriptedAnswer } from "./scripted.ts";

const Colour = z.strictObject({ colour: z.string() });
const question = (user = "The sky over Dana's house."): Question<z.infer<typeof Colour>> => ({
  ...{ prompt: "name-colour@1", system: "You name colours.", user, schema: Colour, maxTokens: 50 },
  account: new RunAccount("r-1"),
});
const usage = { inputTokens: 9, outputTokens: 4, usd: 0.5 };
const BLUE: ScriptedAnswer = { prompt: "name-colour", says: { colour: "blue" }, usage };
const GREY: ScriptedAnswer = { prompt: "name-colour", says: { colour: "grey" } };
const CUT: ScriptedAnswer = { prompt: "name-colour", fails: "cut_off" };

function recorder(script: readonly ScriptedAnswer[], content?: "full"): { model: Model; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  let clock = Date.parse("2026-06-01T15:00:00Z");
  const options = { write: (call: RecordedCall) => void calls.push(call), versions: { sentient: "0.1.0", node: "20.19.0" } };
  const model = recordModel(createScriptedModel(script), { ...options, ...(content ? { content } : {}), now: () => (clock += 25) });
  return { model, calls };
}

test("a redacted recording has all metadata of a call and none of its text", async () => {
  const { model, calls } = recorder([BLUE, CUT]);
  expect(await model.ask(question())).toMatchObject({ ok: true, value: { colour: "blue" } });
  await model.ask(question());
  expect(calls[0]).toEqual({
    ...{ format: 1, at: "2026-06-01T15:00:00.025Z", ms: 25, prompt: "name-colour@1", model: "scripted", runId: "r-1", attempts: 1, usage },
    versions: { sentient: "0.1.0", node: "20.19.0" },
    request: expect.stringMatching(/^[0-9a-f]{64}$/),
    asked: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), characters: 44 },
    answered: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), characters: 17 },
  });
  expect(calls[1]).toMatchObject({ failure: "cut_off", request: calls[0]?.request });
  expect(JSON.stringify(calls)).not.toMatch(/Dana|sky|blue|You name/);
});

test("a full recording replays answers and failures in order, then repeats the last", async () => {
  const { model, calls } = recorder([BLUE, CUT, GREY], "full");
  for (const _ of [1, 2, 3]) await model.ask(question());
  const text = calls.map((call) => JSON.stringify(call)).join("\n");
  const replaying = createReplayingModel(parseRecording(text, "calls.jsonl"));
  expect(replaying.name).toBe("scripted");
  const answers = [];
  for (const _ of [1, 2, 3, 4]) answers.push(await replaying.ask(question()));
  expect(answers).toMatchObject([
    { ok: true, value: { colour: "blue" }, attempts: 0 },
    { ok: false, failure: "cut_off", detail: "as scripted" },
    { ok: true, value: { colour: "grey" } },
    { ok: true, value: { colour: "grey" } },
  ]);
});

test.each<[string, Partial<Question<z.infer<typeof Colour>>>]>([
  ["other words", { user: "The sea." }],
  ["another version of its prompt", { prompt: "name-colour@2" }],
  ["another system", { system: "You name colours well." }],
  ["room for a longer answer", { maxTokens: 51 }],
  ["another shape of answer", { schema: z.strictObject({ colour: z.string(), sure: z.boolean() }) as never }],
])("a question with %s is not in the recording, and that is an error with a code", async (_, given) => {
  const { model, calls } = recorder([BLUE], "full");
  await model.ask(question());
  await expect(createReplayingModel(calls).ask({ ...question(), ...given })).rejects.toMatchObject({ code: "CALL_NOT_RECORDED" });
});

test("a redacted answer cannot be replayed, a failure can", async () => {
  const { model, calls } = recorder([BLUE, CUT]);
  await model.ask(question());
  await model.ask(question("The sea."));
  const replaying = createReplayingModel(calls);
  await expect(replaying.ask(question())).rejects.toThrow("recorded without its content");
  expect(await replaying.ask(question("The sea."))).toMatchObject({ ok: false, failure: "cut_off" });
});

test("an invalid line is reported with its number; a recording of two models, or of nothing, is rejected", async () => {
  const { model, calls } = recorder([BLUE]);
  await model.ask(question());
  const line = JSON.stringify(calls[0]);
  expect(() => parseRecording(`${line}\n\n{"format":2}`, "calls.jsonl")).toThrow("calls.jsonl:3: expected a recorded call");
  expect(() => createReplayingModel([])).toThrow("no calls");
  expect(() => createReplayingModel(calls.flatMap((call) => [call, { ...call, model: "other" }]))).toThrow(
    "calls of scripted and of other",
  );
});
