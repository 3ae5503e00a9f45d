import { expect, test } from "vitest";
import { withStatus } from "./with-status.ts";

test.each([
  ["a draft", "id: a # one\nstatus: draft   # not yet\nserves: [m]\n", "id: a # one\nstatus: canary   # not yet\nserves: [m]\n"],
  ["one without a status", "id: a\nserves: [m]\n", "id: a\nserves: [m]\nstatus: canary\n"],
  ["one without a line end", "id: a\nserves: [m]", "id: a\nserves: [m]\nstatus: canary\n"],
  ["its block", "id: a\ncanary: {share: 5%}\nstatus: proposed\n", "id: a\ncanary: {share: 5%}\nstatus: canary\n"],
  ["one in braces", "{id: a, serves: [m]}\n", "{ id: a, serves: [ m ], status: canary }\n"],
  ["windows line ends", "id: a\r\nstatus: draft\r\n", "id: a\r\nstatus: canary\r\n"],
])("%s becomes a canary, and every other line stays", (_, text, canary) => {
  expect(withStatus(text, "canary")).toBe(canary);
});

test("a text that ends in a block keeps its words", () => {
  const kept = withStatus("id: a\nchannels:\n  box:\n    text: |+\n      Hi\n\n", "canary");
  expect(kept).toContain("text: |+\n      Hi\n\n");
  expect(kept).toMatch(/^status: canary$/m);
});

test("one behind the end of its document is written anew", () => {
  expect(withStatus("---\nid: a\nserves: [m]\n...\n", "canary")).toMatch(/^status: canary$/m);
  expect(withStatus("  id: a\n  serves: [m]\n", "canary")).toMatch(/^ *status: canary$/m);
});

test("approved, the block of a canary is gone, also without a status", () => {
  expect(withStatus("id: a\ncanary:\n  share: 5%\nserves: [m]\n", "approved")).toBe("id: a\nserves: [m]\nstatus: approved\n");
  expect(withStatus("id: a\nstatus: canary\ncanary: {share: 5%}\n", "approved")).toBe("id: a\nstatus: approved\n");
});
