import { describe, expect, test } from "vitest";
import { at as instant } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { Touch } from "../entities/customer.ts";
import { idFrom } from "../entities/wake.ts";
import { OPERATORS } from "../record/merge.ts";
import type { JsonObject } from "../values/json.ts";
import { capsNow, contactDays, isAtCap } from "./contacts.ts";
import { ghostsOf } from "./ghosts.ts";
import { storyOf } from "./story.ts";
import { inStoryOrder, type StoryRow, type StorySource } from "./story-row.ts";

const POLICY = policyOf("departments: [sales, service]\nchannels: {mail: {kind: file, address: email}}", [
  "id: greet\nname: Say hello\ndepartment: sales\nchannels: {mail: {subject: Hi, body: Hi}}",
  "id: news\ndepartment: service\nchannels: {mail: {subject: News, body: News}}",
]);

const at = (time: string) => instant(`2026-${time}`);

const row = (source: StorySource, time: string, id: string, given: JsonObject): StoryRow => ({ source, at: at(time), id, row: given });

const HERO = { kind: "ask", askId: "a-1", source: "shop", channel: "web", place: "hero" };

const candidate = (experienceId: string, verdict: string, code: string, stage: string, detail?: string) => ({
  ...{ experienceId, moment: "m", verdict },
  reasons: [{ code, stage, decidedBy: "rule", ...(detail === undefined ? {} : { detail }) }],
});

const decision = (time: string, id: string, record: JsonObject): StoryRow =>
  row("decisions", time, id, { decision_id: id, run_id: `r-${id}`, record: { candidates: [], reasons: [], ...record } });

const silent = (time: string, id: string, ...codes: string[]) =>
  decision(time, id, { action: "silence", reasons: codes.map((code) => ({ code, decidedBy: "rule" })) });

const signal = (time: string, id: string, type: string, data: JsonObject, source = "crm"): StoryRow =>
  row("signals", time, id, { seq: Number(id), source, signal_id: id, type, event: { data } });

const short = (rows: readonly StoryRow[]) =>
  storyOf([...rows].sort(inStoryOrder), POLICY).map(({ mark, lane, department, title, refs }) => [
    mark,
    department ?? lane,
    title,
    refs.map(({ table }) => table).join(" "),
  ]);

