import { toValue } from "liquidjs";
import { isObject } from "../../domain/values/json.ts";

/**
 * Prints a value: texts unchanged, numbers in plain notation, null as nothing.
 *
 * @throws for values without a text form: objects, lists, and calculations without a number as their result
 */
export function printed(given: unknown): string {
  const value: unknown = toValue(given);
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return printedNumber(value);
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (Array.isArray(value)) throw new Error("it is a list, and a text prints none: name an item, or join its items");
  if (typeof value === "object" || typeof value === "function")
    throw new Error("it is an object, and a text prints none: name a field of it");
  return String(value);
}

/** Items of a list as texts; any other value is a list of one. */
export function printedItems(given: unknown): string[] {
  const value: unknown = toValue(given);
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(printed) : [printed(value)];
}

/** Prints a number without an exponent and without rounding errors of binary fractions. */
export function printedNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`it is ${Number.isNaN(value) ? "not a number" : "infinite"}`);
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(15));
  const isNoise = String(value).length - String(rounded).length >= 3;
  return withoutExponent(String(isNoise ? rounded : value));
}

/** Whether a value is valid JSON: a calculation may give NaN or infinity, at any depth. */
export function isSayable(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isSayable);
  return isObject(value) ? Object.values(value).every(isSayable) : typeof value !== "function";
}

// --- internal ---

function withoutExponent(text: string): string {
  const [, sign = "", whole = "", fraction = "", power = ""] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (power === "") return text;
  const digits = whole + fraction;
  const point = whole.length + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}
