import { describe, expect, test } from "vitest";
import { aCustomer, aMoment } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decide } from "../../testing/story.ts";
import { type Scenario, tell } from "../../testing/tell.ts";
import { isHeldOut, whyUnmeasured } from "./holdout.ts";

const MIXED = `
  governance: {holdout: {share: 100%}}
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
  moments: {m: {on: go, expires: 30d}, asked: {on: [message.received, go], expires: 2d, urgency: 0.9}}`;
const GO = [["06-01 15:00", "go"] as const];

describe("W5: the holdout", () => {
  const CASES: Scenario[] = [
    { name: "as a number withholds", settings: "governance: {holdout: 1}", signals: GO, wanted: ["06-01 15:00 withhold e@box: holdout"] },
    {
      name: "as a percentage withholds",
      settings: "governance: {holdout: 100%}",
      signals: GO,
      wanted: ["06-01 15:00 withhold e@box: holdout"],
    },
    { name: "of nobody withholds nothing", settings: "governance: {holdout: 0%}", signals: GO, wanted: ["06-01 15:00 deliver e@box"] },
    { name: "with a share of its own withholds", settings: MIXED, signals: GO, wanted: ["06-01 15:00 withhold e@box: holdout"] },
    {
      name: "never withholds a task",
      settings: MIXED,
      experiences: ["channels: {desk: {summary: Call}}"],
      signals: GO,
      wanted: ["06-01 15:00 deliver e@desk"],
    },
    {
      name: "withholds the message of an experience that could also be a task",
      settings: MIXED,
      experiences: ["channels: {box: {text: Hello}, desk: {summary: Call}}"],
      signals: GO,
      wanted: ["06-01 15:00 withhold e@box: holdout"],
    },
    {
      name: "never withholds the answer to a message",
      settings: MIXED,
      experiences: ["serves: [asked]"],
      signals: [["06-01 15:00", "message.received", { channel: "box", text: "Hello?" }]],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "withholds for the same moment when another signal opened it",
      settings: MIXED,
      experiences: ["serves: [asked]"],
      signals: GO,
      wanted: ["06-01 15:00 withhold e@box: holdout"],
    },
    {
      name: "of a department withholds nothing of others, nor of none",
      settings:
        "governance: {holdout: {share: 1, departments: [marketing]}}\nmoments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}, o: {on: see, expires: 30d}}",
      experiences: ["id: a\ndepartment: marketing", "id: b\nserves: [n]\ndepartment: service", "id: c\nserves: [o]"],
      signals: [...GO, ["06-02 15:00", "come"], ["06-03 15:00", "see"]],
      wanted: ["06-01 15:00 withhold a@box: holdout", "06-02 15:00 deliver b@box", "06-03 15:00 deliver c@box"],
    },
  ];
  test.each(CASES)("$name", ({ name: _, wanted, ...given }) => {
    expect(tell(given)).toEqual(wanted);
  });

  const decided = (holdout: string, experience = "") =>
    decide(aCustomer({ moments: [aMoment()] }), policyOf(`governance: {holdout: ${holdout}}`, [experience]));

  test.each<[string, object]>([
    ["1", { group: "withheld", share: 1, period: "2026-06" }],
    ["{share: 100%, for: month}", { group: "withheld", share: 1, period: "2026-06" }],
    ["{share: 100%, departments: [sales], for: ever}", { group: "withheld", share: 1, period: "ever", departments: ["sales"] }],
    ["0.0000001", { group: "treated", share: 0.0000001, period: "2026-06" }],
  ])("of %s is kept with the decision as the customer's group", (holdout, group) => {
    expect(decided(holdout, "department: sales").holdout).toEqual(group);
  });

  test.each(["0", "{share: 1, departments: [marketing]}"])("of %s measures nothing, and the decision names no group", (holdout) => {
    expect(decided(holdout, "department: sales")).not.toHaveProperty("holdout");
  });

  test.each([
    ["5%", "in the 5 % that get nothing this month"],
    ["{share: 0.075, for: ever}", "in the 7.5 % that get nothing"],
    ["{share: 12.5%, departments: [sales, marketing]}", "in the 12.5 % that get nothing from sales, marketing this month"],
  ])("of %s says so in the reason: %s", (holdout, detail) => {
    const policy = policyOf(`governance: {holdout: ${holdout}}`, ["department: sales"]);
    const customers = Array.from({ length: 400 }, (_, index) => aCustomer({ customerId: `c-${index}`, moments: [aMoment()] }));
    const withheld = customers.map((customer) => decide(customer, policy)).filter(({ action }) => action === "withhold");
    expect(new Set(withheld.map(({ reasons }) => reasons[0]?.detail))).toEqual(new Set([detail]));
  });
});

