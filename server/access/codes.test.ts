import { expect, test } from "vitest";
import { MINUTE } from "../../domain/values/time.ts";
import { Codes } from "./codes.ts";

const ANN = { name: "ann", role: "admin", fingerprint: "f" } as const;

test("a code admits its person once", () => {
  const codes = new Codes(() => 0);
  const [one, two] = [codes.issue(ANN), codes.issue({ ...ANN, name: "bo" })];
  expect(one).toMatch(/^[\w-]{32}$/);
  expect([codes.take(one)?.name, codes.take(one), codes.take(two)?.name]).toEqual(["ann", undefined, "bo"]);
});

test("a code is good for five minutes, and no other text is", () => {
  let now = 0;
  const codes = new Codes(() => now);
  const [late, intime] = [codes.issue(ANN), codes.issue(ANN)];
  now = 5 * MINUTE - 1;
  expect(codes.take(intime)).toEqual(ANN);
  now = 5 * MINUTE;
  expect(["", "x", late.toLowerCase(), late].map((code) => codes.take(code))).toEqual([undefined, undefined, undefined, undefined]);
});
