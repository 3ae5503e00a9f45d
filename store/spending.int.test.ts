import { afterAll, describe, expect, test } from "vitest";
import { openStore } from "../runtime/open-store.ts";
import { enginesAt } from "../testing/operated-store.ts";
import type { Store } from "./store.ts";

const stores: Store[] = [];
afterAll(async () => {
  for (const store of stores) await store.close();
});

describe.each(enginesAt(process.env.DATABASE_URL))("costs of language models (%s)", (_, { databaseUrl }) => {
  const open = async () => {
    const store = await openStore({ now: Date.now, ...(databaseUrl === undefined ? {} : { databaseUrl, temporary: true }) });
    stores.push(store);
    return store.spending;
  };

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

  test("without a limit all amounts are counted and none is refused", async () => {
    const spending = await open();
    expect(await spending.reserve("2026-06-01", { tokens: 1e12, usd: 1e9 }, {})).toBe(true);
    expect(await spending.reserve("2026-06-01", { tokens: 1, usd: 0 }, { tokens: 10 })).toBe(false);
  });
});
