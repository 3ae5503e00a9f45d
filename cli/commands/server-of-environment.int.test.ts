import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { packageRoot } from "../../config/package-root.ts";
import { OPERATOR_KEY, WRITE_KEY } from "../../testing/service.ts";
import { runTyped, type TypedOptions } from "../../testing/typed/typed-command.ts";
import type { Entry } from "../command.ts";
import { helpFor } from "../help.js";
import { createPaint, type Io } from "../io.ts";
import { commands } from "./index.js";

/** A server that answers everything; commands may be content with that or not. */
let server: Server;
let url = "";
let asked: string[] = [];
const root = mkdtempSync(join(tmpdir(), "sentient-url-"));
const file = join(root, "customers.jsonl");
const experience = join(root, "experience.yaml");
const shop = join(root, "shop");

beforeAll(async () => {
  writeFileSync(file, '{"id": "ann"}\n');
  writeFileSync(experience, "id: hello\n");
  cpSync(join(packageRoot, "examples", "starter"), shop, { recursive: true });
  server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? "no key");
    response.setHeader("content-type", "application/json").end('{"accepted": 1, "duplicates": 0, "rejected": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
});

/** What a command needs beyond a word for each word and a text for each needed option. */
const MORE: Readonly<Record<string, { readonly words?: readonly string[]; readonly options?: TypedOptions }>> = {
  "customers import": { words: [file] },
  "customers erase": { options: { yes: true } },
  "dead revive": { words: ["x"] },
  "dead discard": { words: ["x"] },
  propose: { words: [experience] },
  "proposals revise": { words: ["x", experience] },
  publish: { words: [], options: { workspace: shop, "no-evals": true } },
  touch: { options: { kind: "visit" } },
};

async function runAtServer({ name, words, options }: Entry, more: TypedOptions = {}, environment: Io["environment"] = {}): Promise<void> {
  const keys = { SENTIENT_OPERATOR_KEYS: OPERATOR_KEY, SENTIENT_WRITE_KEYS: WRITE_KEY };
  const io: Io = {
    ...{ out: () => {}, note: () => {}, warn: () => {}, progress: () => {}, paint: createPaint(false), stdin: Readable.from([]) },
    ...{
      environment: { SENTIENT_URL: url, ...keys, ...environment },
      columns: 80,
      isTerminal: false,
      now: Date.now,
      isStopped: () => false,
    },
  };
  const needed = Object.entries(options).flatMap(([option, { isNeeded }]) => (isNeeded ? [[option, "x"] as const] : []));
  const given = MORE[name]?.words ?? Object.values(words).flatMap(({ count }) => (count === "one" ? ["x"] : []));
  // What a command makes of this answer is not the subject.
  await runTyped(name, given, { ...Object.fromEntries(needed), workspace: root, ...MORE[name]?.options, ...more }, io).catch(() => {});
}

const going = commands.filter(({ stays }) => stays === undefined);
const staying = commands.filter(({ stays }) => stays !== undefined);

describe("W22: SENTIENT_URL", () => {
  test.each(going)("$name goes to that server, with a key", async (entry) => {
    await runAtServer(entry);
    expect(asked.length).toBeGreaterThan(0);
    for (const key of asked) expect([`Bearer ${OPERATOR_KEY}`, `Bearer ${WRITE_KEY}`]).toContain(key);
    expect(helpFor(entry)).toContain("With SENTIENT_URL (and a key in the environment) it goes to that server.");
  });

  test.each(going.filter(({ name, options }) => options.data?.also === "store" && name !== "doctor"))(
    "$name with --store or --data names a store instead",
    async (entry) => {
      await runAtServer(entry, { data: join(root, "none") });
      await runAtServer(entry, { store: join(root, "none") });
      expect(asked).toEqual([]);
    },
  );

  test("the commands that stay are these, and their help says why", () => {
    expect(staying.map(({ name }) => name).sort()).toEqual(
      [
        "assess",
        "check",
        "demo",
        "dev",
        "eval",
        "init",
        "keys new",
        "policy evaluate",
        "prepare",
        "rehearse",
        "rehearse-given",
        "replay",
        "run",
        "serve",
        "worker",
      ].sort(),
    );
    for (const entry of staying) expect(helpFor(entry)).toContain(`It does not go to the server of SENTIENT_URL: ${entry.stays}.`);
  });

  test.each(staying.filter(({ name }) => ["check", "eval", "policy evaluate", "replay", "run"].includes(name)))(
    "$name asks no server",
    async (entry) => {
      await runAtServer(entry);
      expect(asked).toEqual([]);
    },
  );

  test("every command on a store calls its folder --store as well as --data; with signal --data is what it says", () => {
    const folders = commands.filter(({ options }) => options.data?.kind === "path");
    expect(folders.filter(({ options }) => options.data?.also !== "store").map(({ name }) => name)).toEqual([]);
    expect(commands.filter(({ options }) => options.store).map(({ name }) => name)).toEqual(["signal"]);
  });

  test("--store and --data with two folders are wrong usage", async () => {
    const entry = commands.find(({ name }) => name === "tasks list") as Entry;
    const io = { environment: {} } as Io;
    await expect((async () => runTyped(entry.name, [], { store: "a", data: "b" }, io))()).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: "--data and --store are the same option, and name two values",
    });
  });
});
