import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkspace } from "../runtime/open-workspace.ts";
import { listen } from "../server/listen.ts";
import { sentientIn } from "../testing/command-line.ts";
import { type Started, startSentient } from "../testing/process.ts";
import {
  describeOn,
  OPERATOR_KEY,
  openTestService,
  type Place,
  sharedEngines,
  testEmbedded,
  until,
  WRITE_KEY,
} from "../testing/service.ts";

const WORKSPACE = `
version: 1
name: Test
timezone: UTC
departments: [sales]
channels: {box: {kind: file}}
moments: {m: {on: go, expires: 30d}}
`;

/** A tool and a channel of a workspace, which share a file of it. */
const LIB = "../lib/note.ts";
const RING = `import { z } from "zod";
import { note } from "${LIB}";
export const ring = {
  ...{ name: "ring", description: "Ring.", effect: "write", timeoutMs: 1000, input: z.strictObject({}), output: z.object({}) },
  idempotencyKey: (_input: object, { key }: { key: string }) => key,
  run: async () => (note("rung"), {}),
};
`;
const NOTEBOOK = `import { z } from "zod";
import { note } from "${LIB}";
export const notebook = {
  ...{ kind: "notebook", options: z.object({}), content: z.object({ text: z.string() }), address: "none", consent: "free" },
  connect: async () => ({ send: async ({ content }) => (note(content.text), {}) }),
};
`;

let dir = "";
const started: Started[] = [];
const start = (words: readonly string[], environment?: Readonly<Record<string, string>>): Started => {
  const one = startSentient(words, environment, dir);
  started.push(one);
  return one;
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sentient-cli-"));
  mkdirSync(join(dir, "experiences"));
  writeFileSync(join(dir, "sentient.yaml"), WORKSPACE);
  writeFileSync(join(dir, "experiences", "e.yaml"), "id: e\nname: E\nserves: [m]\nstatus: approved\nchannels: {box: {text: Hello}}\n");
  writeFileSync(join(dir, "customers.jsonl"), `${JSON.stringify({ id: "ann", traits: { firstName: "Ann" } })}\n`);
});
afterAll(async () => {
  for (const one of started) one.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  rmSync(dir, { recursive: true, force: true });
});

