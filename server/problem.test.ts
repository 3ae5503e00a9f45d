import { expect, test } from "vitest";
import { problemOf } from "./problem.ts";

test.each([
  ["57P03", "the database system is starting up"],
  ["ECONNREFUSED", "connect ECONNREFUSED postgres://user:s3cret@db"],
  [undefined, "Connection terminated unexpectedly"],
])("while the database is unavailable (%s) requests are to be retried, and nothing about its location is disclosed", (code, message) => {
  const response = problemOf(Object.assign(new Error(message), { code }));
  expect([response.status, "retry-after" in response.headers]).toEqual([503, true]);
  const told = response.body;
  expect(JSON.parse(told)).toMatchObject({ code: "STORE_FAILED", status: 503 });
  expect(told).not.toContain("s3cret");
});

test("a full disk is called a full disk", () => {
  const response = problemOf(Object.assign(new Error("could not extend file"), { code: "53100" }));
  expect(JSON.parse(response.body)).toMatchObject({ code: "STORE_FAILED", detail: "the disk of the database is full (53100)" });
});

test("an unexpected error is reported without its content", () => {
  const response = problemOf(new TypeError("s3cret of undefined"));
  expect([response.status, response.body.includes("s3cret")]).toEqual([500, false]);
});
