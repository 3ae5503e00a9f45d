import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConsole } from "../server/console.ts";

const folder = mkdtempSync(join(tmpdir(), "sentient-console-"));
const dist = join(folder, "dist");
const BUILD = [process.execPath, [join(import.meta.dirname, "..", "config", "build-console.js"), dist]] as const;
let index = "";
let assets: readonly string[] = [];
const asset = (name: string): Buffer => readFileSync(join(dist, "assets", name));
const kilobytes = (name: string): number => gzipSync(asset(name), { level: 9 }).length / 1024;

/** A script with those that it imports before it runs. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, next = ""] of asset(name)
    .toString()
    .matchAll(/(?:from|import)[`"]\.\/([^`"]+\.js)[`"]/g))
    withImports(next, seen);
  return seen;
}

beforeAll(() => {
  execFileSync(...BUILD);
  index = readFileSync(join(dist, "index.html"), "utf8");
  assets = readdirSync(join(dist, "assets"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("while it is built again, a server that starts finds all of it; what no page names any more is gone, and nothing is left beside it", async () => {
  writeFileSync(join(dist, "assets", "gone-1a2b.js"), "");
  const building = promisify(execFile)(...BUILD);
  let isBuilding = true;
  const built = building.finally(() => {
    isBuilding = false;
  });
  const seen = new Set<number | undefined>();
  while (isBuilding) {
    seen.add(readConsole(dist)?.files.size);
    await setImmediate();
  }
  await built;
  const size = readConsole(dist)?.files.size ?? 0;
  expect([...seen].filter((files) => files !== size && files !== size + 1)).toEqual([]);
  expect(readdirSync(join(dist, "assets"))).toEqual(assets);
  expect(readdirSync(folder)).toEqual(["dist"]);
});

test("sizes, gzip: the entry at most 150 KB, all styles 15 KB, every other chunk 40 KB", () => {
  const entry = withImports(/assets\/([^"]+\.js)"><\/script>\s*<link rel="stylesheet"/.exec(index)?.[1] ?? "");
  const ends = (end: string): readonly string[] => assets.filter((name) => name.endsWith(end));
  expect(ends(".css")).toHaveLength(1);
  expect(entry.size).toBeGreaterThan(0);
  expect([...entry].reduce((sum, name) => sum + kilobytes(name), 0)).toBeLessThanOrEqual(150);
  expect(ends(".css").filter((name) => kilobytes(name) > 15)).toEqual([]);
  expect(ends(".js").filter((name) => !entry.has(name) && kilobytes(name) > 40)).toEqual([]);
});

test("a page is usable after at most twelve requests: the document, seven files, the session, pauses, its list and the stream", () => {
  const entry = withImports(/assets\/([^"]+\.js)"><\/script>\s*<link rel="stylesheet"/.exec(index)?.[1] ?? "");
  const pages = [...entry].flatMap((name) =>
    [
      ...asset(name)
        .toString()
        .matchAll(/import\([`"]\.\/([^`"]+\.js)[`"]\)/g),
    ].map(([, page = ""]) => page),
  );
  expect(pages.length).toBeGreaterThan(1);
  const files = pages.map((page) => new Set([...entry, ...withImports(page)]).size);
  // With the style sheet, the theme and the icon.
  expect(Math.max(...files) + 3).toBeLessThanOrEqual(7);
});

test("index.html has nothing inline, and a placeholder before every address", () => {
  expect(index).not.toMatch(/<style|style=|\son\w+=/);
  expect(index.match(/<script/g)).toHaveLength(index.match(/<script[^>]* src="__SENTIENT_BASE__\/assets\//g)?.length ?? 0);
  const addresses = [...index.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, address = ""]) => address);
  expect(addresses.filter((address) => !address.startsWith("__SENTIENT_BASE__/assets/"))).toEqual([]);
  expect(index).toContain('<meta name="base" content="__SENTIENT_BASE__"');
});

test("the theme comes before the style sheet", () => {
  expect(index.indexOf("theme-")).toBeGreaterThan(0);
  expect(index.indexOf("theme-")).toBeLessThan(index.indexOf("stylesheet"));
});

test("the style sheet begins with the order of its layers: what parts say comes after the base", () => {
  const [style = ""] = assets.filter((name) => name.endsWith(".css"));
  expect(asset(style).toString()).toMatch(/^@layer tokens, base, parts, print;/);
});

test("every file has its hash in its name, and compressed copies beside it", () => {
  const plain = assets.filter((name) => !/\.(gz|br)$/.test(name));
  expect(plain.filter((name) => !/-[\w-]{8}\.\w+$/.test(name))).toEqual([]);
  expect(plain.filter((name) => !assets.includes(`${name}.gz`) || !assets.includes(`${name}.br`))).toEqual([]);
  expect(plain.filter((name) => !gunzipSync(asset(`${name}.gz`)).equals(asset(name)))).toEqual([]);
});

test("no script makes code from text, which the policy of the pages refuses", () => {
  const scripts = assets.filter((name) => name.endsWith(".js"));
  expect(scripts.filter((name) => /\bnew Function\(|\beval\(/.test(asset(name).toString()))).toEqual([]);
});
