import { describe, expect, test } from "vitest";
import { viewOf, withMoment } from "../../domain/record/view.ts";
import type { Need } from "../../domain/values/condition.ts";
import { aCustomer, NOW, timerWake } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { compileCondition } from "../conditions.ts";

const customer = aCustomer({
  traits: {
    ...{ churn: { score: 0.4 }, segment: "business", tags: ["vip"], visits: 2, plan: { price: 3 }, bereaved: true, name: "Ann" },
    ...{ lease: { endsOn: "2026-08-23", active: false, note: "next week" }, cover: { renewsOn: "2026-05-30" }, birthDate: "1990-06-11" },
  },
});
const { scope } = viewOf(customer, policyOf(""), timerWake("review"), NOW);
const withData = withMoment(scope, { name: "lease_ending", openedAt: NOW, urgency: 0.5, data: { place: "mall" } });

function needsOf(text: string, wanted: boolean): string[] | undefined {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.value.needs(withData, wanted)?.map(inWords);
}

const inWords = ({ wanted, today }: Need): string => (today === undefined ? wanted : `${wanted}; ${today}`);

describe("W14: what a condition lacks, in words", () => {
  test.each<[string, string]>([
    // Fields
    ["customer.churn.score >= 0.7", "a churn score of at least 0.7; it is 0.4"],
    ["0.7 < customer.churn.score", "a churn score above 0.7; it is 0.4"],
    ["customer.churn.risk >= -1", "a churn risk of at least -1; none is known"],
    ["customer.churn.score < 0.1", "a churn score below 0.1; it is 0.4"],
    ["customer.churn.score <= 0.1", "a churn score of at most 0.1; it is 0.4"],
    ["customer.visits > 2", "visits above 2; it is 2"],
    ["customer.segment == 'private'", 'a segment of "private"; it is "business"'],
    ["customer.segment != 'business'", 'a segment other than "business"; it is "business"'],
    ["customer.segment in ['a', 'b', 'c']", 'a segment of "a", "b" or "c"; it is "business"'],
    ["!(customer.segment in ['business'])", 'a segment other than "business"; it is "business"'],
    ["'gold' in customer.tags", '"gold" among the tags; they are ["vip"]'],
    ["!('vip' in customer.tags)", 'no "vip" among the tags; they are ["vip"]'],
    ["customer.name.contains('x')", 'a name that contains "x"; it is "Ann"'],
    ["!customer.name.startsWith('A')", 'a name that does not start with "A"; it is "Ann"'],
    ["customer.name.endsWith('x')", 'a name that ends with "x"; it is "Ann"'],
    ["customer.name.matches('^B')", 'a name that matches "^B"; it is "Ann"'],
    ["customer.visits > customer.plan.price", "visits above the plan price; it is 2, and the plan price is 3"],
    ["customer.visits > customer.none", "visits above the none; no none is known"],
    ["size(customer.tags) > 1", "more than 1 entry in the tags; there is 1"],
    ["size(customer.name) > 5", "more than 5 characters in the name; there are 3"],
    // Presence and truth
    ["has(customer.churn.model)", "a churn model; none is known"],
    ["customer.segment == null", 'no segment; it is "business"'],
    ["!has(customer.lease.endsOn)", 'no lease end date; it is "2026-08-23"'],
    ["!has(customer.tags)", "no tags; there is one"],
    ["customer.lease.active", "lease active being true; it is false"],
    ["customer.lease.active == true", "lease active being true; it is false"],
    ["!customer.bereaved", "bereaved being false; it is true"],
    ["customer.married", "married being true; it is not known"],
    // Dates
    ["daysUntil(customer.lease.endsOn) <= 60", "a lease end date (lease.endsOn) at most 60 days away; it is 83 days away"],
    ["daysUntil(customer.cover.renewsOn) >= 0", "a cover renewal date (cover.renewsOn) today or later; it was 2 days ago"],
    ["daysSince(customer.cover.renewsOn) >= 5", "a cover renewal date (cover.renewsOn) at least 5 days ago; it was 2 days ago"],
    ["daysSince(customer.lease.endsOn) > 0", "a lease end date (lease.endsOn) before today; it is 83 days away"],
    ["daysUntil(customer.lease.note) > 3", 'a lease note more than 3 days away; it is "next week", which is no date'],
    ["daysUntil(customer.none.endsOn) == 1", "a none end date (none.endsOn) exactly 1 day away; none is known"],
    ["hoursUntil(customer.lease.endsOn) < 30", "a lease end date (lease.endsOn) less than 30 hours away; it is 1982 hours away"],
    ["hoursSince(customer.lease.endsOn) > 0", "a lease end date (lease.endsOn) in the past; it is 1982 hours away"],
    ["daysUntilAnniversary(customer.birthDate) == 0", "an anniversary of the birth date today; the next one is 10 days away"],
    // What is counted
    ["touches('7d') > 1", "more than 1 contact in the last 7 days; there is none"],
    ["touches('7d', 'sms') >= 1", "a contact by sms in the last 7 days; there is none"],
    ["count('page.viewed', '1h') > 0", "a page.viewed signal in the last hour; there is none"],
    ["cadence('order.placed') > 3", "a usual gap between two order.placed signals of more than 3 days; there were not two yet"],
    ["customer.openCases >= 2", "at least 2 open service cases; there is none"],
    // The wake
    ["moment.urgency > 0.7", "a moment urgency above 0.7; it is 0.5"],
    ["moment.name == 'x'", 'a moment name of "x"; it is "lease_ending"'],
    ["moment.data.place == 'park'", 'a moment place of "park"; it is "mall"'],
    ["now.getHours() >= 23", "an hour of the day of at least 23; it is 15"],
  ])("%s", (text, wanted) => {
    expect(needsOf(text, true)).toEqual([wanted]);
  });

  test("has() beside a comparison of the same field is one fault; so are two bounds of it", () => {
    expect(needsOf("has(customer.risk) && customer.risk > 0.5", true)).toEqual(["a risk above 0.5; none is known"]);
    expect(needsOf("daysUntil(customer.due) > 0 && daysUntil(customer.due) <= 60", true)).toEqual([
      "a due after today and at most 60 days away; none is known",
    ]);
  });

  test("several faults are several needs, and alternatives are one", () => {
    expect(needsOf("customer.visits > 5 && customer.lease.active && customer.segment == 'business'", true)).toEqual([
      "visits above 5; it is 2",
      "lease active being true; it is false",
    ]);
    expect(needsOf("customer.visits > 5 || customer.lease.active && has(customer.risk)", true)).toEqual([
      "visits above 5 (it is 2), or lease active being true (it is false) and a risk (none is known)",
    ]);
    expect(needsOf("customer.segment == 'a' || customer.segment.startsWith('c')", true)).toEqual([
      'a segment of "a", or a segment that starts with "c"; it is "business"',
    ]);
  });

  test("a condition that is met and must not be: any of its parts is enough", () => {
    expect(needsOf("customer.segment == 'business'", false)).toEqual(['a segment other than "business"; it is "business"']);
    expect(needsOf("has(customer.bereaved) && customer.bereaved", false)).toEqual(["bereaved being false; it is true"]);
    expect(needsOf("customer.bereaved && customer.visits > 1", false)).toEqual([
      "bereaved being false (it is true), or visits of at most 1 (it is 2)",
    ]);
    expect(needsOf("customer.bereaved || customer.visits > 1", false)).toEqual([
      "bereaved being false; it is true",
      "visits of at most 1; it is 2",
    ]);
  });

  test("an open case that suppresses is none", () => {
    const withCase = { ...scope, customer: { ...scope.customer, openCases: 1 } };
    const compiled = compileCondition("customer.openCases > 0");
    expect(compiled.ok && compiled.value.needs(withCase, false)).toEqual([{ wanted: "no open service case", today: "there is 1" }]);
  });

  test.each([
    "customer.visits - customer.plan.price > 3",
    "customer.tags.exists(t, t == 'x')",
    "customer.visits > 5 && customer.tags[0] == 'x'",
  ])("without words for every part there are none: %s", (text) => {
    expect(needsOf(text, true)).toBeUndefined();
  });
});
