import { expect, test } from "vitest";
import { armOf } from "../domain/learning/lessons.ts";
import { DAY, HOUR } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { WEEK } from "./arrivals.ts";
import type { FutureSignal, PastDelivery, PastSignal, PlayedDelivery, RecordedHistory } from "./future.ts";
import { futureOf } from "./play-future.ts";
import { learnTwins } from "./twins.ts";

const FROM = at("2026-01-05T00:00:00Z");
const UNTIL = FROM + 12 * WEEK;

const POLICY = policyOf("channels: {mail: {kind: file}, sms: {kind: file}}", [
  "id: remind\nchannels: {mail: {text: Hello}}\nsuccess: {signal: visited, within: 14d}",
  "id: news\nchannels: {mail: {text: News}, sms: {text: News}}",
  "id: fresh\nchannels: {mail: {text: Fresh}}",
]);

const CUSTOMERS = Array.from({ length: 40 }, (_, n) => ({
  customerId: `c-${n}`,
  since: FROM,
  like: n % 8 === 0 || n % 8 === 2 ? "gold" : "blue",
}));

/** Each customer got one reminder: every fourth visited a day later, every second opened it after an hour. */
const deliveries = CUSTOMERS.map(({ customerId }, n): PastDelivery => {
  const sent = FROM + n * DAY;
  return {
    ...{ deliveryId: `d-${n}`, customerId, experienceId: "remind", channel: "mail", at: sent },
    outcomes: [
      ...(n % 2 === 0 ? [{ kind: "opened" as const, at: sent + HOUR }] : []),
      ...(n % 4 === 0 ? [{ kind: "converted" as const, at: sent + DAY }] : []),
    ],
  };
});

const signals = deliveries.flatMap(({ customerId, at: sent, outcomes, deliveryId }): PastSignal[] => [
  ...(outcomes.length > 0
    ? [{ customerId, source: "mailer", type: "delivery.opened", time: sent + HOUR, data: { deliveryId, providerId: "p-1" } }]
    : []),
  ...(outcomes.length > 1 ? [{ customerId, source: "desk", type: "visited", time: sent + DAY, data: { said: `by ${customerId}` } }] : []),
]);

const HISTORY: RecordedHistory = {
  period: { from: FROM, until: UNTIL, zone: "UTC" },
  ...{ customers: CUSTOMERS, population: CUSTOMERS.length, signals, deliveries, arms: {} },
};

const SUCCESS = { signals: ["visited"], within: 14 * DAY };

const remind = (customerId: string, over: Partial<PlayedDelivery> = {}): PlayedDelivery => ({
  ...{ deliveryId: `new-${customerId}`, customerId, experienceId: "remind", channel: "mail", success: SUCCESS },
  ...{ at: UNTIL + DAY, nth: 0 },
  ...over,
});

const twins = learnTwins(HISTORY, { policies: [POLICY] });
const future = (path = 0, of = twins) => futureOf(of, { until: UNTIL + 4 * WEEK, seed: "s", path });

/** What all customers answer in so many plays. */
function answersOf(deliveryOf: (customerId: string) => PlayedDelivery, paths = 40, of = twins): FutureSignal[] {
  return Array.from({ length: paths }, (_, path) => future(path, of)).flatMap(({ answersTo }) =>
    CUSTOMERS.flatMap(({ customerId }) => answersTo(deliveryOf(customerId))),
  );
}

const shareOf = (answers: readonly FutureSignal[], type: string, paths = 40): number =>
  answers.filter((one) => one.type === type).length / (paths * CUSTOMERS.length);

test("receipts and successes come only as answers", () => {
  expect([...future().days()].flat()).toEqual([]);
});

test("a delivery succeeds as often as its arm has learned, is opened as often as others were, after as long as they were", () => {
  const answers = answersOf(remind);
  expect(shareOf(answers, "visited")).toBeCloseTo(11 / 42, 1);
  expect(shareOf(answers, "delivery.opened")).toBeCloseTo(0.5, 1);
  expect(new Set(answers.map(({ type, time }) => `${type} ${(time - UNTIL - DAY) / HOUR}`))).toEqual(
    new Set(["visited 24", "delivery.opened 1"]),
  );
});

test("a success says what was said by one of hers, else by one of a customer like her; a receipt names its delivery, and no other's provider", () => {
  const answers = answersOf(remind);
  const visits = answers.filter(({ type }) => type === "visited");
  for (const { customerId, source, data } of visits) {
    const n = Number(customerId.slice(2));
    expect(source).toBe("desk");
    const whose = Number(String(data.said).slice("by c-".length));
    // Every fourth has visited; of these, every second one is gold.
    if (n % 4 === 0) expect(whose).toBe(n);
    else expect(whose % 8).toBe(n % 8 === 2 ? 0 : 4);
  }
  const opened = answers.filter(({ type }) => type === "delivery.opened");
  for (const { customerId, data, source } of opened) expect([data, source]).toEqual([{ deliveryId: `new-${customerId}` }, "mailer"]);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(answers.length);
});

test("the doubt of an arm is drawn once a play: its share of successes differs from play to play more than chance alone makes it", () => {
  const shares = Array.from({ length: 60 }, (_, path) => {
    const { answersTo } = future(path);
    const got = CUSTOMERS.flatMap(({ customerId }) => Array.from({ length: 10 }, (__, nth) => answersTo(remind(customerId, { nth }))));
    return got.filter((all) => all.some(({ type }) => type === "visited")).length / got.length;
  });
  const mean = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const deviation = Math.sqrt(shares.reduce((sum, one) => sum + (one - mean) ** 2, 0) / shares.length);
  // By chance alone 0.02; Beta(11, 31) deviates by 0.067.
  expect(deviation).toBeGreaterThan(0.04);
  expect(deviation).toBeLessThan(0.1);
});

