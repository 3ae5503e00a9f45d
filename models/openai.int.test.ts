import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { ModelFailure } from "../domain/entities/model-answer.ts";
import { aCompletion, type FakeAnswer, type FakeOpenAi, type FakeRequest, openFakeOpenAi } from "../testing/providers/fake-openai.ts";
import { RunAccount } from "./account.ts";
import { createMemoryLedger } from "./budget.ts";
import type { Question } from "./model.ts";
import { createOpenAiModel, type OpenAiOptions } from "./openai.ts";

const Colour = z.strictObject({ colour: z.enum(["red", "blue"]) });
const RED = { colour: "red" };

let fake: FakeOpenAi | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const aQuestion = (given: Partial<Question<z.infer<typeof Colour>>> = {}): Question<z.infer<typeof Colour>> => ({
  ...{ prompt: "name-colour@1", system: "You name colours.", user: "The sky.", schema: Colour, maxTokens: 50 },
  account: new RunAccount("r-1"),
  ...given,
});

const slept: number[] = [];

async function modelOn(
  answer: (request: FakeRequest, count: number) => FakeAnswer | Promise<FakeAnswer>,
  given: Partial<OpenAiOptions> = {},
) {
  let count = 0;
  slept.length = 0;
  fake = await openFakeOpenAi((request) => answer(request, ++count));
  return modelAt(fake.url, given);
}

const modelAt = (baseUrl: string, given: Partial<OpenAiOptions> = {}) =>
  createOpenAiModel({
    ...{ baseUrl, apiKey: "key", name: "small", price: { inputPerMillion: 1, outputPerMillion: 2 }, budget: { perRun: {}, perDay: {} } },
    ...{ limits: { callMs: 1_000, runMs: 5_000, concurrency: 4 }, ledger: createMemoryLedger(), now: Date.now, random: () => 1 },
    sleep: async (ms) => {
      slept.push(ms);
    },
    ...given,
  });

test("an answer that passes every check is a value, with its cost", async () => {
  const model = await modelOn(() => ({ value: RED }));
  expect(await model.ask(aQuestion())).toEqual({
    ...{ ok: true, value: RED, attempts: 1, finishReason: "stop" },
    usage: { inputTokens: 100, outputTokens: 20, usd: 0.00014 },
  });
  expect(fake?.requests).toEqual([expect.objectContaining({ model: "small", schemaName: "name-colour_1", authorization: "Bearer key" })]);
});

const failures: readonly (readonly [name: string, answer: FakeAnswer, failure: ModelFailure, attempts: number])[] = [
  ["401", { status: 401 }, "unauthorized", 1],
  ["429 without a word", { status: 429 }, "rate_limited", 3],
  ["429 with Retry-After 0", { status: 429, headers: { "retry-after": "0" } }, "rate_limited", 3],
  ["429 with Retry-After 60", { status: 429, headers: { "retry-after": "60" } }, "rate_limited", 1],
  ["429 with three days", { status: 429, headers: { "retry-after": "277403" } }, "rate_limited", 1],
  ["429 with rubbish", { status: 429, headers: { "retry-after": "soonish" } }, "rate_limited", 3],
  ["500", { status: 500 }, "server_error", 3],
  ["a request that hangs", { hangs: true }, "timed_out", 1],
  ["a slow drip", { drips: true }, "too_slow", 1],
  ["a connection that breaks", { breaks: true }, "connection_lost", 3],
  ["no choices", { completion: { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } } }, "no_choices", 2],
  ["a refusal", { completion: aCompletion({ refusal: "I cannot help with that." }) }, "refused", 1],
  ["cut off at the limit", { completion: aCompletion({ content: '{"colour":"red"}' }, "length") }, "cut_off", 2],
  ["the content filter", { completion: aCompletion({ content: '{"colour":"red"}' }, "content_filter") }, "filtered", 1],
  ["no finish reason", { completion: aCompletion({ content: '{"colour":"red"}' }, null) }, "unfinished", 2],
  ["null", { completion: aCompletion({}) }, "empty", 2],
  ["thousands of newlines", { text: "\n".repeat(5_000) }, "blank", 2],
  ["no JSON", { text: "The colour is red." }, "not_json", 2],
  ["JSON that a repair would complete", { text: '{"colour":"red"' }, "not_json", 2],
  ["JSON in a fence", { text: '```json\n{"colour":"red"}\n```' }, "not_json", 2],
  ["JSON after a preface", { text: 'Sure! {"colour":"red"}' }, "not_json", 2],
  ["F4: a number that a double cannot hold", { text: '{"colour":"red","n":9007199254740993}' }, "not_json", 2],
  ["another shape", { value: { colour: "green" } }, "wrong_shape", 2],
  ["a key too many", { value: { colour: "red", send: true } }, "wrong_shape", 2],
  [
    "an unknown tool",
    { completion: aCompletion({ tool_calls: [{ function: { name: "send_money", arguments: "{}" } }] }) },
    "wrong_tool",
    2,
  ],
  ["an error with status 200", { completion: { error: { message: "overloaded" } } }, "not_a_completion", 2],
  ["200 that is no JSON", { status: 200, body: "<html>" }, "not_a_completion", 2],
  ["an endless answer", { status: 200, body: `"${"x".repeat(2_000_000)}"` }, "too_large", 1],
];

