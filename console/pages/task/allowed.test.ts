import { expect, test } from "vitest";
import { allowedOn } from "./allowed.ts";

const names = (given: Parameters<typeof allowedOn>[0], mayWork = true) =>
  Object.entries(allowedOn(given, "ann", mayWork))
    .filter(([, is]) => is)
    .map(([name]) => name);

test.each([
  [{ state: "open" }, ["claim", "end"]],
  [{ state: "claimed", claimedBy: "ann" }, ["end", "isMine"]],
  [{ state: "claimed", claimedBy: "bob" }, ["takeOver", "end"]],
  [{ state: "done" }, ["end"]],
  [{ state: "done", contacted: true }, []],
  [{ state: "expired" }, ["end"]],
  [{ state: "withdrawn" }, ["end"]],
] as const)("of a task that is %o one may %o", (task, allowed) => {
  expect(names(task)).toEqual(allowed);
});

test("without the permission nothing is allowed", () => {
  expect([names({ state: "open" }, false), names({ state: "claimed", claimedBy: "ann" }, false)]).toEqual([[], []]);
});
