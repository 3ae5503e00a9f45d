import { describe, expect, test } from "vitest";
import { aCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { Story } from "../../testing/story.ts";
import { DAY, durationInWords, HOUR } from "../values/time.ts";

const RULES = `
  record:
    fields:
      churn: {maxAge: 14d}
      credit.score: {onConflict: hold}
  `;

const said = (source: string, days: number, traits: object) => ({
  source,
  at: NOW - days * DAY,
  traits: traits as Record<string, unknown>,
});
const STALE = { said: [said("crm", 59, { churn: { score: 0.9 } })] };
const FRESH = { said: [said("crm", 13, { churn: { score: 0.9 } })] };
const DISPUTED = { said: [said("crm", 1, { credit: { score: 700 } }), said("bank", 2, { credit: { score: 500 } })] };
const BOTH = { said: [...STALE.said, ...DISPUTED.said] };

const SCORE_IS_OLD = "customer.churn.score is 59 days old (crm), older than the 14 days allowed";
const IS_DISPUTED = "customer.credit.score is in conflict: bank says 500 (2026-05-30T15:00:00Z), crm says 700 (2026-05-31T15:00:00Z)";

function decisionOf(settings: string, experience: string, customer: Parameters<typeof aCustomer>[0]) {
  return new Story(
    policyOf(
      `${RULES}
  learning: {explore: none}\n  ${settings}`,
      [experience],
    ),
    aCustomer(customer),
  ).signal(new Date(NOW).toISOString(), "go").decisions[0];
}

const reasonsOf = (...given: Parameters<typeof decisionOf>) =>
  decisionOf(...given)?.candidates[0]?.reasons.map(({ code, detail }) => `${code}${detail === undefined ? "" : `: ${detail}`}`);

describe("W8: in the conditions of an experience a stale or disputed field counts as missing", () => {
  test.each<[string, string, Parameters<typeof aCustomer>[0], string]>([
    ["fresh", "suitability: [customer.churn.score >= 0.7]", FRESH, "eligible"],
    [
      "eligibility",
      "eligibility: [customer.churn.score >= 0.7]",
      STALE,
      `ineligible: not met: customer.churn.score >= 0.7 (${SCORE_IS_OLD})`,
    ],
    [
      "applicability",
      "applicability: [{when: customer.churn.score >= 0.7, reason: no risk of leaving}]",
      STALE,
      `not_applicable: no risk of leaving (${SCORE_IS_OLD})`,
    ],
    [
      "suitability",
      "suitability: [customer.credit.score >= 600]",
      DISPUTED,
      `not_suitable: not met: customer.credit.score >= 600 (${IS_DISPUTED})`,
    ],
    [
      "has() of a stale field is false",
      "eligibility: [has(customer.churn.score)]",
      STALE,
      `ineligible: not met: has(customer.churn.score) (${SCORE_IS_OLD})`,
    ],
    [
      "has() of a disputed field is false",
      "eligibility: [has(customer.credit.score)]",
      DISPUTED,
      `ineligible: not met: has(customer.credit.score) (${IS_DISPUTED})`,
    ],
    [
      "has() of an object with nothing else is false",
      "eligibility: [has(customer.churn)]",
      STALE,
      `ineligible: not met: has(customer.churn) (${SCORE_IS_OLD})`,
    ],
    ["!has() of a stale field is true", 'eligibility: ["!has(customer.churn.score)"]', STALE, "eligible"],
    ["|| decides without it", "eligibility: ['customer.churn.score >= 0.7 || customer.openCases == 0']", STALE, "eligible"],
    [
      "each field that matters is named",
      "eligibility: ['customer.churn.score >= 0.7 && customer.credit.score >= 600']",
      BOTH,
      `ineligible: not met: customer.churn.score >= 0.7 && customer.credit.score >= 600 (${SCORE_IS_OLD}; ${IS_DISPUTED})`,
    ],
    [
      "a field that does not matter is not named",
      "eligibility: ['customer.openCases > 0 && !has(customer.churn.score)']",
      STALE,
      "ineligible: not met: customer.openCases > 0 && !has(customer.churn.score)",
    ],
  ])("%s", (_name, experience, customer, wanted) => {
    expect(reasonsOf("", experience, customer)).toEqual([wanted]);
  });

  test("a context on a stale field adds nothing", () => {
    const context = "context: [{when: customer.churn.score >= 0.7, weight: 50}]";
    expect(decisionOf("", context, FRESH)?.candidates[0]?.score).toMatchObject({ C: 1.5 });
    expect(decisionOf("", context, STALE)?.candidates[0]?.score).toMatchObject({ C: 1 });
  });

  test("moments, suppressions and approvals read the newest value, however old it is", () => {
    expect(decisionOf("moments: {m: {on: go, when: customer.churn.score >= 0.7, expires: 1d}}", "", STALE)?.action).toBe("deliver");
    expect(reasonsOf("governance: {suppress: [{when: customer.churn.score >= 0.7, reason: at risk}]}", "", STALE)).toEqual([
      "suppressed: at risk",
    ]);
    expect(decisionOf("governance: {approval: [{when: customer.churn.score >= 0.7}]}", "", STALE)?.action).toBe("await_approval");
  });

  test("a disputed field is missing for moments and suppressions too", () => {
    expect(decisionOf("moments: {m: {on: go, when: customer.credit.score > 1, expires: 1d}}", "", DISPUTED)).toBeUndefined();
    expect(decisionOf("governance: {suppress: [{when: customer.credit.score > 1}]}", "", DISPUTED)?.action).toBe("deliver");
  });
});

test.each([
  [59 * DAY + HOUR, "59 days"],
  [DAY, "1 day"],
  [3 * HOUR, "3 hours"],
  [60_000, "1 minute"],
  [0, "0 seconds"],
])("a duration of %d ms is %s", (ms, words) => expect(durationInWords(ms)).toBe(words));
