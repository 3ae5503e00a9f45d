import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import type { Json } from "../domain/values/json.ts";
import { createMemoryLedger } from "../models/budget.ts";
import type { Model } from "../models/model.ts";
import { planModel } from "../runtime/connect-model.ts";
import { type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { aCompletion, type FakeAnswer, type FakeOpenAi, openFakeOpenAi } from "../testing/providers/fake-openai.ts";

const POLICY = policyOf(
  `
  moments: {asks: {on: message.received, says: [Where is my order?, When does my parcel come?], expires: 2d}}
  brand: {voice: warm, banned: [cheap], languages: [en]}
  `,
  [
    "id: judged\nserves: [asks]\njudge: The customer is in a hurry.\nvalue: 9",
    "id: answered\nserves: [asks]\nchannels: {box: {text: 'Dear {{ customer.firstName }}, we look after order 17.', brief: Say it warmly.}}",
  ],
);
const AUTHOR = "Dear Dana, we look after order 17.";

let answer: FakeAnswer | ((user: string) => FakeAnswer) = { hangs: true };
let fake: FakeOpenAi;
let current: Model;
let opened: OperatedStore;

beforeAll(async () => {
  fake = await openFakeOpenAi(({ user }) => (typeof answer === "function" ? answer(user) : answer));
  opened = await openOperated(POLICY, {}, () => ({ name: "small", ask: (question) => current.ask(question) }));
});
afterAll(async () => {
  await opened.runtime.close();
  await fake.close();
});

/** A separate model for every test, so that one endpoint's circuit breaker does not affect the next. */
function modelAt(baseUrl: string, limits = { call: 1_000, run: 5_000 }): Promise<Model> {
  const plan = planModel({ baseUrl, name: "small", limits }, {});
  if ("missing" in plan) throw new Error(plan.missing);
  return plan.connect(createMemoryLedger());
}

let customers = 0;

async function decide(model: Model, text = "Where is my order?"): Promise<{ decision: Decision; steps: Json[]; ms: number }> {
  current = model;
  const subject = `c-${++customers}`;
  await opened.customers({ id: subject, traits: { firstName: "Dana", number: customers } });
  const began = performance.now();
  const [decision] = await opened.play([
    ["2026-06-02T15:00:00Z", "message.received", { subject, text: `${text} ${"!".repeat(customers)}` }],
  ]);
  if (!decision) throw new Error("expected a decision");
  const { steps } = await opened.runtime.store.read.run(decision.runId);
  return { decision, steps: steps as Json[], ms: performance.now() - began };
}

const sent = async ({ decisionId }: Decision): Promise<unknown> =>
  (await opened.runtime.store.read.decision(decisionId)).deliveries.map(({ content }) => content);

/** Text that would be sent if a text could be sent unchecked. */
const BAIT = JSON.stringify({ parts: [{ part: "text", text: "You get 90% off, see http://evil.example" }] });

const failures: readonly (readonly [name: string, answer: FakeAnswer, failure: string])[] = [
  ["401", { status: 401 }, "unauthorized"],
  ["429 with three days", { status: 429, headers: { "retry-after": "277403" } }, "rate_limited"],
  ["500", { status: 500, body: BAIT }, "server_error"],
  ["a request that hangs", { hangs: true }, "timed_out"],
  ["a slow drip", { drips: true }, "too_slow"],
  ["no choices", { completion: { choices: [] } }, "no_choices"],
  ["a refusal", { completion: aCompletion({ refusal: "no", content: BAIT }) }, "refused"],
  ["cut off at the limit", { completion: aCompletion({ content: BAIT }, "length") }, "cut_off"],
  ["the content filter", { completion: aCompletion({ content: BAIT }, "content_filter") }, "filtered"],
  ["no JSON", { text: "Sure! Here is your text: 90% off" }, "not_json"],
  ["another shape", { value: { text: "90% off" } }, "wrong_shape"],
  ["thousands of newlines", { text: "\n".repeat(4_000) }, "blank"],
  ["JSON that a repair would complete", { text: BAIT.slice(0, -3) }, "not_json"],
  [
    "a tool nobody gave",
    { completion: aCompletion({ tool_calls: [{ function: { name: "send_message", arguments: BAIT } }] }) },
    "wrong_tool",
  ],
  ["an answer in words that break every rule", { text: BAIT }, "wrong_shape"],
];

test.each(failures)(
  "%s: the rules decide, the author's text is sent, and the run records the reason, within its time limit",
  async (_, given, failure) => {
    answer = given;
    const { decision, steps, ms } = await decide(await modelAt(fake.url));
    expect(decision).toMatchObject({ action: "deliver", experienceId: "answered", moments: [{ name: "asks" }] });
    expect(decision.candidates.find(({ experienceId }) => experienceId === "judged")?.reasons).toMatchObject([
      { code: "judge_unavailable", decidedBy: "agent" },
    ]);
    expect(await sent(decision)).toEqual([{ text: AUTHOR }]);
    expect(steps).toEqual(expect.arrayContaining([expect.objectContaining({ agent: "signal-interpreter", failure })]));
    expect(JSON.stringify([decision, steps.filter((step) => JSON.stringify(step).includes("failure"))])).not.toMatch(/90%|evil/);
    expect(ms).toBeLessThan(20_000);
  },
);

test.each([
  ["nobody listens", async () => closedPort(), "connection_refused"],
  ["the host is not known", async () => "http://no-such-host.invalid/v1", "host_unknown"],
])("%s: the rules decide and the author's text is sent", async (_, where, failure) => {
  const { decision, steps } = await decide(await modelAt(await where()));
  expect(await sent(decision)).toEqual([{ text: AUTHOR }]);
  expect(steps).toEqual(expect.arrayContaining([expect.objectContaining({ failure })]));
});

async function closedPort(): Promise<string> {
  const gone = await openFakeOpenAi(() => ({ hangs: true }));
  await gone.close();
  return gone.url;
}

const wellMeant = (text: (round: number) => string) => {
  let round = 0;
  return (user: string): FakeAnswer => {
    if (user.includes("The moments:")) return { value: { moments: [{ name: "asks", confidence: 0.9, quote: "Where is my order?" }] } };
    if (user.includes("The criteria:"))
      return { value: { verdicts: [{ criterion: "c1", verdict: "not_met", reason: "she is calm", evidence: ["customer.number"] }] } };
    return { value: { parts: [{ part: "text", text: text(++round) }] } };
  };
};

test("a text that passes every check is sent, and the run keeps it", async () => {
  answer = wellMeant(() => "Hello Dana, order 17 is in good hands.");
  const { decision, steps } = await decide(await modelAt(fake.url));
  expect(await sent(decision)).toEqual([{ text: "Hello Dana, order 17 is in good hands." }]);
  expect(decision.moments).toMatchObject([{ name: "asks", confidence: 0.9, decidedBy: "model" }]);
  expect(steps).toEqual(expect.arrayContaining([expect.objectContaining({ wrote: "model", revised: false })]));
});

test("a text that fails a check is written once more with the findings", async () => {
  answer = wellMeant((round) => (round === 1 ? "Order 18 is cheap, Dana." : "Order 17 is in good hands, Dana."));
  const { decision, steps } = await decide(await modelAt(fake.url));
  expect(await sent(decision)).toEqual([{ text: "Order 17 is in good hands, Dana." }]);
  const findings = ['text: "18" is not in the facts', '"cheap" must not be said'];
  expect(steps).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        wrote: "model",
        revised: true,
        tries: [expect.objectContaining({ findings }), expect.objectContaining({ findings: [] })],
      }),
    ]),
  );
  expect(fake.requests.at(-1)?.user).toContain("is not in the facts");
});

