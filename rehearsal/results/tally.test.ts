import { expect, test } from "vitest";
import type { Change, NewDelivery } from "../../domain/entities/change.ts";
import type { Candidate, DecisionDraft, Reason } from "../../domain/entities/decision.ts";
import { DAY } from "../../domain/values/time.ts";
import { NOW } from "../../testing/builders.ts";
import { PathRows } from "./path-rows.ts";
import { type Frame, type PathTally, Tallying } from "./tally.ts";

const FRAME: Frame = { from: NOW, days: 14, customers: ["c-1", "c-2"] };

const reason = (code: Reason["code"], more: Partial<Reason> = {}): Reason => ({ code, decidedBy: "rule", ...more });

const decided = (action: DecisionDraft["action"], reasons: readonly Reason[], more: Partial<NewDelivery> = {}): Change => {
  const decision = { action, reasons, candidates: [] as readonly Candidate[] } as unknown as DecisionDraft; // what a tally reads
  if (action !== "deliver") return { type: "decided", decision };
  const delivery = { deliveryId: "d-1", experienceId: "e", channel: "box", isTouch: true, at: NOW, ...more } as unknown as NewDelivery;
  return { type: "decided", decision, delivery };
};

const deliver = (deliveryId: string, more: Partial<NewDelivery> = {}): Change =>
  decided("deliver", [reason("eligible")], { deliveryId, ...more });

/** Plays commits: whose, on which day, and what they changed. */
function tallied(commits: readonly (readonly [string, number, ...Change[]])[], frame: Frame = FRAME): PathTally {
  const tallying = new Tallying(frame);
  for (const [customerId, day, ...changes] of commits) tallying.note({ customerId, at: NOW + day * DAY, changes });
  return tallying.result();
}

test("deliveries count by experience, channel, department and day; each is a contact", () => {
  const { all } = tallied([
    ["c-1", 0, deliver("d-1", { department: "sales" })],
    ["c-1", 1.5, deliver("d-2")],
  ]);
  expect(all).toMatchObject({
    ...{ customers: 2, deliveries: 2, byExperience: { e: 2 }, byChannel: { box: 2 }, byDepartment: { sales: 1, none: 1 }, contacts: 2 },
    ...{ deliveriesByDay: [1, 1, ...new Array(12).fill(0)], weeks: [3, 0, 1, 0, 0] },
  });
});

test("a delivery that is stopped or fails was none; one that bounces was one, but no contact", () => {
  const moved = (deliveryId: string, to: "cancelled" | "failed" | "bounced"): Change => ({
    type: "delivery_moved",
    deliveryId,
    to,
    at: NOW,
  });
  const { all, left } = tallied([
    ["c-1", 0, deliver("d-1"), moved("d-1", "cancelled"), moved("d-1", "cancelled")],
    ["c-1", 0, deliver("d-2"), moved("d-2", "failed")],
    ["c-2", 0, deliver("d-3"), moved("d-3", "bounced")],
  ]);
  expect(all).toMatchObject({ deliveries: 1, byExperience: { e: 1 }, contacts: 0, deliveriesByDay: [1, ...new Array(13).fill(0)] });
  expect(left).toEqual([[0, "no moment opened"]]);
});

test("tasks count by queue and day; one that is withdrawn was none", () => {
  const task = (queue: string, deliveryId?: string): Change => ({
    type: "task_added",
    task: { taskId: "t", queue, summary: "", due: NOW, at: NOW, facts: {}, ...(deliveryId === undefined ? {} : { deliveryId }) },
  });
  const withdrawn: Change = { type: "task_withdrawn", deliveryId: "d-1", at: NOW };
  const { all } = tallied([
    ["c-1", 0, deliver("d-1", { channel: "desk", isTouch: false }), task("night", "d-1")],
    ["c-1", 2, deliver("d-2", { channel: "desk", isTouch: false }), task("showroom", "d-2")],
    ["c-2", 2, task("finance"), withdrawn, withdrawn],
  ]);
  expect(all).toMatchObject({ tasks: { finance: 1, showroom: 1 }, contacts: 0, deliveries: 2 });
  expect(all.tasksByDay).toMatchObject({ showroom: expect.arrayContaining([1]), night: new Array(14).fill(0) });
});

test("silences and deferrals count by code, each code of a decision once", () => {
  const { all } = tallied([
    ["c-1", 0, decided("silence", [reason("cap_reached"), reason("cap_reached"), reason("suppressed")])],
    ["c-1", 1, decided("defer", [reason("quiet_hours")])],
    ["c-1", 2, decided("withhold", [reason("holdout")])],
    ["c-1", 3, decided("await_approval", [reason("approval_required")])],
  ]);
  expect(all).toMatchObject({ silences: { cap_reached: 1, suppressed: 1 }, deferred: { quiet_hours: 1 }, withheld: 1, awaiting: 1 });
});

test("successes and outcomes are those of deliveries of the play, and a person's own contacts are contacts", () => {
  const lesson = (deliveryId: string, reward: 0 | 1): Change =>
    ({ type: "lesson", deliveryId, experienceId: "learns-as-another", channel: "box", features: [], reward, at: NOW }) as const;
  const opened = (deliveryId: string): Change => ({
    type: "outcome_added",
    outcome: { deliveryId, experienceId: "e", channel: "box", kind: "opened", at: NOW },
    reward: 0,
  });
  const { all } = tallied([
    ["c-1", 0, deliver("d-1")],
    ["c-1", 1, lesson("d-1", 1), opened("d-1"), lesson("before", 1), opened("before")],
    ["c-2", 8, { type: "touch_added", touch: { touchId: "t", at: NOW + 8 * DAY, kind: "call", channel: "call" } }],
  ]);
  expect(all).toMatchObject({ successes: { e: 1 }, outcomes: { opened: 1 }, contacts: 2, weeks: [2, 2, 0, 0, 0] });
});

