import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Claims } from "../entities/claims.ts";
import { applyPatches, isWithin, patchesOf, patchWithin, RECORD_LIMITS, sizeOf, trimmed } from "./patch.ts";

const by = (at = 1, source = "web") => ({ source, at, seq: at });
const fieldsOf = (count: number, value: unknown = 1, prefix = "f") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, value]));
const filled = (count: number, value: unknown = 1): Claims => applyPatches({}, patchesOf(fieldsOf(count, value)), by(0));
const kilobytes = (count: number): string => "x".repeat(count * 1024);

/** How many texts are compared and names listed while something runs. */
function workOf(run: () => void): number {
  let work = 0;
  const counted = (given: object, names: readonly string[], sizeOfResult: (result: unknown) => number) => {
    const target = given as Record<string, (...args: unknown[]) => unknown>;
    for (const name of names) {
      const own = target[name] ?? expect.fail(`there is a ${name}`);
      vi.spyOn(target, name).mockImplementation(function (this: unknown, ...args: unknown[]) {
        const result = own.apply(this, args);
        work += sizeOfResult(result);
        return result;
      });
    }
  };
  counted(String.prototype, ["startsWith", "indexOf", "lastIndexOf", "slice"], () => 1);
  counted(Object, ["keys", "entries"], (result) => (result as readonly unknown[]).length);
  try {
    run();
  } finally {
    vi.restoreAllMocks();
  }
  return work;
}

describe("a patch of a golden record", () => {
  test.each([
    ["of new fields", "new"],
    ["of known fields", "known"],
  ])("%s takes work in proportion to its fields, whatever the record has", (_, name) => {
    const known = applyPatches({}, patchesOf({ known: fieldsOf(1_600) }), by(0));
    const workWith = (count: number) => {
      const patches = patchesOf({ [name]: fieldsOf(count) });
      return workOf(() => applyPatches(known, patches, by(1)));
    };
    const [alone, some, many] = [workWith(1), workWith(200), workWith(1_600)];
    expect(many - alone).toBeLessThan(8.5 * (some - alone));
    expect(alone).toBeLessThan(10 * 1_600);
  });
});

describe("B12: the limits of a golden record", () => {
  test("B12: 2,000 fields are kept, and of more the first by name", () => {
    expect(patchWithin({}, patchesOf(fieldsOf(2_000)), by()).leftOut).toEqual([]);
    const { claims, leftOut } = patchWithin({}, patchesOf(fieldsOf(2_003, 1, "f1")), by());
    expect(sizeOf(claims).fields).toBe(2_000);
    expect(leftOut).toEqual(["f1997", "f1998", "f1999"]);
  });

  test("B12: 256 KB are kept; an oversized statement is omitted, and a small one still applies", () => {
    const known = filled(8, kilobytes(31));
    const { claims, leftOut } = patchWithin(known, patchesOf({ large: kilobytes(31), small: "y" }), by());
    expect(leftOut).toEqual(["large"]);
    expect(claims).toHaveProperty("small");
    expect(isWithin(sizeOf(claims))).toBe(true);
  });

  test("B12: a statement that makes a full record smaller, or no larger, always applies", () => {
    const full = filled(2_000);
    const { claims, leftOut } = patchWithin(full, patchesOf({ f0: null, f1: 2, new: 1, other: 1 }), by(2));
    expect(leftOut).toEqual(["other"]);
    expect([claims.f0?.web?.value, claims.f1?.web?.value, claims.new?.web?.value]).toEqual([null, 2, 1]);
  });

  test("B12: an object that becomes a plain value makes room for others", () => {
    const full = applyPatches({}, patchesOf({ a: fieldsOf(2_000) }), by(0));
    const { claims, leftOut } = patchWithin(full, patchesOf({ a: "gone", ...fieldsOf(1_999, 1, "g") }), by(2));
    expect([leftOut, sizeOf(claims).fields]).toEqual([[], 2_000]);
  });

  test("B12: a record that was larger before can shrink, and does not grow", () => {
    const large = filled(2_500);
    expect(patchWithin(large, patchesOf({ new: 1 }), by(2)).leftOut).toEqual(["new"]);
    expect(patchWithin(large, patchesOf({ f0: null, f1: 7 }), by(2)).leftOut).toEqual([]);
  });

  test("B12: statements of many sources on one field are bounded too", () => {
    const sources = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`source-${index}`, { value: 1, at: 1, seq: index }]));
    const claims: Claims = { a: sources };
    expect(isWithin(sizeOf(claims))).toBe(false);
    expect(patchWithin(claims, patchesOf({ a: 2 }), by(2, "one more")).leftOut).toEqual(["a"]);
  });

  test("B12: the order of the fields in a signal does not show", () => {
    const traits = { ...fieldsOf(5, kilobytes(60)), b: 1, a: null };
    const turned = Object.fromEntries(Object.entries(traits).reverse());
    expect(patchWithin({}, patchesOf(turned), by())).toEqual(patchWithin({}, patchesOf(traits), by()));
  });

  test("B12: for any statements, a record within its limits stays so, and reads as without limits where nothing is omitted", () => {
    const name = fc.constantFrom("a", "b", "a.b", "a.b.c", "d");
    const said = fc.record({
      path: name,
      value: fc.constantFrom(null, 1, kilobytes(50), kilobytes(120)),
      at: fc.nat(4),
      source: fc.constantFrom("x", "y"),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 20 }), (words) => {
        let bounded: Claims = {};
        let free: Claims = {};
        let isCut = false;
        for (const [seq, { path, value, at, source }] of words.entries()) {
          const next = patchWithin(bounded, [{ path, value }], { source, at, seq });
          bounded = next.claims;
          isCut ||= next.leftOut.length > 0;
          free = applyPatches(free, [{ path, value }], { source, at, seq });
          expect(isWithin(sizeOf(bounded))).toBe(true);
        }
        if (!isCut) expect(bounded).toEqual(free);
      }),
    );
  });

  test("B12: a composed record drops its oldest statements until it fits", () => {
    const claims = applyPatches(filled(1_500), patchesOf(fieldsOf(1_500, 1, "new")), by(2));
    const { claims: kept, leftOut } = trimmed(claims);
    expect(sizeOf(kept).fields).toBe(RECORD_LIMITS.fields);
    expect(leftOut).toHaveLength(1_000);
    expect(Object.keys(kept).filter((path) => path.startsWith("new"))).toHaveLength(1_500);
  });
});
