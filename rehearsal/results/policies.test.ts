import { expect, test } from "vitest";
import { policyOf } from "../../testing/policy.ts";
import { policyDifferences } from "./policies.ts";
import { differencesInWords } from "./words.ts";

test("what only one policy has is told by kind and side; what no customer can get is no difference", () => {
  const against = policyOf("moments: {m: {on: go, expires: 30d}, old: {on: go, expires: 1d}}\ndepartments: [sales]");
  const other = policyOf("channels: {box: {kind: file}, post: {kind: file}}\ndepartments: [sales, care]", [
    "",
    "id: new",
    "id: idea\nstatus: draft",
  ]);
  const differences = policyDifferences(against, other);
  expect(differences).toEqual({
    moments: { against: ["old"], with: [] },
    channels: { against: [], with: ["post"] },
    departments: { against: [], with: ["care"] },
    experiences: { against: [], with: ["new"] },
  });
  expect(differencesInWords(differences)).toEqual([
    "only against: moments old",
    "only with: channels post",
    "only with: departments care",
    "only with: experiences new",
  ]);
  expect(policyDifferences(against, against)).toEqual({});
});
