import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
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
import { openDatabase } from "../../runtime/open-store.ts";

const now = () => Date.now();
let root = "";
/** A closed store with one row. */
let kept = "";
let dir = "";

const open = (dataDir: string, onWarning?: (text: string) => void) =>
  openDatabase({ dataDir, now, newId: () => "x", ...(onWarning ? { onWarning } : {}) });

async function wordIn(dataDir: string): Promise<unknown> {
  const database = await open(dataDir);
  try {
    return (await database.pool.query<{ value: unknown }>("select value from settings where name = 'word'")).rows[0]?.value;
  } finally {
    await database.close();
  }
}

/** Every entry below a folder with its permissions, as text for comparison. */
function seenBelow(path: string): string[] {
  const stats = lstatSync(path);
  const text = stats.isFile() ? readFileSync(path, "latin1") : "";
  const below = stats.isDirectory() ? readdirSync(path).flatMap((name) => seenBelow(join(path, name))) : [];
  return [`${path} ${stats.mode.toString(8)} ${stats.size} ${text.length}`, ...below];
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "sentient-embedded-"));
  kept = join(root, "kept");
  const database = await open(kept);
  await database.pool.query("insert into settings (name, value) values ('word', '\"kept\"')");
  await database.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  dir = mkdtempSync(join(root, "one-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const copy = (...path: readonly string[]) => cpSync(join(kept, ...path), join(dir, ...path), { recursive: true });
const remove = (...path: readonly string[]) => rmSync(join(dir, ...path), { recursive: true });

test.each([
  ["as it is", () => {}],
  ["without the file that marks it ready", () => remove("pg.ready")],
  ["beside a half-made draft", () => cpSync(join(dir, "pg", "base"), join(dir, "pg.draft-1"), { recursive: true })],
  ["with files that everybody may write to", () => chmodSync(join(dir, "pg", "PG_VERSION"), 0o666)],
])("B2: a data folder copied %s opens with its data", async (_what, change) => {
  copy();
  change();
  expect(await wordIn(dir)).toBe("kept");
  // An earlier version deletes a store without this file.
  expect(existsSync(join(dir, "pg.ready"))).toBe(true);
});

test("B2: a store behind a symbolic link is opened at its target", async () => {
  cpSync(join(kept, "pg"), join(dir, "disk"), { recursive: true });
  symlinkSync(join(dir, "disk"), join(dir, "pg"));
  expect(await wordIn(dir)).toBe("kept");
  expect(lstatSync(join(dir, "pg")).isSymbolicLink()).toBe(true);
});

const cutOff = () => {
  copy("pg", "base");
  copy("pg", "PG_VERSION");
};
const without =
  (...path: readonly string[]) =>
  () => {
    copy();
    remove(...path);
  };
const diary = () => {
  mkdirSync(join(dir, "pg"));
  writeFileSync(join(dir, "pg", "diary.txt"), "Dear diary");
};

test.each([
  ["a copy that was cut off", cutOff],
  ["a copy without its log", without("pg", "pg_wal")],
  ["a copy without its control file, marked ready", without("pg", "global", "pg_control")],
  ["something else of this name", diary],
  ["a file of this name", () => writeFileSync(join(dir, "pg"), "mine")],
  ["a link to a disk that is away", () => symlinkSync(join(dir, "away"), join(dir, "pg"))],
])("B2: %s is refused with what to do, and left unchanged", async (_what, make) => {
  make();
  const before = seenBelow(dir);
  await expect(open(dir)).rejects.toMatchObject({
    code: "STORE_FAILED",
    message: expect.stringMatching(/nothing in it was changed.* mv /),
  });
  expect(seenBelow(dir)).toEqual(before);
});

test("B2: a symbolic link in place of the marker is not followed", async () => {
  writeFileSync(join(dir, "diary.txt"), "Dear diary");
  for (const name of ["pg.ready", `lock.${process.pid}`]) symlinkSync(join(dir, "diary.txt"), join(dir, name));
  const database = await open(dir);
  database.announce?.("http://127.0.0.1:1", []);
  await database.close();
  expect(readFileSync(join(dir, "diary.txt"), "utf8")).toBe("Dear diary");
});

test("B2: a new store is created as a draft and renamed when complete; an empty folder counts as absent", async () => {
  mkdirSync(join(dir, "pg"));
  mkdirSync(join(dir, "pg.draft-1"));
  const database = await open(dir);
  await database.close();
  expect(readdirSync(dir).sort()).toEqual(["pg", "pg.ready"]);
});

const OTHERS = 0o077;
const openToOthers = (path: string): string[] =>
  seenBelow(path).filter((line) => (Number.parseInt(line.split(" ")[1] ?? "", 8) & OTHERS) !== 0);

test("B3: opening an existing store corrects its file modes", async () => {
  cpSync(kept, dir, { recursive: true });
  chmodSync(dir, 0o755);
  for (const line of seenBelow(join(dir, "pg"))) {
    const path = line.split(" ")[0] ?? "";
    chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o666);
  }
  expect(await wordIn(dir)).toBe("kept");
  expect(openToOthers(dir)).toEqual([]);
});

test("B3: a folder with other content keeps its mode, and the store in it is owner-only", async () => {
  writeFileSync(join(dir, "notes.txt"), "");
  chmodSync(dir, 0o755);
  await (await open(dir)).close();
  expect(statSync(dir).mode & 0o777).toBe(0o755);
  expect(openToOthers(join(dir, "pg"))).toEqual([]);
});

test.each([0o000, 0o022, 0o077])("B3: all files that the engine creates are owner-only, under umask %o", async (umask) => {
  const before = process.umask(umask);
  try {
    const database = await open(join(dir, ".sentient"));
    try {
      await database.pool.query("create table grown (words text)");
      // More than one WAL segment, and more than one kind of file of a table.
      for (let round = 0; round < 4; round++)
        await database.pool.query("insert into grown select repeat(md5(n::text), 30) from generate_series(1, 2000) n");
      await database.pool.query("vacuum grown");
      await database.pool.query("checkpoint");
      expect(openToOthers(join(dir, ".sentient"))).toEqual([]);
    } finally {
      await database.close();
    }
    expect(openToOthers(join(dir, ".sentient"))).toEqual([]);
  } finally {
    process.umask(before);
  }
});