describe("a story tells", () => {
  test.each<[string, StoryRow, unknown]>([
    [
      "her words as hers",
      signal("06-01 15:00", "1", "message.received", { channel: "mail", text: "I keep it" }),
      { mark: "said", lane: "customer", kind: "message", text: "I keep it", channel: "mail" },
    ],
    [
      "what happened with its first fields",
      signal("06-01 15:00", "1", "lease.ended", { endsOn: "2026-09-08", km: 4, x: true, y: 1 }),
      { title: "lease.ended", by: "crm", text: "endsOn 2026-09-08 · km 4 · x true · and 1 more" },
    ],
    [
      "a contact by a person",
      signal("06-01 15:00", "1", "human.touch", { kind: "call", by: "ann", department: "sales" }),
      { mark: "met", lane: "people", title: "call", by: "ann", department: "sales" },
    ],
    [
      "consent for every channel",
      signal("06-01 15:00", "1", "customer.consent", { status: "revoked" }),
      { title: "consent revoked: every channel" },
    ],
    [
      "a signal that waits",
      row("inbox", "06-01 15:00", "1", { source: "crm", signal_id: "1", type: "go", event: {}, dead: false }),
      { title: "go", status: "not decided yet" },
    ],
    [
      "a dead letter",
      row("inbox", "06-01 15:00", "1", { source: "crm", signal_id: "1", type: "go", event: {}, dead: true }),
      { status: "dead letter" },
    ],
    [
      "a promise in the lane of its owner",
      row("promises", "06-01 15:00", "p", { promise_id: "p", name: "reply", owner: "service", due: at("06-02 15:00"), overdue: true }),
      { lane: "department", department: "service", status: "overdue", due: "2026-06-02T15:00:00Z" },
    ],
    [
      "one that a person owes in theirs",
      row("promises", "06-01 15:00", "p", { promise_id: "p", name: "reply", owner: "ann" }),
      { lane: "people", status: "open" },
    ],
    [
      "a task with its words and who has it",
      row("tasks", "06-01 15:00", "t", {
        task_id: "t",
        queue: "desk",
        summary: "Dana is here",
        state: "claimed",
        claimed_by: "ann",
        delivery_id: "x",
      }),
      { mark: "task", lane: "people", title: "desk", text: "Dana is here", by: "ann", status: "claimed" },
    ],
    [
      "what waits, until when and why",
      decision("06-01 15:00", "d", {
        action: "defer",
        experienceId: "greet",
        channel: "mail",
        until: "2026-06-02T15:00:00Z",
        reasons: [{ code: "cap_reached", detail: "day", decidedBy: "rule" }],
      }),
      {
        mark: "waits",
        department: "sales",
        title: "Say hello",
        due: "2026-06-02T15:00:00Z",
        reason: { code: "cap_reached", detail: "day" },
      },
    ],
    [
      "what a place was given again",
      decision("06-01 15:00", "d", { action: "deliver", experienceId: "greet", channel: "web", again: true, wake: HERO }),
      { mark: "sent", title: "Say hello", channel: "web", status: "given again for hero" },
    ],
    [
      "an ask that got nothing",
      decision("06-01 15:00", "d", { action: "silence", wake: HERO }),
      { mark: "silent", title: "nothing given" },
    ],
    ...(
      [
        [
          { status: "sent", seen: true },
          { mark: "sent", status: "given for hero, seen" },
        ],
        [
          { status: "sent", seen: false },
          { mark: "sent", status: "given for hero, not seen" },
        ],
        [
          { status: "reserved", holdUntil: at("06-01 16:00") },
          { mark: "waits", status: "kept for hero", due: "2026-06-01T16:00:00Z" },
        ],
        [
          { status: "cancelled", reason: "released" },
          { mark: "held", status: "cancelled, for hero (released)" },
        ],
      ] as const
    ).map(([{ status, ...rest }, told]): [string, StoryRow, unknown] => [
      `a showing: ${told.status}`,
      row("deliveries", "06-01 15:00", "x", {
        ...{ delivery_id: "x", decision_id: "d", experience_id: "greet", channel: "web", status, ...rest },
        asked: { place: "hero", ...("holdUntil" in rest ? { holdUntil: rest.holdUntil } : {}) },
      }),
      told,
    ]),
    [
      "an ask that was answered too late",
      row("asks", "06-01 15:00", "shop a-1", { source: "shop", ask_id: "a-1", channel: "web", late: true, gave: false }),
      { kind: "ask", lane: "customer", title: "asked: web", by: "shop", status: "answered too late, nothing decided" },
    ],
    [
      "what has lapsed",
      {
        ...decision("06-01 15:00", "d", { action: "defer", experienceId: "greet" }),
        row: { ...decision("06-01 15:00", "d", { action: "defer", experienceId: "greet" }).row, lapsed_code: "moment_expired" },
      },
      { status: "lapsed", reason: { code: "moment_expired" } },
    ],
    [
      "what is withheld to measure",
      decision("06-01 15:00", "d", { action: "withhold", experienceId: "greet", reasons: [{ code: "holdout", decidedBy: "rule" }] }),
      { mark: "held", department: "sales" },
    ],
    [
      "a delivery that failed, in red",
      row("deliveries", "06-01 15:00", "x", {
        delivery_id: "x",
        decision_id: "d",
        experience_id: "greet",
        channel: "mail",
        status: "bounced",
        reason: "no such box",
      }),
      { mark: "failed", status: "bounced (no such box)" },
    ],
    [
      "an uncertain one as failed",
      row("deliveries", "06-01 15:00", "x", { delivery_id: "x", experience_id: "greet", status: "uncertain" }),
      { mark: "failed" },
    ],
    [
      "an outcome beside its message",
      row("outcomes", "06-01 15:00", "x opened", {
        delivery_id: "x",
        kind: "opened",
        experience_id: "greet",
        channel: "mail",
        department: "sales",
      }),
      { mark: "outcome", department: "sales", title: "opened: Say hello" },
    ],
    [
      "an operator's deed",
      row("audit", "06-01 15:00", "1", {
        audit_id: 1,
        actor: "olga",
        action: "customer.exported",
        target: "c-1",
        details: { note: "asked" },
      }),
      { mark: "met", lane: "people", title: "customer exported", by: "olga", text: "asked" },
    ],
  ])("%s", (_what, given, wanted) => {
    expect(storyOf([given], POLICY)).toMatchObject([wanted]);
  });

  test("what a decision held back: only what had passed its own department's rules", () => {
    const [item] = storyOf(
      [
        decision("06-01 15:00", "d", {
          action: "silence",
          candidates: [
            candidate("greet", "ineligible", "cap_reached", "timing", "day: 1"),
            candidate("news", "ineligible", "not_applicable", "applicability"),
            candidate("gone", "eligible", "eligible", "arbitration"),
          ],
        }),
      ],
      POLICY,
    );
    expect(item?.held).toEqual([
      { experienceId: "greet", department: "sales", reason: { code: "cap_reached", detail: "day: 1" } },
      { experienceId: "gone", reason: { code: "lower_priority" } },
    ]);
  });
});

