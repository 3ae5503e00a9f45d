import { describe, expect, test } from "vitest";
import type { OverviewView } from "../../../operations/monitoring/views.ts";
import { atLeast, modelSentence, sentencesOf } from "./sentences.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const none = { count: 0 };
const CALM: OverviewView = {
  ...{ at: "2026-06-01T12:00:00Z", zone: "America/Chicago", since: "2026-05-25T12:00:00Z", dead: none, undeliverable: none },
  waiting: { signals: none, timers: none },
  deliveries: { states: [] },
  calls: { states: [] },
  queues: [],
  approvals: none,
  promises: { open: none, overdue: none },
  pauses: [],
  model: { tokens: 0, usd: 0 },
  today: { from: "2026-06-01T05:00:00Z", decisions: 0, silent: 0, delivered: 0, outcomes: 0 },
};
const queue = (open: number, claimed: number, overdue: number) => ({ queue: "sales", open: { count: open }, claimed, overdue });
const told = (given: Partial<OverviewView>, place: number): string => {
  const sentence = sentencesOf({ ...CALM, ...given }, NOW)[place];
  return `${sentence?.look}: ${sentence?.pieces.map((piece) => (typeof piece === "string" ? piece : `[${piece.text}]`)).join("")}`;
};

describe("what waits for people", () => {
  test.each<readonly [Partial<OverviewView>, string]>([
    [{}, "calm: Nothing waits for people."],
    [{ queues: [queue(1, 1, 0)] }, "people: [1 task] waits."],
    [{ queues: [queue(1, 0, 0)] }, "people: [1 task] waits; [it is unclaimed]."],
    [{ queues: [queue(2, 0, 0)] }, "people: [2 tasks] wait; [both are unclaimed]."],
    [{ queues: [queue(3, 0, 0)] }, "people: [3 tasks] wait; [all are unclaimed]."],
    [{ queues: [queue(1, 0, 0)], approvals: { count: 1 } }, "people: [1 task] and [1 approval] wait; [the task is unclaimed]."],
    [{ queues: [queue(3, 0, 0)], approvals: { count: 1 } }, "people: [3 tasks] and [1 approval] wait; [all of the tasks are unclaimed]."],
    [{ queues: [queue(3, 1, 0), queue(2, 2, 0)] }, "people: [5 tasks] wait; [2 of them are unclaimed]."],
    [
      { approvals: { count: 1, next: { approvalId: "a", customerId: "c", experienceId: "e", expiresAt: "2026-06-01T18:30:00Z" } } },
      "people: [1 approval] waits; [the approval expires in 6 h].",
    ],
    [
      {
        queues: [{ ...queue(1_000, 999, 0), open: { count: 1_000, atLeast: true } }],
        approvals: { count: 2, next: { approvalId: "a", customerId: "c", experienceId: "e", expiresAt: "2026-06-01T12:30:00Z" } },
      },
      "people: [1,000 or more tasks] and [2 approvals] wait; [1 of the tasks is unclaimed] and [the next approval expires in 30 min].",
    ],
  ])("%o", (given, words) => expect(told(given, 0)).toBe(words));
});

describe("what is late", () => {
  const next = { promiseId: "p", customerId: "c", name: "reply", due: "2026-06-01T14:00:00Z" };
  test.each<readonly [Partial<OverviewView>, string]>([
    [{}, "calm: Nothing is late, and nothing is owed."],
    [{ promises: { open: { count: 2 }, overdue: none, next } }, "calm: Nothing is late. [2 promises] are owed, the next in 2 h."],
    [{ promises: { open: { count: 2 }, overdue: { count: 1 }, next } }, "late: [1 promise] is late."],
    [
      { queues: [queue(4, 0, 2)], promises: { open: { count: 2 }, overdue: { count: 1 }, next } },
      "late: [2 tasks] and [1 promise] are late.",
    ],
  ])("%o", (given, words) => expect(told(given, 1)).toBe(words));
});

