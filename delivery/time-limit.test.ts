import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TimeLimit } from "./time-limit.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("answers in time are passed on, and so are errors; no timer is left after the last", async () => {
  const limit = new TimeLimit(50);
  const slow = limit.within("it", new Promise((resolve) => setTimeout(() => resolve("slow"), 40)));
  const refused = expect(limit.within("it", Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  expect(await limit.within("it", Promise.resolve("quick"))).toBe("quick");
  await refused;
  await vi.advanceTimersByTimeAsync(40);
  expect(await slow).toBe("slow");
  expect(vi.getTimerCount()).toBe(0);
  expect(limit.signal.aborted).toBe(false);
});

test("a callee that never answers times out; one that observes the signal settles first", async () => {
  const limit = new TimeLimit(50);
  const { signal } = limit;
  const never = expect(limit.within("the hook", new Promise(() => {}))).rejects.toMatchObject({
    code: "TOOL_TIMED_OUT",
    message: "the hook did not answer within 50 ms",
  });
  const observes = new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("nothing started"))));
  const observed = expect(limit.within("it", observes)).rejects.toThrow("nothing started");
  await vi.advanceTimersByTimeAsync(50);
  await vi.runAllTimersAsync();
  await Promise.all([never, observed]);
  expect(signal.aborted).toBe(true);
});

test("hundreds of callees may listen without a warning", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const limit = new TimeLimit(50);
  for (let n = 0; n < 300; n++) limit.signal.addEventListener("abort", () => {});
  await limit.within("it", Promise.resolve());
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});
