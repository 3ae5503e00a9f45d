import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeFiles, loadCode } from "./load-code.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-load-code-"));
  mkdirSync(join(dir, "channels"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("code whose top-level await does not end is given up after a time limit", async () => {
  writeFileSync(join(dir, "channels", "slow.ts"), "await new Promise(() => {});");
  await expect(loadCode(dir, "channels/slow.ts", AbortSignal.abort())).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: "channels/slow.ts cannot be loaded: its top-level await does not end",
  });
});

test("a file in the place of the folder holds no code", () => {
  writeFileSync(join(dir, "tools"), "");
  expect(codeFiles(dir, "tools")).toEqual([]);
});
