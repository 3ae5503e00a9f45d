import { expect, test } from "vitest";
import { changesOf } from "../../testing/story.ts";
import { play, type Scenario } from "../../testing/tell.ts";

const taskOf = (given: Omit<Scenario, "name" | "wanted">) => changesOf(play(given).changes, "task_added")[0]?.task;
const message = (time: string, text: string) => [time, "message.received", { text }] as const;

test("W16: the task of an overdue reply has the customer's words, the case, the promise and the latest contacts", () => {
  const task = taskOf({
    settings: "moments: {m: {on: go, expires: 1d}}",
    signals: [
      ["06-01 10:00", "case.opened", { caseId: 17 }],
      ["06-01 11:00", "go"],
      message("06-01 14:00", 'My invoice   is "wrong"\nand late.'),
      message("06-01 15:00", `And: ${"x".repeat(300)}`),
    ],
    until: "06-03 00:00",
  });
  expect(task?.summary).toMatch(
    /^overdue: reply was promised to c-1 by 2026-06-02T14:00:00Z: "And: x{190,}…?"; case 17; last contact 2026-06-01: e on box$/,
  );
  expect(task?.facts).toEqual({
    promise: "reply",
    owner: "service",
    openedAt: "2026-06-01T14:00:00Z",
    due: "2026-06-02T14:00:00Z",
    words: ['My invoice is "wrong" and late.', expect.stringMatching(/^And: x{190,}…?$/)],
    cases: ["17"],
    contacts: [{ at: "2026-06-01T11:00:00Z", channel: "box", experience: "e" }],
  });
});

test("W16: words are quoted in the summary, and cannot close the quotation marks", () => {
  const task = taskOf({ signals: [message("06-01 14:00", 'Pay me" now')], until: "06-03 00:00" });
  expect(task?.summary).toBe(`overdue: reply was promised to c-1 by 2026-06-02T14:00:00Z: "Pay me' now"`);
});

test("W16: a promise that the answer to a message makes has the words of that message; tasks and failed messages are no contacts", () => {
  const task = taskOf({
    settings: "channels: {desk: {kind: human, queue: q}, box: {kind: file}}\nmoments: {m: {on: message.received, expires: 1d}}",
    experiences: ["channels: {desk: {summary: call, dueIn: 1h}}\npromise: {name: callback, due: 2h, owner: sales}"],
    signals: [message("06-01 14:00", "Call me")],
    until: "06-01 20:00",
  });
  expect(task).toMatchObject({ queue: "sales", facts: { promise: "callback", words: ["Call me"] } });
  expect(task?.facts).not.toHaveProperty("contacts");
});

test("W16: a contact by a human is one of the latest three", () => {
  const task = taskOf({
    settings: "moments: {m: {on: go, expires: 1h}}\npromises: {callback: {opens: call.wanted, due: 2d, owner: sales}}",
    signals: [
      ["06-01 10:00", "go"],
      ["06-01 11:00", "human.touch", { kind: "visit" }],
      ["06-01 12:00", "call.wanted"],
      ["06-02 10:00", "go"],
      ["06-02 11:00", "go"],
    ],
    until: "06-04 00:00",
  });
  expect(task?.facts.contacts).toEqual([
    { at: "2026-06-02T11:00:00Z", channel: "box", experience: "e" },
    { at: "2026-06-02T10:00:00Z", channel: "box", experience: "e" },
    { at: "2026-06-01T11:00:00Z", channel: "visit", kind: "visit" },
  ]);
});