test("who gets nothing is told with the rule that most often kept her from it: of a silence, that of the candidates that came furthest", () => {
  const candidate = (...reasons: Reason[]) => ({ experienceId: "e", moment: "m", verdict: "ineligible", reasons }) as const;
  const silence = (...candidates: ReturnType<typeof candidate>[]): Change => {
    const change = decided("silence", []) as Extract<Change, { type: "decided" }>;
    return { ...change, decision: { ...change.decision, candidates } };
  };
  const capped = reason("cap_reached", { stage: "timing", detail: "weekly: 2 in 7d, 2 used" });
  const unfit = reason("not_suitable", { stage: "suitability", detail: "score >= 600" });
  const { all, left } = tallied(
    [
      ["c-1", 0, silence(candidate(unfit), candidate(capped))],
      ["c-1", 1, silence(candidate(capped))],
      ["c-1", 2, decided("withhold", [reason("holdout")])],
    ],
    { ...FRAME, customers: ["c-1", "c-2", "c-3"], standing: [null, null, "promise_open"] },
  );
  expect(left).toEqual([
    [0, "cap_reached: weekly"],
    [1, "no moment opened"],
    [2, "promise_open"],
  ]);
  expect(all).toMatchObject({ nothing: 3, nothingBy: { "cap_reached: weekly": 1, "no moment opened": 1, promise_open: 1 } });
});

test("rules of one kind are told apart by the author's words, never by what they say of a customer", () => {
  const { left } = tallied([
    ["c-1", 0, decided("defer", [reason("suppressed", { detail: "after a complaint, for 90d" })])],
    ["c-2", 0, decided("defer", [reason("promise_open", { detail: "reply, owed by service" }), reason("moment_expired")])],
  ]);
  expect(left.map(([, rule]) => rule)).toEqual(["suppressed: after a complaint", "promise_open: reply"]);
});

test("groups have their own counts; who is in no frame counts for all alone", () => {
  const frame = { ...FRAME, groups: { names: ["lease", "owner"], of: [0, 1] } };
  const { all, groups } = tallied(
    [
      ["c-1", 0, deliver("d-1")],
      ["stranger", 0, deliver("d-2")],
    ],
    frame,
  );
  expect([all.deliveries, ...groups.map(({ customers, deliveries, nothing }) => ({ customers, deliveries, nothing }))]).toEqual([
    2,
    { customers: 1, deliveries: 1, nothing: 0 },
    { customers: 1, deliveries: 0, nothing: 1 },
  ]);
});

test("rows behind the numbers take back what was stopped or withdrawn, as the numbers do", () => {
  const rows = new PathRows("with");
  const tallying = new Tallying({ ...FRAME, customers: ["c-1", "c-2"] }, rows);
  const task = (taskId: string, deliveryId: string): Change => ({
    type: "task_added",
    task: { taskId, queue: "desk", summary: "", due: NOW, at: NOW, facts: {}, deliveryId },
  });
  const lesson = { type: "lesson", deliveryId: "d-1", experienceId: "e", channel: "box", features: [], reward: 1, at: NOW } as const;
  tallying.note({ customerId: "c-1", at: NOW, changes: [deliver("d-1"), task("t-1", "d-1"), deliver("d-2"), task("t-2", "d-2")] });
  tallying.note({
    ...{ customerId: "c-1", at: NOW + DAY },
    changes: [
      lesson,
      { type: "delivery_moved", deliveryId: "d-2", to: "cancelled", at: NOW },
      { type: "task_withdrawn", deliveryId: "d-2", at: NOW },
      decided("defer", [reason("quiet_hours")]),
    ],
  });
  const { all } = tallying.result();
  expect(all).toMatchObject({ deliveries: 1, tasks: { desk: 1 }, successes: { e: 1 }, deferred: { quiet_hours: 1 }, nothing: 1 });
  expect(rows.rows().map(([cell, of]) => [cell, of.length])).toEqual([
    ["byChannel:box", 1],
    ["byDepartment:none", 1],
    ["byExperience:e", 1],
    ["deferred:quiet_hours", 1],
    ["deliveries", 1],
    ["nothing", 1],
    ["nothing:no moment opened", 1],
    ["successes", 1],
    ["tasks:desk", 1],
  ]);
});

test("rows behind a group's figures are those of its customers, and are taken back as the others are", () => {
  const rows = new PathRows("with");
  const tallying = new Tallying({ ...FRAME, groups: { names: ["lease", "owner"], of: [1, 0] } }, rows);
  const lesson = { type: "lesson", deliveryId: "d-1", experienceId: "e", channel: "box", features: [], reward: 1, at: NOW } as const;
  const stopped: Change = { type: "delivery_moved", deliveryId: "d-2", to: "failed", at: NOW };
  tallying.note({ customerId: "c-1", at: NOW, changes: [deliver("d-1"), lesson] });
  tallying.note({ customerId: "c-2", at: NOW, changes: [deliver("d-2"), stopped] });
  tallying.note({ customerId: "stranger", at: NOW, changes: [deliver("d-3")] });
  tallying.result();
  const ofGroups = rows.rows().filter(([cell]) => cell.startsWith("group:"));
  expect(ofGroups.map(([cell, of]) => [cell, of.map(({ customerId }) => customerId)])).toEqual([
    ["group:0:nothing", ["c-2"]],
    ["group:1:deliveries", ["c-1"]],
    ["group:1:successes", ["c-1"]],
  ]);
});

test("a tally is plain data", () => {
  const tally = tallied([["c-1", 0, deliver("d-1")]]);
  expect(structuredClone(tally)).toEqual(JSON.parse(JSON.stringify(tally)));
});
