import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandsOnBoth, PLACES } from "../../testing/typed/commands-on-both.ts";
import type { TypedOptions } from "../../testing/typed/typed-command.ts";
import { BELOW_GATE, DONE } from "../command.ts";

const SETTINGS =
  "timezone: UTC\nchannels: {box: {kind: file, address: none}, crm: {kind: webhook, url: https://crm.example, secret: whsec_aHVudGVyMg==}}\ngovernance: {consent: {box: opt_out}}\nmoments: {m: {on: go, expires: 1d}}\n";
const HELLO = "id: hello\nstatus: approved\nserves: [m]\nchannels: {box: {text: Hello}}\n";
/** A tool that is bundled with a package of its folder. */
const TOOL = `import { sound } from "bell";
import { z } from "zod";
export const ring = {
  name: "ring",
  description: "Ring.",
  effect: "read",
  timeoutMs: 1000,
  input: z.strictObject({}),
  output: z.object({ sound: z.string() }),
  run: async () => ({ sound }),
};
`;
/** A golden decision that holds while the experience is approved. */
const GOLDEN = `name: hello
cases:
  - name: says hello
    signals: [{id: g, source: web, type: go, subject: ann, time: "2026-06-01T10:00:00Z"}]
    expect: [{action: deliver, experience: hello}]
`;

const { type, get } = commandsOnBoth({
  ...{ settings: SETTINGS, experiences: [HELLO] },
  signals: [{ specversion: "1.0", source: "web", type: "go", id: "1", subject: "ann", time: "2026-06-01T10:00:00Z" }],
});

