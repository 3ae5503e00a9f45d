import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";

/** Whether a file holds tests: unit tests, integration tests, or a contract suite. */
export const isTest = (file: string): boolean => /\.(test|contract)\.tsx?$/.test(file);

/** Every TypeScript and JavaScript file below `root` except installed packages, relative to it, with slashes. */
export function codeFiles(root: string): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !["node_modules", "dist", "coverage"].includes(entry.name) && !entry.name.startsWith("."),
  );
  return folders.flatMap(({ name }) =>
    readdirSync(join(root, name), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.([tj]s|tsx)$/.test(file) && !/^dist[/\\]/.test(file))
      .map((file) => `${name}/${file.split(sep).join("/")}`),
  );
}

/** The files that vitest runs. */
export const testFiles = (root: string): string[] => codeFiles(root).filter((file) => /\.test\.tsx?$/.test(file));

/**
 * Whether an integration test does more where a PostgreSQL or a Redis server is given: its text names a variable of theirs other than to
 * empty it, or the engines that `service.ts` and `operated-store.ts` find by them.
 */
export const usesServers = (file: string, root: string): boolean =>
  file.endsWith(".int.test.ts") &&
  /(?<!stubEnv\(")\b(DATABASE_URL|REDIS_URL|describeOn|sharedEngines|enginesAt)\b|(?<!\/)\bengines\b(?!\/)/.test(
    readFileSync(join(root, file), "utf8"),
  );

/** The variable by which a run of the tests leaves out the embedded PostgreSQL, and its value. */
export const SERVERS_ONLY = { TEST_ENGINES: "servers" };

/** Whether tests that run on each engine run on the embedded PostgreSQL too: not in `npm test -- --servers`, because `npm test` does it. */
export const testsEmbedded = process.env.TEST_ENGINES !== SERVERS_ONLY.TEST_ENGINES;

/**
 * Arguments of vitest in which a path may leave out folders in between: `domain/timing` becomes the path of
 * `domain/deciding/timing.test.ts`. A path that is part of some test file's path stays as it is, and so does one without a match.
 */
export function expandFilters(args: readonly string[], files: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const isValueOfOption = /^-[^=]+$/.test(args[index - 1] ?? "");
    if (isValueOfOption || arg.startsWith("-") || !arg.includes("/") || files.some((file) => file.includes(arg))) return [arg];
    const steps = arg.split("/").map((step) => step.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`(^|/)${steps.join("/(?:.+/)?")}`);
    const found = files.filter((file) => pattern.test(file));
    return found.length > 0 ? found : [arg];
  });
}

/** The files that a file imports or starts as a process, transitively, by path. */
export function reachedFrom(file: string, root: string, seen = new Set<string>()): ReadonlySet<string> {
  for (const imported of importsOf(file, root)) {
    if (seen.has(imported)) continue;
    seen.add(imported);
    reachedFrom(imported, root, seen);
  }
  return seen;
}

// --- internal ---

const importsByFile = new Map<string, readonly string[]>();

function importsOf(file: string, root: string): readonly string[] {
  const path = join(root, file);
  const known = importsByFile.get(path);
  if (known) return known;
  const text = readFileSync(path, "utf8");
  const specifiers = [...text.matchAll(/(?:from |import |import\(|URL\(|register\()"(\.[^"]+\.(?:[tj]s|tsx))"/g)];
  const found = specifiers.map(([, specifier = ""]) => posix.join(dirname(file), specifier));
  if (text.includes('"sentient.js")')) found.push("cli/sentient.js");
  importsByFile.set(path, found);
  return found;
}
