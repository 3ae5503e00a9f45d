import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../runtime/open-store.ts";
import { runTyped, type TypedOptions } from "../../testing/typed/typed-command.ts";
import { DONE } from "../command.ts";
import { createPaint, type Io } from "../io.ts";

const approve = "approvals approve";
const listApprovals = "approvals list";
const reject = "approvals reject";
const audit = "audit list";
const erase = "customers erase";
const exportPerson = "customers export";
const lift = "customers lift";
const merge = "customers merge";
const showCustomer = "customers show";
const split = "customers split";
const discardDead = "dead discard";
const listDead = "dead list";
const reviveDead = "dead revive";
const pause = "pause";
const pauses = "pauses list";
const kept = "promises kept";
const promises = "promises list";
const resume = "resume";
const run = "run";
const retry = "runs retry";
const claim = "tasks claim";
const done = "tasks done";
const giveBack = "tasks return";
const tasks = "tasks list";

const root = mkdtempSync(join(tmpdir(), "sentient-operations-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const workspace = join(root, "workspace");
mkdirSync(join(workspace, "experiences"), { recursive: true });
const write = (name: string, text: string) => writeFileSync(join(workspace, name), text);
const signal = (id: string, type: string, subject: string, data: object = {}) =>
  JSON.stringify({ specversion: "1.0", id, source: "test", type, subject, time: `2026-06-01T10:00:0${id}Z`, data });

write(
  "sentient.yaml",
  `version: 1
name: Operated
timezone: UTC
departments: [sales, service]
channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
moments: {m: {on: go, expires: 30d}, c: {on: call, expires: 30d}}
governance: {approval: [{when: experience.value > 100, reason: high value}]}
`,
);
write("experiences/big.yaml", "id: big\nserves: [m]\nvalue: 500\nchannels: {box: {text: Hello}}\n");
write("experiences/desk.yaml", 'id: desk\nserves: [c]\nchannels: {desk: {summary: "Call {{ customer.name }}", dueIn: 1h}}\n');
write(
  "customers.jsonl",
  `${JSON.stringify({ id: "ada", traits: { name: "Ada" } })}\n${JSON.stringify({ id: "bea", traits: { name: "Bea" } })}\n`,
);
write(
  "signals.jsonl",
  [signal("1", "go", "ada"), signal("2", "call", "bea"), signal("3", "message.received", "ada", { channel: "box", text: "?" })].join("\n"),
);

let data = "";
let folders = 0;

async function type(command: string, words: readonly string[] = [], options: TypedOptions = {}) {
  const said = { out: [] as string[], noted: [] as string[] };
  const io: Io = {
    ...{ out: (line) => void said.out.push(line), note: (line) => void said.noted.push(line), warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment: {}, columns: 100, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  const status = await runTyped(command, words, { data, ...options }, io);
  return { status, out: said.out.join("\n"), noted: said.noted.join("\n") };
}

/** The output of a command without `--data`, in a given environment. */
async function typeOn(environment: Io["environment"], command: string, words: readonly string[], options: TypedOptions): Promise<string> {
  const out: string[] = [];
  const io: Io = {
    ...{ out: (line) => void out.push(line), note: () => {}, warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment, columns: 100, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  await runTyped(command, words, options, io);
  return out.join("\n");
}

/** The output of `--json`: one value. */
const json = async (command: string, words: readonly string[] = [], options: TypedOptions = {}) =>
  JSON.parse((await type(command, words, { ...options, json: true })).out);

beforeAll(async () => {
  await type(run, [workspace], { until: "2026-06-01T12:00:00Z", data: join(root, "replayed") });
});
beforeEach(() => {
  data = join(root, `data-${folders++}`);
  cpSync(join(root, "replayed"), data, { recursive: true });
});

describe("dead letters", () => {
  beforeEach(async () => {
    const store = await openStore({ dataDir: data, now: Date.now });
    const { pool } = store.database;
    await pool.query(
      `insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, attempts, error, dead_at)
       select 900 + n, 'web', 's-' || n, 'go', 'ada', now(), now(), '{}', 'h', 5, '{"name": "error", "code": "22P02", "message": "no such value"}', '2026-06-01T12:00:00Z'
         from generate_series(1, 2) n`,
    );
    await pool.query(
      `insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at)
       values ('bea', 'daily', 'clock.daily', '2026-06-01T11:00:00Z', 5, '{"name": "TypeError", "message": "x of undefined"}', '2026-06-01T12:30:00Z')`,
    );
    await store.close();
  });

  test("B1: are listed with their reason, and revived or discarded with the user in the audit", async () => {
    expect((await type(listDead)).out.split("\n")).toEqual([
      expect.stringMatching(/^x_\w{10} {2}2026-06-01 12:30 {2}bea {2}timer clock\.daily {2}after 5 tries {2}TypeError: x of undefined$/),
      ...Array(2).fill(
        expect.stringMatching(/^x_\w{10} {2}2026-06-01 12:00 {2}ada {2}signal go {10}after 5 tries {2}22P02: no such value$/),
      ),
    ]);
    const [timer, signal] = await json(listDead);
    expect(await json(listDead, [], { code: "22P02", customer: "ada", limit: "1" })).toEqual([signal]);
    expect(await json(reviveDead, [timer.id.slice(0, 12)], { by: "pia", note: "mended" })).toEqual({ changed: true, revived: [timer] });
    expect((await type(discardDead, [], { code: "22P02", by: "pia" })).noted).toBe("2 dead letters are discarded");
    expect(await type(listDead)).toEqual({ status: DONE, out: "", noted: "no dead letters" });
    expect(await json(reviveDead, [], { all: true })).toEqual({ changed: false, revived: [] });
    const entries = (await json(audit)).filter((one: { action: string }) => one.action.startsWith("dead."));
    expect(entries).toMatchObject([
      { by: "pia", action: "dead.revived", target: timer.id, customerId: "bea", details: { timer: "clock.daily", note: "mended" } },
      ...Array(2).fill({ by: "pia", action: "dead.discarded", customerId: "ada", details: { code: "22P02", type: "go" } }),
    ]);
  });

  test("B1: are read from the server in SENTIENT_URL, whatever store is in the folder", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.setHeader("content-type", "application/json").end(JSON.stringify({ dead: [], changed: false, revived: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const environment = { SENTIENT_URL: `http://127.0.0.1:${port}`, SENTIENT_OPERATOR_KEYS: "operator-key-of-a-test" };
    try {
      expect(await typeOn(environment, listDead, [], { json: true })).toBe("[]");
      expect(JSON.parse(await typeOn(environment, reviveDead, [], { all: true, json: true }))).toMatchObject({
        changed: false,
        revived: [],
      });
    } finally {
      server.close();
    }
    expect(asked).toEqual(["GET /v1/dead?limit=50 Bearer operator-key-of-a-test", "POST /v1/dead/revive Bearer operator-key-of-a-test"]);
  });

  test("that are unknown, or not named, are reported with what to do", async () => {
    await expect(type(reviveDead, ["x_none"])).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("sentient dead list"),
    });
    await expect(type(discardDead)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("--all") });
    await expect(type(discardDead, ["x_"], { all: true })).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(type(discardDead, ["x_"])).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("several") });
  });
});

describe("tasks", () => {
  test("are listed by queue with overdue ones marked, claimed, returned and done once, with the user recorded", async () => {
    expect((await type(tasks)).out).toMatch(/^showroom\n {2}t_\S+ {2}overdue 2026-06-01 11:00 {2}bea {2}Call Bea$/);
    const [{ taskId }] = await json(tasks);
    expect((await type(claim, [taskId])).out).toContain(`is claimed by ${userInfo().username}: Call Bea`);
    expect((await type(giveBack, [taskId], { note: "nobody answers" })).out).toMatch(/ is in the queue showroom: Call Bea$/);
    expect((await type(giveBack, [taskId])).out).toContain("was already in the queue showroom");
    expect((await type(done, [taskId], { contacted: true, by: "pia" })).out).toMatch(
      /is done by pia, the customer was contacted: Call Bea/,
    );
    expect(await json(done, [taskId], { contacted: true, by: "olga" })).toMatchObject({ changed: false, endedBy: "pia", decisions: [] });
    const empty = await type(tasks);
    expect({ ...empty, noted: empty.noted.includes("--all") }).toEqual({ status: DONE, out: "", noted: true });
    expect((await type(tasks, [], { all: true })).out).toContain("done by pia, 2026-06-01 12:00, customer contacted");
    expect((await type(showCustomer, ["bea"])).out).toMatch(/Touches\n {2}2026-06-01 12:00 {2}call/);
  });

  test("done with a contact by an unknown method are refused", async () => {
    await expect(type(done, ["t_"], { kind: "owl" })).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: "--kind owl: expected call, chat, visit",
    });
  });

  test("are refused when the acting user is unknown", async () => {
    await expect(type(claim, ["t_"], { by: "  " })).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("--by NAME"),
    });
  });
});

