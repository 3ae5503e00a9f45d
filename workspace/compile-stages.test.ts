import { describe, expect, test } from "vitest";
import { checkTexts, policyOf } from "../testing/policy.ts";
import { describeProblem } from "./problem.ts";

const problemsOf = (settings: string, experiences?: string[]) => {
  const checked = checkTexts(settings, experiences);
  return checked.ok ? [] : checked.problems.map(describeProblem);
};

const TWO = "stages: {lapsed: {when: customer.gone}, active: {}}";

test("stages keep the author's order", () => {
  expect(policyOf("stages: {lapsed: {when: customer.gone}, active: {}}").stages.map(({ name }) => name)).toEqual(["lapsed", "active"]);
});

test("a policy with stages listens to the daily clock, one without does not", () => {
  expect(policyOf(TWO).listens("clock.daily")).toBe(true);
  expect(policyOf("").listens("clock.daily")).toBe(false);
});

describe("check refuses", () => {
  test.each([
    [
      "a stage below one that always holds",
      "stages: {active: {}, lapsed: {when: customer.gone}}",
      "is never reached: active above it always",
    ],
    ["and below `when: true`", "stages: {active: {when: true}, lapsed: {}}", "is never reached: active above it"],
    ["a stage that reads the stage", "stages: {a: {when: \"customer.stage == 'a'\"}}", "reads customer.stage, which is what it decides"],
    ["also by has()", 'stages: {a: {when: "!has(customer.stage)"}}', "reads customer.stage"],
    ["a name of digits, which would lose its place", "stages: {a: {when: customer.x}, 1: {}}", "at least one letter"],
    ["an unknown key", "stages: {a: {if: customer.x}}", "unknown key if"],
    ["a condition that does not parse", "stages: {a: {when: 'customer.'}}", "stages.a.when"],
    [
      "a condition on a stage that does not exist",
      `${TWO}\nmoments: {m: {on: go, expires: 1d, when: "customer.stage == 'lapsd'"}}`,
      "unknown stage lapsd; did you mean lapsed?",
    ],
    ["in a list too", `${TWO}\nmoments: {m: {on: go, expires: 1d, when: "customer.stage in ['active', 'gone']"}}`, "unknown stage gone"],
    [
      "a change to a stage that does not exist",
      `${TWO}\nmoments: {m: {on: stage.changed, expires: 1d, when: "signal.data.to == 'gone'"}}`,
      "unknown stage gone",
    ],
  ])("%s", (_what, settings, expected) => {
    expect(problemsOf(settings).join("\n")).toContain(expected);
  });

  test("a text that compares with a stage that does not exist", () => {
    const text = "channels: {box: {text: \"{% if customer.stage == 'gone' %}Hi{% endif %}\"}}";
    expect(problemsOf(TWO, [text]).join("\n")).toContain("unknown stage gone");
  });
});

test.each([
  ["any value of a trait, where there are no stages", "moments: {m: {on: go, expires: 1d, when: \"customer.stage == 'gone'\"}}"],
  ["any `to` of another signal", `${TWO}\nmoments: {m: {on: moved, expires: 1d, when: "signal.data.to == 'Graz'"}}`],
])("check accepts %s", (_what, settings) => expect(problemsOf(settings)).toEqual([]));
