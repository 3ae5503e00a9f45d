import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packageRoot } from "../../config/package-root.ts";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import { until } from "../../testing/service.ts";
import { DONE, FAILED, INTERRUPTED } from "../command.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-rehearse-command-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SETTINGS = `version: 1
name: Shop
timezone: UTC
channels: {box: {kind: file, address: none}}
moments: {m: {on: visited, expires: 3d, when: "count('visited', '300d') > 0"}}
governance: {consent: {box: opt_out}, caps: [{id: weekly, max: 9, window: 7d}]}
`;
const MINUTE = 60_000;

/** Without servers, whatever other tests have. */
const environment = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };

/** A workspace in which these customers visit in turn, so many times, every ten minutes. */
function workspace(name: string, { customers = ["ann"], visits = 30 } = {}): string {
  const dir = join(root, name);
  mkdirSync(join(dir, "experiences"), { recursive: true });
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
  writeFileSync(join(dir, "experiences", "hello.yaml"), "id: hello\nstatus: approved\nserves: [m]\nchannels: {box: {text: Hello}}\n");
  writeFileSync(join(dir, "customers.jsonl"), customers.map((id) => `${JSON.stringify({ id })}\n`).join(""));
  const lines = Array.from({ length: visits }, (_, n) => {
    const time = new Date(Date.UTC(2026, 0, 1) + n * 10 * MINUTE).toISOString();
    const subject = customers[n % customers.length];
    return `${JSON.stringify({ specversion: "1.0", source: "web", id: `${n}`, type: "visited", subject, time, data: {} })}\n`;
  });
  writeFileSync(join(dir, "signals.jsonl"), lines.join(""));
  return dir;
}

interface Typed {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has told so far, besides results. */
  readonly told: () => string;
  /** Resolves once it has told something of this kind. */
  readonly tells: (pattern: RegExp) => Promise<void>;
  /** Its exit status, what it printed, and which files for a while it has left; resolves once no process is left of it either. */
  readonly ended: Promise<{ readonly status: number | string; readonly out: string; readonly left: readonly string[] }>;
}

/** `sentient rehearse` in a process of its own, with a folder for temporary files that is its own. */
function rehearse(words: readonly string[], more: Readonly<Record<string, string>> = {}): Typed {
  const temporary = mkdtempSync(join(root, "temporary-"));
  const child = spawn(process.execPath, [join(packageRoot, "cli", "sentient.js"), "rehearse", ...words], {
    env: { ...environment, TMPDIR: temporary, ...more },
    // The first of a group of processes, so that those it leaves can be found.
    detached: true,
  });
  let [out, told] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    told += chunk;
  });
  const ended = new Promise<number | string>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal ?? "")));
  return {
    child,
    told: () => told,
    tells: (pattern) =>
      new Promise((resolve, reject) => {
        child.stderr.on("data", () => pattern.test(told) && resolve());
        void ended.then((status) => reject(new Error(`it ended with ${status} before it said ${pattern}: ${told}`)));
      }),
    ended: ended.then(async (status) => {
      // Those that hear of its end, and end by themselves.
      await until(() => !isGroupAlive(child.pid ?? 0), "the end of every process that it has started");
      return { status, out, left: readdirSync(temporary) };
    }),
  };
}

function isGroupAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

test("one customer with 10,000 signals that are counted: it ends with what her rules allow, in the memory of a small machine", async () => {
  const dir = workspace("one", { visits: 10_000 });
  const { ended, told } = rehearse([dir, "--paths", "1", "--days", "1", "--json"], { NODE_OPTIONS: "--max-old-space-size=160" });
  const { status, out, left } = await ended;
  expect([status, told(), left]).toEqual([DONE, "", []]);
  const { customers, recorded, forward } = JSON.parse(out) as RehearsalResult;
  // 69 days of visits all day long: nine a week.
  expect([customers, recorded.different, recorded.with.deliveries]).toEqual([1, 0, 90]);
  expect(forward.with.deliveries.mean).toBeLessThanOrEqual(9);
});

test("a reader that goes away ends it, without a word and with nothing left", async () => {
  const { child, ended, told } = rehearse([workspace("unread"), "--paths", "1", "--days", "1"]);
  child.stdout.destroy();
  expect([await ended, told()]).toEqual([{ status: DONE, out: "", left: [] }, ""]);
});

test("a hangup in the middle interrupts it: twice told, and with nobody to tell, it ends with nothing left", async () => {
  const dir = workspace("left", { customers: ["ann", "bob"] });
  const { child, ended, tells } = rehearse([dir, "--customers", "1", "--paths", "1000", "--days", "366"]);
  await tells(/a sample of 1 of 2 customers/);
  child.stderr.destroy();
  child.stdout.destroy();
  child.kill("SIGHUP");
  child.kill("SIGHUP");
  expect(await ended).toEqual({ status: INTERRUPTED, out: "", left: [] });
});

const script = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;
test.skipIf(!script)("a terminal that is gone: it ends as one that is interrupted", async () => {
  const [status, pid] = [join(root, "status"), join(root, "pid")];
  const words = ["rehearse", workspace("hung-up", { customers: ["ann", "bob"] }), "--customers", "1", "--paths", "1000", "--days", "366"];
  const command = [process.execPath, join(packageRoot, "cli", "sentient.js"), ...words].map((word) => `'${word}'`).join(" ");
  // The shell stays, and tells what became of it.
  const shell = `trap '' HUP; ${command} & echo $! > '${pid}'; wait $!; echo $? > '${status}'`;
  const terminal = spawn("script", ["-qec", shell, "/dev/null"], { env: environment });
  let shown = "";
  terminal.stdout.on("data", (chunk) => {
    shown += chunk;
  });
  await until(() => shown.includes("a sample of 1 of 2 customers") || existsSync(status), "a rehearsal on a terminal");
  expect(shown).toContain("a sample of 1 of 2 customers");
  terminal.kill("SIGKILL");
  process.kill(Number(readFileSync(pid, "utf8")), "SIGHUP");
  await until(() => existsSync(status) && readFileSync(status, "utf8") !== "", "its end");
  expect(readFileSync(status, "utf8")).toBe(`${INTERRUPTED}\n`);
});

test("help that nobody reads to its end is none that fails", async () => {
  const child = spawn(process.execPath, [join(packageRoot, "cli", "sentient.js"), "--help"]);
  child.stdout.destroy();
  let told = "";
  child.stderr.on("data", (chunk) => {
    told += chunk;
  });
  expect([await new Promise((resolve) => child.once("close", resolve)), told]).toEqual([DONE, ""]);
});

test.skipIf(!existsSync("/dev/full"))("a full disk that a result is to be written to is told in a sentence", () => {
  const full = openSync("/dev/full", "w");
  const words = [join(packageRoot, "cli", "sentient.js"), "check", workspace("checked")];
  const { status, stderr } = spawnSync(process.execPath, words, { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
  closeSync(full);
  expect([status, stderr]).toEqual([FAILED, "error: the output cannot be written: no space is left on the disk\n"]);
});