test.each(failures)("%s is a failure with its own code, retried where that may help", async (_, answer, failure, attempts) => {
  const model = await modelOn(() => answer);
  const said = await model.ask(aQuestion());
  expect(said).toMatchObject({ ok: false, failure, attempts });
  expect(fake?.requests).toHaveLength(attempts);
  expect(JSON.stringify(said)).not.toMatch(/colour":|help with that|send_money|overloaded/);
  for (const ms of slept) expect(ms).toBeLessThanOrEqual(5_000);
});

test("a refused connection and an unknown host have their own codes", async () => {
  await modelOn(() => ({ value: RED }));
  const url = fake?.url ?? "";
  await fake?.close();
  expect(await modelAt(url).ask(aQuestion())).toMatchObject({ ok: false, failure: "connection_refused" });
  expect(await modelAt("http://no-such-host.invalid/v1").ask(aQuestion())).toMatchObject({ ok: false, failure: "host_unknown" });
});

test("a retry may succeed", async () => {
  const model = await modelOn((_, count) => (count === 1 ? { status: 500 } : { value: RED }));
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true, value: RED, attempts: 2 });
  expect(slept).toEqual([200]);
});

test("a run past its time limit makes no more calls, however many attempts are left", async () => {
  const model = await modelOn(() => ({ hangs: true }), { limits: { callMs: 150, runMs: 250, concurrency: 4 } });
  const account = new RunAccount("r-1");
  const began = Date.now();
  expect(await model.ask(aQuestion({ account }))).toMatchObject({ failure: "timed_out" });
  expect(await model.ask(aQuestion({ account }))).toMatchObject({ failure: "timed_out" });
  expect(await model.ask(aQuestion({ account }))).toMatchObject({ failure: "timed_out", attempts: 0 });
  expect(Date.now() - began).toBeLessThan(1_500);
});

test("a cancelled call returns at once", async () => {
  const model = await modelOn(() => ({ hangs: true }), { limits: { callMs: 60_000, runMs: 60_000, concurrency: 4 } });
  const gone = new AbortController();
  const asking = model.ask(aQuestion({ signal: gone.signal }));
  await wait(100);
  gone.abort();
  expect(await asking).toMatchObject({ ok: false, failure: "interrupted" });
});

test("the circuit breaker opens after five consecutive failures, and then lets a single trial pass", async () => {
  let clock = Date.parse("2026-06-01T12:00:00Z");
  let isDead = true;
  const model = await modelOn(() => (isDead ? { status: 401 } : { value: RED }), { now: () => clock });
  for (let round = 0; round < 5; round++) await model.ask(aQuestion());
  expect(await model.ask(aQuestion())).toMatchObject({ failure: "circuit_open" });
  expect(fake?.requests).toHaveLength(5);
  clock += 30_000;
  expect(await model.ask(aQuestion())).toMatchObject({ failure: "unauthorized" });
  clock += 30_000;
  expect(await model.ask(aQuestion())).toMatchObject({ failure: "circuit_open" });
  isDead = false;
  clock += 30_000;
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true });
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true });
});

