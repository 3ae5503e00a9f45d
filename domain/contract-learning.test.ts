import { expect, test } from "vitest";
import { aCustomer, at } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { Story } from "../testing/story.ts";
import { inShort } from "../testing/tell.ts";
import { type Learned, learn, NOTHING_LEARNED } from "./learning.ts";
import { armOf, learnedPropensity } from "./lessons.ts";

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

test("what was ignored on one channel goes by the other; when both were, the author's first comes first again", () => {
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

test("of two experiences that are worth the same the one that was not ignored wins; when both were, the smaller id", () => {
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

test("who is held out, and what is put off, teaches nothing", () => {
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
