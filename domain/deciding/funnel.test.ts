import { describe, expect, test } from "vitest";
import { aCustomer, aDelivery, aMoment, anOutcome, aPromise, aTouch, at, type GivenCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decide, type JudgeOptions } from "../../testing/story.ts";
import type { Candidate } from "../entities/decision.ts";
import { DAY, HOUR, MINUTE } from "../values/time.ts";

interface Case {
  readonly name: string;
  readonly settings?: string;
  readonly experience?: string;
  readonly customer?: GivenCustomer;
  readonly options?: JudgeOptions;
  /** Codes of the single candidate; `eligible` where it was chosen. */
  readonly wanted: readonly string[];
  readonly stage?: string;
}

function candidateOf({ settings = "", experience = "", customer = {}, options = {} }: Partial<Case>): Candidate {
  const policy = policyOf(settings, [experience]);
  const decision = decide(aCustomer({ moments: [aMoment()], ...customer }), policy, options);
  return decision.candidates[0] ?? expect.fail("there is a candidate");
}

const check = ({ wanted, stage, ...given }: Case) => {
  const { reasons } = candidateOf(given);
  expect(reasons.map(({ code }) => code)).toEqual(wanted);
  if (stage !== undefined) expect(new Set(reasons.map((reason) => reason.stage))).toEqual(new Set([stage]));
};

describe("conditions of an experience", () => {
  const CASES: Case[] = [
    { name: "none", wanted: ["eligible"] },
    { name: "one that holds", experience: "eligibility: [customer.vip]", customer: { traits: { vip: true } }, wanted: ["eligible"] },
    {
      name: "eligibility",
      experience: "eligibility: [customer.vip]",
      customer: { traits: { vip: false } },
      wanted: ["ineligible"],
      stage: "eligibility",
    },
    { name: "applicability", experience: "applicability: ['false']", wanted: ["not_applicable"], stage: "applicability" },
    { name: "suitability", experience: "suitability: [false]", wanted: ["not_suitable"], stage: "suitability" },
    { name: "a missing field fails it", experience: "eligibility: [customer.vip]", wanted: ["ineligible"] },
    { name: "also under !", experience: "eligibility: ['!customer.vip']", wanted: ["ineligible"] },
    {
      name: "also what does not compare",
      experience: "eligibility: [customer.age > 18]",
      customer: { traits: { age: "20" } },
      wanted: ["ineligible"],
    },
    {
      name: "a value of another type fails it",
      experience: "suitability: [customer.vip]",
      customer: { traits: { vip: "yes" } },
      wanted: ["not_suitable"],
    },
    { name: "all reasons of the stage", experience: "eligibility: [customer.a, customer.b, 'true']", wanted: ["ineligible", "ineligible"] },
    { name: "and none of later stages", experience: "eligibility: [customer.a]\nsuitability: [customer.b]", wanted: ["ineligible"] },
  ];
  test.each(CASES)("$name", check);

  test.each([
    ["the author's words", "{when: customer.vip, reason: only for the few}", {}, "only for the few (customer.vip is missing)"],
    ["the condition, where there are none", "customer.vip", { vip: false }, "not met: customer.vip"],
    ["what does not compare", "customer.age > 18", { age: "20" }, "not met: customer.age > 18 (no such overload: dyn<string> > double)"],
  ])("the detail is %s", (_, criterion, traits, detail) => {
    expect(candidateOf({ experience: `eligibility: [${criterion}]`, customer: { traits } }).reasons[0]?.detail).toBe(detail);
  });

  test.each(["draft", "proposed", "archived"])("%s experiences do not compete", (status) => {
    const decision = decide(aCustomer({ moments: [aMoment()] }), policyOf("", [`status: ${status}`]));
    expect(decision).toMatchObject({
      action: "silence",
      candidates: [],
      reasons: [{ code: "ineligible", detail: "no approved experience serves m" }],
    });
  });
});

