import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createScriptedModel } from "../models/scripted.ts";
import { recordTo } from "../runtime/recorded-calls.ts";
import { sentientIn, withoutServers } from "../testing/command-line.ts";
import { READS_TYPESCRIPT } from "../testing/process.ts";
import { makeKeys, readKeys } from "./folder-keys.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-modes-"));
  writeFileSync(
    join(dir, "sentient.yaml"),
    "version: 1\nname: Test\ndepartments: [sales]\nchannels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}\n",
  );
  mkdirSync(join(dir, "experiences"));
  writeFileSync(join(dir, "experiences", "e.yaml"), "id: e\nserves: [m]\nstatus: approved\nchannels: {box: {text: Hello}}\n");
  const signals = Array.from({ length: 300 }, (_, n) => ({
    ...{ specversion: "1.0", id: `s-${n}`, source: "web", type: "go", subject: `c-${n}`, time: new Date().toISOString() },
    data: { traits: { firstName: "Ann", note: "x".repeat(2_000) } },
  }));
  writeFileSync(join(dir, "signals.jsonl"), signals.map((one) => `${JSON.stringify(one)}\n`).join(""));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SENTIENT = join(import.meta.dirname, "sentient.js");

/** The command line in a separate process, under an umask. */
function sentient(umask: string, words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const child = spawn("sh", ["-c", `umask ${umask}; exec "$0" "$@"`, process.execPath, SENTIENT, ...words], {
    cwd: dir,
    env: { ...withoutServers(), ...more } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  return { child, lines, ended: once(child, "close") };
}

/** The exit status of a command that runs in this process, under an umask. */
const codeOf = async (umask: number, words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<number | null> =>
  (await sentientIn({ dir, umask }, words, more)).code;

/** Runs commands one after the other, each of which must succeed. */
const running =
  (umask: number) =>
  async (...words: string[]): Promise<void> =>
    expect([words, await codeOf(umask, words)]).toEqual([words, 0]);

/** Entries below a folder that grant any permission to other users. */
function openToOthers(path: string): string[] {
  const { mode } = lstatSync(path);
  const below = lstatSync(path).isDirectory() ? readdirSync(path).flatMap((name) => openToOthers(join(path, name))) : [];
  return [...((mode & 0o077) === 0 ? [] : [`${path} ${(mode & 0o777).toString(8)}`]), ...below];
}

test.each(["000", "022", "077"])(
  "B3: under umask %s a store, its lock, keys, messages, exports and reports are readable by their owner only",
  async (umask) => {
    const data = join(dir, ".sentient");
    // One umask shows that a process of its own does the same.
    const ran =
      umask === "000"
        ? async (...words: string[]) => expect([words, (await sentient(umask, words).ended)[0]]).toEqual([words, 0])
        : running(Number.parseInt(umask, 8));
    await ran("run", "--data", data, "--live", "--quiet");
    expect(readdirSync(data).sort()).toEqual(["outbox.jsonl", "pg", "pg.ready"]);
    expect(openToOthers(data)).toEqual([]);
    await ran("customers", "export", "c-1", "--data", data, "--out", join(dir, "export.json"));
    expect(openToOthers(join(dir, "export.json"))).toEqual([]);

    const dev = sentient(umask, ["dev", "--port", "0", "--data", data]);
    await once(dev.lines, "line");
    expect(readdirSync(data)).toEqual(expect.arrayContaining(["keys.json", "lock"]));
    expect(openToOthers(data)).toEqual([]);
    dev.child.kill("SIGINT");
    await dev.ended;
    expect(openToOthers(data)).toEqual([]);
  },
);

const noWarning = (text: string) => expect(text).toBe("");

test("weak: permissions of keys readable by others are restricted, with a warning", () => {
  const keys = makeKeys(dir, noWarning);
  chmodSync(join(dir, "keys.json"), 0o644);
  const told: string[] = [];
  expect(makeKeys(dir, (text) => told.push(text))).toEqual(keys);
  expect(openToOthers(join(dir, "keys.json"))).toEqual([]);
  expect(told.join()).toMatch(/could read .*keys\.json until now; remove it/);
  expect(makeKeys(dir, noWarning)).toEqual(keys);
});

test("weak: a link in the place of the keys is neither read nor written through", () => {
  const elsewhere = join(dir, "diary.json");
  writeFileSync(elsewhere, JSON.stringify({ writeKey: "w".repeat(20), operatorKey: "o".repeat(20) }));
  symlinkSync(elsewhere, join(dir, "keys.json"));
  const before = readFileSync(elsewhere, "utf8");
  expect(readKeys(dir)).toBeUndefined();
  expect(() => makeKeys(dir, noWarning)).toThrow(/keys\.json is a link/);
  expect(readFileSync(elsewhere, "utf8")).toBe(before);
});

test.each([
  ["cut off", '{"writeKey":'],
  ["short", '{"writeKey":"w","operatorKey":"o"}'],
  ["the same", JSON.stringify({ writeKey: "w".repeat(20), operatorKey: "w".repeat(20) })],
])("weak: keys that are %s are kept aside, and new ones made", (_what, text) => {
  writeFileSync(join(dir, "keys.json"), text);
  const told: string[] = [];
  const keys = makeKeys(dir, (one) => told.push(one));
  expect([keys.writeKey.length > 16, readKeys(dir)]).toEqual([true, keys]);
  const aside = readdirSync(dir).find((name) => name.startsWith("keys.json.broken-")) ?? "";
  expect([readFileSync(join(dir, aside), "utf8"), told.join()]).toEqual([text, expect.stringContaining(aside)]);
});

/** One golden decision that passes. */
function writeEvals(): void {
  mkdirSync(join(dir, "evals"));
  writeFileSync(
    join(dir, "evals", "one.yaml"),
    "name: one\ncases:\n  - name: hello\n    signals:\n      - {specversion: '1.0', id: a, source: web, type: go, subject: ann, time: '2026-06-01T12:00:00Z'}\n    expect:\n      - {at: a, action: deliver}\n",
  );
}

test("weak: dev does not start if its own key is given for the other purpose", async () => {
  mkdirSync(join(dir, ".sentient"));
  const { writeKey, operatorKey } = makeKeys(join(dir, ".sentient"), noWarning);
  for (const more of [{ SENTIENT_OPERATOR_KEYS: writeKey }, { SENTIENT_WRITE_KEYS: `${operatorKey}+consent` }])
    expect(await codeOf(0o022, ["dev", "--port", "0"], more)).toBe(2);
});

test("B3: permissions of existing files readable by others are restricted when they are written again", async () => {
  const data = join(dir, ".sentient");
  mkdirSync(data);
  chmodSync(data, 0o777);
  for (const path of [join(data, "outbox.jsonl"), join(dir, "export.json"), join(dir, "calls.jsonl")]) {
    writeFileSync(path, "");
    chmodSync(path, 0o644);
  }
  const ran = running(0o022);
  await ran("run", "--data", data, "--live", "--quiet");
  await ran("customers", "export", "c-1", "--data", data, "--out", join(dir, "export.json"));
  const answers = createScriptedModel([]);
  recordTo({ file: join(dir, "calls.jsonl"), content: "full" }, answers);
  recordTo({ file: join(dir, "new", "calls.jsonl"), content: "full" }, answers);
  expect([data, join(dir, "export.json"), join(dir, "calls.jsonl"), join(dir, "new")].flatMap(openToOthers)).toEqual([]);
  expect(readFileSync(join(data, "outbox.jsonl"), "utf8")).toContain("Hello");
});

const NOBODY = 65_534;
/** Another user can be simulated only by root, and only where the code is not in a folder that only root may read. */
const canPlayNobody = (): boolean =>
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ["-e", "fs.readFileSync(process.argv[1])", import.meta.filename], { uid: NOBODY, gid: NOBODY, cwd: "/" })
    .status === 0;

test.runIf(canPlayNobody())("B3: modes that this user cannot change are reported", async () => {
  const data = join(dir, "data");
  await codeOf(0o022, ["run", "--data", data, "--quiet"]);
  const give = (path: string): void => {
    chownSync(path, NOBODY, NOBODY);
    if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) give(join(path, name));
  };
  give(data);
  chmodSync(dir, 0o755);
  const foreign = join(data, "pg", "pg_hba.conf");
  chownSync(foreign, 0, 0);
  chmodSync(foreign, 0o644);
  const program = `
    import { openDatabase } from ${JSON.stringify(new URL("../runtime/open-store.ts", import.meta.url).href)};
    const told = [];
    const database = await openDatabase({ dataDir: process.argv[1], now: Date.now, newId: () => "x", onWarning: (text) => told.push(text) });
    await database.close();
    console.log(JSON.stringify(told));`;
  const child = spawn(process.execPath, [...READS_TYPESCRIPT, "--input-type=module", "-e", program, data], {
    ...{ uid: NOBODY, gid: NOBODY, cwd: dir },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  expect(JSON.parse(said)).toEqual([expect.stringMatching(/^1 entries of the data folder .* chmod -R go= /)]);
});

test("B2: existing files are not overwritten by init or a report", async () => {
  const file = join(dir, "diary.txt");
  writeFileSync(file, "Dear diary");
  mkdirSync(join(dir, "reports"));
  writeFileSync(join(dir, "reports", "report.json"), '{"mine":true}');
  writeEvals();
  for (const words of [
    ["init", file],
    ["init", dir],
    ["eval", "--report", join(dir, "reports")],
  ])
    expect([words, await codeOf(0o022, words)]).toEqual([words, 2]);
  expect([readFileSync(file, "utf8"), readFileSync(join(dir, "reports", "report.json"), "utf8")]).toEqual(["Dear diary", '{"mine":true}']);
});

test("B3: a report of eval is readable by its owner only, also over an existing file", async () => {
  writeEvals();
  const reports = join(dir, "reports");
  expect(await codeOf(0, ["eval", "--report", reports])).toBe(0);
  expect(openToOthers(reports)).toEqual([]);
  chmodSync(join(reports, "report.html"), 0o644);
  expect(await codeOf(0, ["eval", "--report", reports])).toBe(0);
  expect([readdirSync(reports).sort(), openToOthers(reports)]).toEqual([["report.html", "report.json"], []]);
});