test("a text that fails twice is not sent", async () => {
  answer = wellMeant(() => "You get 90% off at http://evil.example");
  const { decision, steps } = await decide(await modelAt(fake.url));
  expect(await sent(decision)).toEqual([{ text: AUTHOR }]);
  expect(steps).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ wrote: "author", because: "what the language model wrote did not pass its checks" }),
    ]),
  );
});

test("the questions of a batch of wakes are asked concurrently", async () => {
  const slow = wellMeant(() => "Hello Dana, order 17 is in good hands.");
  const delayed = await openFakeOpenAi(async ({ user }) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return slow(user);
  });
  current = await modelAt(delayed.url, { call: 5_000, run: 20_000 });
  const names = Array.from({ length: 32 }, (_, index) => `b-${index}`);
  await opened.customers(...names.map((id, number) => ({ id, traits: { firstName: "Dana", number } })));
  await opened.play(
    names.map((subject, index) => ["2026-06-03T15:00:00Z", "message.received", { subject, text: `Where is my order? ${index}` }] as const),
  );
  expect(delayed.most).toBeGreaterThan(8);
  expect(delayed.most).toBeLessThanOrEqual(16);
  await delayed.close();
});

test("only listening moments can be meant, and only with quotes from the text", async () => {
  const meant = (name: string, quote: string): FakeAnswer => ({ value: { moments: [{ name, confidence: 1, quote }] } });
  for (const [name, quote] of [
    ["vip", "weather"],
    ["asks", "make me a VIP"],
    ["asks", "?"],
  ] as const) {
    answer = (user) => (user.includes("The moments:") ? meant(name, quote) : { status: 500 });
    const model = await modelAt(fake.url);
    current = model;
    const subject = `v-${++customers}`;
    await opened.play([["2026-06-04T15:00:00Z", "message.received", { subject, text: `Nice weather in row ${customers}` }]]);
    expect(await opened.rows(`select name from moments where customer_id = '${subject}'`)).toEqual([]);
  }
});
