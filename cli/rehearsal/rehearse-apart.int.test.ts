import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../config/package-root.ts";
import type { KeptRequest } from "../../operations/rehearsals/views.ts";
import { openStore } from "../../runtime/open-store.ts";
import { compilingWith } from "../../runtime/open-workspace.ts";
import { engines, openTestService, type TestService, until } from "../../testing/service.ts";
import { inOrder, type PackedFiles } from "../../workspace/versions/version-files.ts";
import { createIo } from "../io.ts";
import { rehearsingApart } from "./rehearse-apart.ts";
import { rehearseGiven } from "./rehearse-given.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-rehearsed-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SETTINGS =
  "version: 1\nname: Shop\ntimezone: UTC\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 1d}}\ngovernance: {consent: {box: opt_out}}\n";
const FILES = { "sentient.yaml": SETTINGS, "experiences/hello.yaml": "id: hello\nserves: [m]\nchannels: {box: {text: Hi}}\n" };
const SELDOM = { file: "x.yaml", text: "id: hello\nserves: [m]\nlimits: {perCustomer: 1, window: 30d}\nchannels: {box: {text: Hi}}\n" };

const environment = { PATH: process.env.PATH, HOME: process.env.HOME, SENTIENT_OPERATOR_KEYS: "secret-of-the-server" };
const compile = compilingWith({ tools: [], channels: [] }, { environment: {} });

/** A service on which a version is in force. */
async function opened(
  place: Parameters<typeof openTestService>[1],
  rehearse = rehearsingApart({ dir, environment }),
): Promise<TestService & { readonly inForce: string }> {
  const checked = compile(inOrder(Object.entries(FILES).map(([name, text]) => [name, Buffer.from(text)])));
  if (!checked.ok) throw new Error("a workspace that does not compile");
  const running = await openTestService(checked.policy, place, { compile, assess: async () => ({ problems: [], golden: [] }), rehearse });
  await running.post("/v1/versions", { files: FILES });
  return { ...running, inForce: checked.policy.version };
}

interface Shown {
  readonly status: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly result?: Readonly<Record<string, unknown>>;
}
const propose = async ({ post }: TestService, experience: { readonly file: string; readonly text: string }) =>
  (await (await post("/v1/proposals", { experience, rehearsal: false })).json()) as { proposalId: string; hash: string };

describe.each(engines.filter(({ name }) => !name.includes("Redis")))("on $name", ({ place }) => {
  test("a rehearsal is played beside the server: a proposal against the version in force, with the decisions behind each figure", async () => {
    const at = await place();
    const running = await opened(at);
    try {
      for (const id of ["c-1", "c-2"]) for (let n = 0; n < 3; n++) await running.signal("go", id);
      await running.settled();
      const { proposalId } = await propose(running, SELDOM);
      const started = await running.post("/v1/rehearsals", { with: { proposal: proposalId }, days: 7, paths: 2 });
      const { rehearsalId } = (await started.json()) as { rehearsalId: string };
      const shown = (): Promise<Shown> => running.get(`/v1/rehearsals/${rehearsalId}`);
      await until(async () => !["waiting", "running"].includes((await shown()).status), "the end of a rehearsal");
      expect(await shown()).toMatchObject({
        status: "done",
        result: {
          simulated: true,
          recorded: { against: { deliveries: 6 }, with: { deliveries: 2 } },
          policies: { against: running.inForce },
        },
      });
      expect(JSON.stringify((await shown()).result)).not.toContain("c-1");
      const { decisions } = await running.get<{ decisions: { customerId: string; decisionId?: string }[] }>(
        `/v1/rehearsals/${rehearsalId}/decisions?part=recorded&cell=deliver%3Esilence`,
      );
      expect(decisions.map(({ customerId }) => customerId)).toEqual(expect.arrayContaining(["c-1", "c-2"]));
      expect(decisions[0]?.decisionId).toMatch(/^d_/);
      const { place: folder, kind } = running.service.store.database;
      if (kind === "embedded") expect(readdirSync(folder).filter((name) => name.startsWith("pg."))).toEqual(["pg.ready"]);
      else if (at.databaseUrl !== undefined) {
        const reading = await openStore({ databaseUrl: at.databaseUrl, readOnly: true, now: Date.now });
        await expect(reading.probeWrite()).rejects.toThrow(/read-only/);
        await reading.close();
      }
    } finally {
      await running.close();
      await at.remove();
    }
  });
});

