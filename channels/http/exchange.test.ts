import { getEventListeners } from "node:events";
import type { Dispatcher } from "undici";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { need } from "../../domain/errors.ts";
import { exchange } from "./exchange.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const REQUEST = { origin: "https://api.example", path: "/", method: "POST" } as const;

/** A dispatcher whose connection is in the hands of the test. */
function startExchange(signal?: AbortSignal) {
  const aborts: unknown[] = [];
  let handler: Dispatcher.DispatchHandler | undefined;
  const controller = {
    abort: (reason: Error) => {
      aborts.push(reason);
      handler?.onResponseError?.(controller, reason);
    },
  } as unknown as Dispatcher.DispatchController; // The rest is not used.
  const dispatcher = {
    dispatch: (_request: unknown, given: Dispatcher.DispatchHandler) => {
      handler = given;
      return true;
    },
  } as unknown as Dispatcher;
  const outcome = exchange(dispatcher, REQUEST, { timeoutMs: 1_000, signal }).catch((error: unknown) => error);
  const known = need(handler, "a handler");
  return {
    outcome,
    aborts,
    begin: () => known.onRequestStart?.(controller, {}),
    head: (status: number, headers = {}) => known.onResponseStart?.(controller, status, headers),
    data: (...bytes: number[]) => known.onResponseData?.(controller, Buffer.from(bytes)),
    end: () => known.onResponseEnd?.(controller, {}),
    fail: (error: Error) => known.onResponseError?.(controller, error),
  };
}

test("the response is whole, without byte order mark, and characters may be split between chunks", async () => {
  const { outcome, begin, head, data, end } = startExchange();
  begin();
  head(103, { link: "</x>" });
  head(200, { "x-id": "7" });
  data(0xef, 0xbb);
  data(0xbf, 0x41, 0xc3);
  data(0xbc);
  end();
  expect(await outcome).toEqual({ status: 200, headers: { "x-id": "7" }, text: "Aü" });
});

test.each(["end", "fail"] as const)("after its %s no timer and no listener is left", async (how) => {
  const { signal } = new AbortController();
  const under = startExchange(signal);
  under.begin();
  under.head(204);
  expect([vi.getTimerCount(), getEventListeners(signal, "abort").length]).toEqual([1, 1]);
  if (how === "end") under.end();
  else under.fail(new Error("reset"));
  await under.outcome;
  expect([vi.getTimerCount(), getEventListeners(signal, "abort").length]).toEqual([0, 0]);
});

test("the time ends it also while the body is still coming", async () => {
  const { outcome, begin, head, data } = startExchange();
  begin();
  head(200);
  for (let ms = 0; ms < 1_000; ms += 100) {
    data(0x41);
    vi.advanceTimersByTime(100);
  }
  expect(await outcome).toMatchObject({ name: "TimeoutError" });
});

test("a stop ends it at once", async () => {
  const stop = new AbortController();
  const { outcome, begin, aborts } = startExchange(stop.signal);
  begin();
  stop.abort();
  expect(await outcome).toMatchObject({ name: "AbortError" });
  expect(aborts).toHaveLength(1);
});

test("messages of one signal share its listener until the last has ended, and a stop ends all that are under way", async () => {
  const stop = new AbortController();
  const listeners = () => getEventListeners(stop.signal, "abort").length;
  const [first, second, third] = [startExchange(stop.signal), startExchange(stop.signal), startExchange(stop.signal)];
  for (const one of [first, second, third]) one.begin();
  expect(listeners()).toBe(1);
  first.head(204);
  first.end();
  expect([await first.outcome, listeners()]).toEqual([{ status: 204, headers: {}, text: "" }, 1]);
  stop.abort();
  expect(await Promise.all([second.outcome, third.outcome])).toMatchObject([{ name: "AbortError" }, { name: "AbortError" }]);
  expect(listeners()).toBe(0);
});

test.each(["before", "while connecting"])("a stop %s ends it before anything is written", async (when) => {
  const stop = new AbortController();
  if (when === "before") stop.abort();
  const { outcome, begin, aborts } = startExchange(stop.signal);
  stop.abort();
  expect(aborts).toEqual([]);
  begin();
  expect(await outcome).toMatchObject({ name: "AbortError" });
  expect(aborts).toHaveLength(1);
});

test("a connection that fails after the time keeps its own error, which says that nothing was sent", async () => {
  const { outcome, fail } = startExchange();
  vi.advanceTimersByTime(2_000);
  fail(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
  expect(await outcome).toMatchObject({ code: "ECONNREFUSED" });
});
