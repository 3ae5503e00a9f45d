import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../domain/values/json.ts";
import type { DifferenceView } from "../../operations/versions/views.ts";
import { silentLog } from "../../telemetry/log.ts";
import { engines, openTestService, type Place, type TestService, until } from "../../testing/service.ts";
import { defineTool } from "../../tools/tool.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { hasSameCode, packFiles } from "../../workspace/versions/version-files.ts";
import { compilingWith } from "../open-workspace.ts";
import { type CodeOfVersion, compilingVersions } from "./compile-version.ts";
import type { Compiled } from "./editions.ts";
import { publishFolder } from "./publish-folder.ts";

const done: string[] = [];
const note = defineTool({
  name: "note",
  description: "Note it.",
  effect: "write",
  input: z.strictObject({}),
  output: z.object({}),
  idempotencyKey: (_input, { key }) => key,
  run: async () => {
    done.push("noted");
    return {};
  },
});

interface Version {
  readonly policyVersion: string;
  readonly files: WorkspaceFiles;
  readonly compiled: Compiled;
}

const SETTINGS =
  "version: 1\nname: Shop\ntimezone: UTC\ndepartments: [sales]\nchannels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}\n";

const CODE = { "tools/note.ts": "export const note = 1;" };
/** The code of these processes is that of CODE. */
const codeOf: CodeOfVersion = async (files) =>
  hasSameCode(files, new Map(Object.entries(CODE).map(([file, text]) => [file, Buffer.from(text)])))
    ? { tools: [note], channels: [] }
    : { lacks: "tools/note.ts differs" };
const compile = compilingVersions({ environment: { KNOWN: "yes" }, codeOf, modelFor: () => undefined });

async function versionOf(text: string, more: Readonly<Record<string, string>> = {}): Promise<Version> {
  const texts = {
    "sentient.yaml": SETTINGS,
    "experiences/e.yaml": `id: e\ndepartment: sales\nstatus: approved\nserves: [m]\nchannels: {box: {text: ${text}}}\naction: {tool: note, input: {}}\n`,
    ...CODE,
    ...more,
  };
  const files = new Map(
    Object.entries(texts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, content]) => [file, Buffer.from(content)]),
  );
  const checked = compilingWith({ tools: [note], channels: [] }, { environment: { KNOWN: "yes", UNKNOWN: "30d" } })(files);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return { policyVersion: checked.policy.version, files, compiled: { policy: checked.policy, tools: [note], channels: [] } };
}

