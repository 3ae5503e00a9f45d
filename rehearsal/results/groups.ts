import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { goldenRecord } from "../../domain/record/record.ts";
import { readPath, splitPath } from "../../domain/values/path.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Frame } from "./tally.ts";

/** Reads a field of a customer's golden record at an instant; `customer.` may stand before its path. Undefined where it is missing. */
export type ReadField = (customer: Customer) => unknown;

export function fieldReader(path: string, { record, stages }: Pick<Policy, "record" | "stages">, at: Instant): ReadField {
  const names = splitPath(path.replace(/^customer\./, ""));
  // With stages, the stage is where she stands, and wins over a trait of that name.
  if (names.join(".") === "stage" && stages.length > 0) return ({ stage }) => stage?.name ?? undefined;
  return ({ claims }) => readPath(goldenRecord(claims, record, at).traits, names) ?? undefined;
}

/**
 * The groups by which results are told apart: the values of a field, the most frequent first. Beyond twenty they are one group, and so are
 * customers without the field.
 *
 * @param least values that fewer customers have are among the others
 * @throws `BAD_INPUT` where no customer has the field, or it holds no single values
 */
export function groupsBy(path: string, customers: readonly Customer[], read: ReadField, least = 1): NonNullable<Frame["groups"]> {
  const values = customers.map((customer) => nameOf(read(customer), path));
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size === 0)
    throw new SentientError("BAD_INPUT", `--by ${path}: no customer has this field; npx sentient customers show ID lists those of one`);
  const byCount = [...counts].sort(([a, often], [b, other]) => other - often || (a < b ? -1 : 1)).map(([name]) => name);
  const told = byCount.slice(0, MOST_GROUPS).filter((name) => (counts.get(name) ?? 0) >= least);
  const names = [...told, ...(byCount.length > told.length ? [OTHERS] : []), ...(values.includes(undefined) ? [WITHOUT] : [])];
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = (value: string | undefined): number =>
    (value === undefined ? places.get(WITHOUT) : (places.get(value) ?? places.get(OTHERS))) ?? 0;
  return { names, of: values.map(placeOf) };
}

// --- internal ---

const MOST_GROUPS = 20;
const OTHERS = "(other values)";
const WITHOUT = "(without it)";

function nameOf(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "object") return String(value);
  throw new SentientError("BAD_INPUT", `--by ${path}: it holds several values; expected a field with a single one, such as ${path}.name`);
}
