import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { createRuntime, createScriptedModel, type Runtime, type RuntimeOptions, type SignalEvent } from "../index.ts";
import { openFakeOpenAi } from "../testing/providers/fake-openai.ts";
import { describeOn, sharedEngines, testEmbedded } from "../testing/service.ts";

const MONDAY = Date.UTC(2026, 2, 2, 10);
const DAY = 24 * 3_600_000;

let workspace: string;
let dataDir: string;
let clock = MONDAY;
const open: Runtime[] = [];

beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), "sentient-embed-"));
  workspace = join(root, "workspace");
  dataDir = join(root, "data");
  mkdirSync(join(workspace, "experiences"), { recursive: true });
  const write = (file: string, lines: readonly string[]): void => writeFileSync(join(workspace, file), `${lines.join("\n")}\n`);
  write("sentient.yaml", [
    ...["version: 1", "model: {}", "name: Corner Coffee", "timezone: UTC", "departments: [service]"],
    'channels: {box: {kind: file}, desk: {kind: human, queue: "${QUEUE:-baristas}"}}',
    "moments:",
    "  unhappy: {on: complaint.made, expires: 2d}",
    "  gone_quiet: {absent: {signal: order.placed, for: 14d}, expires: 7d}",
    "  wants_letter: {on: letter.wanted, expires: 7d}",
  ]);
  const experience = (id: string, lines: readonly string[]): void =>
    write(`experiences/${id}.yaml`, [`id: ${id}`, "department: service", "status: approved", ...lines]);
  experience("sorry", ["serves: [unhappy]", 'channels: {desk: {summary: "{{ customer.firstName }} is unhappy", dueIn: 4h}}']);
  experience("miss-you", ["serves: [gone_quiet]", "channels: {box: {text: It has been a while.}}"]);
  experience("letter", ["serves: [wants_letter]", "judge: The customer likes letters.", "channels: {box: {text: Dear customer}}"]);
  write("customers.jsonl", ['{"id": "ines", "traits": {"firstName": "Ines", "likes": "letters"}}']);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
  clock = MONDAY;
});
afterAll(() => rmSync(join(workspace, ".."), { recursive: true, force: true }));

async function embed(options: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  const runtime = await createRuntime({ workspace, now: () => clock, ...options });
  open.push(runtime);
  return runtime;
}

let sent = 0;
const signal = (type: string, more: Partial<SignalEvent> = {}): SignalEvent => ({
  ...{ specversion: "1.0", id: `s-${sent++}`, source: "till", type, subject: "ines" },
  ...more,
});

