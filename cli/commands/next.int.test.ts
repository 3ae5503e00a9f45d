import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { listen } from "../../server/listen.ts";
import { openTestService, PLAIN_KEY, WRITE_KEY } from "../../testing/service.ts";
import { runTyped, type TypedOptions } from "../../testing/typed/typed-command.ts";
import { createPaint, type Io } from "../io.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-next-"));
const data = join(dir, "data");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function type(command: string, words: readonly string[], options: TypedOptions, environment: Io["environment"] = {}) {
  const out: string[] = [];
  const io: Io = {
    ...{ out: (line) => void out.push(line), note: () => {}, warn: () => {}, progress: () => {}, environment },
    ...{ paint: createPaint(false), stdin: Readable.from([]), columns: 100, isTerminal: false, now: Date.now, isStopped: () => false },
  };
  const status = await runTyped(command, words, options, io);
  return { status, out: out.join("\n") };
}
const ASK = { customer: "ada", channel: "web", context: '{"page": "home"}' };
const next = async (options: TypedOptions = {}, environment?: Io["environment"]) =>
  JSON.parse((await type("next", [], { ...ASK, ...(environment ? {} : { data }), json: true, ...options }, environment)).out);

beforeAll(async () => {
  mkdirSync(join(dir, "experiences"));
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  write(
    "sentient.yaml",
    `version: 1
name: Asked
timezone: UTC
departments: [sales]
channels: {web: {kind: pull, places: [hero, banner]}}
moments: {m: {on: go, expires: 30d}}
# An ask from here has an id by chance, and each draw is made from it.
learning: {explore: none}
`,
  );
  write("experiences/hello.yaml", "id: hello\nserves: [asking]\nchannels: {web: {content: {text: 'Hello on {{ ask.context.page }}'}}}\n");
  write("experiences/m.yaml", "id: m\nserves: [m]\nvalue: 9\nchannels: {web: {content: {text: M}}}\n");
  const signal = { specversion: "1.0", id: "1", source: "t", type: "go", subject: "ada", time: "2026-06-01T10:00:00Z" };
  write("signals.jsonl", JSON.stringify(signal));
  await type("run", [dir], { data, until: "2026-06-01T12:00:00Z" });
});

test("a store that no server owns decides by itself, at its own time", async () => {
  const answer = await next();
  expect(answer).toMatchObject({
    ...{ customerId: "ada", decidedAt: "2026-06-01T12:00:00Z", late: false },
    places: {
      hero: { action: "deliver", experienceId: "m", content: { text: "M" }, again: false },
      banner: { action: "deliver", experienceId: "hello", content: { text: "Hello on home" } },
    },
  });
  expect(await next({ place: "hero" })).toMatchObject({ places: { hero: { again: true, deliveryId: answer.places.hero.deliveryId } } });
  const { places } = await next({ place: "banner", experience: "hello", customer: "new" });
  expect([Object.keys(places), places.banner.experienceId]).toEqual([["banner"], "hello"]);
  const { status, out } = await type("next", [], { ...ASK, data, place: "hero" });
  expect([status, out]).toEqual([0, expect.stringMatching(/^ada {2}2026-06-01 12:00\n\nhero {2}m {2}again\n {2}\{\n {4}"text": "M"/)]);
});

test("a store of a service that does not run decides at the time of the clock, and gives; while a process owns it, it is refused", async () => {
  const live = join(dir, "live");
  const { policy } = (await openWorkspace(dir, { environment: {} })).workspace;
  const service = () => createRuntime({ policy, dataDir: live, live: true, works: false, now: Date.now });
  await (await service()).close();
  const began = Date.now();
  const ask = { data: live, workspace: dir, place: "banner", customer: "bob" };
  const first = await next(ask);
  expect(first).toMatchObject({ late: false, places: { banner: { action: "deliver", experienceId: "hello", again: false } } });
  expect(Date.parse(first.decidedAt)).toBeGreaterThanOrEqual(Math.trunc(began / 1000) * 1000);
  expect(await next(ask)).toMatchObject({ places: { banner: { again: true, deliveryId: first.places.banner.deliveryId } } });
  const owner = await service();
  const [given] = (await owner.store.database.pool.query("select status, recorded from deliveries")).rows;
  expect(given).toEqual({ status: "sent", recorded: false });
  await expect(next(ask)).rejects.toMatchObject({ code: "STORE_OWNED" });
  await owner.close();
});

test.each<readonly [string, TypedOptions, string, string]>([
  ["an unknown channel", { channel: "kiosk" }, "NOT_FOUND", "channel: kiosk"],
  ["an unknown place", { place: "footer" }, "NOT_FOUND", "footer"],
  ["an unknown experience", { experience: "none" }, "NOT_FOUND", "none"],
  ["a context that is no object", { context: "[1]" }, "BAD_INPUT", "context"],
  ["a context that is no JSON", { context: "{" }, "BAD_INPUT", "--context"],
  ["no store", { data: join(dir, "none") }, "NOT_FOUND", "no store"],
])("%s is refused", async (_what, options, code, message) => {
  await expect(next(options)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test("the running server is asked, with a key that may", async () => {
  const running = await openTestService((await openWorkspace(dir, { environment: {} })).workspace.policy, { remove: async () => {} });
  const listening = await listen(running.app, { host: "127.0.0.1", port: 0 });
  const at = (keys: string) => ({ SENTIENT_URL: listening.url, SENTIENT_WRITE_KEYS: keys });
  expect(await next({ place: "hero" }, at(`${PLAIN_KEY},${WRITE_KEY}+ask`))).toMatchObject({ places: { hero: { experienceId: "hello" } } });
  await expect(next({}, at(PLAIN_KEY))).rejects.toMatchObject({ code: "FORBIDDEN", message: expect.stringContaining("+ask") });
  await listening.close();
  await running.close();
});
