import { expect, test } from "vitest";
import { DAY, HOUR, type Instant } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { WEEK } from "./arrivals.ts";
import type { PastSignal, RecordedHistory } from "./future.ts";
import { notModelled } from "./not-modelled.ts";
import { futureOf } from "./play-future.ts";
import { learnTwins, type Twins } from "./twins.ts";

const FROM = at("2026-01-05T00:00:00Z");
const UNTIL = FROM + 12 * WEEK;
const POLICY = policyOf("moments: {m: {on: ordered, expires: 30d}, q: {on: never.came, expires: 1d}}", [
  "id: win\nserves: [m]\nsuccess: {signal: ordered, within: 14d}",
]);

const CUSTOMERS = Array.from({ length: 30 }, (_, n) => ({ customerId: `c-${n}`, since: FROM }));

/** Every customer sends each of these so many times, evenly over the period, at another hour each. */
function historyOf(types: Readonly<Record<string, number>>, over: Partial<RecordedHistory> = {}): RecordedHistory {
  const { from, until } = over.period ?? { from: FROM, until: UNTIL };
  const signals = CUSTOMERS.flatMap(({ customerId }, place) =>
    Object.entries(types).flatMap(([type, count]) =>
      Array.from({ length: count }, (_, n): PastSignal => {
        const time = from + Math.floor(((n + place / 31) * (until - from)) / count);
        return { customerId, source: "shop", type, time, data: { n } };
      }),
    ),
  );
  return {
    ...{ period: { from: FROM, until: UNTIL, zone: "UTC" }, customers: CUSTOMERS, population: CUSTOMERS.length },
    ...{ signals, deliveries: [], arms: {} },
    ...over,
  };
}

const twinsOf = (history: RecordedHistory, most?: number): Twins =>
  learnTwins(history, { policies: [POLICY], ...(most === undefined ? {} : { most }) });

const typesOf = (twins: Twins, until: Instant = twins.period.until + 8 * WEEK): ReadonlySet<string> =>
  new Set([...futureOf(twins, { until, seed: "s", path: 0 }).days()].flat().map(({ type }) => type));

test("signals that people and systems send about customers do not come, and are named with how often they came", () => {
  const types = ["human.touch", "promise.kept", "customer.merged", "customer.aliased", "offer.redeemed"];
  const twins = twinsOf(historyOf(Object.fromEntries(["ordered", ...types].map((type) => [type, 2]))));
  expect(typesOf(twins)).toEqual(new Set(["ordered"]));
  expect(notModelled(twins)).toContain(
    "Signals that people and systems send about a customer (customer.aliased 60, customer.merged 60, human.touch 60, offer.redeemed 60, promise.kept 60): none comes.",
  );
});

test("types that were seen too seldom do not come, and are named; nor do types that rules wait for and that never came", () => {
  const rare: PastSignal = { customerId: "c-1", source: "desk", type: "flat.rented", time: FROM + DAY, data: {} };
  const history = historyOf({ ordered: 4 });
  const twins = twinsOf({
    ...history,
    signals: [...history.signals, ...Array.from({ length: 9 }, (_, n) => ({ ...rare, time: FROM + n * DAY }))],
  });
  expect(typesOf(twins)).toEqual(new Set(["ordered"]));
  expect(notModelled(twins)).toEqual(
    expect.arrayContaining([
      "Signals that came of themselves fewer than 10 times (flat.rented 9): none comes.",
      "Signals that rules wait for and that were never seen (message.received, never.came): none comes.",
    ]),
  );
  const tenth = { ...rare, time: FROM + 10 * DAY };
  const often = twinsOf({
    ...history,
    signals: [...history.signals, ...Array.from({ length: 10 }, (_, n) => ({ ...tenth, time: FROM + n * DAY }))],
  });
  expect(notModelled(often).join(" ")).not.toContain("fewer than 10 times");
});

test("types that came to many at once are named, and come one by one; so are types whose data were removed", () => {
  const history = historyOf({ ordered: 4 });
  const campaign = [2, 6, 10].flatMap((week) =>
    CUSTOMERS.map(({ customerId }): PastSignal => ({ customerId, source: "crm", type: "campaign.begun", time: FROM + week * WEEK })),
  );
  const twins = twinsOf({ ...history, signals: [...history.signals, ...campaign] });
  expect(notModelled(twins)).toEqual(
    expect.arrayContaining([
      "Signals that came to many customers at once (campaign.begun): each comes by itself.",
      "Signals whose data were removed in part (campaign.begun): data are drawn from what is left.",
    ]),
  );
  const begun = [...futureOf(twins, { until: UNTIL + 8 * WEEK, seed: "s", path: 0 }).days()]
    .flat()
    .filter(({ type }) => type === "campaign.begun");
  expect(begun.length).toBeGreaterThan(10);
  expect(new Set(begun.map(({ time }) => time)).size).toBe(begun.length);
  expect(begun.every(({ data }) => Object.keys(data).length === 0)).toBe(true);
});

test("a history of one hour tells neither the hour, nor the day of the week, nor what moves all; and is played", () => {
  const twins = twinsOf(historyOf({ ordered: 1 }, { period: { from: FROM, until: FROM + HOUR, zone: "UTC" } }));
  expect(notModelled(twins)).toEqual(
    expect.arrayContaining([
      "The hour of the day: the recorded time is 1 hour.",
      "The day of the week: the recorded time is 1 hour.",
      "What moves all customers at once (ordered): fewer than 6 weeks show it, and intervals are too narrow.",
    ]),
  );
  const coming = [...futureOf(twins, { until: FROM + DAY, seed: "s", path: 0 }).days()].flat();
  expect(coming.length).toBeGreaterThan(0);
  expect(coming.length).toBeLessThan(2_000);
  expect(notModelled(twinsOf(historyOf({ ordered: 12 }))).join(" ")).not.toMatch(/the recorded time is|fewer than 6/);
});