describe("rows that say the same are one item:", () => {
  test.each<[string, StoryRow[], unknown[]]>([
    [
      "an ask, the signal of a stream that asked, and the first of its decisions",
      [
        signal("06-01 15:00", "1", "sentient.ask", { channel: "web" }, "shop"),
        row("asks", "06-01 15:00", "shop 1", { source: "shop", ask_id: "1", channel: "web", late: false, gave: true }),
        decision("06-01 15:00", "1", { action: "deliver", experienceId: "greet", wake: { ...HERO, askId: "1" } }),
        decision("06-01 15:00", "2", { action: "deliver", experienceId: "news", wake: { ...HERO, askId: "1", place: "banner" } }),
      ],
      [
        ["sent", "sales", "Say hello", "decisions runs signals asks"],
        ["sent", "service", "news", "decisions runs"],
      ],
    ],
    [
      "a late ask and its signal",
      [
        signal("06-01 15:00", "1", "sentient.ask", { channel: "web" }, "shop"),
        row("asks", "06-01 15:00", "shop 1", { source: "shop", ask_id: "1", channel: "web", late: true, gave: false }),
      ],
      [["said", "customer", "asked: web", "asks signals"]],
    ],
    [
      "a decision and its deliveries, the worst of them shown",
      [
        decision("06-01 15:00", "d", { action: "deliver", experienceId: "greet", channel: "mail" }),
        row("deliveries", "06-01 15:00", "x", {
          delivery_id: "x",
          decision_id: "d",
          experience_id: "greet",
          department: "sales",
          channel: "mail",
          status: "sent",
          content: { subject: "Hi" },
        }),
        row("deliveries", "06-01 15:00", "y", {
          delivery_id: "y",
          decision_id: "d",
          experience_id: "greet",
          department: "sales",
          channel: "mail",
          status: "failed",
        }),
      ],
      [["failed", "sales", "Say hello", "decisions runs deliveries deliveries"]],
    ],
    [
      "a contact and its signal",
      [
        signal("06-01 15:00", "1", "human.touch", { kind: "visit", by: "ann" }),
        row("touches", "06-01 15:00", "x", { touch_id: idFrom("h", "crm", "1"), kind: "visit" }),
      ],
      [["met", "people", "visit", "touches signals"]],
    ],
    [
      "a contact that a person recorded in the console, and its audit entry",
      [
        row("signals", "06-01 15:00", "1", { seq: 1, source: OPERATORS, signal_id: "touch 1", type: "human.touch", event: { data: {} } }),
        row("touches", "06-01 15:00", "x", { touch_id: idFrom("h", OPERATORS, "touch 1"), kind: "visit" }),
        row("audit", "06-01 15:00", "7", {
          audit_id: 7,
          action: "customer.touched",
          actor: "ann",
          target: "c",
          details: { signal: "touch 1" },
        }),
      ],
      [["met", "people", "visit", "touches signals audit target"]],
    ],
    [
      "a consent and the signal that gave it",
      [
        signal("06-01 15:00", "7", "customer.consent", { channel: "mail", status: "granted" }),
        row("consents", "06-01 15:00", "c mail", { customer_id: "c", channel: "mail", status: "granted", source: "crm", seq: 7 }),
      ],
      [["said", "customer", "consent granted: mail", "signals consents"]],
    ],
    [
      "an outcome and its receipt",
      [
        signal("06-01 15:00", "1", "delivery.opened", { deliveryId: "x" }),
        row("outcomes", "06-01 15:00", "x opened", { delivery_id: "x", kind: "opened", experience_id: "greet", channel: "mail" }),
      ],
      [["outcome", "all", "opened: Say hello", "outcomes deliveries signals"]],
    ],
    [
      "a merge and its signal",
      [
        signal("06-01 15:00", "m1", "customer.merged", { into: "b" }, "sentient"),
        row("links", "06-01 15:00", "a", { customer_id: "a", into_id: "b", source: "sentient", signal_id: "m1" }),
      ],
      [["note", "customer", "a is merged into b", "links signals"]],
    ],
    [
      "changes of stage, from none and to none",
      [
        row("stage_changes", "06-01 15:00", "sc1", { change_id: "sc1", to_stage: "active" }),
        row("stage_changes", "06-02 15:00", "sc2", { change_id: "sc2", from_stage: "active", to_stage: "lapsed" }),
        row("stage_changes", "06-03 15:00", "sc3", { change_id: "sc3", from_stage: "lapsed" }),
      ],
      [
        ["note", "customer", "stage active", "stage_changes"],
        ["note", "customer", "stage lapsed, active before", "stage_changes"],
        ["note", "customer", "no stage, lapsed before", "stage_changes"],
      ],
    ],
    [
      "deeds of the system, which stand with the customer: no department has done them",
      [row("imports", "06-01 15:00", "1", { seq: 1 }), row("offers", "06-01 15:01", "x", { code: "x", terms: { percent: 10 } })],
      [
        ["note", "customer", "record imported", "imports"],
        ["note", "customer", "offer issued: 10 %", "offers"],
      ],
    ],
  ])("%s", (_what, rows, wanted) => {
    expect(short(rows)).toEqual(wanted);
  });

  test("silent looks next to each other, with how often each reason stood", () => {
    const items = storyOf(
      [
        silent("06-01 15:00", "a", "cap_reached"),
        silent("06-02 15:00", "b", "cap_reached", "promise_open"),
        silent("06-03 15:00", "c", "cap_reached"),
        signal("06-03 16:00", "1", "go", {}),
        silent("06-04 15:00", "d", "cap_reached"),
      ],
      POLICY,
    );
    expect(items.map(({ mark, at: from, until, looks }) => [mark, from, until, looks])).toEqual([
      ["silent", "2026-06-01T15:00:00Z", "2026-06-03T15:00:00Z", 3],
      ["said", "2026-06-03T16:00:00Z", undefined, undefined],
      ["silent", "2026-06-04T15:00:00Z", undefined, 1],
    ]);
    expect(items[0]?.reasons).toEqual([
      { code: "cap_reached", decisions: 3 },
      { code: "promise_open", decisions: 1 },
    ]);
    expect(items[0]?.refs.filter(({ table }) => table === "decisions").map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });
});

test("a ghost is what a department alone would have sent, with what became of it", () => {
  const decided = (time: string, id: string, given: object) =>
    ({
      ...{
        decisionId: id,
        runId: "r",
        customerId: "c-1",
        decidedAt: time,
        probability: 1,
        reasons: [],
        policyVersion: "v",
        deliveries: [],
      },
      ...{ wake: { kind: "timer", name: "review", due: time }, timezone: { name: "UTC", from: "workspace" } },
      moments: [
        { name: "m", openedAt: "2026-06-01T15:00:00Z", expiresAt: "2026-06-09T15:00:00Z", urgency: 0, confidence: 1, decidedBy: "rule" },
      ],
      ...given,
    }) as never;
  const held = decided("2026-06-01T15:00:00Z", "d-1", {
    action: "silence",
    candidates: [candidate("greet", "ineligible", "cap_reached", "timing", "day")],
  });
  const sent = decided("2026-06-02T15:00:00Z", "d-2", {
    action: "deliver",
    candidates: [candidate("greet", "chosen", "eligible", "arbitration")],
    deliveries: [{ deliveryId: "x", channel: "mail", status: "sent", facts: {} }],
  });
  const ghost = {
    at: "2026-06-01T15:00:00Z",
    experienceId: "greet",
    name: "Say hello",
    department: "sales",
    channel: "mail",
    decisionId: "d-1",
  };
  expect(ghostsOf(POLICY, [held])).toEqual([{ ...ghost, reason: { code: "cap_reached", detail: "day" } }]);
  expect(ghostsOf(POLICY, [held, sent])).toEqual([{ ...ghost, sentAt: "2026-06-02T15:00:00Z" }]);
  expect(ghostsOf(POLICY, [sent])).toEqual([]);
  const candidates = [candidate("news", "ineligible", "cap_reached", "timing", "day")];
  const later = decided("2026-06-01T15:00:00.500Z", "d-3", { action: "silence", candidates });
  expect(ghostsOf(POLICY, [later, held]).map(({ decisionId }) => decisionId)).toEqual(["d-1", "d-3"]);
});

describe("contacts", () => {
  const touch = (time: string, department?: string): Touch => ({
    ...{ touchId: time, at: at(time), kind: "delivery", channel: "mail" },
    ...(department === undefined ? {} : { department }),
  });

  test("fall on days of the customer's calendar", () => {
    const touches = [touch("06-01 23:30", "sales"), touch("06-02 03:00"), touch("06-02 06:00", "sales")];
    expect(contactDays(touches, "America/Chicago")).toEqual([
      { date: "2026-06-01", contacts: 2, departments: { "": 1, sales: 1 } },
      { date: "2026-06-02", contacts: 1, departments: { sales: 1 } },
    ]);
  });

  const DAY = 24 * 3_600_000;
  const caps = [
    { id: "week", max: 2, window: 7 * DAY, calendar: false },
    { id: "sales", max: 1, window: DAY, calendar: true, department: "sales" },
    { id: "none", max: 0, window: DAY, calendar: false, channel: "sms" },
  ];

  test("stand against every cap, with when a full one has room", () => {
    const touches = [touch("06-01 15:00", "sales"), touch("06-03 15:00", "service")];
    expect(capsNow(caps, touches, at("06-03 16:00"), "UTC")).toEqual([
      { id: "week", max: 2, used: 2, window: "7d", calendar: false, roomAt: "2026-06-08T15:00:00Z" },
      { id: "sales", max: 1, used: 0, window: "a day", calendar: true, department: "sales" },
      { id: "none", max: 0, used: 0, window: "1d", calendar: false, channel: "sms" },
    ]);
    expect(isAtCap(caps.slice(0, 1), touches, at("06-03 16:00"), "UTC")).toBe(true);
    expect(isAtCap(caps.slice(0, 2), touches, at("06-09 16:00"), "UTC")).toBe(false);
  });
});
