import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { runTyped, type TypedOptions } from "../../testing/typed/typed-command.ts";
import { createPaint, type Io } from "../io.ts";

async function type(person: string, options: TypedOptions = {}, environment: Io["environment"] = {}): Promise<string[]> {
  const out: string[] = [];
  const io: Io = {
    ...{ out: (line) => void out.push(line), note: () => {}, warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment, columns: 100, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  expect(await runTyped("keys new", [person], options, io)).toBe(0);
  return out;
}

const sha256 = (key: string): string => `sha256:${createHash("sha256").update(key).digest("hex")}`;

test("keys new prints a key once, and the line that gives the server its hash", async () => {
  const [, key = "", , , line = ""] = await type("ann/approver");
  expect(line).toBe(`SENTIENT_CONSOLE_KEYS=ann/approver=${sha256(key)}`);
  const [variable = "", ...value] = line.split("=");
  expect(readConfig({ [variable]: value.join("=") }).consoleKeys).toEqual([{ name: "ann", role: "approver", key: sha256(key) }]);
  expect((await type("ann/approver"))[1]).not.toBe(key);
});

test("keys new goes on from the keys of the environment, as a shell takes them", async () => {
  const given = `bo/viewer=${sha256("x")}`;
  const line = (await type("Ann O'Hara/admin", {}, { SENTIENT_CONSOLE_KEYS: given })).at(-1) ?? "";
  expect(line).toMatch(/^SENTIENT_CONSOLE_KEYS='bo\/viewer=sha256:[0-9a-f]{64},Ann O'\\''Hara\/admin=sha256:[0-9a-f]{64}'$/);
});

test("keys new --json is one value", async () => {
  const [text = ""] = await type("ann/viewer", { json: true });
  const { key, ...rest } = JSON.parse(text);
  expect(rest).toEqual({ name: "ann", role: "viewer", entry: `ann/viewer=${sha256(key)}` });
});

test.each(["ann", "ann/boss", "/viewer", "a,b/viewer", "a=b/viewer", "/"])(
  "keys new refuses %j, and says what it expects",
  async (person) => {
    await expect(type(person)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("expected NAME/ROLE") });
  },
);
