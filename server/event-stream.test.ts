import { expect, test } from "vitest";
import { eventStream } from "./event-stream.ts";

test("events and comments are lines, each event with its name and JSON on one line", async () => {
  let closed = 0;
  const { response, writer } = eventStream(() => closed++);
  writer.event("hint", { topic: "tasks", customerId: "c\n1" });
  writer.comment("still here");
  writer.end();
  writer.end();
  expect(await response.text()).toBe('event: hint\ndata: {"topic":"tasks","customerId":"c\\n1"}\n\n: still here\n\n');
  expect(closed).toBe(1);
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
});

test("a reader that does not read is dropped after 16 KB: nothing more is kept for it", async () => {
  let closed = 0;
  const { response, writer } = eventStream(() => closed++);
  let written = 0;
  while (writer.event("hint", { topic: "tasks" })) written++;
  expect(written).toBeGreaterThan(100);
  expect(written).toBeLessThan(1_000);
  expect(closed).toBe(1);
  expect(writer.comment("still here")).toBe(false);
  await expect(response.text()).rejects.toThrow("too slow");
});

test("a reader that goes away closes it", async () => {
  let closed = 0;
  const { response, writer } = eventStream(() => closed++);
  await response.body?.cancel();
  expect([closed, writer.event("hint", {})]).toEqual([1, false]);
});
