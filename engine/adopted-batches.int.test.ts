import { afterEach, beforeEach, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { policyOf } from "../testing/policy.ts";

const policy = policyOf("moments: {m: {on: go, expires: 30d}}", []);
let runtime: Runtime;
let asked: (readonly string[])[] = [];
let isBroken = false;
beforeEach(async () => {
  asked = [];
  isBroken = false;
  const wakesFor = (ids: readonly string[]) => {
    asked.push(ids);
    if (isBroken) throw new Error("the story is not there");
    return [];
  };
  runtime = await createRuntime({ policy, live: false, now: () => 0, wakesFor });
});
afterEach(() => runtime.close());

const start = (runs: string[], thread?: string) =>
  runtime.decider.graph.invoke({ runs }, thread === undefined ? {} : { configurable: { thread_id: thread } });

test("a graph that is started twice in one thread opens a batch for each start, and one for all of its nodes", async () => {
  await start(["ann"], "t");
  await start(["ben"], "t");
  await start(["ben"], "t");
  expect(asked).toEqual([["ann"], ["ben"], ["ben"]]);
});

test("executions at the same time without a thread each have their own batch", async () => {
  await Promise.all([start(["ann"]), start(["ben"])]);
  expect([...asked].sort()).toEqual([["ann"], ["ben"]]);
});

test("a start that failed keeps none after it from starting", async () => {
  isBroken = true;
  await expect(start(["ann"], "t")).rejects.toThrow("the story is not there");
  isBroken = false;
  await start(["ann"], "t");
  expect(asked).toHaveLength(2);
});
