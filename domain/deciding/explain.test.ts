import { describe, expect, test } from "vitest";
import { aCustomer } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { Story } from "../../testing/story.ts";
import { type Candidate, type Decision, Reason, type Score } from "../entities/decision.ts";
import type { Json } from "../values/json.ts";
import { explain } from "./explain.ts";

const score = (priority: number, V = priority * 2): Score => ({ priority, P: 0.5, C: 1, V, L: 1 });
const because = (code: Reason["code"], more: Partial<Reason> = {}): Reason => ({ code, decidedBy: "rule", ...more });
const stopped = (experienceId: string, reason: Reason, wouldScore?: Score): Candidate => ({
  ...{ experienceId, moment: "lease_ending", verdict: "ineligible", reasons: [reason] },
  ...(wouldScore ? { wouldScore } : {}),
});
/** Stopped by several reasons at once. */
const held = (experienceId: string, reasons: readonly Reason[]): Candidate => ({
  ...{ experienceId, moment: "lease_ending", verdict: "ineligible", reasons: [...reasons], wouldScore: score(900) },
});
const winner: Candidate = {
  ...{ experienceId: "options", moment: "lease_ending", verdict: "chosen", channel: "email" },
  ...{ score: score(450), reasons: [because("eligible")] },
};

const decision = (candidates: readonly Candidate[], more: Partial<Decision> = {}): Decision => ({
  ...{ decisionId: "d-1", runId: "r-1", customerId: "c-1", decidedAt: "2026-06-01T15:00:00Z" },
  wake: { kind: "signal", signalId: "s-1", source: "crm", type: "lease.updated" },
  ...{ action: "deliver", experienceId: "options", channel: "email", probability: 1 },
  timezone: { name: "America/Chicago", from: "customer" },
  moments: [
    {
      name: "lease_ending",
      openedAt: "2026-06-01T15:00:00Z",
      expiresAt: "2026-07-01T15:00:00Z",
      urgency: 0.5,
      confidence: 1,
      decidedBy: "rule",
    },
  ],
  ...{ candidates: [...candidates], reasons: [because("eligible")], deliveries: [], policyVersion: "v1" },
  ...more,
});

describe("the smallest change that would have let another win", () => {
  test.each<[string, readonly Candidate[], string]>([
    [
      "waiting takes less effort than a consent",
      [
        stopped("a-text", because("consent_missing", { channel: "sms" }), score(900)),
        stopped("a-mail", because("quiet_hours", { retryAt: "2026-06-01T13:00:00Z" }), score(900)),
      ],
      "a-mail, with waiting until 1 June 2026, 08:00 (America/Chicago)",
    ],
    [
      "a higher value takes less effort than an unknown fact",
      [
        { ...stopped("loser", because("lower_priority")), verdict: "eligible", score: score(400, 800) },
        stopped("quote", because("fact_missing", { detail: "payoff.amount is not known" }), score(900)),
      ],
      "loser, with a value above 900 instead of 800",
    ],
    [
      "a stopped candidate that would have lost anyway needs both",
      [stopped("quote", because("fact_stale", { detail: "payoff.amount is 60 days old" }), score(100))],
      "quote, with newer data on payoff.amount and a value above 900 instead of 200",
    ],
    [
      "a stopped candidate that would have won needs its obstacle removed and nothing else",
      [stopped("quote", because("promise_open", { detail: "reply" }), score(900))],
      "quote, with the promise being kept: reply",
    ],
    [
      "one channel is enough: of two, the one with less effort",
      [
        held("a-note", [
          because("consent_missing", { channel: "sms" }),
          because("no_channel", { channel: "sms" }),
          because("no_channel", { channel: "push" }),
        ]),
      ],
      "a-note, with an address on push",
    ],
    [
      "a candidate held by two rules is free when the later one ends",
      [
        held("a-mail", [
          because("limit_reached", { channel: "email", retryAt: "2026-06-30T13:00:00Z" }),
          because("cap_reached", { channel: "email", retryAt: "2026-06-03T13:00:00Z" }),
        ]),
      ],
      "a-mail, with waiting until 30 June 2026, 08:00 (America/Chicago)",
    ],
  ])("%s", (_name, others, change) => {
    expect(explain(decision([winner, ...others])).smallestChange).toBe(`The smallest change that would have let another win: ${change}.`);
  });

  test("without another candidate there is no smallest change", () => {
    expect(explain(decision([winner])).smallestChange).toBeUndefined();
  });
});

