import type { z } from "zod";

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** The issues inside a union, where one of its options was clearly meant: the one that fails least. */
export function flattenIssue(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const deep = issue.errors.filter((errors) => errors.some(({ path, code }) => path.length > 0 || code === "unrecognized_keys"));
  const best = [...deep].sort((a, b) => a.length - b.length)[0];
  return best ? best.flatMap((inner) => flattenIssue({ ...inner, path: [...issue.path, ...inner.path] } as Issue)) : [issue];
}

export interface Pruned<T> {
  readonly value: T;
  /** Where a path of the pruned value stood before items were taken out of lists. */
  readonly original: (path: Path) => Path;
}

/**
 * What is left of a value when everything that its schema refuses is taken out, so that the rest can be checked too and
 * all problems be told at once. `fallback` stands in for what must be there. Undefined when nothing whole is left.
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
    // From the end: taking an item out of a list moves those behind it.
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

/** Removes what stands at a path; where nothing stands there, something is missing, and what it belongs to goes. */
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