test("calls run concurrently, within the limit of requests in flight", async () => {
  const model = await modelOn(async () => {
    await wait(30);
    return { value: RED };
  });
  const answers = await Promise.all(Array.from({ length: 16 }, () => model.ask(aQuestion())));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(fake?.most).toBe(4);
});

test("a run's budget is never exceeded, and does not affect the next run", async () => {
  const model = await modelOn(() => ({ value: RED }), { budget: { perRun: { tokens: 2_000 }, perDay: {} } });
  const account = new RunAccount("r-1");
  let answered = 0;
  expect(await model.ask(aQuestion({ account }))).toMatchObject({ ok: true, left: { runTokens: 1_880 } });
  answered++;
  while ((await model.ask(aQuestion({ account }))).ok) answered++;
  expect(answered).toBeGreaterThan(2);
  expect(account.tokens).toBe(answered * 120);
  expect(account.tokens).toBeLessThanOrEqual(2_000);
  expect(await model.ask(aQuestion({ account }))).toMatchObject({
    ...{ failure: "budget_spent", attempts: 0, left: { runTokens: 2_000 - answered * 120 } },
  });
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true });
});

test("a daily budget in dollars is never exceeded, and resets the day after", async () => {
  let clock = Date.parse("2026-06-01T23:00:00Z");
  const model = await modelOn(() => ({ value: RED }), { budget: { perRun: {}, perDay: { usd: 0.002 } }, now: () => clock });
  await Promise.all(Array.from({ length: 40 }, () => model.ask(aQuestion())));
  const spent = (fake?.requests.length ?? 0) * 0.00014;
  expect(spent).toBeLessThanOrEqual(0.002);
  while ((await model.ask(aQuestion())).ok);
  expect(await model.ask(aQuestion())).toMatchObject({ failure: "budget_spent" });
  clock += 3_600_000;
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true, left: { dayUsd: expect.closeTo(0.00186) } });
});

test("without token counts, or after a failed call, the maximum cost is charged", async () => {
  const model = await modelOn((_, count) =>
    count === 1 ? { completion: aCompletion({ content: '{"colour":"red"}' }, "stop", null) } : { hangs: true },
  );
  const { usage } = await model.ask(aQuestion());
  expect(usage.outputTokens).toBe(50);
  expect(usage.inputTokens).toBeGreaterThan(300);
  expect((await model.ask(aQuestion())).usage).toEqual(usage);
});

test.each([
  ["json_object", (request: FakeRequest) => request.format === "json_object"],
  ["tool", (request: FakeRequest) => request.tools],
  ["prompt", (request: FakeRequest) => request.format === undefined && !request.tools],
])("an endpoint with limited capabilities is called by %s", async (_, takes) => {
  fake = await openFakeOpenAi(
    (request) => {
      if (!takes(request)) return { status: 400 };
      const value = request.user.includes("ready") ? { ready: true } : RED;
      if (!request.tools) return { value };
      return {
        completion: aCompletion({ tool_calls: [{ function: { name: "give_answer", arguments: JSON.stringify(value) } }] }, "tool_calls"),
      };
    },
    { answersProbe: false },
  );
  const model = modelAt(fake.url);
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true, value: RED, attempts: 1 });
  expect(await model.ask(aQuestion())).toMatchObject({ ok: true });
  expect(fake.requests.filter(({ user }) => user === "The sky.")).toHaveLength(2);
});

test.each([true, false])("capabilities of an endpoint are probed (streams: %s)", async (streams) => {
  fake = await openFakeOpenAi(
    ({ format, tools, stream }) => {
      if (stream) return streams ? { pieces: ["{", "}"] } : { status: 400 };
      return format === "json_schema" || tools ? { status: 400 } : { value: { ready: true } };
    },
    { answersProbe: false },
  );
  expect(await modelAt(fake.url).prober.examine(new AbortController().signal)).toEqual({
    dialect: { format: "json_object", temperature: true },
    formats: { json_schema: "bad_request", json_object: "works", tool: "bad_request", prompt: "works" },
    ...{ streams, countsTokens: true },
  });
});
