import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

const never = new AbortController().signal;

test("a fixed number is admitted at once, the others in order", async () => {
  const gate = createGate(2);
  const order: number[] = [];
  const leaves = await Promise.all([gate.enter(never), gate.enter(never)]);
  const third = gate.enter(never).then(() => order.push(3));
  const fourth = gate.enter(never).then(() => order.push(4));
  await Promise.resolve();
  expect(order).toEqual([]);
  leaves[0]?.();
  leaves[0]?.();
  await third;
  expect(order).toEqual([3]);
  leaves[1]?.();
  await fourth;
  expect(order).toEqual([3, 4]);
});

test("an aborted wait takes no place, and sends nothing", async () => {
  const gate = createGate(1);
  const leave = await gate.enter(never);
  const abort = new AbortController();
  const waiting = gate.enter(abort.signal);
  const next = gate.enter(never);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  leave();
  (await next)();
  (await gate.enter(never))();
});

test("a call aborted before it starts is not admitted", async () => {
  await expect(createGate(1).enter(AbortSignal.abort())).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
});
