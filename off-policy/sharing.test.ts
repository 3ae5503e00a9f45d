import { expect, test } from "vitest";
import { sharingLists } from "./sharing.ts";

test("equal lists become the same one; others stay what they are", () => {
  const shared = sharingLists();
  const first = ["a", "b"];
  expect(shared(first)).toBe(first);
  expect(shared(["a", "b"])).toBe(first);
  expect(shared(["b", "a"])).toEqual(["b", "a"]);
  expect(shared(["a,b"])).toEqual(["a,b"]);
});
