import { expect, test } from "vitest";
import { checkTexts, policyOf } from "../../testing/policy.ts";
import { blindGuards } from "./blind-guards.ts";

const SETTINGS = "moments: {m: {on: go, expires: 1d}, n: {on: later, expires: 1d}}";
const CANARY =
  "id: new\nstatus: canary\ncanary: {guards: [{outcome: complained, max: 1%}, {success: below, of: others, by: 50%}]}\nserves: [m]";
const notes = (...more: readonly string[]) => blindGuards(policyOf(SETTINGS, [CANARY, ...more]));

test("a guard that compares with others is told to see nothing where nobody else serves its moments", () => {
  const blind = [
    {
      file: "experiences/0.yaml",
      path: "canary.guards.1",
      message:
        "no other experience serves m: the guard has nobody to compare with, unless new is approved in the version that this one replaces",
    },
  ];
  expect(notes()).toEqual(blind);
  expect(checkTexts(SETTINGS, [CANARY])).toMatchObject({ ok: true, notes: expect.arrayContaining(blind) });
  expect(notes("id: other\nserves: [n]", "id: draft\nstatus: draft\nserves: [m]")).toEqual(blind);
  expect(notes("id: other\nserves: [n, m]")).toEqual([]);
});

test("guards that count outcomes alone need nobody else", () => {
  expect(blindGuards(policyOf(SETTINGS, ["id: new\nstatus: canary\nserves: [m]"]))).toEqual([]);
});