test("a reason that holds every channel is stated once, and other changes are alternatives", () => {
  const stale = (channel: string) => because("fact_stale", { channel, detail: "payoff is 60d old" });
  const consent = held("a-note", [because("consent_missing", { channel: "sms" }), because("no_channel", { channel: "push" })]);
  const { others } = explain(decision([winner, held("quote", [stale("email"), stale("sms")]), consent]));
  expect(others.map(({ change }) => change)).toEqual(["Newer data on payoff.", "An address on push, or consent for sms."]);
});

test("a moment of minutes is printed to the minute", () => {
  const moments = [
    {
      name: "near",
      openedAt: "2026-06-01T15:00:00Z",
      expiresAt: "2026-06-01T15:45:00Z",
      urgency: 1,
      confidence: 1,
      decidedBy: "rule" as const,
    },
  ];
  expect(explain(decision([winner], { moments })).why[0]).toBe(
    "The signal lease.updated arrived from crm. Open at that time: near (since 1 June 2026, 10:00, until 1 June 2026, 10:45).",
  );
});

test("a delivery that was not sent is not reported as sent", () => {
  const deliveries: Decision["deliveries"] = [{ deliveryId: "m-1", channel: "email", status: "cancelled", reason: "goal_met", facts: {} }];
  expect(explain(decision([winner], { deliveries })).headline).toBe(
    "1 June 2026, 10:00 (America/Chicago): options was to go to c-1 by email, and was cancelled (goal_met).",
  );
});

test("a delivery that was only recorded is not reported as sent", () => {
  const deliveries: Decision["deliveries"] = [{ deliveryId: "m-1", channel: "email", status: "sent", recorded: true, facts: {} }];
  const { headline, why } = explain(decision([winner], { deliveries }));
  expect(headline).toBe("1 June 2026, 10:00 (America/Chicago): options for c-1 by email was recorded, not sent.");
  expect(why.at(-1)).toBe("It was recorded, not sent: this was a run without --live.");
});

test("a silence states how many candidates there were, and why each was ruled out", () => {
  const {
    experienceId: _none,
    channel: _no,
    ...silent
  } = decision([stopped("options", because("suppressed", { detail: "an open case" }))]);
  const { headline, why, others } = explain({ ...silent, action: "silence" });
  expect(headline).toBe("1 June 2026, 10:00 (America/Chicago): nothing was sent to c-1.");
  expect(why[1]).toBe("1 experience was looked at, and none could go.");
  expect(others).toEqual([
    { experienceId: "options", why: "it is suppressed (an open case)", change: "The suppression ending: an open case." },
  ]);
});

test.each<[string, { channel: string; P: number }[], string]>([
  [
    "did better so far",
    [
      { channel: "sms", P: 0.4 },
      { channel: "email", P: 0.62 },
    ],
    "Its channel is email, with an expected success of 0.62 against 0.4 of sms.",
  ],
  [
    "is named first",
    [
      { channel: "email", P: 0.5 },
      { channel: "sms", P: 0.5 },
    ],
    "Its channel is email, with an expected success of 0.5 against 0.5 of sms: of equals, the one its author names first.",
  ],
])("the channel is explained if there was a choice: it %s", (_, channels, said) => {
  expect(explain(decision([{ ...winner, channels }])).why.join(" ")).toContain(said);
  expect(explain(decision([winner])).why.join(" ")).not.toContain("Its channel");
});

test("the variant and the language are explained", () => {
  const channels = [
    { channel: "email", variant: "short", P: 0.4 },
    { channel: "email", variant: "story", P: 0.62 },
  ];
  const told = decision([{ ...winner, variant: "story", channels }]);
  const deliveries: Decision["deliveries"] = [
    { deliveryId: "m-1", channel: "email", variant: "story", locale: "pt-BR", status: "sent", facts: {}, content: { text: "Olá" } },
  ];
  const why = explain({ ...told, deliveries }).why.join(" ");
  expect(why).toContain("Its variant is story, with an expected success of 0.62 against 0.4 of short.");
  expect(why).toContain("It said by email (variant story), in Brazilian Portuguese (pt-BR): “");
  expect(explain({ ...told, deliveries: deliveries.map((one) => ({ ...one, locale: "default" })) }).why.join(" ")).toContain(
    "in the default language",
  );
  const other = stopped("options", because("fact_missing", { channel: "email", variant: "short", detail: "firstName is not known" }));
  expect(explain(decision([winner, other])).others[0]?.why).toContain("on email (variant short), ");
});

