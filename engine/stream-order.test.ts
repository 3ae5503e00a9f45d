import { expect, test } from "vitest";
import type { WakeRun } from "../agents/wake-run.ts";
import { at } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { tools } from "../tools/index.ts";
import { commitsInOrder, MergedStream, type NewSignal } from "./stream-order.ts";

const aSignal = (id: string, time: string): NewSignal => ({
  event: { specversion: "1.0", id, source: "test", type: "go", subject: "c-1" },
  time: at(time),
  bodyHash: id,
  line: 1,
});
const aTimer = (name: string, due: string) => ({ customerId: `c-${name}`, key: name, name, due: at(due) });

/** The merged events in order, each with its clock. */
function orderOf(merged: MergedStream): string[] {
  const all: string[] = [];
  for (let next = merged.next(); next; next = merged.next())
    all.push(`${"timer" in next ? next.timer.name : next.signal.event.id} ${new Date(next.at).toISOString().slice(0, 10)}`);
  return all;
}

test("timers due before a signal come before it, those due at the same instant after it", () => {
  const timers = [aTimer("before", "2026-06-01"), aTimer("at", "2026-06-02"), aTimer("between", "2026-06-03")];
  const signals = [aSignal("first", "2026-06-02"), aSignal("second", "2026-06-04")];
  expect(orderOf(new MergedStream(timers, signals, at("2026-05-01")))).toEqual([
    "before 2026-06-01",
    "first 2026-06-02",
    "at 2026-06-02",
    "between 2026-06-03",
    "second 2026-06-04",
  ]);
});

test("a timer after the last known signal is not returned: another signal or the end may precede it", () => {
  const merged = new MergedStream([aTimer("later", "2026-06-09")], [aSignal("last", "2026-06-02")], at("2026-06-01"));
  expect(orderOf(merged)).toEqual(["last 2026-06-02"]);
});

test("without signals every timer is returned", () => {
  expect(orderOf(new MergedStream([aTimer("late", "2026-05-01"), aTimer("due", "2026-06-09")], [], at("2026-06-01")))).toEqual([
    "late 2026-06-01",
    "due 2026-06-09",
  ]);
});

const acting = (tool: string, limits = ""): number => {
  const policy = policyOf("", [`id: e\naction: {tool: ${tool}, input: {}}\n${limits}`], {
    tools: ["book_slot", "note_it"],
    inputs: new Map(),
  });
  const decided = { type: "decided", delivery: { experienceId: "e" } };
  const one = {
    asked: [],
    wake: { kind: "timer", due: 0, customerId: "c-1" },
    now: 0,
    judged: { changes: [decided], customer: {} },
  };
  const known = new Map([...tools, { name: "note_it", staysWithCustomer: true }].map((each) => [each.name, each]));
  return commitsInOrder([one, one, one] as unknown as readonly WakeRun[], policy, known);
};

test.each([
  ["a tool of the product that declares it", "update_traits", "", 3],
  ["a tool of the workspace that declares it", "note_it", "", 3],
  ["a tool that does not declare it", "open_promise", "", 1],
  ["a tool that is not known here", "book_slot", "", 1],
  ["a slot that others wait for", "update_traits", "limits: {total: 5}", 1],
])("staysWithCustomer: other customers share a batch with an action only if its tool declares it: %s", (_what, tool, limits, together) => {
  expect(acting(tool, limits)).toBe(together);
});
