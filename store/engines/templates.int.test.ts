import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { unpack } from "./image.ts";
import { type TemplateOptions, templateFile } from "./templates.ts";

let root = "";
/** A cache folder with a valid template. */
let good = "";
let shared = "";
let own = "";
let prepared = 0;
const FILE = "template-f.tar";

const options = (...cacheDirs: readonly string[]): TemplateOptions => ({
  preparation: { fingerprint: "f", cacheDirs, migrate: async () => {} },
  open: async (engine) => ({ close: () => engine.close() }) as Database,
  onPrepare: () => prepared++,
});

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "sentient-templates-"));
  good = join(root, "good");
  const umask = process.umask(0);
  const image = await templateFile(options(good));
  process.umask(umask);
  expect([readdirSync(good), statSync(join(good, FILE)).size]).toEqual([[FILE], image.length]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  const one = mkdtempSync(join(root, "one-"));
  shared = join(one, "shared");
  own = join(one, "own");
  for (const copy of [shared, own]) {
    mkdirSync(copy, { mode: 0o755 });
    copyFileSync(join(good, FILE), join(copy, FILE));
  }
  writeFileSync(join(shared, FILE), PLANTED);
  prepared = 0;
});
afterEach(() => rmSync(join(shared, ".."), { recursive: true, force: true }));

/** What is in the shared cache folder's template, so that its use is seen. */
const PLANTED = "planted";

/** Whether the template of the shared folder is used, or that of one's own. */
async function used(...cacheDirs: readonly string[]): Promise<string> {
  const image = await templateFile(options(...cacheDirs));
  return Buffer.from(image).toString("latin1") === PLANTED
    ? "shared"
    : image.length === statSync(join(good, FILE)).size
      ? "own"
      : "neither";
}

test("B9: a template is readable for others and writable for its owner only, also under umask 0", () => {
  expect([statSync(good), statSync(join(good, FILE))].map(({ mode }) => mode & 0o777)).toEqual([0o755, 0o644]);
});

test("B9: our own template is used unchanged", async () => {
  expect([await used(shared, own), prepared]).toEqual(["shared", 0]);
});

const foreign = (...path: readonly string[]) => chownSync(join(shared, ...path), 12_345, 12_345);
const elsewhere = () => {
  cpSync(shared, `${shared}-real`, { recursive: true });
  rmSync(shared, { recursive: true });
  symlinkSync(`${shared}-real`, shared);
};
const linked = () => {
  rmSync(join(shared, FILE));
  symlinkSync("/etc/passwd", join(shared, FILE));
};

const TRICKS: readonly (readonly [what: string, change: () => void])[] = [
  ["lies in a folder that everybody may write to", () => chmodSync(shared, 0o777)],
  ["lies in a folder that a group may write to", () => chmodSync(shared, 0o775)],
  ["lies behind a link", elsewhere],
  ["may be written by everybody", () => chmodSync(join(shared, FILE), 0o666)],
  ["may be written by a group", () => chmodSync(join(shared, FILE), 0o664)],
  ["is a link", linked],
];
const OF_OTHERS: typeof TRICKS = [
  ["lies in another user's folder", () => foreign()],
  ["is another user's", () => foreign(FILE)],
];

test.each([...TRICKS, ...(process.getuid?.() === 0 ? OF_OTHERS : [])])("B9: a template that %s is not used", async (_what, change) => {
  change();
  expect([await used(shared, own), prepared]).toEqual(["own", 0]);
});

test("B9: without a trusted cache folder a template is created for this process only", async () => {
  chmodSync(shared, 0o777);
  const before = readdirSync(shared);
  expect(await used(shared)).toBe("own");
  expect([prepared, readdirSync(shared)]).toEqual([1, before]);
  // Nothing is written if a file is in the way.
  writeFileSync(`${shared}-file`, "");
  expect(await used(join(`${shared}-file`, "x"), own)).toBe("own");
});

test("B9: a new cache folder is writable for its owner only", async () => {
  const umask = process.umask(0);
  try {
    const fresh = join(shared, "..", "fresh", "place");
    mkdirSync(join(fresh, ".."));
    await templateFile(options(fresh));
    expect([statSync(fresh), statSync(join(fresh, FILE))].map(({ mode }) => mode & 0o777)).toEqual([0o755, 0o644]);
  } finally {
    process.umask(umask);
  }
});

test("two processes that prepare at once leave one template, and both use it", async () => {
  const fresh = join(shared, "..", "fresh");
  // Each keeps its own drafts, as processes do.
  const images = await Promise.all([templateFile(options(fresh)), templateFile(options(fresh))]);
  expect([readdirSync(fresh), images.map(({ length }) => length > 0)]).toEqual([[FILE], [true, true]]);
});

test("a template was shut down and holds one database, so a new store starts without repair and copies no other", async () => {
  mkdirSync(own, { recursive: true });
  const folder = mkdtempSync(join(own, "unpacked-"));
  unpack(await templateFile(options(good)), folder, 0o700);
  // The state in pg_control: https://doxygen.postgresql.org/pg__control_8h_source.html
  const [STATE, SHUT_DOWN] = [16, 1];
  expect(readFileSync(join(folder, "global", "pg_control")).readInt32LE(STATE)).toBe(SHUT_DOWN);
  expect(readdirSync(join(folder, "base"))).toHaveLength(1);
});
