import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandsOnBoth, PLACES } from "../../testing/typed/commands-on-both.ts";
import type { TypedOptions } from "../../testing/typed/typed-command.ts";
import { DONE } from "../command.ts";

const SETTINGS =
  "timezone: UTC\nchannels: {box: {kind: file, address: none}}\ngovernance: {consent: {box: opt_out}}\nmoments: {m: {on: go, expires: 30d}}\nlearning: {explore: none}\n";
const HELLO =
  "id: hello\nstatus: approved\nserves: [m]\nchannels: {box: {text: Hello}}\neligibility: [{when: customer.tier == 'gold', reason: gold only}]\n";
const GO = {
  specversion: "1.0",
  source: "web",
  id: "1",
  type: "go",
  subject: "ann",
  time: "2026-06-01T10:00:00Z",
  data: { traits: { tier: "tin", name: "Ann Lee", email: "ann@mail.example" } },
};

// A server decides by the wall clock.
const { time: _, ...SERVED } = GO;
const { type } = commandsOnBoth({ ...{ settings: SETTINGS, experiences: [HELLO], signals: [GO] }, served: [SERVED] });

describe.each(PLACES)("what if on %s", (place) => {
  const root = mkdtempSync(join(tmpdir(), "sentient-what-if-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let id = "";
  beforeAll(async () => {
    const { out } = await type(place, "decisions list", [], { json: true });
    id = (JSON.parse(out.split("\n")[0] ?? "") as { decisionId: string }).decisionId;
  });
  const ask = async (set: readonly string[] = [], options: TypedOptions = {}) => {
    const { status, out } = await type(place, "decisions what-if", [id, ...set.map((one) => `--set=${one}`)], { json: true, ...options });
    expect(status).toBe(DONE);
    const { before, after, same } = JSON.parse(out) as Record<"before" | "after", { action: string }> & { same: boolean };
    return [before.action, after.action, same];
  };

  test("with nothing changed it is the same; with another fact, named with customer. or without, it is not", async () => {
    expect(await ask()).toEqual(["silence", "silence", true]);
    expect(await ask(['tier="gold"'])).toEqual(["silence", "deliver", false]);
    expect(await ask(['customer.tier="gold"'])).toEqual(["silence", "deliver", false]);
  });

  test("in words", async () => {
    const { out } = await type(place, "decisions what-if", [id, '--set=tier="gold"']);
    expect(out).toMatch(/As it was decided\n .*nothing was sent to ann/);
    expect(out).toMatch(/As it would have been\n .*hello went to ann by box/);
  });

  test("under another version that is kept, by the beginning of its name", async () => {
    mkdirSync(join(root, "experiences"), { recursive: true });
    writeFileSync(join(root, "sentient.yaml"), `version: 1\nname: Both\n${SETTINGS}`);
    writeFileSync(join(root, "experiences", "hello.yaml"), HELLO.replace("gold'", "tin'"));
    const { out } = await type(place, "publish", [root], { force: true, "no-evals": true, by: "ann", json: true });
    const { policyVersion } = JSON.parse(out) as { policyVersion: string };
    expect(await ask([], { policy: policyVersion.slice(0, 8) })).toEqual(["silence", "deliver", false]);
    expect(await ask()).toEqual(["silence", "silence", true]);
  });

  test("kept as a golden decision, which eval reads and which holds; masked unless told otherwise, and nothing is overwritten", async () => {
    const dir = join(root, "kept");
    for (const folder of ["experiences", "evals"]) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, "sentient.yaml"), `version: 1\nname: Both\n${SETTINGS}`);
    writeFileSync(join(dir, "experiences", "0.yaml"), HELLO);
    const file = join(dir, "evals", "life.yaml");
    const keep = (...words: string[]) => type(place, "decisions what-if", [id, `--keep=${file}`, ...words]);
    const { noted } = await keep('--set=tier="gold"');
    expect(noted).toContain(`kept in ${file} as: ${id} with tier: deliver hello; names, addresses and texts are masked`);
    expect(readFileSync(file, "utf8")).not.toMatch(/Ann Lee|mail\.example/);
    // Another case is added below what its author wrote, and a second one of this name is not.
    writeFileSync(file, `# from life\n${readFileSync(file, "utf8")}`);
    await keep("--personal");
    await expect(keep('--set=tier="gold"')).rejects.toThrow(/has a case .* already/);
    expect(readFileSync(file, "utf8")).toMatch(/^# from life\n.*masked 1.*Ann Lee/s);
    const { status, out } = await type("a store", "eval", [], { workspace: dir, data: false });
    expect([status, out]).toEqual([DONE, "2 of 2 expectations hold"]);
    await expect(type(place, "decisions what-if", [id, "--keep=life.txt"])).rejects.toThrow("expected a name that ends in .yaml");
    await expect(type(place, "decisions what-if", [id, "--personal"])).rejects.toThrow("--personal belongs to --keep FILE");
  });

  test("what is no fact, no JSON, no version", async () => {
    const asked = (...words: string[]) => type(place, "decisions what-if", [id, ...words]);
    await expect(asked("--set=tier")).rejects.toThrow("expected PATH=JSON");
    await expect(asked("--set=tier=gold")).rejects.toThrow("gold is no JSON");
    await expect(asked("--policy=00000000")).rejects.toThrow("00000000");
  });
});
