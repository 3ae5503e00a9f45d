import { expect, test } from "vitest";
import { followedAfter } from "./deploys.ts";

const line = (at: number, message: string, policyVersion?: string): string =>
  JSON.stringify({ time: new Date(at).toISOString(), message, ...(policyVersion === undefined ? {} : { policyVersion }) });
const FOLLOWED = "another version of the workspace is in force";

test("the time to follow is counted from a version's latest publication, by processes that ran then", () => {
  const publications = [
    { policyVersion: "a", at: 1_000 },
    { policyVersion: "b", at: 5_000 },
    { policyVersion: "a", at: 9_000 },
  ];
  const logs = new Map([
    ["server 1", ["listening at http://127.0.0.1:1", line(500, "working"), line(1_700, FOLLOWED, "a"), line(5_400, FOLLOWED, "b")]],
    // It was started after the second publication, and missed none of the third.
    ["worker 2", [line(6_000, FOLLOWED, "b"), line(6_500, "working"), line(9_900, FOLLOWED, "a")]],
    ["worker 3", []],
  ]);
  expect(followedAfter(logs, publications)).toEqual([700, 400, 900]);
});
