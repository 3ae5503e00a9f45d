import { expect, test } from "vitest";
import { within } from "./within.ts";

const never = new Promise<never>(() => {});

test("work that ends in time gives its outcome, and its error is its own", async () => {
  const { signal } = new AbortController();
  expect(await within(signal, Promise.resolve(7), "late")).toBe(7);
  await expect(within(signal, Promise.reject(new Error("broken")), "late")).rejects.toThrow("broken");
});

test("work that does not end is given up once the signal aborts, also where it has aborted before", async () => {
  const limit = new AbortController();
  const waiting = within(limit.signal, never, "late");
  limit.abort();
  await expect(waiting).rejects.toThrow(/^late$/);
  await expect(within(limit.signal, never, "late")).rejects.toThrow(/^late$/);
});