test("the record keeps the expected success of each eligible channel", () => {
  const policy = policyOf("channels: {box: {kind: file}, chat: {kind: file}}", ["channels: {chat: {text: Hello}, box: {text: Hello}}"]);
  const { last } = new Story(policy).signal("2026-06-01T15:00:00Z", "go", {});
  expect(last.candidates[0]?.channels).toEqual([
    { channel: "chat", P: 0.5 },
    { channel: "box", P: 0.5 },
  ]);
});

test("what a webhook said is told too", () => {
  const delivery = {
    ...{ deliveryId: "m-1", channel: "crm", status: "sent" as const, facts: {} },
    content: { payload: { citizen: "c-1", text: "Your permit is ready" } },
  };
  expect(explain(decision([winner], { deliveries: [delivery] })).why).toContain("It said by crm: “Your permit is ready”.");
});

test("W14: a fault that holds several channels is told once", () => {
  const stale = (channel: string) => because("fact_stale", { channel, detail: "payoff is 60d old" });
  const { others } = explain(decision([winner, held("quote", [stale("email"), stale("sms")])]));
  expect(others[0]?.why).toBe("on email and sms, a fact it would state is too old to rely on (payoff is 60d old)");
});

describe("W14: the change that a condition waits for, in words", () => {
  const HIGH_CHURN = "suitability: [{when: has(customer.churn.score) && customer.churn.score >= 0.7, reason: no risk of leaving}]";
  const explained = (settings: string, experience: string, traits: Readonly<Record<string, Json>> = {}) => {
    const story = new Story(policyOf(settings, [experience]), aCustomer({ traits }));
    const { last } = story.signal("2026-06-01T15:00:00Z", "go", {});
    return { last, ...explain({ ...last, runId: "r-1", deliveries: [] }) };
  };

  test("the author's reason is the headline, the change follows, and the fault is stated once", () => {
    expect(explained("", HIGH_CHURN).others).toEqual([
      {
        experienceId: "e",
        why: "it is not right for this customer (no risk of leaving)",
        change: "A churn score of at least 0.7 (none is known).",
      },
    ]);
  });

  test("without a reason of its author the change says it all", () => {
    const { others } = explained("", "suitability: [{when: customer.churn.score >= 0.7}]", { churn: { score: 0.4 } });
    expect(others[0]).toMatchObject({
      why: "it is not right for this customer",
      change: "A churn score of at least 0.7 (it is 0.4).",
    });
  });

  test("a suppression says what would end it", () => {
    const { others, smallestChange } = explained("governance: {suppress: [{when: customer.vip, reason: key account}]}", "", { vip: true });
    expect(others[0]).toMatchObject({ why: "on box, it is suppressed (key account)", change: "Vip being false (it is true)." });
    expect(smallestChange).toBe("The smallest change that would have let another win: e, with vip being false (it is true).");
  });

  test("a stale field is named with its age", () => {
    const settings = "record: {fields: {churn.score: {maxAge: 14d}}}";
    const claims = aCustomer({ traits: { churn: { score: 0.9 } } });
    const story = new Story(policyOf(settings, [HIGH_CHURN]), claims);
    const { last } = story.signal("2026-07-30T15:00:00Z", "go", {});
    const { others } = explain({ ...last, runId: "r-1", deliveries: [] });
    expect(others[0]?.why).toBe("it is not right for this customer (no risk of leaving)");
    expect(others[0]?.change).toMatch(/^A churn score of at least 0.7 \(it is \d+ days old \(\w+\), older than the 14 days allowed\)\.$/);
  });

  test("a condition without words, and a record without needs, are explained with the author's reason", () => {
    const { others, last } = explained("", "suitability: [{when: 'customer.a - customer.b > 1', reason: too near}]", { a: 1, b: 1 });
    expect(last.candidates[0]?.reasons[0]).not.toHaveProperty("needs");
    expect(others[0]).toMatchObject({ why: "it is not right for this customer (too near)", change: "This being different: too near." });
  });

  test("a condition without words and without a reason is named once: beside its reasons, or in the smallest change", () => {
    const { others, smallestChange } = explained("", "suitability: [{when: 'customer.lines.exists(one, one.open)'}]", {
      lines: [{ open: false }],
    });
    expect(others[0]).toMatchObject({
      why: "it is not right for this customer (not met: customer.lines.exists(one, one.open))",
      change: "Its condition being met.",
    });
    expect(smallestChange).toBe(
      "The smallest change that would have let another win: e, with its condition being met: customer.lines.exists(one, one.open).",
    );
  });

  test("a suppression after either of two signals is told once, with the later end", () => {
    const settings = "governance: {suppress: [{after: {signal: [died, mourned]}, for: 90d, reason: a death in the family}]}";
    const story = new Story(policyOf(settings, [""]), aCustomer());
    story.signal("2026-06-01T15:00:00Z", "died", {});
    story.signal("2026-06-03T15:00:00Z", "mourned", {});
    const { last } = story.signal("2026-06-04T15:00:00Z", "go", {});
    const { others } = explain({ ...last, runId: "r-1", deliveries: [] });
    expect(others[0]?.why).toMatch(/^on box, it is suppressed \(a death in the family, for 90d\), until 1 September 2026, [^;]*$/);
  });

  test("the record keeps reason and needs with the candidate, and the decision's own reasons stay as they are", () => {
    const { last } = explained("", HIGH_CHURN);
    expect(last.candidates[0]?.reasons).toEqual([
      {
        ...{ code: "not_suitable", stage: "suitability", decidedBy: "rule" },
        detail: "no risk of leaving",
        needs: [{ wanted: "a churn score of at least 0.7", today: "none is known" }],
      },
    ]);
    expect(last.reasons).toEqual([{ code: "not_suitable", stage: "suitability", decidedBy: "rule", detail: "e: no risk of leaving" }]);
    expect(Reason.parse(last.candidates[0]?.reasons[0])).toEqual(last.candidates[0]?.reasons[0]);
  });

  test("beside a cause in the detail the record keeps the author's reason as headline, empty where there is none", () => {
    const reasons = (experience: string) => explained("", experience).last.candidates[0]?.reasons;
    expect(reasons("suitability: [{when: customer.churn.score >= 0.7, reason: no risk}]")).toMatchObject([
      { detail: "no risk (customer.churn is missing)", headline: "no risk" },
    ]);
    expect(reasons("suitability: [{when: customer.churn.score >= 0.7}]")).toMatchObject([{ headline: "" }]);
  });

  test("the needs of many candidates take at most 8 KB of the record; the others are explained by their reason", () => {
    const many = Array.from({ length: 150 }, (_, index) => `id: e${index}\n${HIGH_CHURN}`);
    const { last } = new Story(policyOf("", many)).signal("2026-06-01T15:00:00Z", "go", {});
    const needs = last.candidates.flatMap(({ reasons }) => reasons.flatMap((reason) => reason.needs ?? []));
    expect(needs.length).toBeGreaterThan(80);
    expect(JSON.stringify(needs).length).toBeLessThan(8_192);
    expect(last.candidates.at(-1)?.reasons[0]).not.toHaveProperty("needs");
  });

  test("a need that changes does not make a new decision", () => {
    const story = new Story(policyOf("", [HIGH_CHURN]), aCustomer());
    story.signal("2026-06-01T15:00:00Z", "go", {});
    story.signal("2026-06-01T16:00:00Z", "traits.updated", { traits: { churn: { score: 0.3 } } });
    expect(story.decisions).toHaveLength(1);
  });
});

test("says in which stage the customer was, where the decision has one", () => {
  const said = (more: Partial<Decision>) => explain(decision([winner], more)).why[0];
  expect(said({ stage: "lapsed" })).toMatch(/The customer's stage was lapsed\.$/);
  expect(said({})).not.toContain("stage");
});