test("an empty history says that nothing comes", () => {
  const twins = learnTwins({ ...historyOf({}), customers: [], population: 0 }, { policies: [] });
  expect(typesOf(twins)).toEqual(new Set());
  expect(notModelled(twins)).toEqual(
    expect.arrayContaining([
      "Anything that customers send: too little was recorded.",
      "Receipts, replies and complaints: none was seen of deliveries whose time for answers is over.",
    ]),
  );
});

test("of more customers than are asked for a share is played, the same each time, and its size is told", () => {
  const twins = twinsOf({ ...historyOf({ ordered: 2 }), population: 60 }, 10);
  expect(twins.customers).toHaveLength(10);
  expect(twinsOf(historyOf({ ordered: 2 }), 20).customers).toEqual(expect.arrayContaining([...twins.customers]));
  expect(notModelled(twins)[0]).toBe("All customers: 10 of 60 are played (17 %), and figures are theirs.");
  expect(notModelled(twinsOf(historyOf({ ordered: 2 }))).join(" ")).not.toContain("are played");
  const played = new Set(twins.customers.map(({ customerId }) => customerId));
  const coming = [...futureOf(twins, { until: UNTIL + 8 * WEEK, seed: "s", path: 0 }).days()].flat();
  expect(coming.every(({ customerId }) => played.has(customerId))).toBe(true);
});

test("experiences that were never answered are named, and how they are answered", () => {
  const nothing = twinsOf(historyOf({ ordered: 2 }));
  expect(notModelled(nothing)).toContain("Answers to experiences that were never answered (win): none comes.");
  const arms = { "other\nmail": { version: 1 as const, outcomes: 9, successes: 3, failures: 6, weights: [] } };
  expect(notModelled(twinsOf({ ...historyOf({ ordered: 2 }), arms }))).toContain(
    "Answers to experiences that were never answered (win): each is drawn as from all others, with the doubt of two outcomes.",
  );
  expect(notModelled(twinsOf({ ...historyOf({ ordered: 2 }), arms: { "win\nmail": arms["other\nmail"] } })).join(" ")).not.toContain(
    "(win)",
  );
});

test("no customer is invented, and what nobody foresees is named", () => {
  const twins = twinsOf(historyOf({ ordered: 2 }));
  const coming = [...futureOf(twins, { until: UNTIL + 8 * WEEK, seed: "s", path: 0 }).days()].flat();
  const known = new Set(CUSTOMERS.map(({ customerId }) => customerId));
  expect(coming.every(({ customerId }) => known.has(customerId))).toBe(true);
  const words = notModelled(twins).join("\n");
  for (const said of ["nobody is invented", "Approvals", "language model", "Seasons", "Regular intervals", "Contacts by people", "merges"])
    expect(words).toContain(said);
});

test("what comes regularly comes after waits of chance", () => {
  const coming = [...futureOf(twinsOf(historyOf({ ordered: 12 })), { until: UNTIL + 12 * WEEK, seed: "s", path: 0 }).days()].flat();
  const waits = CUSTOMERS.flatMap(({ customerId }) => {
    const times = coming.filter((one) => one.customerId === customerId).map(({ time }) => time);
    return times.slice(1).map((time, n) => (time - (times[n] ?? 0)) / WEEK);
  });
  expect(waits.length).toBeGreaterThan(100);
  expect(waits.filter((wait) => wait < 0.5).length / waits.length).toBeGreaterThan(0.25);
});

test("service cases that were open, or are opened, close after as long as recorded ones took, by their own id", () => {
  const cases = CUSTOMERS.flatMap(({ customerId }, n): PastSignal[] => [
    { customerId, source: "desk", type: "case.opened", time: FROM + 3 * n * DAY, data: { caseId: `k-${n}`, subject: "Brakes" } },
    ...(n < 28 ? [{ customerId, source: "desk", type: "case.closed", time: FROM + (3 * n + 20) * DAY, data: { caseId: `k-${n}` } }] : []),
  ]);
  const period = { from: FROM, until: FROM + 90 * DAY, zone: "UTC" };
  const twins = twinsOf({ ...historyOf({}), period, signals: cases });
  const coming = [...futureOf(twins, { until: period.until + 30 * WEEK, seed: "s", path: 0 }).days()].flat();
  const [opened, closed] = ["case.opened", "case.closed"].map((type) => coming.filter((one) => one.type === type));
  const closedAt = (caseId: unknown) => closed?.filter(({ data }) => data.caseId === caseId).map(({ time }) => time);
  for (let n = 24; n < 30; n++) expect(closedAt(`k-${n}`)).toEqual([FROM + (3 * n + 20) * DAY]);
  const recorded = new Set(cases.map(({ data }) => data?.caseId));
  expect(opened?.length).toBeGreaterThan(5);
  for (const { data, time } of opened ?? []) {
    expect(recorded.has(data.caseId)).toBe(false);
    if (time + 20 * DAY < period.until + 30 * WEEK) expect(closedAt(data.caseId)).toEqual([time + 20 * DAY]);
  }
});