describe.each(engines)("versions that processes follow on $name", (engine) => {
  let place: Place;
  let hello: Version;
  let goodDay: Version;
  const open: TestService[] = [];
  /** A process that was started with this version in its folder, and looks which one is in force much more often than once a second. */
  const start = async (
    { compiled, files }: Version,
    publishes: "first" | "new" | "always" = "first",
    concurrency = 1,
  ): Promise<TestService> => {
    const folder = { publishes, from: "a folder", bundle: async () => [], now: Date.now, log: silentLog };
    const service = await openTestService(compiled.policy, place, {
      ...{
        tools: compiled.tools,
        concurrency,
        compile: compilingWith({ tools: [note], channels: [] }, { environment: { KNOWN: "yes", UNKNOWN: "30d" } }),
      },
      following: {
        ...{ log: silentLog, compile },
        before: (store) => publishFolder({ files, policy: compiled.policy } as never, store, folder), // It reads no more of a workspace.
        startTimer: (tick) => {
          const timer = setInterval(tick, 5);
          return () => clearInterval(timer);
        },
      },
    });
    open.push(service);
    return service;
  };
  const publish = (at: TestService, { files }: Version) =>
    at.service.versions.publish({ files: packFiles(files), force: true }, { by: "ann" });
  const follows = (service: TestService, { policyVersion }: Version) =>
    until(() => service.service.policy.version === policyVersion, `version ${policyVersion}`);
  const decided = async (service: TestService) => (await service.decisions()).map(({ policyVersion }) => policyVersion).reverse();
  const texts = async (service: TestService) =>
    (await service.rows<{ text: string }>("select content->>'text' as text from deliveries order by customer_id")).map(({ text }) => text);

  beforeEach(async () => {
    place = await engine.place();
    hello = await versionOf("Hello");
    goodDay = await versionOf("Good day");
    done.length = 0;
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    await place.remove();
  });

  test("a publication and a roll-back are followed without a restart, and each decision names the version that made it", async () => {
    const service = await start(hello);
    await service.signal("go", "ann");
    await service.settled();
    await publish(service, goodDay);
    expect(service.service.policy.version).toBe(goodDay.policyVersion);
    await service.signal("go", "ben");
    await service.settled();
    await service.service.versions.restore({ id: hello.policyVersion }, { by: "ann" });
    await service.signal("go", "cyd");
    await service.settled();
    expect(await decided(service)).toEqual([hello.policyVersion, goodDay.policyVersion, hello.policyVersion]);
    expect(await texts(service)).toEqual(["Hello", "Good day", "Hello"]);
    expect(done).toHaveLength(3);
    const { from, to, files } = await service.get<DifferenceView>(`/v1/versions/${goodDay.policyVersion.slice(0, 8)}/diff`);
    expect([from, to, files.map(({ change }) => change)]).toEqual([hello.policyVersion, goodDay.policyVersion, ["changed"]]);
    expect(files[0]?.diff).toMatch(/^-.*Hello.*\n\+.*Good day/m);
    expect((await service.get<DifferenceView>(`/v1/versions/${from}/diff?from=${from}`)).files).toEqual([]);
    const processes = async () => (await service.get<{ processes: unknown }>("/v1/processes")).processes;
    await until(
      async () => JSON.stringify(await processes()) === JSON.stringify([{ policyVersion: from, count: 1 }]),
      "its process is known",
    );
  });

  test("a wake whose commit failed is decided once under the version that is in force by then, and its call is done once", async () => {
    const service = await start(hello);
    const { store } = service.service;
    const { commit } = store;
    const tries: unknown[] = [];
    Object.assign(store, {
      commit: async (...given: Parameters<typeof commit>) => {
        const runs = given[0].filter(({ run }) => run !== undefined);
        tries.push(...runs.map(({ run }) => run?.runId));
        if (runs.length === 0 || tries.length > 1) return commit(...given);
        await publish(service, goodDay);
        throw new Error("the commit has failed");
      },
    });
    await service.signal("go", "ann");
    await service.settled();
    expect(tries).toHaveLength(2);
    expect(tries[1]).toBe(tries[0]);
    expect(await decided(service)).toEqual([goodDay.policyVersion]);
    expect(done).toEqual(["noted"]);
  });

  test("a version that lacks a variable here takes no wakes and answers no asks, says so, keeps signals, and is recovered from", async () => {
    const lacking = await versionOf("Hello", { "sentient.yaml": SETTINGS.replace("30d", '"${UNKNOWN}"') });
    const service = await start(hello);
    await publish(service, lacking);
    const ready = await service.app.request("/readyz");
    expect(ready.status).toBe(503);
    expect(((await ready.json()) as { detail: string }).detail).toContain("UNKNOWN");
    await service.signal("go", "ann");
    const asked = await service.post("/v1/next", { customer: "ann", channel: "box" });
    expect([asked.status, (await asked.json()) as JsonObject]).toMatchObject([503, { code: "NOT_READY" }]);
    expect(await service.rows("select customer_id from inbox")).toEqual([{ customer_id: "ann" }]);
    await service.service.versions.restore({ id: hello.policyVersion }, { by: "ann" });
    await service.settled();
    expect((await service.app.request("/readyz")).status).toBe(200);
    expect(await decided(service)).toEqual([hello.policyVersion]);
  });

  test("a process without the code of a version does not run it, and says which file differs", async () => {
    const other = await versionOf("Hello", { "tools/note.ts": "export const note = 2;" });
    const service = await start(hello);
    await service.service.store.versions.publish(
      { policyVersion: other.policyVersion, at: Date.now(), by: "ann", from: "x", files: packFiles(other.files) as JsonObject },
      { at: Date.now(), by: "ann", action: "published", target: other.policyVersion, details: {} },
      () => true,
    );
    await until(async () => (await service.service.whyNotReady()) !== undefined);
    expect(await service.service.whyNotReady()).toContain("tools/note.ts differs");
  });

  if (engine.name !== "embedded") {
    test("every process follows, also one that only ingests; two publications in the same second leave the last one", async () => {
      const server = await start(hello, "first", 0);
      const worker = await start(hello);
      await Promise.all([publish(server, goodDay), server.signal("go", "ann")]);
      await publish(server, hello);
      await publish(server, goodDay);
      await follows(worker, goodDay);
      await server.signal("go", "ben");
      await server.settled();
      expect((await server.decisions("ben")).map(({ policyVersion }) => policyVersion)).toEqual([goodDay.policyVersion]);
      const made = await decided(server);
      const messages = await server.rows<{ v: string; text: string }>(
        "select r.policy_version as v, d.content->>'text' as text from deliveries d join decisions using (decision_id) join runs r using (run_id)",
      );
      expect(made).toHaveLength(2);
      for (const { v, text } of messages) expect(text).toBe(v === hello.policyVersion ? "Hello" : "Good day");
    });

    test("an old folder that starts late puts nothing back, a new one with --publish goes in force, and one that differs is told", async () => {
      const first = await start(hello);
      const second = await start(goodDay, "new");
      await follows(first, goodDay);
      const late = await start(hello, "new");
      expect(late.service.policy.version).toBe(goodDay.policyVersion);
      expect(late.service.warning()).toContain(hello.policyVersion.slice(0, 12));
      expect(second.service.warning()).toBeUndefined();
      expect(await (await late.app.request("/readyz")).json()).toMatchObject({
        status: "ok",
        warning: expect.stringContaining("npx sentient publish"),
      });
      expect((await first.service.store.versions.list({ limit: 9 })).map(({ by, from }) => [by, from])).toEqual([
        ["sentient", "a folder"],
        ["sentient", "a folder"],
      ]);
    });
  }
});