testEmbedded("signals are ingested, decided and looked up; tasks are worked on through operations", async () => {
  const runtime = await embed();
  const complaint = signal("complaint.made");
  expect(await runtime.send(complaint)).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
  const again = await runtime.send([complaint, signal("order.placed", { subject: "tom" })]);
  expect(again).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
  await runtime.settled();

  const decisions = await runtime.decisions({ customerId: "ines" });
  expect(decisions).toMatchObject([{ customerId: "ines", action: "deliver", experienceId: "sorry", decidedAt: "2026-03-02T10:00:00Z" }]);
  expect((await runtime.decisions()).length).toBeGreaterThanOrEqual(1);
  expect(await runtime.decisions({ limit: 0 })).toEqual([]);

  expect(await runtime.customer("ines")).toMatchObject({
    customerId: "ines",
    moments: [],
    fields: [{ value: "Ines" }, { value: "letters" }],
  });
  await expect(runtime.customer("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });

  const [task] = await runtime.operations.tasks.list({ limit: 10 });
  expect(task).toMatchObject({ customerId: "ines", queue: "baristas", summary: "Ines is unhappy", state: "open" });
  await runtime.operations.tasks.done({ id: task?.taskId ?? "", contacted: "call" }, { by: "ann" });
  await runtime.settled();
  expect((await runtime.customer("ines")).touches).toEqual([expect.objectContaining({ kind: "call" })]);
  expect(await runtime.operations.audit.list({ limit: 1 })).toMatchObject([{ by: "ann", customerId: "ines" }]);
  const { tasks, next } = await runtime.operations.tasks.list({ limit: 1, all: true, paged: true });
  expect([tasks, next]).toMatchObject([[{ customerId: "ines", state: "done" }], undefined]);
});

testEmbedded("an invalid signal is rejected with its position and reason, and the others are accepted", async () => {
  const runtime = await embed();
  const { rejected, accepted } = await runtime.send([
    signal("order.placed", { subject: undefined }),
    signal("order.placed", { data: { amount: 3n } }),
    signal("order.placed", { source: "sentient" }),
    undefined as unknown as SignalEvent,
    signal("order.placed"),
  ]);
  expect(accepted).toBe(1);
  expect(rejected.map(({ index, code, error }) => [index, code, error])).toEqual([
    [0, "BAD_INPUT", expect.stringContaining("names no customer")],
    [1, "BAD_INPUT", expect.stringContaining("BigInt")],
    [2, "BAD_INPUT", expect.stringContaining("name another source")],
    [3, "BAD_INPUT", expect.any(String)],
  ]);
});

testEmbedded("time is the program's: due timers are decided at that time", async () => {
  const runtime = await embed();
  await runtime.send(signal("order.placed"));
  await runtime.settled();
  clock += 15 * DAY;
  await runtime.settled();
  const last = (await runtime.decisions({ customerId: "ines" })).at(-1);
  expect(last).toMatchObject({ action: "deliver", experienceId: "miss-you", decidedAt: "2026-03-17T10:00:00Z" });
  // By default nothing leaves the machine.
  expect(last?.deliveries).toMatchObject([{ channel: "box", status: "sent", recorded: true }]);
});

testEmbedded("a model of the program answers, and the log is the program's", async () => {
  const verdicts = [{ criterion: "c1", verdict: "met", reason: "she likes them", evidence: ["customer.likes"] }];
  const model = createScriptedModel([{ prompt: "judge-criteria", says: { verdicts } }]);
  const lines: string[] = [];
  const runtime = await embed({ model, log: (line) => lines.push(line) });
  await runtime.send(signal("letter.wanted"));
  await runtime.settled();
  expect(await runtime.decisions()).toMatchObject([{ action: "deliver", experienceId: "letter" }]);
  expect([model.asked.length, model.unspent()]).toEqual([1, []]);
  expect(lines.map((line) => JSON.parse(line))).toContainEqual({
    ...{ time: "2026-03-02T10:00:00.000Z", level: "info" },
    ...{ message: "customers imported", count: 1 },
  });
});

testEmbedded("without the program's own model, the workspace's is called at the endpoint in the environment", async () => {
  const verdicts = [{ criterion: "c1", verdict: "not_met", reason: "she does not", evidence: ["customer.likes"] }];
  const endpoint = await openFakeOpenAi(() => ({ value: { verdicts } }));
  try {
    const runtime = await embed({ environment: { OPENAI_BASE_URL: endpoint.url, OPENAI_MODEL: "small" } });
    await runtime.send(signal("letter.wanted"));
    await runtime.settled();
    expect(await runtime.decisions()).toMatchObject([{ action: "silence", reasons: [{ code: "judge_declined", decidedBy: "model" }] }]);
    expect(endpoint.requests).toMatchObject([{ model: "small" }]);
  } finally {
    await endpoint.close();
  }
});

testEmbedded("a store in a folder persists: one process owns it, live channels write there, and a later runtime continues", async () => {
  const first = await embed({ dataDir, live: true });
  await expect(embed({ dataDir })).rejects.toMatchObject({ code: "STORE_OWNED" });
  await first.send(signal("order.placed"));
  await first.settled();
  clock += 15 * DAY;
  await first.settled();
  expect(readFileSync(join(dataDir, "outbox.jsonl"), "utf8")).toContain("It has been a while.");
  const before = await first.decisions();
  await first.stop();
  await first.stop();

  await using second = await embed({ dataDir });
  expect(await second.decisions()).toEqual(before);
});

testEmbedded("settled: the wait for a paused agent ends when the caller aborts", async () => {
  const runtime = await embed({ environment: { QUEUE: "bar" } });
  await runtime.operations.pauses.pause({ target: { scope: "agent", name: "signal-interpreter" } }, { by: "ann" });
  await runtime.send(signal("complaint.made"));
  const stop = new AbortController();
  const settled = runtime.settled({ signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(settled).rejects.toThrow("enough");
  expect(await runtime.decisions()).toEqual([]);
  await runtime.operations.pauses.resume({ target: { scope: "agent", name: "signal-interpreter" } }, { by: "ann" });
  await runtime.settled();
  expect(await runtime.decisions()).toMatchObject([{ experienceId: "sorry" }]);
  // Values of `${NAME}` in the workspace come from the program too.
  expect(await runtime.operations.tasks.list({ limit: 1 })).toMatchObject([{ queue: "bar" }]);
});

testEmbedded.each([
  ["a workspace that is not there", { workspace: "/nowhere" }, /no such folder/],
  ["a variable of ours that is wrong", { environment: { REDIS_URL: "not a server" } }, /REDIS_URL/],
])("%s is an error that names it", async (_what, options, message) => {
  await expect(embed(options)).rejects.toMatchObject({ code: "BAD_CONFIG", message: expect.stringMatching(message) });
});

testEmbedded.each<[string, unknown, RegExp]>([
  ["no options", undefined, /^createRuntime: expected an object with workspace$/],
  ["no workspace", {}, /^createRuntime: workspace: expected the path of a folder$/],
  ["a misspelt option", { workspace: "w", datadir: "d" }, /datadir: no such option; expected workspace, dataDir, environment/],
  ["a folder without a name", { workspace: "w", dataDir: "" }, /dataDir: expected the path of a folder/],
  ["a text for live", { workspace: "w", live: "false" }, /live: expected true or false/],
  ["variables that are none", { workspace: "w", environment: { A: 1 } }, /environment: expected an object of texts/],
  ["a model that is none", { workspace: "w", model: {} }, /model: expected a model/],
  ["a time for now", { workspace: "w", now: 7 }, /now: expected a function/],
  ["a log that is no function", { workspace: "w", log: console }, /log: expected a function/],
])("%s: createRuntime refuses it and says what it expects", async (_what, options, message) => {
  await expect(createRuntime(options as RuntimeOptions)).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(message),
  });
});

testEmbedded("inputs of a program are checked as those of the HTTP API, and change nothing where they are wrong", async () => {
  const runtime = await embed();
  await runtime.send(signal("complaint.made"));
  await runtime.settled();
  const { tasks, pauses } = runtime.operations;
  const [task] = await tasks.list({ limit: 2_000, customerId: "ines" });
  const id = task?.taskId ?? "";
  const none = undefined as never;
  const wrong: readonly [() => Promise<unknown>, RegExp][] = [
    [() => tasks.done({ id: "" }, { by: "ann" }), /^id: expected an id$/],
    [() => tasks.done(none, { by: "ann" }), /^expected an object$/],
    [() => tasks.done({ id }, none), /^actor: /],
    [() => tasks.done({ id }, { by: "  " }), /^actor.by: expected the name of the operator$/],
    [() => tasks.done({ id, contacted: "pigeon" as never }, { by: "ann" }), /^contacted: /],
    [() => tasks.list({ limit: -1 }), /^limit: expected at least 1$/],
    [() => tasks.list({ limit: Number.NaN }), /^limit is beyond what a number can hold$/],
    [() => tasks.list({ limit: 1.5 }), /^limit: expected a whole number$/],
    [() => tasks.claim({ id: "a\u0000" }, { by: "ann" }), /NUL/],
    [() => pauses.pause({ target: { scope: "street", name: "a" } as never }, { by: "ann" }), /^target\.scope: /],
    [() => runtime.decisions({ limit: 1.5 }), /^limit: expected a whole number from 0$/],
    [() => runtime.decisions({ customerId: 5 as never }), /^customerId: expected text$/],
    [() => runtime.customer("a\u0000"), /NUL/],
    [() => runtime.customer(none), /^customerId: expected text$/],
  ];
  for (const [ask, message] of wrong)
    await expect(ask()).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringMatching(message) });
  expect(await tasks.list({ limit: 5 })).toMatchObject([{ taskId: id, state: "open" }]);
  expect(await runtime.operations.audit.list({ limit: 5 })).toEqual([]);
});

