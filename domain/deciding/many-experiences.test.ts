import { describe, expect, test } from "vitest";
import { aCustomer, aMoment, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decide } from "../../testing/story.ts";
import type { Touch } from "../entities/customer.ts";
import { learnedPropensity } from "../learning/lessons.ts";
import { DAY } from "../values/time.ts";

/** Touches that count how often a condition asks for them. */
class CountedTouches extends Array<Touch> {
  asked = 0;
  override filter(): Touch[] {
    this.asked++;
    return [];
  }
}

const MANY = 200;
/** As many experiences of this text, each with its own id. */
const many = (text: string) => Array.from({ length: MANY }, (_, index) => `id: e${String(index).padStart(3, "0")}\n${text}`);

/** How often `touches()` is evaluated in one decision. */
function evaluations(experience: string, settings = "", given: Parameters<typeof aCustomer>[0] = {}): number {
  const touches = new CountedTouches();
  const policy = policyOf(settings, many(experience));
  const { candidates, others = [] } = decide(aCustomer({ moments: [aMoment()], touches, ...given }), policy);
  expect(others.reduce((sum, { count }) => sum + count, candidates.length)).toBe(MANY);
  return touches.asked;
}

describe("a condition that several experiences share is asked once a decision", () => {
  test.each<[string, string, string?]>([
    ["of eligibility", "eligibility: ['touches(\"7d\") == 0']"],
    ["twice in each", "applicability: ['touches(\"7d\") == 0']\nsuitability: [{when: 'touches(\"7d\") == 0', reason: rested}]"],
    ["of a context", "context: [{when: 'touches(\"7d\") == 0', weight: 10}]"],
    ["that reads the moment", "eligibility: ['touches(\"7d\") == 0 && moment.urgency < 2']"],
    ["of a suppression", "", "governance: {suppress: [{when: touches('7d') > 0}]}"],
  ])("%s", (_name, experience, settings) => {
    expect(evaluations(experience, settings)).toBe(1);
  });

  test("one that reads the experience is asked for each", () => {
    expect(evaluations("eligibility: ['touches(\"7d\") == 0 && experience.value > 0']")).toBe(MANY);
  });

  test("one that reads the moment is asked once a moment", () => {
    const settings = "moments: {m: {on: go, expires: 30d}, n: {on: go, expires: 30d}}";
    const experience = 'eligibility: [\'moment.name == "m" && touches("7d") == 0\']';
    const touches = new CountedTouches();
    const moments = [aMoment(), aMoment({ name: "n", urgency: 0.4 })];
    const policy = policyOf(settings, [...many(experience), `id: n\nserves: [n]\n${experience}`]);
    const { others, candidates } = decide(aCustomer({ moments, touches }), policy);
    expect(touches.asked).toBe(2);
    const last = candidates.find(({ experienceId }) => experienceId === "n");
    expect(last?.verdict ?? others?.find(({ code }) => code === "ineligible")?.experiences).toEqual(last ? "ineligible" : ["n"]);
  });

  test("and so are its parts, where it does not hold: what they need, and the doubts about their fields", () => {
    const failing = "eligibility: ['touches(\"7d\") > 0 && customer.score > 0']";
    expect(evaluations(failing)).toBeLessThan(6);
    const said = [{ source: "crm", at: NOW - 9 * DAY, traits: { score: 1 } }];
    expect(evaluations(failing, "record: {fields: {score: {maxAge: 1d}}}", { said })).toBeLessThan(6);
  });
});

test("where nothing is learned of a moment, each of its arms is read once a decision, and they are told as one list", () => {
  const [read, told]: [string[], (readonly string[])[]] = [[], []];
  const policy = policyOf("", many(""));
  const learnedBy = (arm: string) => {
    read.push(arm);
    return undefined;
  };
  const propensity = learnedPropensity(policy, learnedBy, (arms) => told.push(arms));
  decide(aCustomer({ moments: [aMoment()] }), policy, { propensity });
  // The first candidate asks for its own arm, for those of its experience, and then for those of the moment.
  expect([read.length, told.map((arms) => arms.length)]).toEqual([MANY + 2, [1, 1, MANY]]);
});

test("what a stopped candidate would have scored is asked only where there is room for it in the record", () => {
  const context = "context: [{when: 'touches(\"7d\") == 0 && experience.value > 0', weight: 10}]";
  const ids = (letter: string, count: number, text: string) =>
    Array.from({ length: count }, (_, index) => `id: ${letter}${String(index).padStart(3, "0")}\n${text}`);
  const touches = new CountedTouches();
  const policy = policyOf("", [...ids("e", 500, context), ...ids("s", 300, `eligibility: [customer.vip]\n${context}`)]);
  const { candidates, others = [] } = decide(aCustomer({ moments: [aMoment()], touches }), policy);
  expect(others.map(({ stage, count }) => [stage, count])).toContainEqual(["eligibility", 300]);
  expect(candidates.length).toBeLessThan(500);
  expect(touches.asked).toBe(500);
});
