import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hashOf } from "./bundle.ts";
import { importKept } from "./import-kept.ts";

const kept = (code: string) => ({ file: "tools/one.ts", hash: hashOf(code), code });

test("kept code is run once, from a private folder that is gone afterwards, under the name of its hash", async () => {
  const one = kept(`import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
export const url = import.meta.url;
export const mode = statSync(new URL(".", import.meta.url)).mode & 0o777;`);
  const exported = await importKept(one);
  expect(await importKept({ ...one, file: "tools/other.ts" })).toBe(exported);
  const file = fileURLToPath(String(exported.url));
  expect([exported.mode, file.endsWith(`/${one.hash}.mjs`), existsSync(dirname(file))]).toEqual([0o700, true, false]);
});

test("code that is not what its hash says is not run", () => {
  expect(() => importKept({ ...kept("export const a = 1;"), code: "globalThis.wasRun = true;" })).toThrow(/is not the one whose hash/);
  expect(globalThis).not.toHaveProperty("wasRun");
});

test("code that fails leaves nothing behind, and is tried again", async () => {
  const failing = kept("throw new Error(import.meta.url);");
  const failed = async () => importKept(failing).then(String, (error: Error) => fileURLToPath(error.message));
  const [first, second] = [await failed(), await failed()];
  expect([first === second, existsSync(dirname(first)), existsSync(dirname(second))]).toEqual([false, false, false]);
});
