import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { type TemplateOptions, templateFile, templateFolder } from "./templates.ts";

let root = "";
/** A cache folder with a valid template. */
let good = "";
let shared = "";
let own = "";
let prepared = 0;
const TAR = "template-f.tar";
const FOLDER = "template-f";

const options = (...cacheDirs: readonly string[]): TemplateOptions => ({
  preparation: { fingerprint: "f", cacheDirs, migrate: async () => {} },
  open: async (engine) => ({ close: () => engine.close() }) as Database,
  onPrepare: () => prepared++,
});

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "sentient-templates-"));
  good = join(root, "good");
  const umask = process.umask(0);
  expect(await templateFolder(options(good))).toBe(join(good, FOLDER));
  process.umask(umask);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  const one = mkdtempSync(join(root, "one-"));
  shared = join(one, "shared");
  own = join(one, "own");
  for (const copy of [shared, own]) copyLinking(good, copy);
  writeFileSync(join(shared, FOLDER, "base", "planted"), "x");
  prepared = 0;
});
afterEach(() => rmSync(join(shared, ".."), { recursive: true, force: true }));

/** A copy of a cache folder whose template's files, which no test changes, are links: copying them all takes a second. */
function copyLinking(from: string, to: string): void {
  mkdirSync(to, { mode: statSync(from).mode });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyLinking(source, target);
    else if (entry.name === TAR) copyFileSync(source, target);
    else linkSync(source, target);
  }
}

const modesBelow = (path: string): number[] => [
  statSync(path).mode & 0o777,
  ...(statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => modesBelow(join(path, name))) : []),
];

test("B9: a template is readable for others and writable for its owner only, also under umask 0", () => {
  expect([...new Set(modesBelow(good))].sort()).toEqual([0o644, 0o755]);
});

test("B9: our own template is used unchanged", async () => {
  expect(await templateFolder(options(shared, own))).toBe(join(shared, FOLDER));
  expect(prepared).toBe(0);
});

const foreign = (...path: readonly string[]) => chownSync(join(shared, ...path), 12_345, 12_345);
const elsewhere = () => {
  cpSync(shared, `${shared}-real`, { recursive: true });
  rmSync(shared, { recursive: true });
  symlinkSync(`${shared}-real`, shared);
};
const packedElsewhere = () => {
  rmSync(join(shared, TAR));
  symlinkSync("/etc/passwd", join(shared, TAR));
};
const linked = () => {
  rmSync(join(shared, FOLDER, "base", "planted"));
  symlinkSync("/etc/passwd", join(shared, FOLDER, "base", "planted"));
};

const TRICKS: readonly (readonly [what: string, change: () => void])[] = [
  ["lies in a folder that everybody may write to", () => chmodSync(shared, 0o777)],
  ["lies in a folder that a group may write to", () => chmodSync(shared, 0o775)],
  ["lies behind a link", elsewhere],
  ["has a file that everybody may write to", () => chmodSync(join(shared, FOLDER, "base", "planted"), 0o666)],
  ["has a folder that everybody may write to", () => chmodSync(join(shared, FOLDER, "base"), 0o777)],
  ["has a link in it", linked],
];
const OF_OTHERS: typeof TRICKS = [
  ["lies in another user's folder", () => foreign()],
  ["has another user's file", () => foreign(FOLDER, "base", "planted")],
  ["is another user's", () => foreign(FOLDER)],
];

test.each([...TRICKS, ...(process.getuid?.() === 0 ? OF_OTHERS : [])])("B9: a template that %s is not used", async (_what, change) => {
  change();
  expect(await templateFolder(options(shared, own))).toBe(join(own, FOLDER));
});

test.each([
  ["may be written by everybody", () => chmodSync(join(shared, TAR), 0o666)],
  ["is a link", packedElsewhere],
  ["lies in a folder that everybody may write to", () => chmodSync(shared, 0o777)],
])("B9: a packed template that %s is not used", async (_what, change) => {
  writeFileSync(join(shared, TAR), "planted");
  change();
  const { size } = await templateFile(options(shared, own));
  expect([size, prepared]).toEqual([statSync(join(own, TAR)).size, 0]);
});

test("B9: without a trusted cache folder a template is created for this process only", async () => {
  chmodSync(shared, 0o777);
  const before = readdirSync(shared);
  expect(await templateFolder(options(shared))).toBeUndefined();
  expect([prepared > 0, readdirSync(shared)]).toEqual([true, before]);
  // Nothing is written if a file is in the way.
  writeFileSync(`${shared}-file`, "");
  expect(await templateFolder(options(join(`${shared}-file`, "x"), own))).toBe(join(own, FOLDER));
});

test("B9: a new cache folder is writable for its owner only", async () => {
  const umask = process.umask(0);
  try {
    const fresh = join(shared, "..", "fresh", "place");
    mkdirSync(join(fresh, ".."));
    rmSync(join(own, FOLDER), { recursive: true });
    expect(await templateFolder({ ...options(fresh, own) })).toBe(join(fresh, FOLDER));
    expect(modesBelow(fresh).filter((mode) => (mode & 0o022) !== 0)).toEqual([]);
  } finally {
    process.umask(umask);
  }
});

test("two processes that prepare at once leave one template, and both use it", async () => {
  const fresh = join(shared, "..", "fresh");
  // Each keeps its own drafts, as processes do.
  const folders = await Promise.all([templateFolder(options(fresh)), templateFolder(options(fresh))]);
  expect(folders).toEqual([join(fresh, FOLDER), join(fresh, FOLDER)]);
  expect(readdirSync(fresh).sort()).toEqual([FOLDER, TAR]);
});
