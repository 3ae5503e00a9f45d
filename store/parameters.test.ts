import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** JSON for map keys and files, which is not a statement parameter. */
const NO_PARAMETERS = ["commit/rows.ts", "engines/lock.ts"];

test("F3: every JSON parameter of a statement comes from the single function that validates stored values", () => {
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" }).filter(
    (name) => /(?<!\.test|\.contract)\.ts$/.test(name) && !NO_PARAMETERS.includes(name),
  );
  const raw = sources.filter((name) => readFileSync(join(import.meta.dirname, name), "utf8").includes("JSON.stringify("));
  expect(sources.length).toBeGreaterThan(20);
  expect(raw).toEqual([]);
});
