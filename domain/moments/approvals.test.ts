import { expect, test } from "vitest";
import { changesOf } from "../../testing/story.ts";
import { play } from "../../testing/tell.ts";

const SETTINGS = `
  governance: {approval: [{experiences: [dear], reason: high value}]}
  moments: {m: {on: go, expires: 2d, closes: [gone]}}`;
const GO = ["06-01 15:00", "go", { car: "blue" }] as const;

const tasksOf = (experience: string, signals: Parameters<typeof play>[0]["signals"], settings = SETTINGS) =>
  changesOf(
    play({ settings, experiences: [`id: dear\nname: A dear one\nvalue: 500\n${experience}`], signals, until: "06-20 00:00" }).changes,
    "task_added",
  );

test("W6: an approval that nobody answers in time makes one task in the queue of its department, with its story", () => {
  const tasks = tasksOf("department: sales", [
    ["06-01 12:00", "human.touch", { kind: "call" }],
    ["06-01 13:00", "case.opened", { caseId: "k-7" }],
    GO,
  ]);
  expect(tasks.map(({ task }) => task)).toEqual([
    {
      taskId: expect.stringMatching(/^t_/),
      queue: "sales",
      summary: "not approved in time: A dear one for c-1 (high value); case k-7; last contact 2026-06-01: call on call",
      at: Date.UTC(2026, 5, 3, 15),
      due: Date.UTC(2026, 5, 4, 15),
      facts: {
        approvalId: expect.stringMatching(/^a_/),
        experience: "dear",
        value: 500,
        reason: "high value",
        askedAt: "2026-06-01T15:00:00Z",
        moment: "m",
        openedAt: "2026-06-01T15:00:00Z",
        expiredAt: "2026-06-03T15:00:00Z",
        data: { car: "blue" },
        cases: ["k-7"],
        contacts: [{ at: "2026-06-01T12:00:00Z", kind: "call", channel: "call" }],
      },
    },
  ]);
});

test("W6: without a department the task is in the queue approvals", () => {
  expect(tasksOf("", [GO]).map(({ task }) => task.queue)).toEqual(["approvals"]);
});

test("W6: each lapse makes its own task", () => {
  expect(tasksOf("", [GO, ["06-10 15:00", "go"]])).toHaveLength(2);
});

test("W6: no task where a signal ended the moment, or where nothing needed an approval", () => {
  expect(tasksOf("", [GO, ["06-02 15:00", "gone"]])).toEqual([]);
  expect(tasksOf("", [GO], "moments: {m: {on: go, expires: 2d}}")).toEqual([]);
});
