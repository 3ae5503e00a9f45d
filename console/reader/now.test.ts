import { expect, test } from "vitest";
import { aheadOf } from "./now.ts";

test.each([
  ["a clock that agrees", 1_000_000, 1_000_000, 0],
  ["the way of an answer", 1_030_000, 1_000_000, 0],
  ["a clock a little ahead", 900_000, 1_000_000, 0],
  ["a demo of another month", 5_000_000_000, 1_000_000, 4_999_000_000],
  ["a clock two minutes behind", 1_120_000, 1_000_000, 120_000],
])("%s", (_what, server, here, ahead) => {
  expect(aheadOf(server, here)).toBe(ahead);
});
