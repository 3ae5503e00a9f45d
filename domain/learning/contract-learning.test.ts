import { describe, expect, test } from "vitest";
import { aCustomer, aMoment, at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decide, Story } from "../../testing/story.ts";
import { inShort } from "../../testing/tell.ts";
import type { OutcomeKind } from "../entities/customer.ts";
import { experienceOf } from "../entities/policy.ts";
import { type Learned, learn, NOTHING_LEARNED } from "./learning.ts";
import { armOf, earnedBy, learnedPropensity } from "./lessons.ts";

const TWO = "channels: {box: {kind: file}, hook: {kind: webhook}}\nlearning: {explore: none}";
const ON_BOTH = "channels: {hook: {payload: {a: 1}}, box: {text: Hi}}";

/** A story whose deliveries teach. Each step is a time and a signal; `last` stands for the id of the last delivery. */
function learning(settings: string, experiences: readonly string[], steps: readonly (readonly [time: string, type: string])[]) {
  const policy = policyOf(settings, experiences);
  const arms = new Map<string, Learned>();
  const story: Story = new Story(policy, aCustomer(), {
    propensity: (context) => learnedPropensity(policy, (arm) => arms.get(arm))(context),
  });
  let taught = 0;
  const study = () => {
    for (const change of story.changes.slice(taught)) {
      if (change.type !== "lesson") continue;
      const arm = armOf(change.experienceId, change.channel);
      arms.set(arm, learn(arms.get(arm) ?? NOTHING_LEARNED, change.features, change.reward));
    }
    taught = story.changes.length;
  };
  for (const [time, type] of steps) {
    story.until(`2026-${time}T14:59:59Z`);
    study();
    story.signal(`2026-${time}T15:00:00Z`, type, { deliveryId: story.customer.deliveries.at(-1)?.deliveryId ?? "" });
    study();
  }
  const lessons = story.changes.flatMap((change) => (change.type === "lesson" ? [change.reward] : []));
  return { told: story.decisions.map(inShort), lessons, P: story.last.candidates[0]?.score?.P ?? Number.NaN, story };
}

test("an experience ignored on one channel uses the other; after both were ignored, the author's first comes first again", () => {
  const { told } = learning(
    TWO,
    [ON_BOTH],
    [
      ["06-01", "go"],
      ["06-09", "go"],
      ["06-17", "go"],
      ["06-25", "go"],
    ],
  );
  expect(told).toEqual([
    "06-01 15:00 deliver e@hook",
    "06-09 15:00 deliver e@box",
    "06-17 15:00 deliver e@hook",
    "06-25 15:00 deliver e@box",
  ]);
});

test("of two experiences with equal value the one that was not ignored wins; if both were, the smaller id", () => {
  const { told } = learning(
    "learning: {explore: none}",
    ["id: a", "id: b"],
    [
      ["06-01", "go"],
      ["06-09", "go"],
      ["06-17", "go"],
    ],
  );
  expect(told).toEqual(["06-01 15:00 deliver a@box", "06-09 15:00 deliver b@box", "06-17 15:00 deliver a@box"]);
});

test.each([
  ["what nobody answered", "", ["x"], [0]],
  ["what was opened, and nothing else was hoped for", "", ["delivery.opened"], [1]],
  ["once, however many answers come", "", ["delivery.opened", "delivery.clicked", "delivery.replied"], [1]],
  ["what was complained about", "", ["delivery.complained"], [0]],
  ["nothing where it bounced", "", ["delivery.bounced"], []],
  ["nothing by its arrival: then nobody answered", "", ["delivery.delivered"], [0]],
  ["what was hoped for", "success: {signal: won}", ["won"], [1]],
  ["that opening is not what was hoped for", "success: {signal: won}", ["delivery.opened"], [0]],
  ["what was hoped for, opened before", "success: {signal: won}", ["delivery.opened", "won"], [1]],
])("a delivery teaches %s", (_, rest, answers, lessons) => {
  const days = answers.map((type, day) => [`06-0${day + 2}`, type] as const);
  expect(learning("learning: {explore: none}", [rest], [["06-01", "go"], ...days, ["06-30", "x"]]).lessons).toEqual(lessons);
});