describe("approvals", () => {
  test("given are judged and sent at once, on the replay's clock", async () => {
    expect((await type(listApprovals)).out).toMatch(
      /^a_\S+ {2}2026-06-01 10:00 {2}ada {2}big {2}box {2}500 {2}“Hello” {2}high value {2}for m, open until 2026-07-01 10:00$/,
    );
    const [{ approvalId }] = await json(listApprovals);
    const answered = await type(approve, [approvalId], { by: "olga", note: "fine" });
    expect(answered.out).toMatch(/is approved by olga: big for ada\n2026-06-01 12:00 {2}ada +deliver +big → box/);
    expect(await json(listApprovals)).toEqual([]);
    expect(await json(listApprovals, [], { all: true })).toMatchObject([{ state: "approved", answeredBy: "olga", note: "fine" }]);
  });

  test("W6: are shown with their message, amount, reason and end, and once answered with the answer", async () => {
    const [{ approvalId }] = await json(listApprovals);
    const shown = "approvals show";
    const { out } = await type(shown, [approvalId.slice(0, 12)]);
    expect(out.split("\n").slice(0, 5)).toEqual([
      "big  to ada by box",
      "  asked    2026-06-01 10:00",
      "  because  high value",
      "  amount   500",
      "  until    2026-07-01 10:00 (m)",
    ]);
    expect(out).toContain("text\n  Hello");
    expect(await json(shown, [approvalId])).toMatchObject({
      approvalId,
      amount: 500,
      content: { text: "Hello" },
      facts: {},
      expiresAt: "2026-07-01T10:00:01Z",
    });
    await type(reject, [approvalId], { by: "olga" });
    expect((await type(shown, [approvalId])).out).toMatch(/^big {2}for ada\n[\s\S]* {2}answer {3}rejected by olga$/);
  });

  test("refused are printed as one value with the decision", async () => {
    const [{ approvalId }] = await json(listApprovals);
    expect(await json(reject, [approvalId])).toMatchObject({
      ...{ changed: true, state: "rejected" },
      decisions: [{ action: "silence", reasons: [{ code: "approval_rejected" }] }],
    });
    await expect(type(approve, [approvalId])).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

test("promises are listed and kept manually", async () => {
  expect((await type(promises)).out).toMatch(/^p_\S+ {2}due 2026-06-02 10:00 {2}ada {2}reply {2}owed by service$/);
  const [{ promiseId }] = await json(promises);
  expect((await type(kept, [promiseId], { by: "olga" })).out).toContain("is kept (olga): reply for ada");
  expect((await type(promises)).noted).toContain("no promises are open");
});

test("a pause and its resume use the same target, after which messages are sent", async () => {
  expect((await type(pause, [], { channel: "box", department: "sales", by: "olga" })).out).toMatch(
    /^paused {2}channel box +by olga since \S+ \S+\npaused {2}department sales +by olga/,
  );
  expect((await type(pause, [], { channel: "box" })).noted).toContain("it was paused already");
  const [{ approvalId }] = await json(listApprovals);
  expect(await json(approve, [approvalId])).toMatchObject({ decisions: [{ action: "silence", reasons: [{ code: "suppressed" }] }] });
  const everything = await type(resume);
  expect(everything.out).toMatch(/^it was not paused\nstill paused {2}channel box.*\nstill paused {2}department sales/);
  expect(await json(resume, [], { channel: "box", department: "sales" })).toMatchObject({
    ...{ changed: true, pauses: [], handedOver: 0, tooLate: 0 },
    decisions: [{ action: "deliver", deliveries: [{ status: "sent" }] }],
  });
  expect((await type(pauses)).noted).toBe("nothing is paused");
  expect((await type(audit)).out).toMatch(/olga {2,}paused +channel box\n.*olga {2,}paused +department sales\n.*approval.approved/);
  await expect(type(pause, [], { channel: "owl" })).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: "no channel owl; there are: box, desk",
  });
});

test("a customer is exported into an owner-only file, and erased only when confirmed", async () => {
  const out = join(root, `ada-${folders}.json`);
  expect((await type(exportPerson, ["ada"], { out })).out).toMatch(/^everything held about ada is in .*: \d+ rows$/);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ customerId: "ada", tables: { approvals: [{ state: "pending" }] } });
  expect(await json(exportPerson, ["ada"])).toMatchObject({ customerId: "ada", record: { customer_id: "ada" } });

  await expect(type(erase, ["ada"])).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("--yes") });
  expect(await json(erase, ["ada"], { yes: true, by: "olga" })).toMatchObject({
    customerId: "ada",
    by: "olga",
    removed: { customers: 1, approvals: 1 },
  });
  await expect(type(showCustomer, ["ada"])).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(type(erase, ["ada"], { yes: true })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("was erased by olga"),
  });
});

