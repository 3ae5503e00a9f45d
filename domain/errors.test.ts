import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCatalogue } from "./errors.ts";

const ROW = /^\| `([A-Z_]+)` +\| (\d+) +\| (\d+) +\| (yes|no) +\| (.+) \| (.+) \|$/gm;

test("docs/errors.md explains every code of the catalogue, and no other", () => {
  const text = readFileSync(join(import.meta.dirname, "..", "docs", "errors.md"), "utf8");
  const explained = [...text.matchAll(ROW)].map(([, code = "", httpStatus, exitCode, again]) => [
    code,
    { httpStatus: Number(httpStatus), exitCode: Number(exitCode), retry: again === "yes" },
  ]);
  const known = Object.entries(errorCatalogue).map(([code, { httpStatus, exitCode, retry }]) => [code, { httpStatus, exitCode, retry }]);
  expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(known));
  expect(explained.length).toBe(known.length);
});
