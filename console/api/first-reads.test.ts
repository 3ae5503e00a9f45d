import { expect, test } from "vitest";
import { createFirstReads, LONGEST_MS } from "./first-reads.ts";

function waiting() {
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  const reads = createFirstReads((ms, run) => void timers.push({ ms, run }));
  const done: string[] = [];
  const read = (name: string): void => void reads.wait().then(() => done.push(name));
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { ...reads, ...{ timers, done, read, settle } };
}

test("the first reads wait for the watch, which learns that none went before it", async () => {
  const { read, done, open, settle } = waiting();
  read("pauses");
  read("decisions");
  await settle();
  expect(done).toEqual([]);
  expect(open()).toBe(false);
  await settle();
  expect(done).toEqual(["pauses", "decisions"]);
  read("tasks");
  await settle();
  expect([done.at(-1), open()]).toEqual(["tasks", true]);
});

test("a watch that does not begin lets the reads go, and one that begins later learns so", async () => {
  const { read, done, open, isOpen, timers, settle } = waiting();
  read("pauses");
  read("decisions");
  expect([timers.map(({ ms }) => ms), isOpen()]).toEqual([[LONGEST_MS], false]);
  timers[0]?.run();
  await settle();
  expect([done, isOpen(), open()]).toEqual([["pauses", "decisions"], true, true]);
});
