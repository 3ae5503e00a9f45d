import { expect, test } from "vitest";
import { SentientError } from "../../domain/errors.ts";
import { classifyFailure, reasonOf } from "./failures.ts";

const failure = (code: string | undefined, message = "refused"): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

test.each([
  ...["08000", "08001", "08003", "08006", "08P01", "25006", "25P03", "26000", "28000", "28P01", "3D000", "0A000", "42501"],
  ...["40000", "40001", "40002", "40003", "40P01", "53000", "53100", "53200", "53300", "53400"],
  ...["55000", "55006", "55P02", "55P03", "57000", "57014", "57P01", "57P02", "57P03", "57P04", "57P05"],
  ...["58000", "58030", "58P01", "F0000", "F0001", "XX000", "XX001", "XX002"],
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "ENOSPC", "EROFS", "EIO", "EMFILE"],
])("B1: %s is a failure of the store, at any depth of the cause chain", (code) => {
  expect(classifyFailure(failure(code))).toBe("store");
  expect(classifyFailure(new SentientError("TOOL_FAILED", "no", { cause: new Error("no", { cause: failure(code) }) }))).toBe("store");
  expect(classifyFailure(new AggregateError([new Error("first"), failure(code)], "all"))).toBe("store");
});

test.each([
  ...["Connection terminated unexpectedly", "Connection terminated due to connection timeout", "timeout exceeded when trying to connect"],
  ...["Client was closed and is not queryable", "Client has encountered a connection error and is not queryable", "Query read timeout"],
  ...[
    "Cannot use a pool after calling end on the pool",
    "PGlite is closed",
    "Aborted(). Build with -sASSERTIONS for more info.",
    "unreachable",
  ],
])("B1: a driver message without a code is a failure of the store: %s", (message) => {
  expect(classifyFailure(failure(undefined, message))).toBe("store");
});

test.each(["22001", "22021", "22P02", "22P05", "23505", "23514", "54000"])("%s is a failure of the data", (code) => {
  expect(classifyFailure(failure(code))).toBe("data");
});

test.each(["P0001", "42P01", "42703", "HV000", "ZZ999"])("%s may be either", (code) => {
  expect(classifyFailure(failure(code))).toBe("either");
});

test("an error that is not from a database is not classified", () => {
  const circle = new Error("a");
  circle.cause = circle;
  for (const error of [new TypeError("x of undefined"), new SentientError("BAD_INPUT", "no"), circle, "text", undefined, null])
    expect(classifyFailure(error)).toBeUndefined();
});

test.each([
  ["53100", "the disk of the database is full (53100)"],
  ["25006", "the database is read-only (25006)"],
  ["53300", "the database has no connections left (53300)"],
  ["55P03", "the database waits too long for a lock (55P03)"],
  ["57P03", "the database cannot be reached (57P03)"],
  ["XX001", "the database refuses to be written to (XX001)"],
  [undefined, "the database does not answer"],
])("the reason for %s reads: %s", (code, reason) => {
  expect(reasonOf(failure(code, "at s3cret"))).toBe(reason);
});