testEmbedded("dev runs everything in one process, and other commands use its server", async () => {
  const dev = start(["dev", "--port", "0", "--json"]);
  const [line] = await dev.line(/^\{"url".*/);
  const { url, operatorKey } = JSON.parse(line) as Record<string, string>;
  const ran = async (...words: string[]) => {
    const { code, out, err } = await sentientIn({ dir }, words);
    expect([words, code, err]).toEqual([words, 0, expect.anything()]);
    return out;
  };
  const { console: link } = JSON.parse(line) as Record<string, string>;
  const [page = "", code = ""] = (link ?? "").split("#code=");
  expect(page).toBe(`${url}/console`);
  const headers = { "sec-fetch-site": "same-origin", origin: url ?? "", "content-type": "application/json" };
  const signIn = () => fetch(`${url}/v1/session`, { method: "POST", headers, body: JSON.stringify({ code }) });
  const signedIn = await signIn();
  expect([signedIn.status, await signedIn.json()]).toMatchObject([200, { person: { role: "admin", via: "session" } }]);
  expect((await signIn()).status).toBe(401);
  expect(statSync(join(dir, ".sentient", "keys.json")).mode & 0o777).toBe(0o600);
  // Sent by a process of its own, as by a user; the other commands run in this one.
  const signal = start(["signal", "go", "--customer", "ann", "--data", '{"n": 1}', "--id", "s-1", "--json"]);
  expect(await signal.ended).toBe(0);
  expect(JSON.parse(signal.lines[0] ?? "")).toMatchObject({ id: "s-1", accepted: 1 });
  const decisions = () => fetch(`${url}/v1/decisions`, { headers: { authorization: `Bearer ${operatorKey}` } }).then((one) => one.json());
  await until(async () => ((await decisions()) as { decisions: unknown[] }).decisions.length > 0, "the decision");
  const [listed = ""] = await ran("decisions", "list", "--json");
  expect(JSON.parse(listed)).toMatchObject({ customerId: "ann", action: "deliver" });
  expect((await ran("customers", "show", "ann", "--json")).join("")).toContain('"path":"firstName"');
  expect((await ran("decisions", "explain", (JSON.parse(listed) as { decisionId: string }).decisionId)).join("\n")).not.toBe("");
  await until(() => readFileSync(join(dir, ".sentient", "outbox.jsonl"), "utf8").includes('"customerId":"ann"'), "the message");
  dev.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
  expect((await ran("decisions", "list", "--json")).filter((one) => one.startsWith("{"))).toHaveLength(1);
});

testEmbedded("dev prints a line that, pasted in another folder, sends commands to its server", async () => {
  const dev = start(["dev", "--port", "0", "--data", join(dir, "shown")]);
  const [, pasted = ""] = await dev.line(/^export (SENTIENT_URL=.*)/);
  expect(pasted).toMatch(/^SENTIENT_URL=http:\/\/127\.0\.0\.1:\d+ SENTIENT_WRITE_KEYS=[\w-]+ SENTIENT_OPERATOR_KEYS=[\w-]+$/);
  const environment = Object.fromEntries(pasted.split(" ").map((one) => one.split("=")));
  const elsewhere = join(dir, "elsewhere");
  mkdirSync(elsewhere);
  const ran = async (...words: string[]) => (await sentientIn({ dir: elsewhere }, [...words, "--json"], environment)).out.join("\n");
  expect(await ran("signal", "go", "--customer", "ann", "--data", "{}")).toContain('"accepted":1');
  await until(async () => (await ran("decisions", "list")).includes('"customerId":"ann"'), "the decision");
  dev.kill("SIGINT");
  expect(await dev.ended).toBe(130);
});

testEmbedded("SENTIENT_URL: look-ups print the same through a server as on its store", async () => {
  const { workspace } = await openWorkspace(dir, { environment: {} });
  const data = join(dir, "looked-up");
  const service = await openTestService(workspace.policy, { remove: async () => {} }, { dataDir: data });
  const { url, close } = await listen(service.app, { host: "127.0.0.1", port: 0 });
  await service.signal("go", "ann");
  await service.settled();
  const [decision] = await service.decisions();
  const lookUps = [
    ["decisions", "list"],
    ["decisions", "show", decision?.decisionId ?? ""],
    ["decisions", "explain", decision?.decisionId ?? ""],
    ["customers", "show", "ann"],
    ["runs", "list"],
    ["runs", "show", decision?.runId ?? ""],
  ];
  const printed = async (more: readonly string[], environment: Readonly<Record<string, string>>) => {
    const all: string[][] = [];
    for (const words of lookUps) {
      const { code, out, err } = await sentientIn({ dir }, [...words, "--json", ...more], environment);
      expect([words, code, out.length > 0], err).toEqual([words, 0, true]);
      all.push([...out]);
    }
    return all;
  };
  const throughServer = await printed([], { SENTIENT_URL: url, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY });
  await close();
  await service.close();
  expect(throughServer).toEqual(await printed(["--data", data, "--workspace", dir], {}));
});

testEmbedded("serve does not start without keys", async () => {
  const serve = start(["serve"]);
  expect(await serve.ended).toBe(2);
  expect(serve.lines.join("\n")).toContain("SENTIENT_WRITE_KEYS and SENTIENT_OPERATOR_KEYS");
});

testEmbedded.each([
  ["--no-console", ["--no-console"], {}],
  ["SENTIENT_CONSOLE=off", [], { SENTIENT_CONSOLE: "off" }],
])("with %s there are no pages, and dev prints no link", async (_what, more, environment) => {
  const dev = start(["dev", "--port", "0", "--json", "--data", join(dir, `bare-${more.length}`), ...more], environment);
  const [line] = await dev.line(/^\{"url".*/);
  const { url, console: link } = JSON.parse(line) as Record<string, string>;
  expect([link, (await fetch(`${url}/console`)).status, (await fetch(`${url}/`, { headers: { accept: "text/html" } })).status]).toEqual([
    undefined,
    404,
    404,
  ]);
  dev.kill("SIGINT");
  expect(await dev.ended).toBe(130);
});

testEmbedded("serve starts with a write key and the key of a person, and lets that person in by their role", async () => {
  const more = { SENTIENT_WRITE_KEYS: WRITE_KEY, SENTIENT_CONSOLE_KEYS: "ann/viewer=key-of-ann-in-a-test" };
  const serve = start(["serve", "--port", "0"], more);
  const [, url] = await serve.line(/^listening at (\S+)/);
  const asked = async (path: string, method: string) =>
    (await fetch(`${url}${path}`, { method, headers: { authorization: "Bearer key-of-ann-in-a-test" } })).status;
  expect([await asked("/v1/pauses", "GET"), await asked("/v1/pause", "POST")]).toEqual([200, 403]);
  serve.kill("SIGTERM");
  expect(await serve.ended).toBe(0);
});

testEmbedded("serve --code published runs the tools and channels kept with the version in force, whatever its folder has", async () => {
  const noted = join(dir, "noted.jsonl");
  const files = {
    "sentient.yaml": WORKSPACE.replace("{kind: file}", "{kind: notebook}"),
    "experiences/e.yaml":
      "id: e\nserves: [m]\nstatus: approved\ndepartment: sales\nchannels: {box: {text: Hello}}\naction: {tool: ring, input: {}}\n",
    "lib/note.ts": `import { appendFileSync } from "node:fs";\nexport const note = (text: string) => appendFileSync(${JSON.stringify(noted)}, text + "\\n");\n`,
    "tools/ring.ts": RING,
    "channels/notebook.ts": NOTEBOOK,
    "signals.jsonl": "",
  };
  const code = join(dir, "code");
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(code, file, ".."), { recursive: true });
    writeFileSync(join(code, file), text);
  }
  const data = join(dir, "with-code");
  for (const words of [["run"], ["publish", "--no-evals"]]) {
    const { code: status, err } = await sentientIn({ dir }, [words[0] ?? "", code, "--data", data, ...words.slice(1)]);
    expect([words, status], err).toEqual([words, 0]);
  }
  rmSync(code, { recursive: true });
  // Its own folder has neither: an image of another time.
  const keys = { SENTIENT_WRITE_KEYS: WRITE_KEY, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY };
  const serve = start(["serve", "--code", "published", "--port", "0", "--data", data], keys);
  const [, url] = await serve.line(/^listening at (\S+)/);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const headers = { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/json" };
  const event = { specversion: "1.0", id: "1", source: "test", type: "go", subject: "ann" };
  expect((await fetch(`${url}/v1/signals`, { method: "POST", headers, body: JSON.stringify(event) })).status).toBe(202);
  await until(() => existsSync(noted) && readFileSync(noted, "utf8").includes("Hello"), "the message");
  expect(readFileSync(noted, "utf8")).toBe("rung\nHello\n");
  // A rehearsal compiles that code too, and records what its tool would be asked.
  expect(await rehearsed(url, { days: 30, paths: 2 })).toMatchObject({
    status: "done",
    result: { recorded: { with: { deliveries: 1, silences: {} } }, paths: 2 },
  });
  expect(readFileSync(noted, "utf8")).toBe("rung\nHello\n");
  serve.kill("SIGINT");
  expect(await serve.ended).toBe(130);
  // From a folder alone, which lacks that code, it is told.
  const { code: status, err } = await sentientIn({ dir }, ["rehearse", "--data", data, "--days", "1", "--paths", "1"]);
  expect([status, err]).toEqual([1, expect.stringMatching(/has tools or channels of its own, and \S+ does not have the same/)]);
});

/** Has a rehearsal played by a server, to its end. */
async function rehearsed(url = "", asked: Readonly<Record<string, number>> = {}): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" };
  const started = await fetch(`${url}/v1/rehearsals`, { method: "POST", headers, body: JSON.stringify(asked) });
  const { rehearsalId } = (await started.json()) as { rehearsalId: string };
  let shown: Record<string, unknown> = {};
  await until(async () => {
    shown = (await (await fetch(`${url}/v1/rehearsals/${rehearsalId}`, { headers })).json()) as typeof shown;
    return shown.status !== "waiting" && shown.status !== "running";
  }, "the end of a rehearsal");
  return shown;
}

