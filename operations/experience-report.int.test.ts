import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { remoteLookUps } from "../cli/remote.ts";
import type { AskAnswer } from "../domain/entities/ask.ts";
import { differenceOf } from "../domain/learning/shares.ts";
import { byTime, iso } from "../domain/values/time.ts";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type TestService } from "../testing/service.ts";
import { type ExperienceReport, reportExperiences } from "./experience-report.ts";

const policy = policyOf(
  `
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}, web: {kind: pull}}
  moments: {m: {on: go, expires: 30d}, n: {on: call, expires: 30d}, o: {on: other, expires: 30d}, v: {on: vip, expires: 30d}, w: {on: visit, expires: 30d}}
  learning: {explore: none}
  governance: {holdout: 0.5, caps: [{id: day, max: 1, window: 1d}]}
  `,
  [
    "id: offer\nserves: [m]\nsuccess: {signal: bought, within: 30d}",
    "id: quiet\nserves: [m]\nvalue: 0.1\nsuccess: {signal: bought, within: 30d}",
    "id: task\nserves: [n]\nchannels: {desk: {summary: Call}}\nsuccess: {signal: bought, within: 30d}",
    "id: aimless\nserves: [o]",
    "id: few\nserves: [v]\nsuccess: {signal: paid, within: 30d}",
    "id: told\nserves: [w]\nchannels: {web: {variants: {short: {content: {a: Hi}}, long: {content: {a: Good day}}}}}",
  ],
);

let running: TestService | undefined;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};
const report = async (experience: string, window = "1d"): Promise<ExperienceReport> => {
  const [one] = await on().service.lookUps.experiences.report({ experience, window });
  if (!one) throw new Error("no report");
  return one;
};

const CUSTOMERS = Array.from({ length: 60 }, (_, number) => `c-${number}`);
let treated: string[] = [];
let withheld: string[] = [];

beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} });
  for (const id of CUSTOMERS) await running.signal("go", id);
  await running.settled();
  const decisions = await running.decisions();
  treated = decisions.filter(({ action }) => action === "deliver").map(({ customerId }) => customerId);
  withheld = decisions.filter(({ action }) => action === "withhold").map(({ customerId }) => customerId);
  // Half of the treated succeed, and one in five of the withheld; who was never asked does not count.
  const buyers = [...treated.filter((_, place) => place % 2 === 0), ...withheld.filter((_, place) => place % 5 === 0), "stranger"];
  for (const id of buyers) {
    await running.signal("bought", id);
    await running.signal("bought", id);
  }
  await running.settled();
});
afterAll(async () => running?.close());

describe("experiences report", () => {
  test("report: reach, sent and outcomes with Wilson's interval, as the decisions say", async () => {
    const { reach, sent, outcomes, window } = await report("offer");
    expect([reach, sent]).toEqual([treated.length, treated.length]);
    expect(Object.keys(outcomes)).toEqual(["converted"]);
    const converted = Math.ceil(treated.length / 2);
    expect(outcomes.converted).toMatchObject({ count: converted, share: converted / treated.length });
    expect(outcomes.converted?.low).toBeGreaterThan(0.3);
    expect(outcomes.converted?.high).toBeLessThan(0.7);
    expect(Date.parse(window.to) - Date.parse(window.from)).toBe(24 * 3_600_000);
  });

  test("report: what held it, with the holdout among the reasons", async () => {
    expect((await report("offer")).heldBy).toEqual([{ code: "holdout", decisions: withheld.length, customers: withheld.length }]);
    expect((await report("quiet")).heldBy).toEqual([{ code: "lower_priority", decisions: CUSTOMERS.length, customers: CUSTOMERS.length }]);
  });

  test("report: lift is the difference of the groups' success rates, the withheld's from their signals", async () => {
    const [a, b] = [
      { count: treated.length, successes: Math.ceil(treated.length / 2) },
      { count: withheld.length, successes: Math.ceil(withheld.length / 5) },
    ];
    const { difference, interval } = differenceOf(a, b);
    expect((await report("offer")).lift).toMatchObject({
      difference,
      interval: { low: interval[0], high: interval[1] },
      treated: { customers: a.count, successes: a.successes, rate: a.successes / a.count },
      withheld: { customers: b.count, successes: b.successes, rate: b.successes / b.count },
      ...{ within: "30d", holdout: 0.5, pending: CUSTOMERS.length },
    });
  });

  test("report: no lift without what it needs, and why", async () => {
    const refused = async (id: string) => (await report(id)).lift;
    expect(await refused("aimless")).toEqual({ refused: "the experience has no success, so there is nothing to compare" });
    expect(await refused("task")).toEqual({ refused: "it only makes tasks, which are never withheld" });
    expect(await refused("quiet")).toEqual({ refused: expect.stringContaining("none of its decisions was subject to a holdout") });
    await on().signal("vip", "c-few");
    await on().settled();
    expect(await refused("few")).toEqual({
      refused: expect.stringMatching(/^too few customers: (1|0) treated and (0|1) withheld, at least 10/),
    });
    for (let number = 0; number < 40; number++) await on().signal("vip", `v-${number}`);
    await on().settled();
    expect(await refused("few")).toEqual({ refused: "none of 41 customers has succeeded (paid): nothing can be compared" });
  });

  test("report: a row a variant, in the author's order, the same over HTTP", async () => {
    await on().signal("visit", "w-1");
    const asked = await on().post("/v1/next", { customer: "w-1", channel: "web", within: "2s" });
    const { places } = (await asked.json()) as AskAnswer;
    const { deliveryId = "", variant } = places.main ?? {};
    await on().signal("delivery.clicked", "w-1", { deliveryId });
    await on().settled();
    const share = expect.objectContaining({ count: 1, share: 1 });
    const one = { channel: "web", sent: 1, outcomes: { clicked: share } };
    const none = { channel: "web", sent: 0, outcomes: {} };
    const wanted = ["short", "long"].map((name) => ({ ...(name === variant ? one : none), variant: name }));
    expect((await report("told")).variants).toEqual(wanted);
    const { experiences } = remoteLookUps({ get: (path) => on().get(path), post: async () => ({}) as never });
    expect((await experiences.report({ experience: "told", window: "1d" }))[0]?.variants).toEqual(wanted);
    expect(await report("offer")).not.toHaveProperty("variants");
  });

  test("report: where signals are gone, only decisions since then are compared", async () => {
    const { store } = on().service;
    await store.commit([], { signals_forgotten_until: iso(Date.now() + 60_000) });
    expect((await report("offer")).lift).toEqual({
      refused: expect.stringMatching(/before which signals are gone \(retention\.signals\)/),
    });
    await store.commit([], { signals_forgotten_until: iso(Date.now() - 3_600_000) });
    expect((await report("offer")).lift).toHaveProperty("difference");
    await store.commit([], { signals_forgotten_until: null });
  });

  test("report: the same over HTTP; a window of nothing is BAD_INPUT, an unknown experience NOT_FOUND", async () => {
    const { experiences } = remoteLookUps({ get: (path) => on().get(path), post: async () => ({}) as never });
    const [there] = await experiences.report({ experience: "offer", window: "1d" });
    expect({ ...there?.lift, from: "" }).toEqual({ ...(await report("offer")).lift, from: "" });
    expect((await experiences.report({})).map(({ experienceId }) => experienceId)).toEqual([
      "aimless",
      "few",
      "offer",
      "quiet",
      "task",
      "told",
    ]);
    await expect(report("offer", "soon")).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: "window: soon is no duration; expected one such as 30d",
    });
    await expect(report("nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const { lookUps } = on().service;
    expect(await lookUps.experiences.report({ experience: "offer", window: "1s" })).toMatchObject([{ reach: 0, sent: 0, outcomes: {} }]);
  });
});