test("holdouts and deferred decisions teach nothing", () => {
  expect(
    learning(
      "governance: {holdout: 1}",
      [""],
      [
        ["06-01", "go"],
        ["06-30", "x"],
      ],
    ).lessons,
  ).toEqual([]);
  expect(
    learning(
      "governance: {approval: [true]}",
      [""],
      [
        ["06-01", "go"],
        ["06-30", "x"],
      ],
    ).lessons,
  ).toEqual([]);
});

test("without exploration P is the mean: one in two at first, about one in three after a failure, two in three after a success", () => {
  const after = (type: string) =>
    learning(
      "learning: {explore: none}",
      [""],
      [
        ["06-01", "go"],
        ["06-02", type],
        ["06-30", "go"],
      ],
    );
  expect(learning("learning: {explore: none}", [""], [["06-01", "go"]]).P).toBe(0.5);
  expect(after("x").P).toBeCloseTo(1 / 3, 2);
  expect(after("delivery.opened").P).toBeCloseTo(2 / 3, 2);
  expect(after("x").story.last.probability).toBe(1);
  expect(after("x").story.customer.outcomes).toMatchObject([{ kind: "ignored", at: at("2026-06-08T15:00:00Z") }]);
});

describe("without evidence", () => {
  const THREE = ["id: a", "id: b", "id: c"];
  const rates: Readonly<Record<string, readonly number[]>> = { "a@box": [1, 0, 0, 0], "b@box": [0, 0, 0, 0, 0, 0, 0, 0] };
  const outcomes = (rewards: readonly number[]) => rewards.reduce((learned, reward) => learn(learned, [], reward), NOTHING_LEARNED);
  const learnedOf = (known: Readonly<Record<string, readonly number[]>>) => {
    const arms = new Map(Object.entries(known).map(([name, rewards]) => [name.replace("@", "\n"), outcomes(rewards)]));
    return (arm: string) => arms.get(arm);
  };
  /** How often each experience wins, over many customers of whom each is asked about once. */
  const winners = (settings: string, experiences: readonly string[], known: Readonly<Record<string, readonly number[]>> = {}) => {
    const policy = policyOf(settings, experiences);
    const propensity = learnedPropensity(policy, learnedOf(known));
    const decisions = Array.from({ length: 300 }, (_, index) =>
      decide(aCustomer({ customerId: `c-${index}`, moments: [aMoment()] }), policy, { propensity }),
    );
    const count = (id: string) => decisions.filter(({ experienceId }) => experienceId === id).length;
    return { decisions, of: Object.fromEntries(policy.experiences.map(({ id }) => [id, count(id)])) };
  };

  test("item 10: with thompson all untried arms are tried from the first day, with their true probabilities recorded", () => {
    const { of, decisions } = winners("learning: {explore: thompson}", THREE);
    // One in three of 300 each: five standard deviations are 41.
    for (const id of ["a", "b", "c"]) expect(Math.abs((of[id] ?? 0) - 100)).toBeLessThan(41);
    for (const { probability } of decisions) expect(probability).toBeCloseTo(1 / 3, 3);
  });

  test("with none it is the mean, with certainty, and ties go to the smaller id", () => {
    const { of, decisions } = winners("learning: {explore: none}", THREE);
    expect([of, decisions[0]?.probability, decisions[0]?.candidates[0]?.score?.P]).toEqual([{ a: 300, b: 0, c: 0 }, 1, 0.5]);
  });

  const meanOf = (settings: string, experiences: readonly string[], known: Readonly<Record<string, readonly number[]>>, asked: string) => {
    const { candidates } = decide(
      aCustomer({ moments: [aMoment()], consents: { hook: "revoked" } }),
      policyOf(`learning: {explore: none}\n${settings}`, experiences),
      {
        propensity: learnedPropensity(policyOf(settings, experiences), learnedOf(known)),
      },
    );
    return candidates.find(({ experienceId }) => experienceId === asked)?.score?.P;
  };
  test.each<[what: string, settings: string, experiences: readonly string[], known: typeof rates, mean: number]>([
    ["the arms that serve the same moment, together", "", THREE, rates, 2 / 14],
    [
      "its own other channels before those of others",
      TWO.split("\n")[0] ?? "",
      ["id: c\nchannels: {box: {text: Hi}, hook: {payload: {}}}", "id: a"],
      { "c@hook": [0, 0, 0, 0], "a@box": [1, 1] },
      1 / 6,
    ],
    [
      "not those of another moment",
      "moments: {m: {on: go, expires: 2d}, other: {on: other, expires: 2d}}",
      ["id: c", "id: a\nserves: [other]"],
      { "a@box": [0, 0, 0, 0] },
      1 / 2,
    ],
    ["not those that are no longer approved", "", ["id: c", "id: a\nstatus: archived"], { "a@box": [0, 0, 0, 0] }, 1 / 2],
    ["one half where nothing at all is learned", "", THREE, {}, 1 / 2],
  ])("the expected rate is that of %s", (_, settings, experiences, known, mean) => {
    expect(meanOf(settings, experiences, known, "c")).toBeCloseTo(mean, 3);
  });

  test("minPropensity is compared with the mean of the prior, not with the draw", () => {
    const settings = "learning: {explore: thompson}\ngovernance: {minPropensity: 0.2}";
    const few = winners(settings, ["id: c", "id: b"], { "b@box": rates["b@box"] ?? [] });
    expect(few.of).toEqual({ b: 0, c: 0 });
    expect(winners(settings, ["id: c"]).of).toEqual({ c: 300 });
  });

  test("the prior is worth two outcomes: against a well-known arm it wins as often as it may be better", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => (index % 10 === 0 ? 1 : 0));
    const { of, decisions } = winners("learning: {explore: thompson}", ["id: b", "id: c"], { "b@box": hundred });
    expect(of.c).toBeGreaterThan(30);
    expect(of.c).toBeLessThan(150);
    for (const { experienceId, probability } of decisions) {
      if (experienceId === "c") expect(Math.abs(300 * probability - (of.c ?? 0))).toBeLessThan(40);
    }
  });
});

