import { expect, test } from "vitest";
import { nameOf } from "./name.ts";

test.each([
  [{ name: " Dana Reyes ", firstName: "D." }, "Dana Reyes"],
  [{ firstName: "Dana", lastName: "Reyes" }, "Dana Reyes"],
  [{ lastName: "Reyes" }, "Reyes"],
  [{ name: "", firstName: "Dana" }, "Dana"],
  [{ name: 7 }, undefined],
  [{}, undefined],
])("the traits %j name %s", (traits, name) => {
  expect(nameOf(traits)).toBe(name);
});
