import type { z } from "zod";

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** Issues inside a union, taken from the option that fails least. */
export function flattenIssue(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const deep = issue.errors.filter((errors) => errors.some(({ path, code }) => path.length > 0 || code === "unrecognized_keys"));
  const best = [...deep].sort((a, b) => a.length - b.length)[0];
  return best ? best.flatMap((inner) => flattenIssue({ ...inner, path: [...issue.path, ...inner.path] } as Issue)) : [issue];
}

export interface Pruned<T> {
  readonly value: T;
  /** Original path of a path in the pruned value, before list items were removed. */
  readonly original: (path: Path) => Path;
}

/**
 * Removes everything that its schema rejects from a value, so that the rest can be checked too and all problems are reported at once.
 * `fallback` supplies required values. Undefined when nothing valid is left.
 */
export function prune<T>(schema: z.ZodType<T>, value: unknown, fallback: object): Pruned<T> | undefined {
  let rest: unknown = structuredClone(value);
  const removed = new Map<string, number[]>();
  const original = (path: Path): Path => {
    const known: (string | number)[] = [];
    for (const step of path) known.push(originalIndex(removed.get(known.join("\n")) ?? [], step));
    return known;
  };
  for (let round = 0; round < 50; round++) {
    rest = { ...fallback, ...(isContainer(rest) ? rest : {}) };
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { value: parsed.data, original };
    const issues = parsed.error.issues.flatMap(flattenIssue);
    // From the end: removing a list item shifts the ones behind it.
    const taken = issues
      .flatMap(pathsOf)
      .sort((a, b) => comparePaths(b, a))
      .flatMap((path) => takeOut(rest, path) ?? []);
    if (taken.length === 0) return undefined;
    for (const path of taken) note(removed, original, path);
  }
  return undefined;
}

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => (isContainer(inner) ? inner[step] : undefined), value);

// --- internal ---

const isContainer = (value: unknown): value is Record<string | number, unknown> => typeof value === "object" && value !== null;

const pathsOf = (issue: Issue): Path[] => {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
};

const comparePaths = (a: Path, b: Path): number => {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index], b[index]];
    if (x !== y) return typeof x === "number" && typeof y === "number" ? x - y : String(x) < String(y) ? -1 : 1;
  }
  return a.length - b.length;
};

/** Removes the value at a path; where there is none, a required value is missing, and its parent is removed. */
function takeOut(root: unknown, path: Path): Path[] | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = valueAt(root, path.slice(0, length - 1));
    const key = path[length - 1] ?? "";
    if (!isContainer(parent) || !(key in parent)) continue;
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return [path.slice(0, length)];
  }
  return undefined;
}

function note(removed: Map<string, number[]>, original: (path: Path) => Path, path: Path): void {
  const before = original(path);
  const index = before.at(-1);
  if (typeof index !== "number") return;
  const list = before.slice(0, -1).join("\n");
  removed.set(
    list,
    [...(removed.get(list) ?? []), index].sort((a, b) => a - b),
  );
}

function originalIndex(removed: readonly number[], step: string | number): string | number {
  if (typeof step !== "number") return step;
  return removed.reduce((index, gone) => (gone <= index ? index + 1 : index), step);
}