describe("a criterion in plain words", () => {
  const CASES: Case[] = [
    { name: "fails without a model", experience: "judge: Is she kind?", wanted: ["judge_unavailable"], stage: "judge" },
    { name: "unless it passes without one", experience: "judge: {ask: Is she kind?, without: pass}", wanted: ["eligible"] },
    { name: "is not asked where policy says no", experience: "judge: Is she kind?\neligibility: [false]", wanted: ["ineligible"] },
    {
      name: "is declined by a model",
      experience: "judge: Is she kind?",
      options: { opinionOn: () => ({ pass: false, code: "judge_declined", reason: "she is not" }) },
      wanted: ["judge_declined"],
    },
    {
      name: "is passed by a model",
      experience: "judge: Is she kind?",
      options: { opinionOn: () => ({ pass: true, code: "eligible", reason: "" }) },
      wanted: ["eligible"],
    },
  ];
  test.each(CASES)("$name", check);

  test("a model's verdict is recorded as the model's", () => {
    const options: JudgeOptions = { opinionOn: () => ({ pass: false, code: "judge_declined", reason: "she is not" }) };
    expect(candidateOf({ experience: "judge: Is she kind?", options }).reasons).toEqual([
      { code: "judge_declined", stage: "judge", decidedBy: "model", detail: "she is not" },
    ]);
  });
});

describe("facts", () => {
  const RECORD = "record: {sources: [leasing, dealer], fields: {lease: {maxAge: 45d, onConflict: hold}}}";
  const text = (source: string) => `channels: {box: {text: "${source}"}}`;
  const said = (source: string, daysAgo: number, endsOn: unknown) => ({ source, at: NOW - daysAgo * DAY, traits: { lease: { endsOn } } });
  const END = text("{{ customer.lease.endsOn }}");
  const CASES: Case[] = [
    { name: "known", experience: END, customer: { said: [said("leasing", 1, "8th")] }, wanted: ["eligible"] },
    { name: "missing", experience: END, wanted: ["fact_missing"], stage: "facts" },
    { name: "null", experience: END, customer: { said: [said("leasing", 2, "8th"), said("leasing", 1, null)] }, wanted: ["fact_missing"] },
    { name: "an empty text", experience: END, customer: { said: [said("leasing", 1, "")] }, wanted: ["fact_missing"] },
    {
      name: "0 and false are values",
      experience: text("{{ customer.a }} {{ customer.b }}"),
      customer: { traits: { a: 0, b: false } },
      wanted: ["eligible"],
    },
    { name: "as old as it may be", experience: END, customer: { said: [said("leasing", 45, "8th")] }, wanted: ["eligible"] },
    { name: "too old", experience: END, customer: { said: [said("leasing", 46, "8th")] }, wanted: ["fact_stale"] },
    {
      name: "in conflict",
      experience: END,
      customer: { said: [said("leasing", 1, "8th"), said("dealer", 2, "1st")] },
      wanted: ["fact_conflict"],
    },
    { name: "optional and missing", experience: text("{{ customer.lease.endsOn | default: 'soon' }}"), wanted: ["eligible"] },
    {
      name: "optional and too old",
      experience: text("{{ customer.lease.endsOn | default: 'soon' }}"),
      customer: { said: [said("leasing", 46, "8th")] },
      wanted: ["fact_stale"],
    },
    {
      name: "optional and in conflict",
      experience: text("{% if customer.lease.endsOn %}x{% endif %}"),
      customer: { said: [said("leasing", 1, "8th"), said("dealer", 2, "1st")] },
      wanted: ["fact_conflict"],
    },
    {
      name: "inside an `if` on what is missing",
      experience: text("{% if customer.lease %}{{ customer.lease.endsOn }}{% endif %}"),
      wanted: ["eligible"],
    },
    {
      name: "inside an `if` on what is there",
      experience: text("{% if customer.lease %}{{ customer.lease.endsOn }}{% endif %}"),
      customer: { traits: { lease: { fee: 1 } } },
      wanted: ["fact_missing"],
    },
    {
      name: "a whole object, of which a part is too old",
      experience: text("{{ customer.lease | json }}"),
      customer: { said: [said("leasing", 46, "8th"), { source: "leasing", at: NOW, traits: { lease: { fee: 1 } } }] },
      wanted: ["fact_stale"],
    },
    {
      name: "a value printed as a date that is not one",
      experience: text("{{ customer.lease.endsOn | date: '%d' }}"),
      customer: { said: [said("leasing", 1, "soon")] },
      wanted: ["fact_missing"],
    },
    { name: "built-in fields are no facts", experience: text("{{ customer.locale }}{{ customer.id }}"), wanted: ["eligible"] },
    { name: "every fact that fails", experience: text("{{ customer.a }} {{ customer.b }}"), wanted: ["fact_missing", "fact_missing"] },
    {
      name: "of the action's input",
      experience: "action: {tool: issue_offer, input: {code: '{{ customer.code }}'}}",
      wanted: ["fact_missing"],
    },
    {
      name: "lists and their items",
      experience: text("{{ customer.items.first.name }} {{ customer.items.size }}"),
      customer: { traits: { items: [{ name: "shoe" }] } },
      wanted: ["eligible"],
    },
    {
      name: "of a list that is empty",
      experience: text("{{ customer.items.first.name }}"),
      customer: { traits: { items: [] } },
      wanted: ["fact_missing"],
    },
    {
      name: "what the signal would have brought",
      experience: text("{{ signal.data.page }}"),
      wanted: ["content_rejected"],
      stage: "facts",
    },
    { name: "a text that could not be written", options: { rejectedText: () => "it was rude" }, wanted: ["content_rejected"] },
  ];
  test.each(CASES)("$name", ({ settings = RECORD, ...rest }) => check({ settings, ...rest }));

  test("the decision names the fact, its source and its age", () => {
    const stale = candidateOf({ settings: RECORD, experience: END, customer: { said: [said("leasing", 46, "8th")] } });
    expect(stale.reasons[0]).toMatchObject({ detail: "lease.endsOn is 46d old (leasing)", channel: "box" });
    const held = candidateOf({
      settings: RECORD,
      experience: END,
      customer: { said: [said("leasing", 1, "8th"), said("dealer", 2, "1st")] },
    });
    expect(held.reasons[0]?.detail).toBe(
      'lease.endsOn: dealer says "1st" (2026-05-30T15:00:00Z), leasing says "8th" (2026-05-31T15:00:00Z)',
    );
  });
});

