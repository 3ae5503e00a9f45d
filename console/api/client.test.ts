import { afterEach, expect, test, vi } from "vitest";
import { apiUrl, get, Problem, pathOf, problemOf, retryAfter } from "./client.ts";
import { isWorthRepeating, moreOf, read, readPages, TOPICS } from "./queries.ts";

const NOW = Date.parse("2026-11-28T20:00:00Z");

test.each([
  ["/console", {}, "/v1/tasks"],
  ["/shop/console", { queue: "desk", limit: 50, empty: "", none: undefined }, "/shop/v1/tasks?queue=desk&limit=50"],
  ["/console", { customer: "a b/ü&c" }, "/v1/tasks?customer=a+b%2F%C3%BC%26c"],
])("below %s a path of the API with %o is %s", (base, query, url) => {
  expect(apiUrl("/v1/tasks", query, base)).toBe(url);
});

test("an id may contain anything", () => {
  expect(pathOf("/v1/customers/{id}/lift", "../$&/ü")).toBe("/v1/customers/..%2F%24%26%2F%C3%BC/lift");
});

test("a problem document becomes a problem, with the seconds to wait", async () => {
  const body = JSON.stringify({ code: "OVERLOADED", title: "too much at once", detail: "come back" });
  const response = new Response(body, { status: 503, headers: { "content-type": "application/problem+json", "retry-after": "7" } });
  const problem = await problemOf(response, NOW);
  expect(problem).toMatchObject({ status: 503, code: "OVERLOADED", title: "too much at once", detail: "come back", retryAfterSeconds: 7 });
});

test.each([
  ["a page of a proxy", "<html>", "text/html"],
  ["broken JSON", "{", "application/json"],
  ["null", "null", "application/json"],
])("an answer that is none of ours is a problem as well: %s", async (_, body, type) => {
  const problem = await problemOf(new Response(body, { status: 502, headers: { "content-type": type } }), NOW);
  expect(problem).toMatchObject({ status: 502, code: "HTTP_502", title: "the request failed", retryAfterSeconds: undefined });
});

test.each([
  [null, undefined],
  ["12", 12],
  ["Sat, 28 Nov 2026 20:00:30 GMT", 30],
  ["Sat, 28 Nov 2026 19:00:00 GMT", 0],
  ["soon", undefined],
])("Retry-After %s is %s seconds", (header, seconds) => {
  expect(retryAfter(header, NOW)).toBe(seconds);
});

test("every query key begins with its topic and differs by query", () => {
  expect(read("tasks", "/v1/tasks", { queue: "desk" }).queryKey).toEqual(["tasks", "/v1/tasks", { queue: "desk" }]);
  expect(readPages("decisions", "/v1/decisions").queryKey).toEqual(["decisions", "/v1/decisions", "pages", {}]);
  expect(new Set(TOPICS).size).toBe(TOPICS.length);
});

test.each([
  ["not reached", new Problem(0, {}), 0, true],
  ["failed", new Problem(500, {}), 1, true],
  ["failed three times", new Problem(500, {}), 2, false],
  ["says when to come back", new Problem(503, {}, 5), 0, false],
  ["refused", new Problem(403, {}), 0, false],
  ["an error of the page", new TypeError("x"), 0, false],
])("a read is repeated at once, or not: %s", (_, error, failures, wanted) => {
  expect(isWorthRepeating(failures, error)).toBe(wanted);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("a read that is never answered is given up like one that does not reach the server, and repeated; one that the page gives up is neither", async () => {
  const limit = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
  vi.stubGlobal("document", { querySelector: () => null });
  vi.stubGlobal("fetch", (_url: string, { signal }: { signal: AbortSignal }) => {
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const page = new AbortController();
  const failures = [get("/v1/pauses", {}, page.signal), get("/v1/pauses")].map((read) => read.catch((error: Error) => error));
  page.abort();
  limit.abort(new DOMException("30 seconds are over", "TimeoutError"));
  const [left, unanswered] = await Promise.all(failures);
  expect(unanswered).toMatchObject({ name: "Problem", status: 0, code: "UNREACHABLE" });
  expect([left, unanswered].map((error) => isWorthRepeating(0, error as Error))).toEqual([false, true]);
});

test("a list goes on where there is a next page", () => {
  const fetchNextPage = async (): Promise<void> => {};
  expect(moreOf({ hasNextPage: true, isFetchingNextPage: true, fetchNextPage })).toEqual({ load: fetchNextPage, busy: true });
  expect(moreOf({ hasNextPage: false, isFetchingNextPage: false, fetchNextPage })).toBeUndefined();
});
