import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import { BUNDLE_LIMITS, boundHere, bundleToKeep, hashOf } from "./bundle.ts";

const TOOL = 'import { z } from "zod";\nimport { word } from "./words.ts";\nexport const shape = z.literal(word);\n';
let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "sentient-bundle-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function workspace(name: string, files: Readonly<Record<string, string>>): string {
  const dir = join(root, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(dir, file, ".."), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  return dir;
}

test("a bundle holds what its file imports, names no folder, and is the same wherever the workspace is", async () => {
  const files = { "tools/one.ts": TOOL, "tools/words.ts": 'export const word: string = "hello";' };
  const [here] = await bundleToKeep(workspace("here", files), ["tools/one.ts"]);
  const [elsewhere] = await bundleToKeep(workspace("else/where", files), ["tools/one.ts"]);
  expect(here).toEqual(elsewhere);
  expect(here).toMatchObject({ file: "tools/one.ts", hash: hashOf(here?.code ?? "") });
  expect(here?.code).toContain("hello");
  expect(here?.code).not.toContain(root);
  expect(here?.code).toMatch(/from "zod"/);
});

test("a kept bundle imports what this installation has", async () => {
  const [kept] = await bundleToKeep(workspace("bound", { "tools/one.ts": 'import { z } from "zod";\nexport const shape = z.string();' }), [
    "tools/one.ts",
  ]);
  expect(await boundHere(kept ?? { file: "", hash: "", code: "" })).toContain(import.meta.resolve("zod"));
});

test("a file that does not compile or is too large is named, with the bound", async () => {
  const dir = workspace("bad", {
    "tools/broken.ts": "export const = 1;",
    "tools/large.ts": `export const text = ${JSON.stringify("x".repeat(BUNDLE_LIMITS.bytes))};`,
  });
  await expect(bundleToKeep(dir, ["tools/broken.ts"])).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(/^tools\/broken\.ts cannot be bundled: /),
  });
  await expect(bundleToKeep(dir, ["tools/large.ts"])).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(new RegExp(`^tools/large\\.ts cannot be kept .* at most ${BUNDLE_LIMITS.bytes}`)),
  });
});

test("a process whose working folder is gone by now still loads code", () => {
  const file = join(workspace("kept", { "tools/one.ts": "export const one: number = 1;" }), "tools/one.ts");
  const cwd = workspace("gone", { "any.txt": "" });
  const code = `
    const { bundleHere } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, "bundle.ts")).href)});
    const first = await bundleHere(${JSON.stringify(file)});
    (await import("node:fs")).rmSync(${JSON.stringify(cwd)}, { recursive: true });
    console.log((await bundleHere(${JSON.stringify(file)})) === first);
    process.exit();`;
  expect(execFileSync(process.execPath, [...READS_TYPESCRIPT, "--input-type=module", "-e", code], { cwd, encoding: "utf8" })).toBe(
    "true\n",
  );
});