describe("outcomes list", () => {
  test("outcomes list: the latest first, by customer and experience, the same over HTTP", async () => {
    const { outcomes } = remoteLookUps({ get: (path) => on().get(path), post: async () => ({}) as never });
    const all = await outcomes.list({ limit: 100, experience: "offer" });
    expect(all).toHaveLength(Math.ceil(treated.length / 2));
    expect([...all].sort((a, b) => byTime(b.at, a.at)).map(({ at }) => at)).toEqual(all.map(({ at }) => at));
    expect(all).toEqual(await on().service.lookUps.outcomes.list({ limit: 100, experience: "offer" }));
    expect(await outcomes.list({ limit: 100, customerId: treated[0] })).toMatchObject([
      {
        customerId: treated[0],
        experienceId: "offer",
        channel: "box",
        kind: "converted",
        deliveryId: expect.any(String),
        decisionId: expect.any(String),
      },
    ]);
    expect(await outcomes.list({ limit: 100, experience: "quiet" })).toEqual([]);
    expect(await outcomes.list({ limit: 2 })).toHaveLength(2);
  });
});

describe("W7: what counts as success in the report", () => {
  const lift = async (success: string) => {
    const other = policyOf("moments: {m: {on: go, expires: 30d}}", [`id: offer\nserves: [m]\nsuccess: ${success}`]);
    const [one] = await reportExperiences({ experience: "offer", window: "1d" }, { store: on().service.store, policy: other }, Date.now());
    return one?.lift;
  };

  test("signals for which `when` does not hold do not count, in either group", async () => {
    const { difference } = differenceOf(
      { count: treated.length, successes: Math.ceil(treated.length / 2) },
      { count: withheld.length, successes: Math.ceil(withheld.length / 5) },
    );
    for (const id of withheld) await on().signal("bought", id, { returned: true });
    await on().settled();
    expect(await lift("{signal: bought, when: '!has(signal.data.returned)', within: 30d}")).toMatchObject({ difference });
    expect(await lift("{signal: bought, within: 30d}")).toMatchObject({ withheld: { successes: withheld.length } });
  });

  test("what reads more than the signal cannot be asked anew", async () => {
    const refused = { refused: expect.stringContaining("its success.when reads more than the signal") };
    expect(await lift("{signal: bought, when: customer.vip, within: 30d}")).toEqual(refused);
    expect(await lift("{signal: offer.redeemed, when: signal.data.amount > 5, within: 30d}")).toEqual(refused);
    expect(await lift("{signal: bought, when: signal.data.kind != 'customer', within: 30d}")).not.toEqual(refused);
  });
});
