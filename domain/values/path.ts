import { isObject, type Json, type JsonObject } from "./json.ts";

/** Joins field names to a path; dots and backslashes inside a name are escaped. */
export const joinPath = (names: readonly string[]): string => names.map((name) => name.replace(/[\\.]/g, "\\$&")).join(".");

/** Splits a path into its field names. */
export function splitPath(path: string): readonly string[] {
  const known = splitPaths.get(path);
  if (known) return known;
  // A dot separates two names where an even number of backslashes precedes it.
  const names = path.includes("\\") ? path.split(/(?<=(?<!\\)(?:\\\\)*)\./).map((name) => name.replace(/\\(.)/g, "$1")) : path.split(".");
  if (splitPaths.size >= 10_000) splitPaths.clear();
  splitPaths.set(path, names);
  return names;
}

/** All prefixes of a path, the longest first. */
export function* pathsAbove(path: string): Generator<string> {
  for (let end = path.lastIndexOf("."); end >= 0; end = end === 0 ? -1 : path.lastIndexOf(".", end - 1)) yield path.slice(0, end);
}

/** Reads a path in nested objects and lists; undefined where a step is missing. */
export function readPath(root: unknown, names: readonly (string | number)[]): unknown {
  let value: unknown = root;
  for (const name of names) {
    value = ownValue(value, name);
  }
  return value;
}

/** Reads a path as a Liquid text does: `size`, `first` and `last` of a list are fields, and -1 is its last element. */
export function readAsText(root: unknown, names: readonly (string | number)[]): unknown {
  let value = root;
  for (const name of names) value = stepAsText(value, name);
  return value;
}

/** One step of `readAsText`. */
export function stepAsText(value: unknown, name: string | number): unknown {
  const own = ownValue(value, name);
  if (own !== undefined) return own;
  if (name === "size") return typeof value === "string" || Array.isArray(value) ? value.length : undefined;
  if (!Array.isArray(value)) return undefined;
  if (name === "first") return value[0];
  return name === "last" ? value.at(-1) : Number(name) < 0 ? value.at(Number(name)) : undefined;
}

/** Sets a value at a path of field names, creating missing objects. */
export function placeAt(root: Record<string, unknown>, names: readonly string[], value: Json): void {
  const last = names.at(-1);
  if (last !== undefined) objectAt(root as JsonObject, names.slice(0, -1))[last] = value;
}

// --- internal ---

const splitPaths = new Map<string, readonly string[]>();

const ownValue = (value: unknown, name: string | number): unknown =>
  value !== null && typeof value === "object" && Object.hasOwn(value, name) ? (value as Record<string | number, unknown>)[name] : undefined;

/** The object at a path of field names; it and its parents are created, replacing any other value. */
function objectAt(root: JsonObject, names: readonly string[]): JsonObject {
  let parent = root;
  for (const name of names) {
    const inner = Object.hasOwn(parent, name) ? parent[name] : undefined;
    if (isObject(inner)) parent = inner as JsonObject;
    else {
      const made: JsonObject = {};
      parent[name] = made;
      parent = made;
    }
  }
  return parent;
}
