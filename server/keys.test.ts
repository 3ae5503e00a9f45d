import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HOUR, MINUTE } from "../domain/values/time.ts";
import { Failures, Keys, presentedKey } from "./keys.ts";

const keysOf = (...keys: readonly string[]) => new Keys(keys.map((key) => ({ key, rights: [] })));

test("a key matches only as a whole", () => {
  const keys = keysOf("first-key", "second-key");
  expect(["first-key", "second-key"].map((key) => keys.find(key)?.holder.rights)).toEqual([[], []]);
  for (const other of ["", "first", "first-key ", "FIRST-KEY", "first-key,second-key"])
    expect(keys.find(other)?.holder.rights).toBeUndefined();
  expect(keysOf().find("")?.holder.rights).toBeUndefined();
});

test("a key may be configured as its hash; the hash itself grants nothing, and neither does a lookalike", () => {
  const hash = createHash("sha256").update("first-key").digest("hex");
  const keys = keysOf(`sha256:${hash}`, "sha256:short");
  expect(["first-key", "sha256:short", hash, `sha256:${hash}`].map((key) => keys.find(key)?.holder.rights !== undefined)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("weak: a key has its own rights, and those of no other", () => {
  const keys = new Keys([
    { key: "one", rights: ["consent"] },
    { key: "two", rights: [] },
    { key: "three", rights: ["ask", "receipts"] },
  ]);
  expect(["one", "two", "three"].map((key) => keys.find(key)?.holder.rights)).toEqual([["consent"], [], ["ask", "receipts"]]);
});

test.each([
  ["Bearer k", "k"],
  ["bearer   k", "k"],
  [`Basic ${Buffer.from("k:").toString("base64")}`, "k"],
  [`Basic ${Buffer.from("k:secret").toString("base64")}`, "k"],
  [`Basic ${Buffer.from(":secret").toString("base64")}`, undefined],
  ["Bearer", undefined],
  ["Digest k", undefined],
  ["", undefined],
  [undefined, undefined],
])("%s presents %s", (authorization, key) => {
  expect(presentedKey(authorization)).toBe(key);
});

test("a client with many wrong keys is blocked for the rest of the minute, and no other client is", () => {
  const failures = new Failures();
  const tried = Array.from({ length: 21 }, () => failures.isTooMany("a", 0));
  expect(tried.indexOf(true)).toBe(20);
  expect(failures.isTooMany("b", 0)).toBe(false);
  expect(failures.isTooMany("a", MINUTE - 1)).toBe(true);
  expect(failures.isTooMany("a", MINUTE)).toBe(false);
});

test("B11: a client with many wrong keys before the clock was set back an hour is not blocked for the hour", () => {
  const failures = new Failures();
  for (let n = 0; n < 21; n++) failures.isTooMany("a", HOUR);
  expect(failures.isTooMany("a", 0)).toBe(false);
});