testEmbedded.each([
  ["short ones", "w", "o", "is shorter than 16 characters"],
  ["one for both", WRITE_KEY, WRITE_KEY, "is the same as"],
  ["a right that is none", `${WRITE_KEY}+all`, OPERATOR_KEY, "expected ask, consent, receipts"],
])("weak: serve, dev and worker do not start with keys that are %s, and say how to make one", async (_what, write, operator, problem) => {
  for (const words of [["serve", "--port", "0"], ["dev", "--port", "0"], ["worker"]]) {
    const { code, out, err } = await sentientIn({ dir }, words, { SENTIENT_WRITE_KEYS: write, SENTIENT_OPERATOR_KEYS: operator });
    expect(code).toBe(2);
    expect([...out, err].join("\n")).toContain(problem);
    expect([...out, err].join("\n")).toContain("make one with: node -p");
  }
});

testEmbedded("worker does not start on the embedded store, which belongs to one process", async () => {
  expect((await sentientIn({ dir }, ["worker"])).code).toBe(2);
});

describeOn(sharedEngines, "on $name", (engine) => {
  let place: Place | undefined;
  let pool: pg.Pool | undefined;
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await pool?.query(sql))?.rows ?? [];

  beforeAll(async () => {
    place = await engine.place();
    pool = new pg.Pool({ connectionString: place.databaseUrl, max: 2, options: "-c search_path=sentient" });
    pool.on("error", () => {});
  });
  afterAll(async () => {
    await pool?.end();
    await place?.remove();
  });

  test("a worker that dies in the middle loses nothing: every signal is decided once, and no message is sent twice", async () => {
    rmSync(join(dir, ".sentient", "outbox.jsonl"), { force: true });
    const environment = {
      DATABASE_URL: place?.databaseUrl ?? "",
      REDIS_URL: place?.redisUrl ?? "",
      SENTIENT_WRITE_KEYS: WRITE_KEY,
      SENTIENT_OPERATOR_KEYS: OPERATOR_KEY,
    };
    const serve = start(["serve", "--port", "0"], environment);
    const [, url] = await serve.line(/^listening at (\S+)/);
    const workers = ["a", "b"].map(() => start(["worker"], environment));
    await Promise.all(workers.map((one) => one.line(/"message":"working"/)));
    const customers = 120;
    for (let round = 0; round < 5; round++) {
      const events = Array.from({ length: customers }, (_, n) => ({
        ...{ specversion: "1.0", id: `s-${round}-${n}`, source: "test", type: "go", subject: `c-${n}` },
      }));
      const response = await fetch(`${url}/v1/signals`, {
        method: "POST",
        headers: { authorization: `Bearer ${WRITE_KEY}` },
        body: JSON.stringify(events),
      });
      expect(await response.json()).toEqual({ accepted: customers, duplicates: 0, rejected: [] });
      if (round === 2) workers[0]?.kill("SIGKILL");
    }
    const open =
      "select (select count(*) from inbox)::int as waiting, (select count(*) from deliveries where status in ('reserved', 'sending'))::int as going";
    await until(async () => JSON.stringify(await rows(open)) === '[{"waiting":0,"going":0}]', "the end of all work");
    expect(await rows("select count(*)::int as n from signals")).toEqual([{ n: 5 * customers }]);
    const sent = (await rows("select count(*)::int as n from deliveries where status = 'sent'"))[0]?.n;
    const uncertain = (await rows("select count(*)::int as n from deliveries where status = 'uncertain'"))[0]?.n;
    const lines = readFileSync(join(dir, ".sentient", "outbox.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { deliveryId: string }).deliveryId);
    expect(new Set(lines).size).toBe(lines.length);
    expect(Number(sent) + Number(uncertain)).toBeGreaterThanOrEqual(customers);
    serve.kill("SIGTERM");
    workers[1]?.kill("SIGTERM");
    expect([await serve.ended, await workers[1]?.ended]).toEqual([0, 0]);
  });
});
