import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import { type Ended, sentientWith, startSentient, withoutServers } from "../testing/command-line.ts";
import { PAGER_EXAMPLE, PAGER_KEY } from "../testing/own-channel.ts";
import { READS_TYPESCRIPT, startSentient as startProcess } from "../testing/process.ts";
import { type Received, startHttpProvider, type TestProvider } from "../testing/providers/http-provider.ts";
import { until } from "../testing/service.ts";

let dir = "";
let provider: TestProvider<Received>;
beforeAll(async () => {
  provider = await startHttpProvider({ status: 201, body: '{"id": "page-1"}' });
  dir = mkdtempSync(join(tmpdir(), "sentient-load-channels-"));
  cpSync(PAGER_EXAMPLE, join(dir, "good"), { recursive: true });
  cpSync(PAGER_EXAMPLE, join(dir, "bad"), { recursive: true });
});
afterAll(async () => {
  await provider?.close();
  rmSync(dir, { recursive: true, force: true });
});

const ran = (...words: string[]): Promise<Ended> => sentientWith({ PAGER_URL: provider.url, PAGER_KEY }, words);
const inOwnProcess = (...words: string[]): Promise<Ended> =>
  startSentient(words, { ...withoutServers(), PAGER_URL: provider.url, PAGER_KEY }).ended;
const good = () => join(dir, "good");

test("check, run and eval know the channel by its file alone, and nothing is sent", async () => {
  expect(await ran("check", good())).toMatchObject({
    code: 0,
    out: [expect.stringContaining("is sound")],
    err: expect.stringMatching(/running channels\/pager\.ts/),
  });
  const data = join(dir, "data");
  const { out, ...run } = await ran("run", good(), "--data", data, "--json");
  expect([run.code, run.err]).toEqual([0, expect.anything()]);
  const decisions = out.map((line) => JSON.parse(line) as Decision);
  expect(decisions.map(({ customerId, action, deliveries }) => [customerId, action, deliveries[0]?.to])).toEqual([
    ["ann", "deliver", "+15555550100"],
    ["ben", "silence", undefined],
  ]);
  const replayed = await ran("replay", "--workspace", good(), "--data", data, "--json");
  expect([replayed.code, JSON.parse(replayed.out[0] ?? "{}")]).toMatchObject([0, { same: 2 }]);
  expect(await ran("eval", "--workspace", good())).toMatchObject({ code: 0 });
  expect(provider.taken).toEqual([]);
});

test("run --live sends through it, with the options of the workspace", async () => {
  // Current time: no message is sent for a moment that is over.
  const event = { specversion: "1.0", id: "l-1", source: "garage", type: "repair.done", subject: "ann", time: new Date().toISOString() };
  writeFileSync(join(dir, "now.jsonl"), `${JSON.stringify(event)}\n`);
  expect(await inOwnProcess("run", good(), "--live", "--signals", join(dir, "now.jsonl"), "--json")).toMatchObject({ code: 0 });
  const received = provider.taken.splice(0).map(({ body, headers }) => [JSON.parse(body.toString()), headers.authorization]);
  expect(received).toEqual([[{ to: "+15555550100", text: "Your car is ready, Ann." }, `Bearer ${PAGER_KEY}`]]);
});

test("dev sends through it", async () => {
  const dev = startProcess(["dev", "--port", "0", "--json"], { PAGER_URL: provider.url, PAGER_KEY }, good());
  const [line] = await dev.line(/^\{"url".*/);
  const { url, writeKey } = JSON.parse(line) as Record<string, string>;
  const event = { specversion: "1.0", id: "d-1", source: "garage", type: "repair.done", subject: "ann" };
  const headers = { authorization: `Bearer ${writeKey}`, "content-type": "application/cloudevents+json" };
  expect((await fetch(`${url}/v1/signals`, { method: "POST", headers, body: JSON.stringify(event) })).status).toBe(202);
  await until(() => provider.taken.length > 0, "the page");
  expect(JSON.parse(provider.taken[0]?.body.toString() ?? "{}")).toMatchObject({ text: "Your car is ready, Ann." });
  dev.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
});

test("a program that embeds it sends through it", async () => {
  const before = provider.taken.length;
  const program = `import { createRuntime } from ${JSON.stringify(join(import.meta.dirname, "..", "index.ts"))};
    const runtime = await createRuntime({ workspace: ${JSON.stringify(good())}, environment: process.env, live: true });
    await runtime.send({ specversion: "1.0", id: "e-1", source: "garage", type: "repair.done", subject: "ann" });
    await runtime.settled();
    await runtime.stop();`;
  writeFileSync(join(dir, "program.mjs"), program);
  const environment = { ...withoutServers(), PAGER_URL: provider.url, PAGER_KEY } as NodeJS.ProcessEnv;
  await promisify(execFile)(process.execPath, [...READS_TYPESCRIPT, join(dir, "program.mjs")], { env: environment });
  expect(provider.taken.length).toBe(before + 1);
});

/** One file per mistake: all are reported at once, without follow-up problems about missing kinds. */
const pager = readFileSync(join(PAGER_EXAMPLE, "channels", "pager.ts"), "utf8");
const MISTAKES = {
  "taken.ts": [pager.replace('kind: "pager"', 'kind: "smtp"'), /^kind smtp is taken by the product; expected another name$/],
  "zwei.ts": [pager, /^kind pager is taken by channels\/pager\.ts; expected another name$/],
  "misspelt.ts": [pager.replace('kind: "pager",', 'kind: "beeper", consents: "free",'), /^beeper: consents is no member of a channel$/],
  "missing.ts": ["export const horn = { kind: 'horn', connect: 1 };", /^horn: options: expected a z\.object\(\{…\}\) of its options/],
  "none.ts": ["export const x = 1;", /^exports no channel; expected: export const pager = defineChannel/],
  "throws.ts": ["throw new Error('no key');", /^cannot be loaded: no key$/],
  "broken.ts": ["export const = 1;", /^cannot be loaded: .*Expected identifier/s],
  "getter.ts": ["export const x = { get kind() { throw new Error('no kind'); }, connect() {}, options: 1 };", /^cannot be read: no kind$/],
  "unknown.ts": ['import "not-there-at-all";', /^cannot be loaded: .*not-there-at-all/s],
} as const;

test("check reports every mistake in channels with its file, and the valid ones are loaded", async () => {
  const channels = join(dir, "bad", "channels");
  for (const [file, [code]] of Object.entries(MISTAKES)) writeFileSync(join(channels, file), code);
  const more = "export const horn = { ...pager, kind: 'horn' }; export const LONGEST = 200; export default horn;";
  writeFileSync(join(channels, "pager.ts"), `${pager}\n${more}`);
  writeFileSync(join(channels, "pager.test.ts"), "throw new Error('a test');");
  const settings = readFileSync(join(dir, "bad", "sentient.yaml"), "utf8").replace(
    "beeper:",
    "toot: {kind: horn}\n  lost: {kind: beeper}\n  beeper:",
  );
  writeFileSync(join(dir, "bad", "sentient.yaml"), settings);
  const { code, out } = await inOwnProcess("check", join(dir, "bad"), "--json");
  const { problems } = JSON.parse(out[0] ?? "{}") as { problems: { file: string; message: string }[] };
  expect(code).toBe(2);
  for (const [file, [, message]] of Object.entries(MISTAKES))
    expect(problems).toContainEqual({ level: "error", file: `channels/${file}`, message: expect.stringMatching(message) });
  const others = problems.filter(({ file }) => !(file.replace("channels/", "") in MISTAKES));
  expect(others).toEqual([]);
});
