import { describe, expect, test } from "vitest";
import { aCustomer, aMoment, at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { type JudgeOptions, Story } from "../../testing/story.ts";
import { type CanaryState, policyFor } from "../canary/cohort.ts";
import type { Customer } from "../entities/customer.ts";
import type { WhyGiven } from "./evidence.ts";
import type { CameSignal, Fate } from "./rung.ts";
import { type Why, whyOf } from "./why.ts";

const SETTINGS = `
moments: {m: {on: go, when: customer.year <= 2024, expires: 10d, once: 20d}, urgent: {on: alarm, expires: 5d, urgency: 1}}
promises: {reply: {due: 24h, owner: service, whileOpen: {suppress: [marketing]}}}
channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
governance: {caps: [{id: weekly, max: 1, window: 7d}]}
learning: {explore: none}`;

const DISCOUNT = "id: discount\nname: Save now\ndepartment: marketing\nserves: [m]\nvalue: 100\nchannels: {box: {text: Hello}}";
const HELP = "id: help\ndepartment: service\nserves: [urgent]\nvalue: 900\nchannels: {box: {text: Help}}";
const TASK = "id: call-her\ndepartment: service\nserves: [urgent]\nstatus: approved\nvalue: 1\nchannels: {desk: {summary: Call}}";

/** The record after these signals; `decided` chooses which decisions are known. */
function recorded(
  signals: readonly (readonly [string, string])[],
  { settings = SETTINGS, experiences = [DISCOUNT], customer = aCustomer({ traits: { year: 2020 } }), judged = {} }: Partial<Setting> = {},
): WhyGiven {
  const policy = policyOf(settings, experiences);
  const story = new Story(policy, customer, judged);
  const came: CameSignal[] = [];
  for (const [time, type] of signals) {
    story.signal(time, type);
    came.unshift({ source: "web", id: type, type, time: at(time), data: {} });
  }
  const decisions = story.decisions.map((one) => ({ ...one, runId: "r", deliveries: [] }));
  const fates = decisions.flatMap((one): Fate[] =>
    one.action === "deliver" && one.experienceId === "discount"
      ? [
          {
            ...{ deliveryId: "m_1", decisionId: one.decisionId, channel: one.channel ?? "", status: "sent", recorded: false },
            ...{ reservedAt: Date.parse(one.decidedAt), settledAt: Date.parse(one.decidedAt), outcomes: [] },
          },
        ]
      : [],
  );
  const window = { from: at("2026-06-01"), to: at("2026-06-08") };
  return {
    ...{ experienceId: "discount", customer: story.customer, policy, now: window.to, window, pauses: [], decisions, fates },
    ...{ signals: came, whole: true },
  };
}

interface Setting {
  readonly settings: string;
  readonly experiences: readonly string[];
  readonly customer: Customer;
  readonly judged: JudgeOptions;
}

const GO = ["2026-06-02T15:00:00Z", "go"] as const;
const states = ({ rungs }: Why): string => rungs.map(({ state }) => state).join(" ");
const withFate = (given: WhyGiven, fate: Partial<Fate>): WhyGiven => ({ ...given, fates: given.fates.map((one) => ({ ...one, ...fate })) });
const pause = { scope: "department", name: "marketing", by: "ann", since: at("2026-06-03") } as const;

describe("each rung, from the first that says no", () => {
  test.each<[string, () => WhyGiven, string, RegExp, Partial<Why>]>([
    [
      "not in the catalogue",
      () => ({ ...recorded([]), experienceId: "gone" }),
      "no not_reached not_reached not_reached not_reached not_reached not_reached",
      /^gone did not go to c-1: the catalogue has no gone\.$/,
      { outcome: "held", stoppedAt: "catalogue" },
    ],
    [
      "a draft",
      () => recorded([GO], { experiences: [`${DISCOUNT}\nstatus: draft`] }),
      "no not_reached not_reached not_reached not_reached not_reached not_reached",
      /its status is draft: only approved experiences compete/,
      {
        change: "status: approved in experiences/0.yaml",
        ask: { department: "marketing", about: "the status of discount in experiences/0.yaml" },
      },
    ],
    [
      "paused before it was looked at",
      () => ({ ...recorded([]), pauses: [pause] }),
      "yes no not_reached not_reached not_reached not_reached not_reached",
      /department marketing is paused by ann since 2 June 2026, 19:00 \(America\/Chicago\)/,
      { ask: { person: "ann", about: "the pause" } },
    ],
    [
      "held back by a pause that is over",
      () => recorded([GO], { judged: { pauses: [{ ...pause, since: at("2026-06-01") }] } }),
      "yes no not_reached not_reached not_reached not_reached not_reached",
      /on 2 June 2026, 10:00 \(America\/Chicago\) it was held back by a pause: paused: department marketing, by ann/,
      { stoppedAt: "paused", heldBy: { stage: "suppression", code: "suppressed" } },
    ],
    [
      "a pause that came after it went stops nothing",
      () => ({ ...recorded([GO]), pauses: [pause] }),
      "yes yes yes yes yes unknown unknown",
      /^discount went to c-1 by box on 2 June 2026, 10:00/,
      { outcome: "went" },
    ],
    [
      "no signal came that opens its moment",
      () => recorded([]),
      "yes yes no not_reached not_reached not_reached not_reached",
      /m did not open: no go came\.$/,
      { change: "a signal go", ask: { department: "marketing", about: "when m opens, in sentient.yaml" } },
    ],
    [
      "the signal came, and the condition of the moment did not hold",
      () => recorded([GO], { customer: aCustomer({ traits: { year: 2026 } }) }),
      "yes yes no not_reached not_reached not_reached not_reached",
      /go came from web on 2 June 2026, 10:00 .*, and its condition does not hold: it needs a year of at most 2024 \(it is 2026\)/,
      { change: "a year of at most 2024 (it is 2026)" },
    ],
    [
      "opened too recently",
      () => ({ ...recorded([["2026-05-20T15:00:00Z", "go"], GO]), now: at("2026-06-08") }),
      "yes yes no not_reached not_reached not_reached not_reached",
      /it opened last on 20 May 2026, 10:00 .* and opens at most once in 20 days: not before 9 June 2026, 10:00/,
      { change: "waiting until 9 June 2026, 10:00 (America/Chicago)" },
    ],
    [
      "lost to a rival",
      () =>
        recorded([["2026-06-02T15:00:00Z", "go"]], {
          experiences: [DISCOUNT, HELP.replace("[urgent]", "[m]"), TASK],
        }),
      "yes yes yes no not_reached not_reached not_reached",
      /it lost to help of service: priority 50 against 450/,
      {
        ask: { department: "service", queue: "showroom", about: "why help weighs more" },
        heldBy: { stage: "arbitration", code: "lower_priority" },
      },
    ],
    [
      "held by its own limit",
      () =>
        recorded(
          [
            ["2026-06-01T15:00:00Z", "alarm"],
            ["2026-06-02T15:00:00Z", "go"],
          ],
          { experiences: [DISCOUNT.replace("[m]", "[m]\nlimits: {perCustomer: 0}"), HELP], settings: SETTINGS },
        ),
      "yes yes yes no not_reached not_reached not_reached",
      /it was held back at timing: on box, its own limit is used up \(0 per customer, 0 used\)/,
      { stoppedAt: "funnel" },
    ],
    [
      "waits under a cap, whose place somebody took",
      () =>
        recorded(
          [
            ["2026-06-01T15:00:00Z", "alarm"],
            ["2026-06-02T15:00:00Z", "go"],
          ],
          { experiences: [DISCOUNT, HELP] },
        ),
      "yes yes yes waits not_reached not_reached not_reached",
      /^discount has not gone to c-1 yet: on 2 June 2026, 10:00 .* it won and waits until 8 June 2026, 10:00/,
      { outcome: "waits", change: "waiting until 8 June 2026, 10:00 (America/Chicago)" },
    ],
    [
      "a promise is open",
      () => recorded([["2026-06-02T14:00:00Z", "message.received"], GO], { experiences: [DISCOUNT] }),
      "yes yes yes no not_reached not_reached not_reached",
      /it was held back at suppression: on box, a promise is open.*\(reply, owed by service\)/,
      { ask: { department: "service", queue: "service", about: "the promise reply" } },
    ],
    [
      "waits for approval",
      () =>
        recorded([GO], {
          settings: `${SETTINGS.replace("governance: {", "governance: {approval: [{experiences: [discount], reason: dear}], ")}`,
        }),
      "yes yes yes waits not_reached not_reached not_reached",
      /waits for a human to approve it: dear/,
      { ask: { department: "marketing", queue: "approvals", about: "the approval" } },
    ],
    [
      "its moment ended before anybody approved it",
      () => ({
        ...recorded([GO], {
          settings: `${SETTINGS.replace("governance: {", "governance: {approval: [{experiences: [discount], reason: dear}], ")}`,
        }),
        now: at("2026-07-01"),
      }),
      "yes yes yes no not_reached not_reached not_reached",
      /its moment m ended on 12 June 2026, 10:00 .*, before it went/,
      { outcome: "held" },
    ],
    [
      "the hand-over failed",
      () => withFate(recorded([GO]), { status: "failed", reason: "550 no such user" }),
      "yes yes yes yes no not_reached not_reached",
      /^discount did not go to c-1: it was failed on 2 June 2026, 10:00 \(America\/Chicago\): 550 no such user\.$/,
      { stoppedAt: "handed_over", deliveryId: "m_1" },
    ],
    [
      "it went in a variant and a language",
      () => withFate(recorded([GO]), { variant: "short", locale: "de-AT" }),
      "yes yes yes yes yes unknown unknown",
      /^discount went to c-1 by box on 2 June 2026/,
      { outcome: "went", variant: "short", locale: "de-AT" },
    ],
    [
      "the hand-over waits",
      () => withFate(recorded([GO]), { status: "reserved" }),
      "yes yes yes yes waits not_reached not_reached",
      /^discount has not gone to c-1 yet: it waits to be handed over by box since/,
      { outcome: "waits" },
    ],
    [
      "nobody knows whether it was handed over",
      () => withFate(recorded([GO]), { status: "uncertain", reason: "timeout" }),
      "yes yes yes yes unknown not_reached not_reached",
      /^It is not certain that discount went to c-1: it was uncertain on/,
      { outcome: "unknown" },
    ],
    [
      "it bounced",
      () => withFate(recorded([GO]), { status: "bounced", reason: "mailbox full" }),
      "yes yes yes yes yes no not_reached",
      /^discount went to c-1 and did not arrive: it bounced: mailbox full\.$/,
      { stoppedAt: "arrived" },
    ],
    [
      "it went, was opened and converted",
      () =>
        withFate(recorded([GO]), {
          outcomes: [
            { kind: "opened", at: at("2026-06-03T10:00:00Z") },
            { kind: "converted", at: at("2026-06-04T10:00:00Z") },
          ],
        }),
      "yes yes yes yes yes yes yes",
      /^discount went to c-1 by box on .*; what came of it: opened on 3 June 2026, 05:00 .*; converted on 4 June 2026/,
      { outcome: "went" },
    ],
    [
      "it was only recorded",
      () => withFate(recorded([GO]), { recorded: true }),
      "yes yes yes yes yes unknown unknown",
      /and only recorded: this was a run without --live\.$/,
      { outcome: "went" },
    ],
  ])("%s", (_title, given, wanted, answer, more) => {
    const why = whyOf(given());
    expect(states(why)).toBe(wanted);
    expect(why.answer).toMatch(answer);
    expect(why).toMatchObject(more);
  });
});

test("a delivery goes before later looks that held it back", () => {
  const given = recorded([GO, ["2026-06-23T15:00:00Z", "go"]], { experiences: [DISCOUNT] });
  const why = whyOf({ ...given, now: at("2026-06-30"), window: { from: at("2026-06-01"), to: at("2026-06-30") } });
  expect(why).toMatchObject({ outcome: "went", looks: [{ action: "deliver" }, { verdict: "chosen" }] });
});

test("what stood when the window began is the answer, and a look that was over is named beside it", () => {
  const given = recorded(
    [
      ["2026-05-31T14:00:00Z", "message.received"],
      ["2026-05-31T15:00:00Z", "go"],
    ],
    { experiences: [DISCOUNT] },
  );
  expect(whyOf(given)).toMatchObject({ stoppedAt: "funnel", looks: [], lastLook: { codes: ["promise_open"] } });
  const later = { ...given, window: { from: at("2026-06-20"), to: at("2026-06-27") }, now: at("2026-06-27"), signals: [] };
  expect(whyOf(later)).toMatchObject({ stoppedAt: "moment", lastLook: { decidedAt: "2026-05-31T15:00:00Z" } });
});

test("the contacts that filled a cap are named with their departments", () => {
  const given = recorded(
    [
      ["2026-06-01T15:00:00Z", "alarm"],
      ["2026-06-02T15:00:00Z", "go"],
    ],
    { experiences: [DISCOUNT, HELP], settings: SETTINGS.replace("expires: 10d", "expires: 2d") },
  );
  const why = whyOf(given);
  expect(why.heldBy).toEqual({ stage: "timing", code: "cap_reached" });
  expect(why.rungs.find(({ id }) => id === "funnel")?.details).toEqual([
    "a place was taken by a message by box of service on 1 June 2026, 10:00 (America/Chicago)",
  ]);
  expect(why.ask).toMatchObject({ department: "service", about: "the cap weekly, and who used it" });
});

test("an earlier decision that it had won is told beside the one that held it", () => {
  const given = recorded(
    [
      ["2026-06-01T15:00:00Z", "alarm"],
      ["2026-06-02T15:00:00Z", "go"],
      ["2026-06-03T15:00:00Z", "message.received"],
    ],
    { experiences: [DISCOUNT, HELP] },
  );
  const { rungs, answer } = whyOf(given);
  expect(answer).toMatch(/on 3 June 2026, 10:00 .* it was held back at suppression/);
  expect(rungs.find(({ id }) => id === "funnel")?.details).toEqual([
    expect.stringMatching(/^before that, on 2 June 2026, 10:00 .* it won and was to wait until 8 June 2026/),
  ]);
});

test("a moment that is open, and that nothing has judged yet", () => {
  const customer = aCustomer({ traits: { year: 2020 }, moments: [aMoment({ openedAt: at("2026-06-02") })] });
  const why = whyOf({ ...recorded([], { customer }), customer });
  expect(states(why)).toBe("yes yes yes unknown not_reached not_reached not_reached");
  expect(why.answer).toBe("discount has not gone to c-1 yet: its moment is open, and no decision about it is on record yet.");
});

test("a candidate without room in the record is known by the stage that stopped it, or counted", () => {
  const given = recorded([GO], { experiences: [HELP.replace("[urgent]", "[m]")] });
  const policy = policyOf(SETTINGS, [DISCOUNT]);
  const withOthers = (experiences: string[]) =>
    given.decisions.map((one) => ({
      ...one,
      others: [{ stage: "consent" as const, code: "consent_missing" as const, count: 400, experiences }],
    }));
  expect(whyOf({ ...given, policy, decisions: withOthers(["discount"]) })).toMatchObject({
    heldBy: { stage: "consent", code: "consent_missing" },
    answer: expect.stringMatching(/it was held back at consent: consent_missing/),
  });
  expect(whyOf({ ...given, policy, decisions: withOthers(["another"]) }).answer).toMatch(/one of the candidates that the record counts/);
});

test("an experience that was not there yet when its moment opened", () => {
  const given = recorded([GO], { experiences: [HELP.replace("[urgent]", "[m]")] });
  const policy = policyOf(SETTINGS, [DISCOUNT]);
  expect(whyOf({ ...given, policy }).answer).toMatch(
    /its moment was open on 2 June 2026, 10:00 .* and it has no line in the decision: under policy \w+ it was not in the catalogue/,
  );
});

test("the latest of several decisions is the one that counts, with its whole line", () => {
  const given = recorded([["2026-06-02T14:00:00Z", "message.received"], GO]);
  const why = whyOf(given);
  expect(why.looks.at(-1)).toMatchObject({ decisionId: why.decisionId, verdict: "ineligible", moment: "m", codes: ["promise_open"] });
  expect(why.searched).toEqual({ from: "2026-06-01T00:00:00Z", to: "2026-06-08T00:00:00Z", whole: true });
});

describe("a canary", () => {
  const CANARY = DISCOUNT.replace("serves:", "status: canary\ncanary: {share: 10%}\nserves:");
  const policy = policyOf(SETTINGS, [CANARY]);
  const life = policy.experiences[0]?.canary?.life ?? "";
  const inCatalogue = (everyone: boolean, state: CanaryState = {}, seen = policy) => {
    const given = recorded([], { experiences: [CANARY] });
    const canaries = { everyone, stateOf: (one: string) => (one === life ? state : undefined) };
    const why = whyOf({ ...given, policy: policyFor(seen, "c-1", canaries, given.now) });
    return { says: why.rungs[0]?.says, state: why.rungs[0]?.state, heldBy: why.heldBy, change: why.change };
  };
  const stopped = { at: at("2026-06-03"), why: "complained: 4 of 200" };

  test("its ladder tells who is in the share, and who is not", () => {
    expect(inCatalogue(true)).toMatchObject({
      state: "yes",
      says: "it is tried as a canary on 10 % of customers, and this is one of them",
    });
    expect(inCatalogue(false)).toEqual({
      ...{ state: "no", says: "it is a canary: it is tried on 10 % of customers first, and this is none of them" },
      ...{ heldBy: { stage: "canary", code: "canary" }, change: "its approval, or a larger share" },
    });
  });

  test("its ladder tells that it was stopped, and that it is approved by now", () => {
    expect(inCatalogue(true, { stopped })).toEqual({
      ...{ state: "no", says: "it is a canary: stopped at 2026-06-03T00:00:00Z: complained: 4 of 200" },
      ...{ heldBy: { stage: "canary", code: "canary_stopped" }, change: "its approval, or another text in its file" },
    });
    expect(inCatalogue(false, { approved: { at: at("2026-06-03") } })).toMatchObject({ state: "yes", says: "it is approved" });
  });

  test("beside an experience that stays, the others get that one", () => {
    const stays = policyOf(SETTINGS, [DISCOUNT]).experiences[0];
    const seen = { ...policy, experiences: policy.experiences.map((one) => (stays ? { ...one, stays } : one)) };
    expect(inCatalogue(false, {}, seen)).toMatchObject({
      state: "yes",
      says: "it is approved; a canary of it is tried on 10 % of customers, and this customer gets the approved one",
    });
  });

  test("what the record says of it counts first", () => {
    const given = recorded([GO]);
    const why = whyOf({ ...given, policy: policyFor(policy, "c-1", { everyone: false, stateOf: () => undefined }, given.now) });
    expect(why.rungs[0]).toMatchObject({
      state: "yes",
      says: "it is a canary: it is tried on 10 % of customers first, and this is none of them",
    });
    expect(why.rungs[3]?.state).toBe("yes");
  });
});
