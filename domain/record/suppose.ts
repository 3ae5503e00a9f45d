import { BUILT_IN_FIELDS } from "../entities/built-ins.ts";
import type { Claim } from "../entities/claims.ts";
import type { Customer } from "../entities/customer.ts";
import { SentientError } from "../errors.ts";
import type { Json } from "../values/json.ts";
import { nearest } from "../values/nearest.ts";
import { joinPath, pathsAbove, splitPath } from "../values/path.ts";
import type { Instant } from "../values/time.ts";
import { patchesOf } from "./patch.ts";

/** Who says what is only supposed. */
const SUPPOSED_BY = "what-if";

/** Facts that are supposed, by the path of the trait; null removes it. */
export type Supposed = Readonly<Record<string, Json>>;

/**
 * Reads the paths of supposed facts: `customer.` may stand before a trait.
 *
 * @throws `BAD_INPUT` for a path that is no trait: a field that is built in, of a signal or a moment, or with an empty name
 */
export function readSupposed(given: Supposed): Supposed {
  return Object.fromEntries(
    Object.entries(given).map(([text, value]) => {
      const names = splitPath(text);
      const own = names[0] === "customer" ? names.slice(1) : names;
      const [first = ""] = own;
      if (own.length === 0 || own.some((name) => name.trim() === "")) throw noTrait(text, "expected the path of a trait, like plan.price");
      if (names[0] !== "customer" && ["signal", "moment", "experience", "ask"].includes(first))
        throw noTrait(text, `${first} is what happened and not a fact about the customer; expected the path of a trait, like plan.price`);
      if (Object.hasOwn(BUILT_IN_FIELDS, first) && !FROM_TRAITS.includes(first))
        throw noTrait(text, `${first} is built in: the product says what it is`);
      return [joinPath(own), value];
    }),
  );
}

/** Refuses paths that neither the record nor a rule knows: a typing error would change nothing, and say so. */
export function checkSupposed(supposed: Supposed, known: readonly string[]): void {
  for (const path of Object.keys(supposed)) {
    if (known.some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`))) continue;
    const near = nearest(path, known);
    throw noTrait(path, `neither her record nor a rule knows it${near === undefined ? "" : `; did you mean ${near}?`}`);
  }
}

/** The customer with supposed facts in place of everything that is known about these traits. */
export function supposing(customer: Customer, supposed: Supposed, at: Instant): Customer {
  const entries = Object.entries(supposed);
  if (entries.length === 0) return customer;
  const claims: Record<string, Readonly<Record<string, Claim>>> = { ...customer.claims };
  for (const [path, value] of entries) {
    for (const known of Object.keys(claims)) if (known === path || known.startsWith(`${path}.`)) delete claims[known];
    for (const above of pathsAbove(path)) delete claims[above];
    const patches = patchesOf(treeAt(splitPath(path), value));
    for (const patch of patches) claims[patch.path] = { [SUPPOSED_BY]: { value: patch.value, at, seq: Number.MAX_SAFE_INTEGER } };
  }
  return { ...customer, claims };
}

/** Traits with one value at a path. */
export const treeAt = (names: readonly string[], value: Json): Readonly<Record<string, Json>> =>
  names.reduceRight<Json>((inner, name) => ({ [name]: inner }), value) as Readonly<Record<string, Json>>;

// --- internal ---

/** Built-in fields that come from traits of the same name. */
const FROM_TRAITS: readonly string[] = ["timezone", "locale"];

const noTrait = (path: string, why: string): SentientError => new SentientError("BAD_INPUT", `${path} is no trait: ${why}`);
