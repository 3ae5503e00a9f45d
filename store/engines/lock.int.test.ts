import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import { isProvenBy, livingOwner, type Owner, readOwner, takeLock } from "./lock.ts";

/** On each message it takes or releases the lock of the given folder, and replies with the result. */
const HOLDER = `
import { takeLock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).pathname)};
let lock;
const turn = () => {
  if (lock) {
    lock.release();
    lock = undefined;
    return "free";
  }
  try {
    lock = takeLock(process.argv[1], () => new Date());
    return "taken";
  } catch (error) {
    return error.code + " " + error.message;
  }
};
process.stdin.on("data", () => process.stdout.write(turn() + "\\n"));
process.stdout.write("ready\\n");
`;

interface Holder {
  readonly child: ChildProcess;
  /** Takes or releases the lock; returns the reply. */
  turn(): Promise<string>;
}

let dir = "";
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-lock-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(dir, { recursive: true, force: true });
});

async function holder(): Promise<Holder> {
  const child = spawn(process.execPath, [...READS_TYPESCRIPT, "--input-type=module", "-e", HOLDER, dir], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  expect(await line()).toBe("ready");
  return {
    child,
    turn() {
      child.stdin.write("\n");
      return line();
    },
  };
}

const end = async ({ child }: Holder, signal: NodeJS.Signals): Promise<void> => {
  child.kill(signal);
  await once(child, "exit");
};

const lockPath = () => join(dir, "lock");
const anOwner = (more: Partial<Owner>): Owner => ({
  pid: process.pid,
  began: "1",
  host: hostname(),
  since: "2026-06-01T12:00:00.000Z",
  ...more,
});
const leave = (owner: Owner | string) => writeFileSync(lockPath(), typeof owner === "string" ? owner : JSON.stringify(owner));
const take = () => takeLock(dir, () => new Date());

test("a second process on a folder gets an error that names the owner", async () => {
  const [first, second] = await Promise.all([holder(), holder()]);
  expect(await first.turn()).toBe("taken");
  expect(livingOwner(dir)?.pid).toBe(first.child.pid);
  const said = await second.turn();
  expect(said).toMatch(/^STORE_OWNED the data folder .* is owned by process \d+ \(since \d{4}-/);
  expect(said).toContain(`process ${first.child.pid} `);
});

test("releasing removes the lock, and the folder is free", async () => {
  const first = await holder();
  expect(await first.turn()).toBe("taken");
  expect(await first.turn()).toBe("free");
  expect(existsSync(lockPath())).toBe(false);
  take().release();
});

test("the lock of a killed owner is taken over", async () => {
  const [first, second] = await Promise.all([holder(), holder()]);
  expect(await first.turn()).toBe("taken");
  await end(first, "SIGKILL");
  expect(readOwner(dir)?.pid).toBe(first.child.pid);
  expect(livingOwner(dir)).toBeUndefined();
  expect(await second.turn()).toBe("taken");
  expect(livingOwner(dir)?.pid).toBe(second.child.pid);
});

test("the lock of a stopped but living owner is not taken over", async () => {
  const [first, second] = await Promise.all([holder(), holder()]);
  expect(await first.turn()).toBe("taken");
  first.child.kill("SIGSTOP");
  expect(await second.turn()).toMatch(/^STORE_OWNED/);
  first.child.kill("SIGCONT");
});

test("of ten concurrent processes exactly one gets the lock, also if a stale one has to be removed first", async () => {
  const left = await holder();
  expect(await left.turn()).toBe("taken");
  await end(left, "SIGKILL");
  const gone = readFileSync(lockPath(), "utf8");
  const ten = await Promise.all(Array.from({ length: 10 }, holder));
  for (let round = 0; round < 60; round++) {
    leave(gone);
    const said = await Promise.all(ten.map((one) => one.turn()));
    expect(said.filter((line) => line === "taken")).toHaveLength(1);
    expect(said.filter((line) => line.startsWith("STORE_OWNED"))).toHaveLength(9);
    const winner = ten[said.indexOf("taken")];
    expect(livingOwner(dir)?.pid).toBe(winner?.child.pid);
    expect(existsSync(`${lockPath()}.clearing`)).toBe(false);
    await winner?.turn();
  }
});

test("a reused pid is a different owner", () => {
  leave(anOwner({ pid: process.pid, began: "1" }));
  expect(livingOwner(dir)).toBeUndefined();
  const lock = take();
  expect(livingOwner(dir)?.pid).toBe(process.pid);
  lock.release();
  expect(existsSync(lockPath())).toBe(false);
});

test("an owner on another host counts as alive, and the message says what to do if it is not", () => {
  leave(anOwner({ pid: 1, host: "elsewhere" }));
  expect(take).toThrow(
    `owned by process 1 on elsewhere (since 2026-06-01T12:00:00.000Z); stop it, or choose another folder with --data; if that host no longer exists, remove ${lockPath()}`,
  );
});

test("an unreadable lock is truncated, and is removed", () => {
  leave('{"pid":');
  take().release();
});

test("a guard left by a crash is removed once it is old", () => {
  leave(anOwner({}));
  writeFileSync(`${lockPath()}.clearing`, "");
  expect(take).toThrow(/owned by/);
  utimesSync(`${lockPath()}.clearing`, new Date(0), new Date(0));
  take().release();
});

test("an owner publishes its URL, and releases only its own lock", () => {
  const lock = take();
  lock.announce("http://127.0.0.1:3000", []);
  expect(readOwner(dir)).toMatchObject({ pid: process.pid, url: "http://127.0.0.1:3000" });
  expect(take).toThrow("serving at http://127.0.0.1:3000");
  const other = anOwner({ pid: 1, host: "elsewhere" });
  leave(other);
  lock.release();
  expect(JSON.parse(readFileSync(lockPath(), "utf8"))).toEqual(other);
});

const KEY = "key-of-a-test-of-locks";

test("B4: only a key of the owner's server proves its URL", () => {
  const lock = take();
  lock.announce("http://127.0.0.1:3000", ["another-key-of-a-test", KEY]);
  const owner = readOwner(dir);
  if (!owner) throw new Error("there is no lock");
  expect([KEY, "another-key-of-a-test", "a-key-it-does-not-have", ""].map((key) => isProvenBy(key, owner))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(readFileSync(lockPath(), "utf8")).not.toContain(KEY);
  // Any changed field invalidates the proof.
  const others: Partial<Owner>[] = [
    { url: "http://127.0.0.1:3001" },
    { url: "http://evil.example" },
    { host: "elsewhere" },
    { pid: 1 },
    { began: "2" },
    { since: "2026-06-01T12:00:00.001Z" },
    { proofs: [] },
    { proofs: ["", "x"] },
  ];
  for (const other of others) expect([other, isProvenBy(KEY, { ...owner, ...other })]).toEqual([other, false]);
  lock.release();
});

test("B4: the lock of an ended process proves nothing, nor does a copy of it", async () => {
  const first = await holder();
  expect(await first.turn()).toBe("taken");
  const gone = readOwner(dir);
  await end(first, "SIGKILL");
  const lock = take();
  lock.announce("http://127.0.0.1:3000", [KEY]);
  const { proofs } = readOwner(dir) ?? {};
  expect(isProvenBy(KEY, { ...gone, proofs, url: "http://127.0.0.1:3000" } as Owner)).toBe(false);
  lock.release();
});

test.each([
  ["a process group", '{"pid":-1,"began":"","host":"h","since":"s"}'],
  ["no process", '{"pid":0,"began":"","host":"h","since":"s"}'],
  ["an address that is none", `{"pid":1,"began":"","host":"h","since":"s","url":"file:///etc"}`],
  ["lines of its own", '{"pid":1,"began":"","host":"h\\n\\u001b[2Jerror: gone","since":"s"}'],
  ["something else", "[]"],
])("B4: a lock that names %s is not one of ours", (_what, text) => {
  leave(text);
  expect(readOwner(dir)).toBeUndefined();
});

test("B3: a lock is owner-only, and so is the folder created for it", () => {
  const inner = join(dir, "new");
  const umask = process.umask(0);
  try {
    const lock = takeLock(inner, () => new Date());
    const modes = () => [inner, join(inner, "lock")].map((path) => statSync(path).mode & 0o777);
    expect(modes()).toEqual([0o700, 0o600]);
    lock.announce("http://127.0.0.1:3000", [KEY]);
    expect(modes()).toEqual([0o700, 0o600]);
    lock.release();
  } finally {
    process.umask(umask);
  }
});
