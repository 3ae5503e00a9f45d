import { expect, test } from "vitest";
import { packed, unpackAll } from "./packed.ts";

const VISIT = packed<{ place: string; at: number; note: string | null }>({ place: "v.place", at: "to_ms(v.at)", note: "v.note" });

test("the columns of a row that another one carries are written in order and without their names", () => {
  expect(VISIT.sql).toBe("json_build_array(v.place, to_ms(v.at), v.note)");
});

test("a row has its names again where it is read, and null stays null", () => {
  expect(VISIT.unpack(["shop", 5, null])).toEqual({ place: "shop", at: 5, note: null });
});

test("a column without rows carries none", () => {
  expect(unpackAll(VISIT, null)).toEqual([]);
  expect(unpackAll(VISIT, [["shop", 5, "tall"]])).toEqual([{ place: "shop", at: 5, note: "tall" }]);
});