describe("who is in the holdout", () => {
  const customers = Array.from({ length: 20_000 }, (_, index) => `c-${index}`);
  const heldOut = (share: number, period: string) => customers.filter((id) => isHeldOut(share, id, period));

  test("is about the stated share of the customers", () => {
    for (const share of [0.05, 0.5]) expect(Math.abs(heldOut(share, "2026-06").length / customers.length - share)).toBeLessThan(0.01);
  });

  test("is drawn anew for each period", () => {
    const june = new Set(heldOut(0.05, "2026-06"));
    for (const period of ["2026-07", "ever"])
      expect(heldOut(0.05, period).filter((id) => june.has(id)).length / june.size).toBeLessThan(0.15);
  });

  test("stays in it when the share grows", () => {
    expect(heldOut(0.05, "2026-06").every((id) => isHeldOut(0.1, id, "2026-06"))).toBe(true);
  });

  test("W5: is the same all month with `for: month`, and in every month with `for: ever`", () => {
    const groups = (span: string, now: string) => {
      const policy = policyOf(`governance: {holdout: {share: 50%, for: ${span}}}`);
      return customers.slice(0, 100).map((customerId) => {
        const at = Date.parse(now);
        return decide(aCustomer({ customerId, moments: [aMoment({ openedAt: at })] }), policy, { now: at }).action;
      });
    };
    const [first, last, next] = ["2026-06-01T00:00:00Z", "2026-06-30T23:59:59Z", "2026-07-01T00:00:00Z"] as const;
    expect(groups("month", last)).toEqual(groups("month", first));
    expect(groups("month", next)).not.toEqual(groups("month", first));
    expect(groups("ever", next)).toEqual(groups("ever", first));
  });
});

test.each([
  ["", "", "there is no holdout; governance.holdout sets one"],
  ["governance: {holdout: 10%}", "", undefined],
  [
    "governance: {holdout: {share: 10%, departments: [marketing]}}",
    "department: sales",
    "governance.holdout is for marketing, and this experience is of sales",
  ],
  [
    "governance: {holdout: {share: 10%, departments: [marketing, sales]}}",
    "",
    "governance.holdout is for marketing, sales, and this experience has no department",
  ],
  ["governance: {holdout: {share: 10%, departments: [sales]}}", "department: sales", undefined],
  ["governance: {holdout: 10%}", "transactional: true", "it is outside of the holdout (transactional)"],
  ["governance: {holdout: 10%}", "transactional: [caps]", undefined],
  [MIXED, "channels: {desk: {summary: Call}}", "it only makes tasks, which are never withheld"],
  [MIXED, "serves: [asked]", undefined],
  [
    "governance: {holdout: 10%}\nmoments: {m: {on: message.received, expires: 2d}}",
    "",
    "it only answers messages, and an answer is never withheld",
  ],
])("why the holdout of `%s` measures nothing of an experience with `%s`", (settings, experience, why) => {
  const policy = policyOf(settings, [experience]);
  const [own] = policy.experiences;
  expect(own && whyUnmeasured(own, policy)).toBe(why);
});
