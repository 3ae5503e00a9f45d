import { afterEach, expect, test } from "vitest";
import { type ModelFailure, NO_USAGE } from "../domain/entities/model-answer.ts";
import { type FakeEmbeddings, type FakeVectors, openFakeEmbeddings } from "../testing/providers/fake-embeddings.ts";
import { RunAccount } from "./account.ts";
import { createMemoryLedger } from "./budget.ts";
import { createEmbedder, type EmbedderOptions } from "./embeddings.ts";

let fake: FakeEmbeddings | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

async function embedderOn(answer: (texts: readonly string[], count: number) => FakeVectors, given: Partial<EmbedderOptions> = {}) {
  let count = 0;
  fake = await openFakeEmbeddings(({ texts }) => answer(texts, ++count));
  return embedderAt(fake.url, given);
}

const embedderAt = (baseUrl: string, given: Partial<EmbedderOptions> = {}) =>
  createEmbedder({
    ...{ baseUrl, apiKey: "key", name: "small", price: { inputPerMillion: 1 }, budget: { perRun: {}, perDay: {} } },
    ...{ limits: { callMs: 1_000, runMs: 5_000, concurrency: 4 }, ledger: createMemoryLedger(), now: Date.now, random: () => 1 },
    sleep: async () => {},
    ...given,
  });

const ofRun = () => ({ account: new RunAccount("r-1") });

test("texts get vectors of length 1 in their order, with the cost", async () => {
  const embedder = await embedderOn(() => ({
    vectors: [
      [3, 4],
      [0, 2],
    ],
    tokens: 12,
  }));
  const answer = await embedder.embed(["one", "two"], ofRun());
  expect(answer).toMatchObject({ ok: true, attempts: 1, usage: { inputTokens: 12, outputTokens: 0, usd: 0.000012 } });
  expect(answer.ok && answer.value.map((vector) => [...vector].map((value) => Math.round(value * 10)))).toEqual([
    [6, 8],
    [0, 10],
  ]);
  expect(fake?.requests).toEqual([{ model: "small", texts: ["one", "two"], authorization: "Bearer key" }]);
});

test("an answer out of order is put in order", async () => {
  const embedder = await embedderOn(() => ({
    items: [
      { index: 1, embedding: [0, 1] },
      { index: 0, embedding: [1, 0] },
    ],
  }));
  const answer = await embedder.embed(["one", "two"]);
  expect(answer.ok && answer.value.map((vector) => [...vector])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

const failures: readonly (readonly [name: string, answer: FakeVectors, failure: ModelFailure, attempts: number])[] = [
  ["a page of HTML", { status: 200, body: "<html>", type: "text/html" }, "not_embeddings", 2],
  ["HTML that says it is JSON", { status: 200, body: "<html>" }, "not_embeddings", 2],
  ["nothing", { status: 200, body: "" }, "not_embeddings", 2],
  ["an empty list", { items: [] }, "not_embeddings", 2],
  ["a vector too few", { vectors: [[1, 0]] }, "not_embeddings", 2],
  [
    "a vector too many",
    {
      vectors: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
    },
    "not_embeddings",
    2,
  ],
  [
    "an index twice",
    {
      items: [
        { index: 0, embedding: [1] },
        { index: 0, embedding: [1] },
      ],
    },
    "not_embeddings",
    2,
  ],
  ["words for numbers", { items: [{ embedding: ["a"] }, { embedding: [1] }] }, "not_embeddings", 2],
  [
    "NaN as null",
    {
      vectors: [
        [1, 0],
        [null, 1],
      ],
    },
    "bad_vector",
    2,
  ],
  ["NaN as some endpoints write it", { status: 200, body: '{"data":[{"embedding":[NaN]},{"embedding":[1]}]}' }, "not_embeddings", 2],
  ["numbers beyond a double", { status: 200, body: '{"data":[{"embedding":[1e999]},{"embedding":[1]}]}' }, "not_embeddings", 2],
  [
    "zeros",
    {
      vectors: [
        [1, 0],
        [0, 0],
      ],
    },
    "bad_vector",
    2,
  ],
  ["empty vectors", { vectors: [[], []] }, "bad_vector", 2],
  [
    "two lengths at once",
    {
      vectors: [
        [1, 0],
        [1, 0, 0],
      ],
    },
    "bad_vector",
    2,
  ],
  ["an error with status 200", { status: 200, body: '{"error":{"message":"overloaded"}}' }, "not_embeddings", 2],
  ["400", { status: 400 }, "bad_request", 1],
  ["401", { status: 401 }, "unauthorized", 1],
  ["404, as where there is no such model", { status: 404 }, "bad_request", 1],
  ["429", { status: 429 }, "rate_limited", 3],
  ["500", { status: 500 }, "server_error", 3],
  ["a broken connection", { breaks: true }, "connection_lost", 3],
];

test.each(failures)("%s is a failure with its own code", async (_, answer, failure, attempts) => {
  const embedder = await embedderOn(() => answer);
  expect(await embedder.embed(["one", "two"], ofRun())).toMatchObject({ ok: false, failure, attempts });
  expect(fake?.requests).toHaveLength(attempts);
});

test("an endpoint that takes a minute is left at the time limit of the call", async () => {
  const embedder = await embedderOn(() => ({ hangs: true }), { limits: { callMs: 30, runMs: 5_000, concurrency: 4 } });
  expect(await embedder.embed(["one"], ofRun())).toMatchObject({ ok: false, failure: "timed_out", attempts: 1 });
});

test("after five failures in a row nothing is asked for a while", async () => {
  const embedder = await embedderOn(() => ({ status: 401 }));
  for (let at = 0; at < 5; at++) await embedder.embed(["one"], ofRun());
  expect(await embedder.embed(["one"], ofRun())).toMatchObject({ ok: false, failure: "circuit_open", attempts: 0, usage: NO_USAGE });
  expect(fake?.requests).toHaveLength(5);
});

test("a budget that a request does not fit into forbids it; examples count towards the day alone", async () => {
  const answer = (texts: readonly string[]) => ({ vectors: texts.map(() => [1, 0]), tokens: 4 });
  const perRun = await embedderOn(answer, { budget: { perRun: { tokens: 20 }, perDay: {} } });
  expect(await perRun.embed(["a text of more than twenty bytes"], ofRun())).toMatchObject({ ok: false, failure: "budget_spent" });
  expect(await perRun.embed(["a text of more than twenty bytes"])).toMatchObject({ ok: true });
  await fake?.close();
  const perDay = await embedderOn(answer, { budget: { perRun: {}, perDay: { tokens: 20 } } });
  expect(await perDay.embed(["a text of more than twenty bytes"])).toMatchObject({ ok: false, failure: "budget_spent", attempts: 0 });
  expect(fake?.requests).toEqual([]);
});

test("a text of 32 KB, of emoji, in another language, of nothing visible: each is sent, shortened where it is long", async () => {
  const embedder = await embedderOn((texts) => ({ vectors: texts.map(() => [1, 0]) }));
  const texts = ["x".repeat(32_768), "👩‍👩‍👧‍👦".repeat(2_000), "ich möchte kündigen", "解約したい".repeat(500), "\u200b\u200b"];
  expect(await embedder.embed(texts, ofRun())).toMatchObject({ ok: true });
  const sent = fake?.requests[0]?.texts ?? [];
  expect(sent[2]).toBe("ich möchte kündigen");
  expect(sent[1]).toMatch(/^[👩👧👦]+$/u);
  expect(sent[4]).toBe(".");
  for (const text of sent) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000);
});