test("both sides draw the same for the same customer, experience and turn, whatever their deliveries are called and when they are sent", () => {
  const { answersTo } = future();
  const kindsOf = (over: Partial<PlayedDelivery>) =>
    CUSTOMERS.map(({ customerId }) => answersTo(remind(customerId, over)).map(({ type }) => type));
  expect(kindsOf({ deliveryId: "other", at: UNTIL + 3 * DAY })).toEqual(kindsOf({}));
  expect(kindsOf({ nth: 1 })).not.toEqual(kindsOf({}));
});

test("no customer tires: the twentieth delivery is answered as the first", () => {
  const [first, twentieth] = [0, 19].map((nth) =>
    shareOf(
      answersOf((id) => remind(id, { nth })),
      "visited",
    ),
  );
  expect(Math.abs((first ?? 0) - (twentieth ?? 0))).toBeLessThan(0.05);
});

test("what its arm has learned of features counts", () => {
  const arms = {
    [armOf("remind", "mail")]: {
      ...{ version: 1 as const, outcomes: 1_000, successes: 200, failures: 800 },
      weights: [["keen", 2, 0.01, 500] as [string, number, number, number]],
    },
  };
  const taught = learnTwins({ ...HISTORY, arms }, { policies: [POLICY] });
  const share = (features: readonly string[]) =>
    shareOf(
      answersOf((id) => remind(id, { features }), 10, taught),
      "visited",
      10,
    );
  expect(share(["keen"])).toBeGreaterThan(2 * share([]));
});

test("an experience that was never answered is answered as from all others; on a channel of which nothing is known, no receipt comes", () => {
  const fresh = (customerId: string): PlayedDelivery => remind(customerId, { experienceId: "fresh", learnsAs: "fresh" });
  const share = shareOf(answersOf(fresh), "visited");
  expect([share > 0.15, share < 0.4]).toEqual([true, true]);
  const bySms = answersOf((id) => remind(id, { channel: "sms" }));
  expect(bySms.some(({ type }) => type === "visited")).toBe(true);
  expect(shareOf(bySms, "delivery.opened")).toBe(0);
  const nothing = learnTwins({ ...HISTORY, deliveries: [], signals: [] }, { policies: [POLICY] });
  expect(answersOf(remind, 2, nothing)).toEqual([]);
});

test("a success that was never seen to follow a delivery says what came of itself; one that never came does not come", () => {
  const own = CUSTOMERS.flatMap(({ customerId }) =>
    [1, 2, 3].map((n): PastSignal => ({ customerId, source: "shop", type: "ordered", time: FROM + n * WEEK, data: { of: customerId } })),
  );
  const known = learnTwins({ ...HISTORY, signals: [...signals, ...own] }, { policies: [POLICY] });
  const wanting = (types: readonly string[]) => (customerId: string) =>
    remind(customerId, { success: { signals: types, within: 14 * DAY } });
  const ordered = answersOf(wanting(["ordered"]), 5, known).filter(({ type }) => type === "ordered");
  expect(ordered.length).toBeGreaterThan(10);
  expect(ordered.every(({ data, customerId }) => data.of === customerId)).toBe(true);
  expect(answersOf(wanting(["flown"]), 5, known).filter(({ type }) => type === "flown")).toEqual([]);
});

test("a message that replies to a delivery comes with its reply, and never of itself", () => {
  const replied = deliveries.map((one) => ({ ...one, outcomes: [{ kind: "replied" as const, at: one.at + HOUR }] }));
  const messages = replied.map(
    ({ customerId, at: sent }): PastSignal => ({
      ...{ customerId, source: "inbox", type: "message.received", time: sent + HOUR },
      data: { text: "Call me", thread: `t-${customerId}` },
    }),
  );
  const talking = learnTwins({ ...HISTORY, deliveries: replied, signals: messages }, { policies: [POLICY] });
  expect([...future(0, talking).days()].flat()).toEqual([]);
  const answers = answersOf((id) => remind(id, { experienceId: "news" }), 10, talking);
  const [received, reply] = ["message.received", "delivery.replied"].map((type) => answers.filter((one) => one.type === type));
  expect(received?.length).toBeGreaterThan(100);
  expect(received?.length).toBe(reply?.length);
  expect(new Set(received?.map(({ data }) => data.thread)).size).toBe(received?.length);
  expect(received?.every(({ data }) => data.text === "Call me")).toBe(true);
});

test("what was sent shortly before the end is still answered, after it, and not what was answered already", () => {
  const late = CUSTOMERS.map(
    ({ customerId }, n): PastDelivery => ({
      ...{ deliveryId: `late-${n}`, customerId, experienceId: "remind", channel: "mail", at: UNTIL - HOUR / 2 },
      outcomes: n < 20 ? [{ kind: "opened", at: UNTIL - 1_000 }] : [],
    }),
  );
  const open = learnTwins({ ...HISTORY, deliveries: [...deliveries, ...late] }, { policies: [POLICY] });
  const coming = Array.from({ length: 10 }, (_, path) => [...future(path, open).days()].flat()).flat();
  expect(coming.every(({ time }) => time >= UNTIL)).toBe(true);
  const opened = coming.filter(({ type }) => type === "delivery.opened").map(({ data }) => Number(String(data.deliveryId).slice(5)));
  expect(opened.length).toBeGreaterThan(50);
  expect(opened.filter((n) => n < 20)).toEqual([]);
  const visits = coming.filter(({ type }) => type === "visited");
  expect(visits.length / 400).toBeCloseTo(11 / 42, 1);
  expect(visits.every(({ time }) => time === UNTIL - HOUR / 2 + DAY)).toBe(true);
});
