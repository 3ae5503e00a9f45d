import { expect, test } from "vitest";
import { DAY } from "../../domain/values/time.ts";
import { checkTexts, policyOf } from "../../testing/policy.ts";

const SETTINGS = "moments: {m: {on: go, expires: 1d}}\nchannels: {box: {kind: file}}";
const canaryOf = (text: string) => policyOf(SETTINGS, [text]).experiences[0]?.canary;

function problemOf(text: string): string {
  const checked = checkTexts(SETTINGS, [text]);
  return checked.ok ? "" : checked.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`).join("\n");
}

test("a canary without a block is tried on a tenth of customers for two weeks, with two guards", () => {
  expect(canaryOf("status: canary")).toMatchObject({
    ...{ share: 0.1, for: 14 * DAY, least: 200, ending: "stay" },
    guards: [
      { outcome: "complained", max: 0.005 },
      { outcome: "unsubscribed", max: 0.01 },
    ],
  });
});

test("each key of the block", () => {
  const block =
    "canary: {share: 0.01%, for: 2d, guards: [{outcome: bounced, max: 2%}, {success: below, of: others, by: 50%}], least: 9, then: approve}";
  expect(canaryOf(`status: canary\n${block}`)).toMatchObject({
    ...{ share: 0.0001, for: 2 * DAY, least: 9, ending: "approve" },
    guards: [
      { outcome: "bounced", max: 0.02 },
      { success: "below", of: "others", by: 0.5 },
    ],
  });
});

test("a draft may carry the block for later", () => {
  expect(problemOf("status: draft\ncanary: {share: 5%}")).toBe("");
  expect(canaryOf("status: draft\ncanary: {share: 5%}")).toBeUndefined();
});

test.each([
  ["beside approved", "canary: {share: 5%}", /canary: belongs to a canary.*write status: canary, or take it out/],
  ["a share of nothing", "status: canary\ncanary: {share: 0%}", /canary\.share: expected a share above 0, like 10%/],
  ["a share above all", "status: canary\ncanary: {share: 120%}", /canary\.share: expected a number from 0 to 1, or a percentage/],
  [
    "an unknown outcome",
    "status: canary\ncanary: {guards: [{outcome: complaint, max: 1%}]}",
    /guards\.0\.outcome: expected one of .*complained/,
  ],
  [
    "an outcome without its bound",
    "status: canary\ncanary: {guards: [{outcome: complained}]}",
    /guards\.0: outcome and max belong together/,
  ],
  [
    "a guard of both kinds",
    "status: canary\ncanary: {guards: [{outcome: complained, max: 1%, success: below}]}",
    /guards\.0: expected {outcome, max}, or/,
  ],
  [
    "success of others without by",
    "status: canary\ncanary: {guards: [{success: below, of: others}]}",
    /success, of and by belong together/,
  ],
  ["no guard at all", "status: canary\ncanary: {guards: []}", /expected at least one guard/],
  ["an end that does not exist", "status: canary\ncanary: {then: aprove}", /canary\.then: expected stay or approve/],
  ["an unknown key", "status: canary\ncanary: {shares: 5%}", /unknown key shares; did you mean share\?/],
])("%s is an error that says where and what was expected", (_, text, wanted) => {
  expect(problemOf(text)).toMatch(wanted);
});

test("what is tried is named by the file outside the block: form, comments and the block itself do not count", () => {
  const life = canaryOf("status: canary\nname: A")?.life;
  expect(canaryOf("# a note\nname: 'A'\nstatus: canary\ncanary: {share: 50%}")?.life).toBe(life);
  expect(canaryOf("status: canary\nname: B")?.life).not.toBe(life);
});
