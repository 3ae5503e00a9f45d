import { expect, test } from "vitest";
import { NOW } from "../testing/builders.ts";
import { findingOnVersion } from "./diagnose.ts";

const [A, B] = ["a".repeat(64), "b".repeat(64)];
const last = { policyVersion: A, at: NOW, by: "ann" };

test("the version in force is named with its time", () => {
  expect(findingOnVersion(last, A, [{ policyVersion: A, count: 2 }])).toEqual({
    ...{ what: "version in force", state: "good" },
    detail: "aaaaaaaaaaaa since 2026-06-01T15:00:00Z, by ann",
  });
});

test("a folder that differs and processes that decide by another version are told", () => {
  const finding = findingOnVersion(last, B, [
    { policyVersion: A, count: 1 },
    { policyVersion: B, count: 2 },
  ]);
  expect(finding.state).toBe("absent");
  expect(finding.detail).toMatch(/; the folder is bbbbbbbbbbbb, which differs: npx sentient publish .*; 2 workers decide by bbbbbbbbbbbb$/);
});
