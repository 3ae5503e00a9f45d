import { describe, expect, test } from "vitest";
import { openCursor, sealCursor } from "./cursor.ts";

const cursor = sealCursor("secret", { list: "story", customer: "c-1" }, { at: 7, id: "é" });

describe("a cursor", () => {
  test("gives its place back to the list that it came from, whatever the order of the filter's members", () => {
    expect(openCursor("secret", { customer: "c-1", list: "story" }, cursor)).toEqual({ at: 7, id: "é" });
  });

  test.each([
    ["another filter", "secret", { list: "story", customer: "c-2" }, cursor],
    ["another store", "other", { list: "story", customer: "c-1" }, cursor],
    ["a changed place", "secret", { list: "story", customer: "c-1" }, `x${cursor}`],
    ["a signature of another length", "secret", { list: "story", customer: "c-1" }, `${cursor}é`],
    ["two signatures", "secret", { list: "story", customer: "c-1" }, `${cursor}.${cursor}`],
    ["no cursor at all", "secret", { list: "story", customer: "c-1" }, ""],
  ])("is refused with %s", (_what, secret, filter, given) => {
    expect(() => openCursor(secret, filter, given)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  });
});
