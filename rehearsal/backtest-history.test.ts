import { expect, test } from "vitest";
import { need } from "../domain/errors.ts";
import { DAY, HOUR } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { recordedHistory } from "../testing/recorded-history.ts";
import { WEEK } from "./arrivals.ts";
import { backtestHistory, before, ENOUGH_INTERVALS } from "./backtest-history.ts";

const FROM = at("2026-01-05T00:00:00Z");
const UNTIL = FROM + 20 * WEEK;
const SPLIT = FROM + 14 * WEEK;

const isOffice = (time: number): boolean => {
  const hour = Math.floor(((time - FROM) % DAY) / HOUR);
  return Math.floor((time - FROM) / DAY) % 7 < 5 && hour >= 9 && hour < 17;
};

const POLICY = policyOf("channels: {mail: {kind: file}, sms: {kind: file}}", [
  "id: remind\nchannels: {mail: {text: Hello}}\nsuccess: {signal: service.visited, within: 14d}",
  "id: news\nchannels: {mail: {text: News}}",
]);

const HISTORY = recordedHistory({
  ...{ customers: 150, from: FROM, until: UNTIL },
  types: {
    "order.placed": { perWeek: 0.4 },
    "web.visited": { perWeek: 0.5, intensity: (time) => (isOffice(time) ? 3 : 0.3) },
    "app.opened": { perWeek: 0.8, staysWeeks: 12 },
    "ticket.sent": { perWeek: 0.3, intensity: (time) => (Math.floor((time - FROM) / WEEK) === 6 ? 5 : 1) },
    "service.visited": { perWeek: 0.15 },
    "price.asked": { perWeek: 0.3, intensity: (time) => (time < SPLIT ? 1 : 3) },
  },
  experiences: {
    remind: {
      ...{ channel: "mail", perWeek: 0.2, answers: { opened: 0.5, clicked: 0.1 } },
      success: { signal: "service.visited", chance: 0.25, within: 14 * DAY },
    },
    news: { channel: "mail", perWeek: 0.3, answers: { opened: 0.3, unsubscribed: 0.03 } },
  },
});

const OPTIONS = { policies: [POLICY], share: 0.3, paths: 20, seed: "s" };

const plays: number[] = [];
const backtested = async (...of: Parameters<typeof backtestHistory>) =>
  need(await backtestHistory(...of), "a backtest that is not stopped");
const told = await backtested(HISTORY, { ...OPTIONS, onPlay: (done) => plays.push(done) });

test("what comes steadily, by the hour, from whoever stays and after a burst is foretold, and what is answered; a change is seen to fail", () => {
  expect(told).toMatchObject({ split: SPLIT, customers: 150, population: 150, notForetold: {} });
  expect(told.intervals.map(({ of, name }) => `${of} ${name}`)).toEqual([
    ...["outcome clicked", "outcome converted", "outcome opened", "outcome unsubscribed"],
    ...["signal app.opened", "signal order.placed", "signal price.asked"],
    ...["signal service.visited", "signal ticket.sent", "signal web.visited"],
  ]);
  expect(told.intervals.find(({ name }) => name === "price.asked")?.held).toBe(false);
  expect(told.held).toBe(told.intervals.filter(({ held }) => held).length);
  expect(told.share).toBe(told.held / 10);
  expect(told.share).toBeGreaterThanOrEqual(ENOUGH_INTERVALS);
  const cameOf = (type: string): number => HISTORY.signals.filter((one) => one.type === type && one.time >= SPLIT).length;
  for (const { of, name, came } of told.intervals) if (of === "signal") expect([name, came]).toEqual([name, cameOf(name)]);
});

test("successes are foretold neither twice, where the customer would have come anyway, nor not at all", () => {
  const { came = 0, mean = 0 } = told.intervals.find(({ name }) => name === "converted") ?? {};
  expect(mean / came).toBeGreaterThan(0.85);
  expect(mean / came).toBeLessThan(1.15);
});

test("nothing that came after the split is known before it", () => {
  const known = before(
    { ...HISTORY, arms: { "remind\nmail": { version: 1, outcomes: 9, successes: 9, failures: 0, weights: [] } } },
    SPLIT,
  );
  const times = [
    ...known.signals.map(({ time }) => time),
    ...known.deliveries.flatMap((one) => [one.at, ...one.outcomes.map((o) => o.at)]),
  ];
  expect(times.length).toBeGreaterThan(1_000);
  expect(times.filter((time) => time >= SPLIT)).toEqual([]);
  expect(known.arms).toEqual({});
});

test("how many plays are done is told after each, and one that is stopped foretells nothing", async () => {
  expect(plays).toEqual(Array.from({ length: OPTIONS.paths }, (_, path) => path + 1));
  const few: number[] = [];
  const stopped = { ...OPTIONS, onPlay: (done: number) => few.push(done), isStopped: () => few.length === 2 };
  expect([await backtestHistory(HISTORY, stopped), few]).toEqual([undefined, [1, 2]]);
});

test("types that come for the first time after the split are counted, and nothing is foretold of them", async () => {
  const late = { customerId: "c-1", source: "shop", type: "flat.rented", time: SPLIT + 1, data: {} };
  const short = await backtested({ ...HISTORY, signals: [late], deliveries: [] }, OPTIONS);
  expect(short).toMatchObject({ intervals: [], held: 0, notForetold: { "flat.rented": 1 } });
  expect(short.share).toBeUndefined();
});