describe("what a delivery has earned", () => {
  const policy = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 1d}}", [
    "id: sale\nserves: [m]\nchannels: {box: {text: A}}\nsuccess: {signal: bought, within: 30d, reward: 7}",
    "id: news\nserves: [m]\nchannels: {box: {text: B}}",
  ]);
  const came = (...kinds: readonly OutcomeKind[]) => kinds.map((kind) => ({ kind, reward: kind === "converted" ? 7 : 0 }));

  test.each<[string, string, readonly OutcomeKind[], number]>([
    ["nothing yet", "news", [], 0],
    ["one answer, however many", "news", ["delivered", "opened", "clicked", "replied"], 1],
    ["no answer", "news", ["ignored"], 0],
    ["what taught first, as it teaches once", "news", ["complained", "opened"], 0],
    ["and not what came after", "news", ["opened", "unsubscribed"], 1],
    ["an answer is no success where one is defined", "sale", ["opened", "clicked"], 0],
    ["the author's reward for a success", "sale", ["opened", "converted"], 7],
    ["a success after the wait for it", "sale", ["ignored", "converted"], 7],
    ["of an experience that is gone: an answer", "gone", ["clicked"], 1],
    ["of an experience that is gone: a success", "gone", ["opened", "converted"], 7],
  ])("%s", (_title, id, kinds, earned) => {
    expect(earnedBy(came(...kinds), experienceOf(policy, id))).toBe(earned);
  });
});