testEmbedded("an error of the program's log loses the line, and nothing else", async () => {
  const log = vi.fn(() => {
    throw new Error("disk full");
  });
  const runtime = await embed({ log });
  await runtime.send(signal("complaint.made"));
  await runtime.settled();
  expect(log).toHaveBeenCalled();
  expect(await runtime.decisions()).toHaveLength(1);
});

testEmbedded("a runtime that is stopped says so, also to a caller that still waits", async () => {
  const runtime = await embed();
  await runtime.operations.pauses.pause({ target: { scope: "agent", name: "signal-interpreter" } }, { by: "ann" });
  await runtime.send(signal("complaint.made"));
  const waiting = expect(runtime.settled()).rejects.toMatchObject({ code: "INTERRUPTED" });
  await Promise.all([runtime.stop(), runtime.stop()]);
  await waiting;
  const asked: readonly (() => Promise<unknown>)[] = [
    () => runtime.send(signal("complaint.made")),
    () => runtime.settled(),
    () => runtime.decisions(),
    () => runtime.operations.tasks.list({ limit: 1 }),
  ];
  for (const ask of asked)
    await expect(ask()).rejects.toMatchObject({ code: "INTERRUPTED", message: expect.stringMatching(/^the runtime is stopped/) });
});

describeOn(sharedEngines, "on $name", (engine) => {
  test("the store is the server in the environment, unless the program names a folder", async () => {
    const place = await engine.place();
    try {
      const environment = { DATABASE_URL: place.databaseUrl, REDIS_URL: place.redisUrl };
      const [here, there] = [await embed({ environment }), await embed({ environment })];
      await here.send(signal("complaint.made"));
      await here.settled();
      expect(await there.decisions()).toMatchObject([{ experienceId: "sorry" }]);
      expect(await (await embed({ environment, dataDir: join(dataDir, "own") })).decisions()).toEqual([]);
      for (const one of open.splice(0)) await one.stop();
    } finally {
      await place.remove();
    }
  });
});
