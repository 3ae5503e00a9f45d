import { expect, test } from "vitest";
import { ACTIONS, REASON_CODES } from "../../domain/entities/decision.ts";
import { MARKS, markOfAction, markOfLine } from "./marks.ts";
import { amount, count, counted, figure, latest, listed, share } from "./numbers.ts";
import { REASONS, reasonWords } from "./reasons.ts";
import { troubleOf } from "./troubles.ts";

test("numbers", () => {
  expect([count(1204), share(0.614), share(0.0142), share(0)]).toEqual(["1,204", "61 %", "1.4 %", "0 %"]);
  expect([counted(1, "task"), counted(2, "task"), counted(0, "promise")]).toEqual(["1 task", "2 tasks", "0 promises"]);
  expect([latest(0, "run"), latest(1, "run"), latest(2, "run")]).toEqual(["No run", "The latest run", "The latest 2 runs"]);
  expect([figure(0.123456), figure(1000), amount(12.5), amount(12.5, "USD")]).toEqual(["0.1235", "1,000", "12.50", "US$12.50"]);
  expect([listed(["a"]), listed(["a", "b", "c"])]).toEqual(["a", "a, b and c"]);
});

test("every action has a mark, and only a failure is called one", () => {
  expect(ACTIONS.map(markOfAction)).toEqual(["sent", "waits", "task", "held", "silent"]);
  expect(Object.values(MARKS).filter((word) => word === "failed")).toHaveLength(1);
  expect(markOfAction("not-known-yet")).toBe("silent");
});

test.each([
  [{ action: "deliver", delivery: "sent" }, { kind: "sent" }],
  [
    { action: "deliver", delivery: "sent", recorded: true },
    { kind: "sent", word: "recorded, not sent" },
  ],
  [{ action: "deliver" }, { kind: "sent" }],
  [
    { action: "deliver", delivery: "on its way" },
    { kind: "waits", word: "on its way" },
  ],
  [
    { action: "deliver", delivery: "failed" },
    { kind: "failed", word: "failed" },
  ],
  [
    { action: "deliver", delivery: "uncertain" },
    { kind: "failed", word: "uncertain" },
  ],
  [
    { action: "deliver", delivery: "cancelled" },
    { kind: "held", word: "cancelled" },
  ],
  [{ action: "defer" }, { kind: "waits" }],
  [
    { action: "defer", lapsed: "moment_expired" },
    { kind: "held", word: "lapsed" },
  ],
  [{ action: "await_approval" }, { kind: "task", word: "needs approval" }],
  [{ action: "silence" }, { kind: "silent" }],
])("the mark of a line %o", (line, mark) => {
  expect(markOfLine(line)).toEqual(mark);
});

test("every reason code has words", () => {
  expect(Object.keys(REASONS).sort()).toEqual([...REASON_CODES].sort());
  expect([reasonWords("cap_reached"), reasonWords("some_new_code"), reasonWords("constructor")]).toEqual([
    "the limit of contacts is reached",
    "some new code",
    "constructor",
  ]);
});

test.each([
  [0, "The server does not answer"],
  [401, "You are signed out"],
  [403, "Your role does not allow this"],
  [404, "There is no such thing here"],
  [409, "Somebody was faster"],
  [429, "Too many requests"],
  [503, "The server is busy or its database does not answer"],
  [400, "The meaning of the code"],
  [500, "The meaning of the code"],
])("a failure with status %i says %s, and what to do", (status, title) => {
  const trouble = troubleOf({ status, title: "the meaning of the code", detail: "what happened" });
  expect(trouble.title).toBe(title);
  expect(trouble.todo).toMatch(/^What happened\./);
});

test.each([429, 503])("only a read is asked again by itself after %i: who wanted a change has to press again", (status) => {
  const failure = { status, title: "the meaning of the code", detail: "what happened" };
  expect(troubleOf(failure).todo).toMatch(/asked again by itself/);
  expect(troubleOf(failure, false).todo).toBe("What happened. What you have typed stays: press the button again in a moment.");
});
