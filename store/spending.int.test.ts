import { afterAll, describe, expect, test } from "vitest";
import { openStore } from "../runtime/open-store.ts";
import { enginesAt } from "../testing/operated-store.ts";
import type { Store } from "./store.ts";

const stores: Store[] = [];
afterAll(async () => {
  for (const store of stores) await store.close();
});

describe.each(enginesAt(process.env.DATABASE_URL))("costs of language models (%s)", (_, { databaseUrl }) => {
  const openedStore = async () => {
    const store = await openStore({ now: Date.now, ...(databaseUrl === undefined ? {} : { databaseUrl, temporary: true }) });
    stores.push(store);
    return store;
  };
  const open = async () => (await openedStore()).spending;

  test("a day's limit holds under concurrent reservations, and each day has its own", async () => {
    const spending = await open();
    const asked = Array.from({ length: 20 }, () => spending.reserve("2026-06-01", { tokens: 100, usd: 0.1 }, { tokens: 750 }));
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(7);
    expect(await spending.reserve("2026-06-02", { tokens: 100, usd: 0.1 }, { tokens: 750 })).toBe(true);
  });

  test("money is limited like tokens, from the first amount on, and a correction returns the unused part", async () => {
    const spending = await open();
    expect(await spending.reserve("2026-06-01", { tokens: 1, usd: 2 }, { usd: 1 })).toBe(false);
    expect(await spending.reserve("2026-06-01", { tokens: 1, usd: 0.9 }, { usd: 1 })).toBe(true);
    expect(await spending.reserve("2026-06-01", { tokens: 1, usd: 0.2 }, { usd: 1 })).toBe(false);
    expect(await spending.correct("2026-06-01", { tokens: 0, usd: -0.5 })).toEqual({ tokens: 1, usd: expect.closeTo(0.4) });
    expect(await spending.total("2026-06-01")).toEqual({ tokens: 1, usd: expect.closeTo(0.4) });
    expect(await spending.total("2026-06-02")).toEqual({ tokens: 0, usd: 0 });
    expect(await spending.reserve("2026-06-01", { tokens: 1, usd: 0.2 }, { usd: 1 })).toBe(true);
  });

  test("embeddings have a day's budget of their own, and their vectors are kept by model and text", async () => {
    const store = await openedStore();
    expect(await store.spending.reserve("2026-06-01", { tokens: 10, usd: 0 }, { tokens: 10 })).toBe(true);
    expect(await store.embeddingSpending.reserve("2026-06-01", { tokens: 10, usd: 0 }, { tokens: 10 })).toBe(true);
    const vector = Float32Array.from([0.5, -0.25, 1e-7]);
    await store.exampleVectors.save(
      "small",
      new Map([
        ["a", vector],
        ["b", vector],
      ]),
    );
    await store.exampleVectors.save("large", new Map([["a", Float32Array.from([1])]]));
    await store.exampleVectors.save("small", new Map([["b", Float32Array.from([1, 0, 0])]]));
    expect(await store.exampleVectors.load("small", ["a", "b", "c"])).toEqual(
      new Map([
        ["a", vector],
        ["b", Float32Array.from([1, 0, 0])],
      ]),
    );
    expect(await store.exampleVectors.models()).toEqual([
      { model: "small", count: 2 },
      { model: "large", count: 1 },
    ]);
    await store.database.pool.query("update example_vectors set used_at = now() - interval '91 days'");
    await store.exampleVectors.load("small", ["a"]);
    await store.exampleVectors.save("large", new Map());
    expect(await store.exampleVectors.models()).toEqual([{ model: "small", count: 1 }]);
    await store.exampleVectors.forget("small");
    expect(await store.exampleVectors.load("small", ["a"])).toEqual(new Map());
  });

  test("without a limit all amounts are counted and none is refused", async () => {
    const spending = await open();
    expect(await spending.reserve("2026-06-01", { tokens: 1e12, usd: 1e9 }, {})).toBe(true);
    expect(await spending.reserve("2026-06-01", { tokens: 1, usd: 0 }, { tokens: 10 })).toBe(false);
  });
});
