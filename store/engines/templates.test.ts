import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparedDataDirs } from "./templates.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "sentient-folders-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["a clone", "clone/store/engines", "clone/node_modules"],
  ["an installed package", "project/node_modules/sentient/dist/store/engines", "project/node_modules"],
])("the template of %s is kept beside its packages, else in the temporary folder", (_what, code, packages) => {
  mkdirSync(join(root, code), { recursive: true });
  mkdirSync(join(root, packages), { recursive: true });
  const [first, second, ...others] = preparedDataDirs(join(root, code));
  expect([first, second?.startsWith(tmpdir()), others]).toEqual([join(root, packages, ".cache", "sentient"), true, []]);
});
