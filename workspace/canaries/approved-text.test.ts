import { expect, test } from "vitest";
import { approvedText } from "./approved-text.ts";

test("the status is approved, the block is gone, and all else stays as it was written", () => {
  const before =
    "# about\nid: new\nstatus: canary   # tried\ncanary:\n  share: 5%\n  guards:\n    - {outcome: complained, max: 1%}\nserves: [m]   # why\n";
  expect(approvedText(before)).toBe("# about\nid: new\nstatus: approved   # tried\nserves: [m]   # why\n");
});

test("a block at the end, in braces, and none at all", () => {
  expect(approvedText("id: new\nstatus: canary\ncanary: {share: 5%}\n")).toBe("id: new\nstatus: approved\n");
  expect(approvedText("canary: {share: 5%}\nid: new\nstatus: 'canary'\n")).toBe("id: new\nstatus: approved\n");
  expect(approvedText("id: new\nstatus: canary\n")).toBe("id: new\nstatus: approved\n");
  expect(approvedText("{id: new, status: canary, canary: {share: 5%}}\n")).toBe("{ id: new, status: approved }\n");
});