describe("consent and addresses", () => {
  const MAIL = "channels: {email: {kind: smtp}}";
  const SMS = "channels: {sms: {kind: twilio}}";
  const mail = "channels: {email: {subject: Hi, body: Hi}}";
  const sms = "channels: {sms: {text: Hi}}";
  const CASES: Case[] = [
    { name: "a file needs neither", wanted: ["eligible"] },
    {
      name: "mail without an entry is opt-in",
      settings: MAIL,
      experience: mail,
      customer: { traits: { email: "a@x.org" } },
      wanted: ["consent_missing"],
      stage: "consent",
    },
    {
      name: "granted",
      settings: MAIL,
      experience: mail,
      customer: { traits: { email: "a@x.org" }, consents: { email: "granted" } },
      wanted: ["eligible"],
    },
    {
      name: "opt-out allows until denied",
      settings: `${MAIL}\ngovernance: {consent: {email: opt_out}}`,
      experience: mail,
      customer: { traits: { email: "a@x.org" } },
      wanted: ["eligible"],
    },
    {
      name: "opt-out and denied",
      settings: `${MAIL}\ngovernance: {consent: {email: opt_out}}`,
      experience: mail,
      customer: { traits: { email: "a@x.org" }, consents: { email: "denied" } },
      wanted: ["consent_revoked"],
    },
    {
      name: "opt-in and revoked",
      settings: SMS,
      experience: sms,
      customer: { traits: { phone: "+1" }, consents: { sms: "revoked" } },
      wanted: ["consent_revoked"],
    },
    { name: "a denial holds on channels that are free", customer: { consents: { box: "denied" } }, wanted: ["consent_revoked"] },
    { name: "opt-in may be asked of any channel", settings: "governance: {consent: {box: opt_in}}", wanted: ["consent_missing"] },
    {
      name: "consent for another channel is none for this",
      settings: SMS,
      experience: sms,
      customer: { traits: { phone: "+1" }, consents: { email: "granted" } },
      wanted: ["consent_missing"],
    },
    { name: "no address", settings: SMS, experience: sms, customer: { consents: { sms: "granted" } }, wanted: ["no_channel"] },
    { name: "neither", settings: SMS, experience: sms, wanted: ["consent_missing", "no_channel"] },
    {
      name: "an identity is an address",
      settings: SMS,
      experience: sms,
      customer: { identities: { phone: "+1" }, consents: { sms: "granted" } },
      wanted: ["eligible"],
    },
    {
      name: "of another type is not",
      settings: SMS,
      experience: sms,
      customer: { identities: { email: "a@x.org" }, consents: { sms: "granted" } },
      wanted: ["no_channel"],
    },
    {
      name: "transactional messages need consent too",
      settings: SMS,
      experience: `${sms}\ntransactional: true`,
      customer: { traits: { phone: "+1" } },
      wanted: ["consent_missing"],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("suppressions", () => {
  const suppress = (rule: string) => `governance: {suppress: [${rule}]}`;
  const CASES: Case[] = [
    {
      name: "one that holds",
      settings: suppress("{when: customer.openCases > 0}"),
      customer: { openCases: ["k"] },
      wanted: ["suppressed"],
      stage: "suppression",
    },
    { name: "one that does not", settings: suppress("{when: customer.openCases > 0}"), wanted: ["eligible"] },
    { name: "a missing field never suppresses", settings: suppress("{when: customer.angry}"), wanted: ["eligible"] },
    { name: "nor its negation", settings: suppress("{when: '!customer.happy'}"), wanted: ["eligible"] },
    {
      name: "what is no date neither",
      settings: suppress("{when: daysSince(customer.died) >= 0}"),
      customer: { traits: { died: "unknown" } },
      wanted: ["eligible"],
    },
    {
      name: "in doubt nothing is sent: another type",
      settings: suppress("{when: customer.angry}"),
      customer: { traits: { angry: "yes" } },
      wanted: ["suppressed"],
    },
    {
      name: "in doubt nothing is sent: what does not compare",
      settings: suppress("{when: customer.age > 3}"),
      customer: { traits: { age: "old" } },
      wanted: ["suppressed"],
    },
    {
      name: "of the department",
      settings: suppress("{when: 'true', departments: [sales]}"),
      experience: "department: sales",
      wanted: ["suppressed"],
    },
    {
      name: "of another department",
      settings: suppress("{when: 'true', departments: [sales]}"),
      experience: "department: service",
      wanted: ["eligible"],
    },
    {
      name: "of a department, where the experience has none",
      settings: suppress("{when: 'true', departments: [sales]}"),
      wanted: ["eligible"],
    },
    { name: "of the channel", settings: suppress("{when: 'true', channels: [box]}"), wanted: ["suppressed"] },
    { name: "of another channel", settings: suppress("{when: 'true', channels: [sms]}"), wanted: ["eligible"] },
    { name: "of the experience", settings: suppress("{when: 'true', experiences: [e]}"), wanted: ["suppressed"] },
    {
      name: "transactional messages are suppressed too",
      settings: suppress("{when: 'true'}"),
      experience: "transactional: true",
      wanted: ["suppressed"],
    },
    {
      name: "after a signal, for good",
      settings: suppress("{after: {signal: died}}"),
      customer: { seen: { died: { at: NOW - 900 * DAY, seq: 1, count: 1 } } },
      wanted: ["suppressed"],
    },
    {
      name: "after a signal, for a time",
      settings: suppress("{after: {signal: died}, for: 7d}"),
      customer: { seen: { died: { at: NOW - 6 * DAY, seq: 1, count: 1 } } },
      wanted: ["suppressed"],
    },
    {
      name: "until that time is over",
      settings: suppress("{after: {signal: died}, for: 7d}"),
      customer: { seen: { died: { at: NOW - 7 * DAY, seq: 1, count: 1 } } },
      wanted: ["eligible"],
    },
    {
      name: "after one of several signals",
      settings: suppress("{after: {signal: [left, died]}}"),
      customer: { seen: { died: { at: NOW, seq: 1, count: 1 } } },
      wanted: ["suppressed"],
    },
    { name: "after no such signal", settings: suppress("{after: {signal: died}}"), wanted: ["eligible"] },
    {
      name: "every one that holds",
      settings: suppress("{when: 'true', reason: a}, {after: {signal: died}, reason: b}"),
      customer: { seen: { died: { at: NOW, seq: 1, count: 1 } } },
      wanted: ["suppressed", "suppressed"],
    },
  ];
  test.each(CASES)("$name", check);

  const ignored = (...daysAgo: number[]) => daysAgo.map((days) => anOutcome({ at: NOW - days * DAY, deliveryId: `d-${days}` }));
  const TWICE = "{after: {outcome: ignored, times: 2, within: 30d}, for: 60d, scope: experience}";
  const OUTCOMES: Case[] = [
    { name: "once is not twice", settings: suppress(TWICE), customer: { outcomes: ignored(1) }, wanted: ["eligible"] },
    { name: "twice", settings: suppress(TWICE), customer: { outcomes: ignored(20, 1) }, wanted: ["suppressed"] },
    {
      name: "twice, but as far apart as the time within which",
      settings: suppress(TWICE),
      customer: { outcomes: ignored(31, 1) },
      wanted: ["eligible"],
    },
    {
      name: "a millisecond closer",
      settings: suppress(TWICE),
      customer: { outcomes: [anOutcome({ at: NOW - 31 * DAY + 1 }), ...ignored(1)] },
      wanted: ["suppressed"],
    },
    { name: "long ago", settings: suppress(TWICE), customer: { outcomes: ignored(80, 60) }, wanted: ["eligible"] },
    { name: "not quite so long ago", settings: suppress(TWICE), customer: { outcomes: ignored(80, 59) }, wanted: ["suppressed"] },
    {
      name: "the last two of three count, in any order",
      settings: suppress(TWICE),
      customer: { outcomes: ignored(1, 90, 20) },
      wanted: ["suppressed"],
    },
    { name: "two long ago and one since", settings: suppress(TWICE), customer: { outcomes: ignored(90, 80, 1) }, wanted: ["eligible"] },
    {
      name: "of another experience",
      settings: suppress(TWICE),
      customer: { outcomes: ignored(2, 1).map((one) => ({ ...one, experienceId: "other" })) },
      wanted: ["eligible"],
    },
    {
      name: "of another kind",
      settings: suppress(TWICE),
      customer: { outcomes: ignored(2, 1).map((one) => ({ ...one, kind: "opened" as const })) },
      wanted: ["eligible"],
    },
    {
      name: "on the channel",
      settings: suppress("{after: {outcome: bounced}, scope: channel}"),
      customer: { outcomes: [anOutcome({ kind: "bounced", experienceId: "other" })] },
      wanted: ["suppressed"],
    },
    {
      name: "on another channel",
      settings: suppress("{after: {outcome: bounced}, scope: channel}"),
      customer: { outcomes: [anOutcome({ kind: "bounced", channel: "sms" })] },
      wanted: ["eligible"],
    },
    {
      name: "of the department",
      settings: suppress("{after: {outcome: ignored}, scope: department}"),
      experience: "department: sales",
      customer: { outcomes: [anOutcome({ department: "sales", experienceId: "other" })] },
      wanted: ["suppressed"],
    },
    {
      name: "of another department",
      settings: suppress("{after: {outcome: ignored}, scope: department}"),
      experience: "department: sales",
      customer: { outcomes: [anOutcome({ department: "service" })] },
      wanted: ["eligible"],
    },
    {
      name: "of the customer",
      settings: suppress("{after: {outcome: complained}, scope: customer}"),
      customer: { outcomes: [anOutcome({ kind: "complained", experienceId: "other", channel: "sms" })] },
      wanted: ["suppressed"],
    },
    {
      name: "without a time it is for good",
      settings: suppress("{after: {outcome: complained}, scope: customer}"),
      customer: { outcomes: [anOutcome({ kind: "complained", at: NOW - 900 * DAY })] },
      wanted: ["suppressed"],
    },
  ];
  test.each(OUTCOMES)("after outcomes: $name", check);

  test.each([
    [
      "the author's words",
      "{when: customer.angry, reason: leave her alone}",
      "leave her alone (in doubt: its value is string, expected true or false)",
    ],
    ["the condition", "{when: customer.openCases == 0}", "customer.openCases == 0"],
    ["what was outcome, and how often", "{after: {outcome: ignored, times: 2, within: 30d}, for: 60d}", "ignored 2 times in 30d, for 60d"],
    ["which signal", "{after: {signal: died}}", "after died"],
  ])("the detail says %s", (_, rule, detail) => {
    const customer: GivenCustomer = { traits: { angry: "yes" }, outcomes: ignored(2, 1), seen: { died: { at: NOW, seq: 1, count: 1 } } };
    expect(candidateOf({ settings: suppress(rule), customer }).reasons[0]?.detail).toBe(detail);
  });

  test("a suppression that ends states its end", () => {
    const settings = suppress("{after: {signal: died}, for: 7d}");
    const customer: GivenCustomer = { seen: { died: { at: NOW - 6 * DAY, seq: 1, count: 1 } } };
    expect(candidateOf({ settings, customer }).reasons[0]?.retryAt).toBe("2026-06-02T15:00:00Z");
  });
});

describe("open promises", () => {
  const PROMISE = "promises: {charges: {opens: returned, due: 7d, owner: finance, whileOpen: {suppress: [sales]}}}";
  const charges = aPromise({ name: "charges", owner: "finance" });
  const CASES: Case[] = [
    {
      name: "keep a department quiet",
      settings: PROMISE,
      experience: "department: sales",
      customer: { promises: [charges] },
      wanted: ["promise_open"],
      stage: "suppression",
    },
    {
      name: "even when it is transactional",
      settings: PROMISE,
      experience: "department: sales\ntransactional: true",
      customer: { promises: [charges] },
      wanted: ["promise_open"],
    },
    { name: "not another", settings: PROMISE, experience: "department: finance", customer: { promises: [charges] }, wanted: ["eligible"] },
    { name: "nor when it is kept", settings: PROMISE, experience: "department: sales", wanted: ["eligible"] },
    {
      name: "nor when nobody has to be quiet",
      experience: "department: sales",
      customer: { promises: [aPromise()] },
      wanted: ["eligible"],
    },
    {
      name: "a reply can be made to",
      settings: "promises: {reply: {whileOpen: {suppress: [sales]}}}",
      experience: "department: sales",
      customer: { promises: [aPromise()] },
      wanted: ["promise_open"],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("limits, caps and quiet hours", () => {
  const night = at("2026-06-02T03:00:00Z");
  const CAP = "governance: {caps: [{id: gap, max: 1, window: 24h}]}";
  const QUIET = 'governance: {quietHours: [{from: "21:00", to: "08:00"}]}';
  const DESK = "channels: {desk: {kind: human, queue: showroom}}";
  const task = "channels: {desk: {summary: Call her}}";
  const CASES: Case[] = [
    { name: "a cap", settings: CAP, customer: { touches: [aTouch({ at: NOW - HOUR })] }, wanted: ["cap_reached"], stage: "timing" },
    {
      name: "a visit fills it as well",
      settings: CAP,
      customer: { touches: [aTouch({ at: NOW - HOUR, kind: "visit", channel: "visit" })] },
      wanted: ["cap_reached"],
    },
    {
      name: "transactional messages are outside caps",
      settings: CAP,
      experience: "transactional: true",
      customer: { touches: [aTouch({ at: NOW - HOUR })] },
      wanted: ["eligible"],
    },
    {
      name: "tasks too",
      settings: `${CAP}\n${DESK}`,
      experience: task,
      customer: { touches: [aTouch({ at: NOW - HOUR })] },
      wanted: ["eligible"],
    },
    { name: "quiet hours", settings: QUIET, options: { now: night }, wanted: ["quiet_hours"] },
    {
      name: "transactional messages are outside them",
      settings: QUIET,
      experience: "transactional: true",
      options: { now: night },
      wanted: ["eligible"],
    },
    {
      name: "tasks too, where no channel is named",
      settings: `${QUIET}\n${DESK}`,
      experience: task,
      options: { now: night },
      wanted: ["eligible"],
    },
    {
      name: "the customer's own zone decides",
      settings: QUIET,
      customer: { traits: { timezone: "Asia/Kolkata" } },
      options: { now: night },
      wanted: ["eligible"],
    },
    {
      name: "an unknown zone is replaced by the workspace's",
      settings: QUIET,
      customer: { traits: { timezone: "Mars" } },
      options: { now: night },
      wanted: ["quiet_hours"],
    },
    {
      name: "a limit",
      experience: "limits: {perCustomer: 1, window: 30d}",
      customer: { deliveries: [aDelivery()] },
      wanted: ["limit_reached"],
      stage: "timing",
    },
    {
      name: "a limit holds for transactional messages",
      experience: "limits: {perCustomer: 1}\ntransactional: true",
      customer: { deliveries: [aDelivery()] },
      wanted: ["limit_reached"],
    },
    {
      name: "what failed does not use it up",
      experience: "limits: {perCustomer: 1}",
      customer: { deliveries: [aDelivery({ status: "failed" }), aDelivery({ status: "bounced" }), aDelivery({ status: "cancelled" })] },
      wanted: ["eligible"],
    },
    {
      name: "what is uncertain does",
      experience: "limits: {perCustomer: 1}",
      customer: { deliveries: [aDelivery({ status: "uncertain" })] },
      wanted: ["limit_reached"],
    },
    {
      name: "nor do other experiences",
      experience: "limits: {perCustomer: 1}",
      customer: { deliveries: [aDelivery({ experienceId: "other" })] },
      wanted: ["eligible"],
    },
    { name: "a limit in total", experience: "limits: {total: 3}", options: { usedInTotal: () => 3 }, wanted: ["limit_reached"] },
    {
      name: "everything that holds",
      settings: 'governance: {caps: [{id: gap, max: 1, window: 24h}], quietHours: [{from: "21:00", to: "08:00"}]}',
      experience: "limits: {perCustomer: 1, window: 30d}",
      customer: { touches: [aTouch({ at: night - HOUR })], deliveries: [aDelivery()] },
      options: { now: night },
      wanted: ["limit_reached", "cap_reached", "quiet_hours"],
    },
  ];
  test.each(CASES)("$name", check);

  test("a decision records the source of its time zone", () => {
    const zoneOf = (traits: Record<string, unknown>) => decide(aCustomer({ moments: [aMoment()], traits }), policyOf("")).timezone;
    expect(zoneOf({})).toEqual({ name: "America/Chicago", from: "workspace" });
    expect(zoneOf({ timezone: "Asia/Kolkata" })).toEqual({ name: "Asia/Kolkata", from: "customer" });
    expect(zoneOf({ timezone: "Asia/Kolkata " })).toEqual({ name: "Asia/Kolkata", from: "customer" });
    expect(zoneOf({ timezone: "Pacific Standard Time" })).toEqual({ name: "America/Los_Angeles", from: "customer" });
    expect(zoneOf({ timezone: "GMT+02:00" })).toEqual({ name: "+02:00", from: "customer" });
    expect(zoneOf({ timezone: " " })).toEqual({ name: "America/Chicago", from: "workspace" });
    expect(zoneOf({ timezone: "Mars/Olympus" })).toEqual({ name: "America/Chicago", from: "workspace", unknown: "Mars/Olympus" });
    expect(zoneOf({ timezone: 2 })).toEqual({ name: "America/Chicago", from: "workspace", unknown: "2" });
  });
});

describe("the order of the stages", () => {
  // Each stage's failure, in the order of the funnel: a candidate stops at the first and never shows a later one.
  const SETTINGS = `
    channels: {box: {kind: twilio}}
    promises: {charges: {opens: x, due: 7d, owner: finance, whileOpen: {suppress: [sales]}}}
    governance:
      suppress: [{when: customer.loud}]
      caps: [{id: none, max: 0, window: 7d}]
  `;
  const STAGES: [string, string, GivenCustomer, string][] = [
    ["eligibility: [customer.e]", "ineligible", { traits: { e: true } }, "eligibility"],
    ["applicability: [customer.a]", "not_applicable", { traits: { a: true } }, "applicability"],
    ["suitability: [customer.s]", "not_suitable", { traits: { s: true } }, "suitability"],
  ];
  const experience = `department: sales\nchannels: {box: {text: "{{ customer.name }}"}}\n${STAGES.map(([line]) => line).join("\n")}`;
  test.each<[string, Record<string, unknown>, GivenCustomer, string[]]>([
    ["eligibility comes first", {}, {}, ["ineligible"]],
    ["then applicability", { e: true }, {}, ["not_applicable"]],
    ["then suitability", { e: true, a: true }, {}, ["not_suitable"]],
    ["then facts", { e: true, a: true, s: true }, {}, ["fact_missing"]],
    ["then consent", { e: true, a: true, s: true, name: "Ann" }, {}, ["consent_missing", "no_channel"]],
    [
      "then suppressions and promises",
      { e: true, a: true, s: true, name: "Ann", phone: "+1", loud: true },
      { consents: { box: "granted" }, promises: [aPromise({ name: "charges" })] },
      ["suppressed", "promise_open"],
    ],
    [
      "then limits, caps and quiet hours",
      { e: true, a: true, s: true, name: "Ann", phone: "+1" },
      { consents: { box: "granted" } },
      ["cap_reached"],
    ],
  ])("%s", (_, traits, customer, wanted) => {
    check({ name: "", settings: SETTINGS, experience, customer: { ...customer, traits }, wanted });
  });
});

describe("an experience on several channels", () => {
  const TWO = "channels: {sms: {kind: twilio}, box: {kind: file}}";
  const both = "channels: {sms: {text: Hi}, box: {text: Hi}}";

  test("uses the remaining one, and states why the other is ruled out", () => {
    const candidate = candidateOf({ settings: TWO, experience: both });
    expect(candidate).toMatchObject({
      verdict: "chosen",
      channel: "box",
      otherChannels: [
        { code: "consent_missing", channel: "sms" },
        { code: "no_channel", channel: "sms" },
      ],
    });
  });

  test("carries the reasons of every channel when the last ones fall at one stage", () => {
    const candidate = candidateOf({
      settings: TWO,
      experience: both,
      customer: { consents: { sms: "denied", box: "denied" }, traits: { phone: "+1" } },
    });
    expect(candidate.reasons.map(({ code, channel }) => `${code} ${channel}`)).toEqual(["consent_revoked sms", "consent_revoked box"]);
  });

  test("a channel that may go now is chosen before one that has to wait", () => {
    const settings = `${TWO}\ngovernance: {caps: [{id: gap, max: 1, window: 24h, channel: sms}]}`;
    const customer: GivenCustomer = { consents: { sms: "granted" }, traits: { phone: "+1" }, touches: [aTouch({ channel: "sms" })] };
    expect(candidateOf({ settings, experience: both, customer })).toMatchObject({ verdict: "chosen", channel: "box" });
  });
});

describe("the moment a candidate is for", () => {
  const settings = "moments: {a: {on: go, expires: 30d}, b: {on: go, expires: 30d}, c: {on: go, expires: 30d}}";
  test.each<[string, Partial<ReturnType<typeof aMoment>>[], string]>([
    [
      "the most urgent",
      [
        { name: "a", urgency: 0.2 },
        { name: "b", urgency: 0.9 },
      ],
      "b",
    ],
    ["then the oldest", [{ name: "a" }, { name: "b", openedAt: NOW - MINUTE }], "b"],
    [
      "urgency before age",
      [
        { name: "a", urgency: 0.6 },
        { name: "b", openedAt: NOW - MINUTE },
      ],
      "a",
    ],
    ["only those it serves", [{ name: "a" }, { name: "c", urgency: 1 }], "a"],
  ])("is %s", (_, moments, wanted) => {
    const decision = decide(aCustomer({ moments: moments.map(aMoment) }), policyOf(settings, ["serves: [a, b]"]));
    expect(decision.candidates.map(({ moment }) => moment)).toEqual([wanted]);
  });
});
