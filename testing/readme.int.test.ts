import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../cli/commands/index.js";
import { freePort } from "./providers/free-port.ts";
import { startSmtpProvider } from "./providers/smtp-provider.ts";
import { describeOn, engines, type Place, until } from "./service.ts";

// Runs the commands of the README's quick start verbatim; only server addresses differ.

const ROOT = join(import.meta.dirname, "..");
const readme = readFileSync(join(ROOT, "README.md"), "utf8");
/** The code block with a line that contains this text. */
function block(words: string): string {
  const blocks = [...readme.matchAll(/```sh\n(.*?)```/gs)].map(([, text = ""]) => text);
  const found = blocks.filter((text) => text.includes(words));
  if (found.length !== 1) throw new Error(`${found.length} blocks of the README have "${words}"`);
  return found[0] ?? "";
}

const lineWith = (words: string): string =>
  block(words)
    .split("\n")
    .find((line) => line.includes(words)) ?? "";

const full = engines.filter(({ name }) => name === "PostgreSQL and Redis");

describeOn(full, "on $name", (engine) => {
  const dir = mkdtempSync(join(tmpdir(), "sentient-readme-"));
  const started: ChildProcess[] = [];
  let place: Place;
  let pool: pg.Pool;
  let port: number;
  const mail = startSmtpProvider();

  /** Like a shell in a newcomer's folder, where `npx` finds the installed package. */
  function shell(script: string): { readonly ended: Promise<number | null>; readonly said: () => string } {
    const { PATH = "", HOME = "" } = process.env;
    const child = spawn("sh", ["-ec", script], {
      cwd: dir,
      env: { PATH, HOME, PORT: String(port) },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(child);
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => said.push(String(chunk)));
    return { ended: new Promise((resolve) => child.once("close", resolve)), said: () => said.join("") };
  }

  beforeAll(async () => {
    place = await engine.place();
    port = await freePort();
    pool = new pg.Pool({ connectionString: place.databaseUrl, max: 2, options: "-c search_path=sentient" });
    pool.on("error", () => {});
    mkdirSync(join(dir, "node_modules", ".bin"), { recursive: true });
    symlinkSync(join(ROOT, "cli", "sentient.js"), join(dir, "node_modules", ".bin", "sentient"));
    chmodSync(join(ROOT, "cli", "sentient.js"), 0o755);
  });
  afterAll(async () => {
    // The shell leads its own process group, including background processes.
    for (const { pid } of started) {
      try {
        process.kill(-(pid ?? 0), "SIGKILL");
      } catch {
        // Already ended.
      }
    }
    await pool.end();
    await place.remove();
    await (await mail).close();
    rmSync(dir, { recursive: true, force: true });
  });

  test("the README's lines start a server and two workers, and both decide", async () => {
    const init = shell(lineWith("npx sentient init"));
    expect([await init.ended, init.said()]).toEqual([0, expect.anything()]);

    const lines = block("npx sentient worker")
      .replace(/postgres:\/\/\S+/, place.databaseUrl ?? "")
      .replace(/redis:\/\/\S+/, place.redisUrl ?? "")
      .replace(/smtp:\/\/\S+/, (await mail).url);
    expect(lines.match(/npx sentient worker my-company &/g)).toHaveLength(2);
    const running = shell(`${lines}\necho "write key $SENTIENT_WRITE_KEYS"\nwait`);
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    const areThere = async (): Promise<boolean> => {
      if (/^error:/m.test(running.said())) throw new Error(running.said());
      return (await isReady()) && running.said().split('"message":"working"').length === 3;
    };
    await until(areThere, "the server and its workers", 300_000);

    const key = /^write key (\S+)/m.exec(running.said())?.[1];
    const rows = async <Row extends pg.QueryResultRow>(sql: string) => (await pool.query<Row>(sql)).rows;
    // More than three rounds take, so that what one worker has not taken is there for the other.
    const customers = 1_000;
    let waves = 0;
    const owners = async () => (await rows("select distinct owner from lanes")).length;
    do {
      const wave = waves++;
      const events = Array.from({ length: customers }, (_, n) => ({
        ...{ specversion: "1.0", id: `s-${wave}-${n}`, source: "till", subject: `c-${n}` },
        ...(wave === 0 && n === 0
          ? { type: "order.placed", data: { traits: { firstName: "Ines", email: "ines@example.org" }, drink: "tea" } }
          : { type: "complaint.made", data: { traits: { firstName: `C${n}` }, about: "the tea" } }),
      }));
      const response = await fetch(`${url}/v1/signals`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify(events),
      });
      expect([response.status, await response.json()]).toEqual([202, { accepted: customers, duplicates: 0, rejected: [] }]);
      await until(async () => (await rows("select 1 from inbox limit 1")).length === 0, "an empty inbox");
    } while ((await owners()) < 2 && waves < 20);
    expect(await owners()).toBe(2);
    await until(
      async () => (await rows("select 1 from deliveries where status in ('reserved', 'sending')")).length === 0,
      "the end of all hand-overs",
    );
    expect(await rows("select count(*)::int as n from signals")).toEqual([{ n: waves * customers }]);
    // One task per customer, however many complaints while it is open; the order is a mail, at once or after quiet hours.
    expect((await rows("select count(*)::int as n from tasks where queue = 'baristas'"))[0]?.n).toBeGreaterThanOrEqual(customers - 1);
    const [order] = await rows<{ action: string }>("select action from decisions where customer_id = 'c-0' order by seq");
    expect(["deliver", "defer"]).toContain(order?.action);
    const sent = await rows("select 1 from deliveries where channel = 'email' and status = 'sent'");
    expect((await mail).taken).toHaveLength(sent.length);

    for (const { pid } of started.slice(-1)) process.kill(-(pid ?? 0), "SIGTERM");
    await running.ended;
    expect(await isReady()).toBe(false);
    // Each of these commands loads everything again, four at a time.
  }, 600_000);
});

test("every command in the README exists", () => {
  const typed = [...readme.matchAll(/^npx sentient ([a-z]+(?: [a-z]+)?)/gm)].map(([, words = ""]) => words);
  expect(typed.length).toBeGreaterThan(8);
  const names = commands.map(({ name }) => name);
  expect(typed.filter((words) => !names.includes(words) && !names.includes(words.split(" ")[0] ?? ""))).toEqual([]);
});

test("item 0: the gate runs the README's two setup commands verbatim", () => {
  const typed = [...readme.matchAll(/^npm install && .*$/gm)].map(([line]) => line);
  expect(typed).toEqual(["npm install && npm run demo", "npm install && npm test"]);
  const gate = readFileSync(join(ROOT, ".ci", "run"), "utf8");
  expect([...gate.matchAll(/^as_new_user "(.*)"$/gm)].map(([, line]) => line)).toEqual(typed);
});
