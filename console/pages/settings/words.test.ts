import { expect, test } from "vitest";
import { PERMISSIONS } from "../../../domain/identity/roles.ts";
import { endWords, PERMISSION_WORDS, viaWords } from "./words.ts";

test("every permission has its words, once", () => {
  expect(PERMISSION_WORDS.map(([permission]) => permission)).toEqual([...PERMISSIONS]);
});

test.each([
  ["session", "signed in with a key"],
  ["proxy", "signed in by your proxy"],
  ["key", "by key"],
])("signed in by %s", (via, words) => {
  expect(viaWords(via)).toBe(words);
});

test.each([
  [{ current: true, by: "ann" }, "Ends this session: you sign in again."],
  [{ current: false, by: "ann" }, "Ends your session in another browser."],
  [{ current: false, by: "bo" }, "Signs bo out."],
])("ending %j", (session, words) => {
  expect(endWords(session, "ann")).toBe(words);
});
