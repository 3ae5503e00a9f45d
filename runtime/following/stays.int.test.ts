import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { isInShare } from "../../domain/canary/cohort.ts";
import { silentLog } from "../../telemetry/log.ts";
import { openTestService, type TestService } from "../../testing/service.ts";
import { defineTool } from "../../tools/tool.ts";
import { inOrder, packFiles } from "../../workspace/versions/version-files.ts";
import { compilingWith } from "../open-workspace.ts";
import { compilingVersions } from "./compile-version.ts";
import { publishFolder } from "./publish-folder.ts";

const noted: string[] = [];
const note = defineTool({
  ...{ name: "note", description: "Note it.", effect: "write" },
  input: z.strictObject({ words: z.string() }),
  output: z.object({}),
  idempotencyKey: (_input, { key }) => key,
  run: async ({ words }) => {
    noted.push(words);
    return {};
  },
});
const CODE = { tools: [note], channels: [] };
const compile = compilingWith(CODE, { environment: {} });
const SETTINGS =
  "version: 1\nname: Shop\ntimezone: UTC\nchannels: {box: {kind: file}, web: {kind: pull}}\nmoments: {m: {on: go, expires: 30d}}\nlearning: {explore: none}\n";
const filesOf = (text: string, head = "") =>
  inOrder([
    ["sentient.yaml", Buffer.from(SETTINGS)],
    ["experiences/e.yaml", Buffer.from(`id: e\nserves: [m]\n${head}channels: {box: {text: ${text}}}\n`)],
  ]);
const CANARY = "status: canary\ncanary: {share: 50%}\n";
const [OLD, NEW, NEWER] = [filesOf("Old"), filesOf("New", CANARY), filesOf("Newer", CANARY)];

const customers = Array.from({ length: 20 }, (_, n) => `c-${n}`);
const IN = customers.find((id) => isInShare(0.5, id, "e")) ?? "";
const OUT = customers.find((id) => !isInShare(0.5, id, "e")) ?? "";
const ANN = { by: "ann" };

async function started(files: typeof OLD, dataDir: string): Promise<TestService> {
  const checked = compile(files);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const folder = { publishes: "first" as const, from: "a folder", bundle: async () => [], now: Date.now, log: silentLog };
  return openTestService(
    checked.policy,
    { remove: async () => {} },
    {
      ...{ dataDir, compile, concurrency: 1, tools: CODE.tools },
      following: {
        log: silentLog,
        compile: compilingVersions({ environment: {}, codeOf: async () => CODE, modelFor: () => undefined }),
        before: (store) => publishFolder({ files, policy: checked.policy } as never, store, folder), // It reads no more of a workspace.
        startTimer: () => () => {},
      },
    },
  );
}

test("what a canary replaces stays for the other customers: of each version, after an edit, a stop, a restart and in what-if; approved, it is for all", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-stays-"));
  let at = await started(OLD, dataDir);
  const publish = (files: typeof OLD) => at.service.versions.publish({ files: packFiles(files), force: true }, ANN);
  const last = async (id: string) => (await at.decisions(id)).at(-1) ?? expect.fail(`${id} has no decision`);
  const told = async () => {
    for (const id of [IN, OUT]) await at.signal("go", id);
    await at.settled();
    const lasts = await Promise.all([IN, OUT].map(last));
    return lasts.map(({ deliveries }) => deliveries[0]?.content?.text);
  };
  try {
    expect(await told()).toEqual(["Old", "Old"]);
    expect((await publish(NEW)).notStaying).toBeUndefined();
    expect(await told()).toEqual(["New", "Old"]);
    // Each learns its own: the arm of the canary is another one.
    for (const id of [IN, OUT]) {
      const { deliveries } = await last(id);
      await at.signal("delivery.clicked", id, { deliveryId: deliveries[0]?.deliveryId ?? "" });
    }
    await at.settled();
    const arms = await at.rows<{ id: string }>(
      "select experience_id as id from learned where channel = 'box' and experience_id <> '' order by 1",
    );
    expect(arms.map(({ id }) => id)).toEqual(["e", expect.stringMatching(/^e~.{22}$/)]);
    const kept = await last(OUT);
    expect(kept.candidates[0]).not.toHaveProperty("canary");

    await publish(NEWER);
    expect(await told()).toEqual(["Newer", "Old"]);
    // A process that starts with this very folder does not know what came before it; the store does.
    await at.close();
    at = await started(NEWER, dataDir);
    expect(await told()).toEqual(["Newer", "Old"]);
    expect(await at.service.lookUps.decisions.whatIf({ id: kept.decisionId })).toMatchObject({ same: true });

    await at.service.canaries.stop({ id: "e" }, ANN);
    expect(await told()).toEqual(["Old", "Old"]);
    await at.service.canaries.approve({ id: "e" }, ANN);
    expect(await told()).toEqual(["Newer", "Newer"]);
    // Rolled back to the canary, what was approved in between stays.
    await at.service.versions.restore({ id: compiledVersion(NEW) }, ANN);
    expect(await told()).toEqual(["New", "Newer"]);
  } finally {
    await at.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("a canary and what stays beside it each carry out an action of their own", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-stays-"));
  const acting = (words: string) => `action: {tool: note, input: {words: ${words}}}\n`;
  const at = await started(filesOf("Old", acting("old")), dataDir);
  try {
    await at.service.versions.publish({ files: packFiles(filesOf("New", `${CANARY}${acting("new")}`)), force: true }, ANN);
    for (const id of [IN, OUT]) {
      await at.signal("go", id);
      await at.settled();
    }
    expect(noted.splice(0)).toEqual(["new", "old"]);
  } finally {
    await at.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("a publication says which experience cannot stay, and its canary holds the others as ever", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-stays-"));
  const at = await started(filesOf("Old", "promise: {name: gone, due: 1d, owner: sales}\n"), dataDir);
  try {
    const moved = inOrder([
      ["sentient.yaml", Buffer.from(SETTINGS.replace("box: {kind: file}", "post: {kind: file}"))],
      ["experiences/e.yaml", Buffer.from(`id: e\nserves: [m]\n${CANARY}channels: {post: {text: New}}\n`)],
    ]);
    const published = await at.service.versions.publish({ files: packFiles(moved), force: true, dryRun: true }, ANN);
    expect(published.notStaying).toEqual([
      expect.stringMatching(/^experiences\/e.yaml: canary: what it replaces does not stay .*unknown channel box/),
    ]);
    await at.service.versions.publish({ files: packFiles(moved), force: true }, ANN);
    await at.signal("go", OUT);
    await at.settled();
    expect((await at.decisions(OUT))[0]?.reasons.map(({ code }) => code)).toEqual(["canary"]);
  } finally {
    await at.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

function compiledVersion(files: typeof OLD): string {
  const checked = compile(files);
  return checked.ok ? checked.policy.version : "";
}
