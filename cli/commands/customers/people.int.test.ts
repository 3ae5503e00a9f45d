import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listening, listen } from "../../../server/listen.ts";
import { policyOf } from "../../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../../../testing/service.ts";
import { runTyped, type TypedOptions } from "../../../testing/typed-command.ts";
import { DONE } from "../../command.ts";
import { createPaint, type Io } from "../../io.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-people-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SETTINGS = `timezone: UTC
learning: {explore: none}
departments: [sales, marketing]
channels: {box: {kind: file, address: none}, desk: {kind: human, queue: showroom}}
governance: {consent: {box: opt_out}, caps: [{id: day, max: 1, window: 1d}]}
moments: {m: {on: go, expires: 1d}, v: {on: human.touch, when: 'signal.data.kind == "visit"', expires: 2h}}
`;
const EXPERIENCES = [
  "id: a\nserves: [m]\ndepartment: sales\nvalue: 200\nchannels: {box: {text: Hello}}\n",
  "id: b\nserves: [m]\ndepartment: marketing\nchannels: {box: {text: News}}\n",
  "id: w\nserves: [v]\nchannels: {desk: {summary: Somebody is here}}\n",
];
const SIGNALS = ["10", "11"].map((hour) => ({
  ...{ specversion: "1.0", source: "web", type: "go", id: hour, subject: "ann", time: `2026-06-01T${hour}:00:00Z` },
  data: { traits: { firstName: "Ann", lastName: "Lee" } },
}));

/** Where the commands find the customers: options for each, and the environment. */
interface Target {
  readonly options: TypedOptions;
  readonly environment: Io["environment"];
}

async function type(command: string, words: readonly string[], more: TypedOptions, { options, environment }: Target) {
  const said = { out: [] as string[], noted: [] as string[] };
  const io: Io = {
    ...{ out: (line) => void said.out.push(line), note: (line) => void said.noted.push(line), warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment, columns: 100, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  const status = await runTyped(command, words, { ...options, ...more }, io);
  return { status, out: said.out.join("\n"), noted: said.noted.join("\n") };
}

let service: TestService | undefined;
let listening: Listening | undefined;
const targets: Record<string, Target> = {};
beforeAll(async () => {
  const workspace = join(root, "workspace");
  mkdirSync(join(workspace, "experiences"), { recursive: true });
  writeFileSync(join(workspace, "sentient.yaml"), `version: 1\nname: People\n${SETTINGS}`);
  for (const text of EXPERIENCES) writeFileSync(join(workspace, `experiences/${text.slice(4, 5)}.yaml`), text);
  writeFileSync(join(workspace, "signals.jsonl"), SIGNALS.map((one) => JSON.stringify(one)).join("\n"));
  targets["a store"] = { options: { data: join(root, "data") }, environment: {} };
  await type("run", [workspace], {}, targets["a store"]);
  service = await openTestService(policyOf(SETTINGS, EXPERIENCES), { remove: async () => {} });
  // A service decides by the wall clock.
  for (const { time: _, ...signal } of SIGNALS) {
    await service.post("/v1/signals", signal);
    await service.settled();
  }
  listening = await listen(service.app, { host: "127.0.0.1", port: 0 });
  targets.SENTIENT_URL = { options: {}, environment: { SENTIENT_URL: listening.url, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY } };
});
afterAll(async () => {
  await listening?.close();
  await service?.close();
});

describe.each(["a store", "SENTIENT_URL"])("on %s", (name) => {
  const run = (command: string, words: readonly string[], more: TypedOptions = {}) => type(command, words, more, targets[name] as Target);

  test("customers list shows each with their last decision", async () => {
    const { status, out } = await run("customers list", []);
    expect([status, out]).toEqual([DONE, expect.stringMatching(/^ann {2}Ann Lee {2}.*defer a {2}at a cap/)]);
    expect(JSON.parse((await run("customers list", [], { json: true })).out)).toMatchObject([{ customerId: "ann", name: "Ann Lee" }]);
    expect(await run("customers list", [], { flag: "open-case" })).toEqual({ status: DONE, out: "", noted: "no customers with open case" });
  });

  test("customers search finds a customer by name and by id", async () => {
    for (const text of ["lee", "an"]) expect((await run("customers search", [text])).out).toBe("customer  ann  Ann Lee");
    expect(JSON.parse((await run("customers search", ["ann"], { json: true })).out)).toMatchObject([
      { kind: "customer", id: "ann", by: "id" },
    ]);
    expect((await run("customers search", ["nothing"])).noted).toContain("nothing found");
  });

  test("customers story tells what was decided, what was held back and what a department alone would have sent", async () => {
    const { out } = await run("customers story", ["ann"]);
    expect(out).toMatch(/^Ann Lee · ann\n/);
    expect(out).toMatch(/customer {2,}· said/);
    expect(out).toMatch(/marketing {2}✗ held back {2}b {2,}0\.5 against 100 of a/);
    expect(out).toMatch(/sales {2,}◷ waits {2,}a .*day: 1 in 1d, 1 used/);
    expect(out).not.toContain("┄ alone");
    expect((await run("customers story", ["ann"], { alone: true })).out).toMatch(/marketing {2}┄ alone {2,}b by box/);
    expect(JSON.parse((await run("customers story", ["ann"], { json: true })).out)).toMatchObject({
      customerId: "ann",
      departments: ["sales", "marketing"],
    });
  });

  test("touch records a contact once by its key, and the customer is decided again", async () => {
    const touch = { kind: "visit", department: "sales", key: "desk-0001", by: "gus" } as const;
    expect((await run("touch", ["ann"], touch)).out).toMatch(/^a visit of ann is recorded by gus/);
    await service?.settled();
    expect((await run("touch", ["ann"], touch)).out).toBe("a visit of ann was recorded before; nothing changed");
    const story = (await run("customers story", ["ann"])).out;
    expect(story).toMatch(/people {5}● met {3,}visit {2,}by gus/);
    expect(story).toMatch(/people {5}◆ task {2,}showroom: Somebody is here/);
  });
});