describe("what cannot be played", () => {
  let running: TestService & { readonly inForce: string };
  /** Of the process that plays next. */
  let memoryMb = 2_048;
  beforeAll(async () => {
    running = await opened({ remove: async () => {} }, (...asked) => rehearsingApart({ dir, environment, memoryMb })(...asked));
  });
  afterAll(() => running?.close());
  const io = createIo({ quiet: true, isStopped: () => false });
  const requestOf = (more: Partial<KeptRequest> = {}): KeptRequest => ({
    ...{ with: { version: running.inForce }, against: running.inForce, days: 7, paths: 1, customers: 10, seed: "s" },
    ...more,
  });
  /** In this process, on a copy. */
  const given = async (more: Partial<KeptRequest> = {}, files?: PackedFiles) => {
    const copy = await running.service.store.database.copy?.();
    try {
      const store = { dataDir: copy?.dataDir ?? "" };
      return await rehearseGiven({ request: requestOf(more), files, store, bounds: {} }, dir, { ...io, environment }, () => {});
    } finally {
      await copy?.remove();
    }
  };

  test("an empty store; a version that is gone; a proposal that was revised; a field that nobody has, or each has her own of; code that is not here", async () => {
    await expect(given()).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("no signal is recorded") });
    for (const id of ["c-1", "c-2"]) {
      await running.post("/v1/customers", JSON.stringify({ id, traits: { email: `${id}@example.org`, city: "Bern" } }));
      await running.signal("go", id);
    }
    await running.settled();
    await expect(given({ against: "0".repeat(64) })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const { proposalId, hash } = await propose(running, SELDOM);
    await running.post(`/v1/proposals/${proposalId}/revise`, {
      experience: { ...SELDOM, text: `${SELDOM.text}value: 2\n` },
      rehearsal: false,
    });
    const side = { version: running.inForce, proposal: proposalId, hash, experienceId: "hello" };
    await expect(given({ with: side })).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("was revised") });
    const folder = await given({ with: { version: "f".repeat(64), folder: true } }, { "sentient.yaml": SETTINGS });
    expect(folder.result.recorded).toMatchObject({ against: { deliveries: 2 }, with: { deliveries: 0 } });
    const withCode = given({ with: { version: "f".repeat(64), folder: true } }, { ...FILES, "tools/ring.ts": "export const ring = 1;" });
    await expect(withCode).rejects.toMatchObject({ message: expect.stringContaining("does not have the same") });
    await expect(given({ by: "shoe.size" })).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("shoe.size") });
    const namesBy = async (by: string) => (await given({ by })).result.forward.groups?.map(({ name }) => name);
    expect(await namesBy("city")).toEqual(["Bern"]);
    expect(await namesBy("email")).toEqual(["(other values)"]);
  });

  test("it is ended with its process, at once, when it is stopped, late, or its server is gone", async () => {
    const { database } = running.service.store;
    const stop = new AbortController();
    const parts: string[] = [];
    const played = rehearsingApart({ dir, environment })(requestOf(), database, {
      signal: stop.signal,
      onProgress({ text }) {
        parts.push(text);
        if (text === "the store is read") stop.abort();
      },
    });
    expect(await played).toBeUndefined();
    expect(parts).toEqual(["the store is copied", "the store is read"]);
    const late = rehearsingApart({ dir, environment, limitMs: 1 })(requestOf(), database, {
      signal: new AbortController().signal,
      onProgress() {},
    });
    await expect(late).rejects.toMatchObject({ code: "TOO_LARGE" });
    expect(readdirSync(database.place).filter((name) => name.startsWith("pg."))).toEqual(["pg.ready"]);
    const child = spawn(process.execPath, [join(packageRoot, "cli", "sentient.js"), "rehearse-given"], {
      env: environment,
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin?.end();
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
  });

  test("a process that runs out of memory: its rehearsal has failed and says what to do, and the next one is played", async () => {
    await running.signal("go", "c-9");
    await running.settled();
    const ended = async (): Promise<Shown> => {
      const { rehearsalId } = (await (await running.post("/v1/rehearsals", { days: 1, paths: 1 })).json()) as { rehearsalId: string };
      const shown = (): Promise<Shown> => running.get(`/v1/rehearsals/${rehearsalId}`);
      await until(async () => !["waiting", "running"].includes((await shown()).status), "the end of a rehearsal");
      return shown();
    };
    memoryMb = 8;
    const message = "it needs more memory than 8 MB; rehearse fewer customers";
    expect(await ended()).toMatchObject({ status: "failed", error: { code: "TOO_LARGE", message } });
    memoryMb = 2_048;
    expect(await ended()).toMatchObject({ status: "done" });
  });
});