describe("what is stuck", () => {
  const states = [
    { channel: "sms", status: "uncertain", count: 2 },
    { channel: "email", status: "failed", count: 1 },
    { channel: "email", status: "reserved", count: 1 },
    { channel: "email", status: "bounced", count: 3 },
  ];
  test.each<readonly [string, Partial<OverviewView>, string]>([
    ["nothing", {}, "calm: Nothing is stuck."],
    [
      "what waits for a moment is not",
      { waiting: { signals: { count: 3 }, oldestSignal: "2026-06-01T11:59:30Z", timers: none } },
      "calm: Nothing is stuck.",
    ],
    [
      "signals",
      { waiting: { signals: { count: 3 }, oldestSignal: "2026-06-01T11:50:00Z", timers: none }, dead: { count: 1 } },
      "stuck: [3 signals not decided, the oldest for 10 min] and [1 dead letter].",
    ],
    [
      "timers",
      { waiting: { signals: none, timers: { count: 1_000, atLeast: true }, oldestTimer: "2026-06-01T10:00:00Z" } },
      "stuck: [1,000 or more timers not fired, the oldest for 2 h].",
    ],
    [
      "messages and calls",
      {
        deliveries: { states, oldestOpen: "2026-06-01T11:00:00Z" },
        calls: {
          states: [
            { tool: "open_case", status: "uncertain", count: 1 },
            { tool: "open_case", status: "failed", count: 9 },
          ],
        },
      },
      "stuck: [1 message not handed over, the oldest for 1 h], [2 messages of which nobody knows whether they went out (sms)], [1 message that failed (email)] and [1 call with an unknown outcome].",
    ],
  ])("%s", (_, given, words) => expect(told(given, 2)).toBe(words));
});

describe("today against the usual day", () => {
  const day = { from: "2026-06-01T05:00:00Z", decisions: 34, silent: 20, delivered: 12, outcomes: 1 };
  test.each<readonly [Partial<OverviewView>, string]>([
    [{}, "calm: [0 decisions, 0 messages and 0 outcomes] since midnight (America/Chicago). There is no earlier day to compare with."],
    [
      { today: day, usual: { days: 7, decisions: 30, silent: 15, delivered: 10, outcomes: 4, about: true } },
      "calm: [34 decisions, 59 % of them silent, 12 messages and 1 outcome] since midnight (America/Chicago). By this time it is usually about 30 decisions, 50 % of them silent, 10 messages and 4 outcomes (the median of 7 days).",
    ],
    [
      { today: { ...day, about: true }, usual: { days: 1, decisions: 0, silent: 0, delivered: 0, outcomes: 0 } },
      "calm: [About 34 decisions, 59 % of them silent, 12 messages and 1 outcome] since midnight (America/Chicago). By this time there is usually nothing (yesterday).",
    ],
  ])("%o", (given, words) => expect(told(given, 3)).toBe(words));
});

test("a workspace without a model says so; with one, what it has cost", () => {
  expect(modelSentence(CALM)).toContain("no language model");
  expect(modelSentence({ model: { name: "m-1", tokens: 0, usd: 0 } })).toBe("The language model m-1 has not been asked today.");
  expect(modelSentence({ model: { name: "m-1", tokens: 12_345, usd: 0.5 } })).toContain("$0.50 today, for 12,345 tokens");
  expect(modelSentence({ model: { tokens: 0, usd: 0 }, embeddings: { tokens: 900, usd: 0.125 } })).toMatch(
    /no language model.* Embeddings have cost \$0\.13 today, for 900 tokens \(days by UTC\)\.$/,
  );
});

test("every link leads into the console", () => {
  const busy = sentencesOf({ ...CALM, queues: [queue(2, 0, 1)], dead: { count: 1 } }, NOW);
  const links = busy.flatMap(({ pieces }) => pieces).flatMap((piece) => (typeof piece === "string" ? [] : [piece.to]));
  expect(links).toEqual(["/tasks", "/tasks?mine=unclaimed", "/tasks?overdue=yes", "/health", "/decisions?from=2026-06-01T05%3A00%3A00Z"]);
  expect(atLeast({ count: 5 })).toBe("5");
});
