import { expect, test } from "vitest";
import { DAY } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { recordedHistory } from "../testing/recorded-history.ts";
import { WEEK } from "./arrivals.ts";
import type { FutureSignal, RecordedHistory } from "./future.ts";
import { futureOf } from "./play-future.ts";
import { learnTwins, type Twins } from "./twins.ts";

const FROM = at("2026-01-05T00:00:00Z");
const UNTIL = FROM + 12 * WEEK;
const PLAY = { until: UNTIL + 4 * WEEK, seed: "s", path: 0 };

const HISTORY = recordedHistory({
  ...{ customers: 150, from: FROM, until: UNTIL },
  types: {
    "order.placed": {
      perWeek: 0.7,
      data: (n, customerId, time) => ({
        orderId: `o-${customerId}-${n}`,
        shop: `shop-${customerId}`,
        due: new Date(time + 3 * DAY).toISOString(),
      }),
    },
    "page.viewed": { perWeek: 2, data: (n) => ({ name: n % 2 === 0 ? "home" : "prices" }) },
  },
});

const twinsOf = (history: RecordedHistory) => learnTwins(history, { policies: [] });
const twins = twinsOf(HISTORY);
const signalsOf = (of: Twins, play = PLAY): FutureSignal[] => [...futureOf(of, play).days()].flat();

const played = signalsOf(twins);

test("each type comes about as often as it did, a day at a time, in the time that is played", () => {
  const days = [...futureOf(twins, PLAY).days()];
  expect(days).toHaveLength(28);
  for (const [place, day] of days.entries())
    expect(day.every(({ time }) => time >= UNTIL + place * DAY && time < UNTIL + (place + 1) * DAY)).toBe(true);
  expect(days.flat()).toEqual(played);
  for (const type of ["order.placed", "page.viewed"]) {
    const countOf = (all: readonly { readonly type: string }[]): number => all.filter((one) => one.type === type).length;
    const mean = [0, 1, 2, 3, 4].reduce((sum, path) => sum + countOf(signalsOf(twins, { ...PLAY, path })) / 5, 0);
    expect((mean * 3) / countOf(HISTORY.signals)).toBeCloseTo(1, 0);
  }
});

test("the same seed and path are the same future; another path is another one", () => {
  expect(signalsOf(twins)).toEqual(played);
  expect(signalsOf(twins, { ...PLAY, path: 1 })).not.toEqual(played);
  // As a thread gets it.
  expect(signalsOf(structuredClone(twins))).toEqual(played);
});

test("data are hers; an id is another one each time, and a date lies as far ahead as it did", () => {
  const orders = played.filter(({ type }) => type === "order.placed");
  expect(orders.length).toBeGreaterThan(100);
  const recorded = new Set(HISTORY.signals.map(({ data }) => data?.orderId));
  expect(new Set(orders.map(({ data }) => data.orderId)).size).toBe(orders.length);
  expect(new Set(played.map(({ id }) => id)).size).toBe(played.length);
  const shops = new Set(HISTORY.signals.map(({ customerId }) => customerId));
  for (const { customerId, data, time } of orders) {
    expect(recorded.has(data.orderId)).toBe(false);
    expect(shops.has(customerId) ? data.shop : "").toMatch(/^shop-c-\d+$/);
    expect(Math.abs(at(String(data.due)) - time - 3 * DAY)).toBeLessThan(DAY);
  }
});

test("one customer with ten thousand signals among few others is played like them, and nobody else at her rate", () => {
  const many = Array.from({ length: 10_000 }, (_, n) => ({
    ...{ customerId: "c-0", source: "shop", type: "order.placed", data: { n } },
    time: FROM + Math.floor((n * (UNTIL - FROM)) / 10_000),
  }));
  const busy = twinsOf({ ...HISTORY, signals: [...HISTORY.signals, ...many] });
  const orders = signalsOf(busy).filter(({ type }) => type === "order.placed");
  const hers = orders.filter(({ customerId }) => customerId === "c-0").length;
  expect([hers > 1_500, hers < 7_000]).toEqual([true, true]);
  const others = HISTORY.signals.filter(({ type }) => type === "order.placed").length;
  expect((orders.length - hers) * 3).toBeLessThan(3 * others);
  // Of her ten thousand data the latest few are kept.
  expect(busy.types.find(({ type }) => type === "order.placed")?.data.filter(({ by }) => by === 0)).toHaveLength(3);
});