test("a successful run is not retried", async () => {
  await expect(type(retry, ["r_"])).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining("several runs begin with"),
  });
  await expect(type(retry, ["none"])).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("the age of facts is given by the replay's clock", async () => {
  expect((await type(showCustomer, ["ada"])).out).toContain('name  "Ada"  import, 1h ago');
});

describe("one person under two ids", () => {
  test("is merged on a replayed store, judged at once, and split again", async () => {
    await expect(type(merge, ["ada"])).rejects.toMatchObject({ code: "BAD_INPUT", message: "customers merge needs --into ID" });
    expect((await type(merge, ["bea"], { into: "ada", by: "olga" })).out).toContain("bea is merged into ada");
    expect(await json(merge, ["bea"], { into: "ada" })).toMatchObject({ changed: false, customerId: "bea", into: "ada" });
    expect((await type(showCustomer, ["bea"])).out).toContain("also known as bea");
    expect((await type(split, ["bea"])).out).toContain("bea is separate again from ada");
    expect((await type(audit)).out).toMatch(/olga +customer\.merged/);
  });

  test("a deliverable address cannot be restored, and nothing is changed", async () => {
    expect(await json(lift, ["ada"])).toMatchObject({ customerId: "ada", changed: false, lifted: [] });
    await expect(type(lift, ["nobody"])).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
