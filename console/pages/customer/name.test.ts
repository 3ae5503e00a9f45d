import { expect, test } from "vitest";
import { nameIn } from "./name.ts";

const field = (path: string, value: string) => ({ path, value, state: "ok" });

test.each([
  [[field("name", " Dana Reyes "), field("firstName", "D.")], "Dana Reyes"],
  [[field("firstName", "Dana"), field("lastName", "Reyes")], "Dana Reyes"],
  [[{ path: "name", state: "conflict" }], undefined],
  [[], undefined],
])("%j is named %s", (fields, wanted) => {
  expect(nameIn({ fields })).toBe(wanted);
});