describe.each(PLACES)("versions on %s", (place) => {
  const root = mkdtempSync(join(tmpdir(), "sentient-versions-"));
  const shop = join(root, "shop");
  const other = join(root, "other");
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const write = (dir: string, file: string, text: string): void => {
    mkdirSync(join(dir, file, ".."), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  const typed = async (command: string, words: readonly string[] = [], options: TypedOptions = {}) => {
    const { status, out } = await type(place, command, words, { json: true, ...options });
    return { status, answer: out === "" ? undefined : JSON.parse(out) };
  };
  const publish = (dir: string, options: TypedOptions = {}) => typed("publish", [dir], { by: "ann", "no-evals": true, ...options });
  const listed = async () =>
    ((await typed("versions list")).answer as { policyVersion: string; inForce: boolean }[])
      .map(({ policyVersion, inForce }) => `${nameOf.get(policyVersion)}${inForce ? " in force" : ""}`)
      .filter((name) => name !== "of the run");
  /** Names of versions in these tests. */
  const nameOf = new Map<string, string>();
  const idOf = (name: string): string => [...nameOf].find(([, one]) => one === name)?.[0] ?? "";
  const published = async (name: string, dir: string, options: TypedOptions = {}) => {
    const { status, answer } = await publish(dir, options);
    nameOf.set(answer.policyVersion, name);
    return { status, ...answer };
  };

  beforeAll(() => {
    write(shop, "sentient.yaml", `version: 1\nname: Shop\n${SETTINGS}`);
    write(shop, "experiences/hello.yaml", HELLO);
    write(shop, "evals/hello.yaml", GOLDEN);
    write(shop, "customers.jsonl", '{"id": "ann"}\n');
  });

  // The store of this place was filled by a run; a server decides by what it was started with.
  test.runIf(place === "a store")("a run keeps its folder as a version that is not in force, and its decisions name it", async () => {
    const [kept, ...others] = (await typed("versions list")).answer;
    expect([kept.inForce, kept.from, others]).toEqual([false, expect.stringMatching(/:.*workspace$/), []]);
    nameOf.set(kept.policyVersion, "of the run");
    expect((await typed("decisions list")).answer).toMatchObject({ policyVersion: kept.policyVersion });
  });

  test("a folder is published with who, why and from where, without its customers; a dry run publishes nothing", async () => {
    const dry = await publish(shop, { "dry-run": true });
    expect(dry).toMatchObject({ status: DONE, answer: { changed: false, dryRun: true } });
    expect(await listed()).toEqual([]);
    expect(existsSync(join(shop, ".sentient-version"))).toBe(false);
    const first = await published("first", shop, { note: "the beginning" });
    expect(first).toMatchObject({ status: DONE, policyVersion: dry.answer.policyVersion, changed: true });
    expect(first.files.map(({ file }: { file: string }) => file)).toEqual(["evals/hello.yaml", "experiences/hello.yaml", "sentient.yaml"]);
    expect((await typed("versions list", [], { limit: "1" })).answer).toEqual([
      {
        policyVersion: first.policyVersion,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        by: "ann",
        note: "the beginning",
        from: expect.stringMatching(/:.*shop$/),
        inForce: true,
      },
    ]);
    expect((await typed("audit list")).answer).toMatchObject([{ by: "ann", action: "published", target: first.policyVersion }]);
  });

  test.runIf(place === "a store")("commands on the store read by the version in force, wherever they are started", async () => {
    const named = async (workspace: string) =>
      (await typed("experiences list", [], { workspace })).answer.map(({ id }: { id: string }) => id);
    expect(await named(join(root, "nowhere"))).toEqual(["hello"]);
    // A decision is made again under the version that it names, whatever is in force.
    expect((await typed("replay", [(await typed("decisions list")).answer.decisionId], { workspace: shop })).answer).toMatchObject({
      same: true,
    });
  });

  test("the next version follows the one that the folder was published as; the same one again changes nothing", async () => {
    write(shop, "experiences/hello.yaml", HELLO.replace("Hello", "Hello again"));
    const second = await published("second", shop);
    expect(second).toMatchObject({ changed: true, before: idOf("first"), files: [{ file: "experiences/hello.yaml", change: "changed" }] });
    expect((await publish(shop)).answer).toMatchObject({ changed: false, policyVersion: second.policyVersion, files: [] });
    expect(await listed()).toEqual(["second in force", "first"]);
  });

  // They run on the machine of the command, wherever the store is.
  test.runIf(place === "a store")("golden decisions run first: below their gate it ends with 3 and publishes nothing", async () => {
    expect((await publish(shop, { "no-evals": false })).status).toBe(DONE);
    write(shop, "experiences/hello.yaml", HELLO.replace("approved", "draft"));
    expect(await publish(shop, { "no-evals": false })).toEqual({ status: BELOW_GATE, answer: undefined });
    expect(await listed()).toEqual(["second in force", "first"]);
  });

  test.runIf(place === "a store")("a dry run is rehearsed in short against the version in force", async () => {
    write(shop, "experiences/hello.yaml", HELLO.replace("approved", "draft"));
    const { answer } = await publish(shop, { "dry-run": true });
    expect(answer.rehearsal).toMatchObject({
      simulated: true,
      policies: { against: idOf("second"), with: answer.policyVersion },
      recorded: { different: 1, against: { deliveries: 1 }, with: { deliveries: 0 } },
      ...{ days: 14, customers: 1, paths: 5 },
    });
    const { out } = await type(place, "publish", [shop], { "dry-run": true, "no-evals": true });
    expect(out).toMatch(
      /could be put in force, after .*; nothing was published\n(.*\n)*Forward \(simulated\)\n(.*\n)*a short rehearsal; .*sentient rehearse .*shop/,
    );
    expect((await publish(shop, { "dry-run": true, "no-rehearsal": true })).answer).not.toHaveProperty("rehearsal");
    // Nothing would change.
    write(shop, "experiences/hello.yaml", HELLO.replace("Hello", "Hello again"));
    expect((await publish(shop, { "dry-run": true })).answer).not.toHaveProperty("rehearsal");
    write(shop, "experiences/hello.yaml", HELLO.replace("approved", "draft"));
  });

  test.runIf(place !== "a store")("a dry run says why a server plays no rehearsal", async () => {
    write(shop, "experiences/hello.yaml", HELLO.replace("approved", "draft"));
    expect((await publish(shop, { "dry-run": true })).answer.rehearsal).toEqual({
      refused: expect.stringContaining("plays no rehearsals"),
    });
  });

  test("golden decisions may be left out", async () => {
    write(shop, "experiences/hello.yaml", HELLO.replace("approved", "draft"));
    expect(await published("draft", shop)).toMatchObject({ status: DONE, changed: true });
  });

  test("a folder with errors is not published", async () => {
    write(shop, "experiences/hello.yaml", `${HELLO}momentz: 1\n`);
    await expect(publish(shop)).rejects.toMatchObject({ code: "BAD_CONFIG", message: expect.stringContaining("experiences/hello.yaml:5") });
    write(shop, "experiences/hello.yaml", HELLO.replace("approved", "draft"));
  });

  test("a version is put in force again by its beginning, and shows what it changes", async () => {
    const { answer } = await typed("rollback", [idOf("first").slice(0, 8)], { by: "olga", note: "too loud" });
    expect(answer).toMatchObject({ policyVersion: idOf("first"), changed: true, before: idOf("draft") });
    expect(await listed()).toEqual(["first in force", "draft", "second", "first"]);
    expect((await typed("versions list", [], { limit: "1" })).answer).toMatchObject([{ by: "olga", note: "too loud", from: "roll-back" }]);
    await expect(typed("rollback", ["1234567"])).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(typed("rollback", ["0".repeat(64)])).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a folder that came from another version than the one in force names what it would undo, until it is told to", async () => {
    const conflict = {
      code: "CONFLICT",
      message: expect.stringMatching(
        new RegExp(`^${idOf("first").slice(0, 12)} is in force, .* ${idOf("draft").slice(0, 12)}: .* undo experiences/hello.yaml\\.`),
      ),
    };
    write(shop, "experiences/more.yaml", HELLO.replace("id: hello", "id: more"));
    await expect(publish(shop)).rejects.toMatchObject(conflict);
    await expect(publish(shop, { "dry-run": true })).rejects.toMatchObject(conflict);
    await expect(publish(shop, { over: idOf("second").slice(0, 8) })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await listed()).toEqual(["first in force", "draft", "second", "first"]);
    expect(await published("more", shop, { force: true })).toMatchObject({ changed: true, before: idOf("first") });
    expect(await published("more", shop, { over: idOf("first").slice(0, 8) })).toMatchObject({ changed: false });
  });

  test("a folder of unknown origin may not replace a version, unless it names it", async () => {
    write(other, "sentient.yaml", `version: 1\nname: Other\n${SETTINGS}`);
    await expect(publish(other)).rejects.toMatchObject({ message: expect.stringContaining("it is not known which version") });
    expect(await published("other", other, { over: idOf("more") })).toMatchObject({ changed: true, before: idOf("more") });
  });

  test("two versions are compared line by line; without the second, with the one in force", async () => {
    expect((await typed("versions diff", [idOf("first"), idOf("second")])).answer).toEqual([
      {
        file: "experiences/hello.yaml",
        change: "changed",
        diff: "@@ -1,4 +1,4 @@\n id: hello\n status: approved\n serves: [m]\n-channels: {box: {text: Hello}}\n+channels: {box: {text: Hello again}}",
      },
    ]);
    expect((await typed("versions diff", [idOf("other")])).answer).toEqual([]);
  });

  test("a version is written into a folder as it was published, and follows on from there", async () => {
    const copy = join(root, "copy");
    await typed("versions write", [idOf("second").slice(0, 8), copy]);
    expect(readFileSync(join(copy, "experiences/hello.yaml"), "utf8")).toContain("Hello again");
    expect(readFileSync(join(copy, "sentient.yaml"), "utf8")).toContain("whsec_aHVudGVyMg==");
    // All that is in it is kept, so it may become another version.
    await typed("versions write", [idOf("more"), copy]);
    expect(existsSync(join(copy, "experiences/more.yaml"))).toBe(true);
    await typed("versions write", [idOf("other"), copy]);
    expect(existsSync(join(copy, "experiences/more.yaml"))).toBe(false);
    write(copy, "experiences/hello.yaml", HELLO.replace("Hello", "Hello you"));
    await expect(typed("versions write", [idOf("first"), copy])).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining(copy),
    });
    expect(await published("copy", copy)).toMatchObject({ changed: true, before: idOf("other") });
  });

  test("options of channels are masked where a version is shown", async () => {
    const shown = JSON.stringify((await typed("versions show", [idOf("second")])).answer);
    expect(shown).toContain("Hello again");
    expect(shown).not.toContain("aHVudGVyMg");
    if (place === "SENTIENT_URL") expect(JSON.stringify(await get(`/v1/versions/${idOf("second")}`))).not.toContain("aHVudGVyMg");
  });

  test("tools and channels are code: they are published where the store is, and refused over HTTP", async () => {
    write(other, "tools/ring.test.ts", "no code of a version's\n");
    write(other, "tools/lib/ring.ts", "export const ring = 1;\n");
    const publishing = published("code", other, { force: true });
    if (place === "a store") expect(await publishing).toMatchObject({ changed: true });
    else await expect(publishing).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("tools/lib/ring.ts") });
  });

  test.runIf(place === "a store")(
    "the code of a version is bundled and kept with it, once; a change outside of the workspace is told",
    async () => {
      const rung = join(root, "rung");
      write(rung, "sentient.yaml", `version: 1\nname: Rung\n${SETTINGS}`);
      const bell = (sound: string): void => write(rung, "node_modules/bell/index.js", `export const sound = ${JSON.stringify(sound)};\n`);
      bell("ding");
      write(rung, "tools/ring.ts", TOOL);
      const first = await published("rings", rung, { force: true });
      expect(first.otherBundles).toBeUndefined();
      const bundlesOf = async (name: string) => (await typed("versions show", [idOf(name)])).answer.bundles;
      const bundles = await bundlesOf("rings");
      expect(bundles).toEqual({ "tools/ring.ts": expect.stringMatching(/^[0-9a-f]{64}$/) });
      bell("dong");
      expect((await publish(rung)).answer).toMatchObject({ changed: false, otherBundles: ["tools/ring.ts"] });
      expect(await bundlesOf("rings")).toEqual(bundles);
      write(rung, "tools/ring.ts", `${TOOL}// anew\n`);
      await published("rings anew", rung);
      expect(await bundlesOf("rings anew")).not.toEqual(bundles);
      expect((await typed("experiences list", [], { workspace: rung })).answer).toEqual([]);
      await expect(typed("experiences list", [], { workspace: shop })).rejects.toMatchObject({
        code: "CONFLICT",
        message: expect.stringMatching(/does not have the same; .* npx sentient versions write [0-9a-f]{12} DIR, and --workspace DIR$/),
      });
      expect((await type(place, "versions show", [idOf("rings")])).out).toContain(`tools/ring.ts  bundle ${bundles["tools/ring.ts"]}`);
    },
  );
});
