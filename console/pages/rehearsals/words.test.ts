import { expect, test } from "vitest";
import { byField, cellWords, newestOf, rehearsalsAnswer, shareOf, withWords } from "./words.ts";

const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)];

test.each([
  [[], "None is being played."],
  [["done", "failed"], "None is being played."],
  [["running"], "1 rehearsal is being played."],
  [["waiting", "running", "waiting", "done"], "1 rehearsal is being played and 2 wait."],
  [["waiting"], "1 waits."],
] as const)("rehearsals that are %j in a sentence", (statuses, words) => {
  expect(rehearsalsAnswer(statuses.map((status) => ({ status })))).toBe(words);
});

test.each([
  ["recorded", "deliver>silence", "Sent before, silent after"],
  ["recorded", "none>await_approval", "Nothing decided before, needs approval after"],
  ["recorded", "byExperience:a>b:c", "Deliveries of a>b:c"],
  ["forward", "deliveries", "Deliveries"],
  ["forward", "byChannel:email", "Deliveries by email"],
  ["forward", "byDepartment:none", "Deliveries of no department"],
  ["forward", "silences:cap_reached", "Silent: the limit of contacts is reached"],
  ["forward", "deferred:quiet_hours", "Deferred: it is in quiet hours"],
  ["forward", "tasks:showroom", "Tasks for showroom"],
  ["forward", "nothing", "Customers who get nothing"],
  ["forward", "nothing:suppressed: the car has gone back", "Customers who get nothing: suppressed: the car has gone back"],
  ["forward", "group:1:nothing", "Customers who get nothing: owner"],
  ["forward", "group:7:deliveries", "Deliveries: a group"],
  ["forward", "leftOut", "Left out more often"],
  ["forward", "constructor:x", "constructor:x"],
] as const)("%s %s in words", (part, cell, words) => {
  expect(cellWords(part, cell, [{ name: "lease" }, { name: "owner" }])).toBe(words);
});

test("what the server says of a field stands at the field, the rest apart", () => {
  expect(byField("days: expected at least 1; customers: expected a number")).toEqual({
    fields: { days: "expected at least 1", customers: "expected a number" },
    rest: "",
  });
  expect(byField("with.version: expected a version; against: no version 9f9f; nothing fits")).toEqual({
    fields: { with: "expected a version", against: "no version 9f9f" },
    rest: "nothing fits",
  });
  expect(byField("constructor: x").rest).toBe("constructor: x");
});

test.each([
  ["0.3", 0.3],
  [" .25 ", 0.25],
  ["30%", 0.3],
  ["12.5 %", 0.125],
  ["a third", "a third"],
  ["-1", "-1"],
] as const)("a share that is typed as %j", (text, share) => {
  expect(shareOf(text)).toBe(share);
});

test("the newest of a version is none of a proposal in it, and the other way round", () => {
  const request = (side: { readonly version: string; readonly proposal?: string }) => ({
    ...{ days: 1, paths: 1, customers: 1, seed: "s", against: ONE },
    with: side.proposal === undefined ? { version: side.version } : { ...side, proposal: side.proposal, hash: "h", experienceId: "e" },
  });
  const lines = [
    { request: request({ version: ONE, proposal: "p" }) },
    { request: request({ version: TWO }) },
    { request: request({ version: ONE }) },
  ];
  expect(newestOf(lines, { version: ONE })).toBe(lines[2]);
  expect(newestOf(lines, { proposal: "p" })).toBe(lines[0]);
  expect(newestOf(lines, { proposal: ONE })).toBeUndefined();
  expect(lines.map((line) => withWords(line.request))).toEqual(["the proposal of e", "version 222222222222", "version 111111111111"]);
});
