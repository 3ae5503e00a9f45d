import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { codeFiles, expandFilters, isTest, reachedFrom, testFiles, usesServers } from "./test-files.ts";

const root = join(import.meta.dirname, "..");
const files = codeFiles(root);

/** Folders whose files are tested elsewhere, with the paths of those tests: the second table of ARCHITECTURE.md. */
function testsByFolder(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const table = text.slice(text.indexOf("<!-- tests -->"), text.indexOf("<!-- /tests -->"));
  const rows = [...table.matchAll(/^\| ([\w/-]+) \| (.*`.+`.*) \|$/gm)];
  return new Map(
    rows.map(([, folder = "", names = ""]) => [
      folder,
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => (name.includes("/") ? name : `${folder}/${name}`)),
    ]),
  );
}

/** The row of a folder, or of the nearest parent with a row. */
function rowOf(folder: string, rows: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const row = rows.get(folder);
  return row ?? (folder.includes("/") ? rowOf(dirname(folder), rows) : []);
}

const isProduct = (file: string): boolean => !isTest(file) && !/^(testing|bench|examples|docs)\//.test(file);
/** A row may also name scripts run by hand or by npm. */
const isScript = (file: string): boolean => /\/main\.tsx?$/.test(file) || /^config\/build-\w+\.js$/.test(file);
const hasTestBeside = (file: string): boolean => {
  const name = file.replace(/\.([tj]s|tsx)$/, "");
  return [".test.ts", ".test.tsx", ".int.test.ts", ".contract.ts"].some((end) => files.includes(name + end));
};

test("every source file has a test beside it, or is reached by a test named in its folder's row in ARCHITECTURE.md", () => {
  const rows = testsByFolder();
  const alone = files.filter((file) => isProduct(file) && !hasTestBeside(file));
  expect(alone.length).toBeGreaterThan(100);
  const covers = (name: string, file: string): boolean => files.includes(name) && (name === file || reachedFrom(name, root).has(file));
  const unreached = alone.filter((file) => !rowOf(dirname(file), rows).some((name) => covers(name, file)));
  expect(
    unreached.map((file) => `${file}: add ${basename(file).replace(/\.([tj]s|tsx)$/, "")}.test.ts, or name a test in its folder's row`),
  ).toEqual([]);
});

test("every test, script and folder of that table exists", () => {
  const rows = testsByFolder();
  expect(rows.size).toBeGreaterThan(10);
  expect([...rows.values()].flat().filter((name) => !files.includes(name) || !(isTest(name) || isScript(name)))).toEqual([]);
  expect([...rows.keys()].filter((folder) => !files.some((file) => dirname(file) === folder))).toEqual([]);
});

test("integration tests that use servers where they are given are known by their text: nothing else in a test reads the variables", () => {
  const used = testFiles(root).filter((file) => usesServers(file, root));
  expect(used).toEqual(expect.arrayContaining(["store/store.int.test.ts", "queue/queue.int.test.ts", "server/service.int.test.ts"]));
  expect(used).toEqual(expect.arrayContaining(["engine/converse-live.int.test.ts", "operations/pauses.int.test.ts"]));
  expect(
    used.filter((file) =>
      ["config/package.int.test.ts", "engine/contract.int.test.ts", "cli/commands/hostile-names.int.test.ts"].includes(file),
    ),
  ).toEqual([]);
  // A stand-in or a contract suite that read them itself would not be noticed in the text of the tests that import it.
  const reads = /(DATABASE_URL|REDIS_URL)\b.* = process\.env|process\.env\.(DATABASE_URL|REDIS_URL)/;
  const ofTests = files.filter((file) => /^testing\/|\.contract\.ts$/.test(file) && !file.endsWith(".test.ts"));
  expect(ofTests.filter((file) => reads.test(readFileSync(join(root, file), "utf8")))).toEqual([
    // Removes them from the environment of a process.
    "testing/command-line.ts",
    // Starts the tests, and imports none.
    "testing/run-tests.ts",
    "testing/service.ts",
  ]);
});

test.each([
  ["folders in between are left out", ["domain/timing"], ["domain/deciding/timing.test.ts"]],
  ["a whole folder", ["domain/deciding"], ["domain/deciding"]],
  ["part of a name", ["engine/work"], ["engine/work"]],
  ["a word", ["timing"], ["timing"]],
  ["what nothing matches", ["domain/nothing-of-that"], ["domain/nothing-of-that"]],
  ["a sign of patterns is itself", ["domain/t.ming"], ["domain/t.ming"]],
  [
    "options and their values",
    ["--project", "int", "-t", "domain/timing", "--outputFile=a/b"],
    ["--project", "int", "-t", "domain/timing", "--outputFile=a/b"],
  ],
  ["a filter after an option", ["--project=unit", "domain/timing"], ["--project=unit", "domain/deciding/timing.test.ts"]],
])("filters of npm test: %s", (_, args, wanted) => {
  const tests = [
    "domain/deciding/timing.test.ts",
    "domain/deciding/quiet.test.ts",
    "domain/values/time.test.ts",
    "engine/worker.int.test.ts",
  ];
  expect(expandFilters(args, tests)).toEqual(wanted);
});

test("npm test -- domain/timing finds the tests of that file in this tree", () => {
  const tests = files.filter((file) => file.endsWith(".test.ts"));
  expect(expandFilters(["domain/timing"], tests).filter((path) => tests.includes(path))).toContain("domain/deciding/timing.test.ts");
});
