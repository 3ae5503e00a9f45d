import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sentientHere } from "../../testing/command-line.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-long-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SETTINGS = "version: 1\nname: Long\nmoments: {m: {on: go, expires: 1d}}\nchannels: {box: {kind: file}}\n";
const signal = JSON.stringify({
  ...{ specversion: "1.0", id: "1", source: "t", type: "seen", subject: "c-1" },
  time: "2026-06-01T15:00:00Z",
});

function workspace(name: string, customers: string): string {
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
  writeFileSync(join(dir, "customers.jsonl"), customers);
  return dir;
}

describe("run on files with very many lines", () => {
  test("of which none can be used: the first hundred are told, the others counted, and the rest has run", async () => {
    const bad = 130_000;
    const dir = workspace("bad", "broken\n".repeat(bad));
    const signals = join(dir, "signals.jsonl");
    writeFileSync(signals, "broken\n".repeat(bad));
    appendFileSync(signals, `${signal}\n`);
    const { code, err } = await sentientHere("run", dir);
    expect(code).toBe(1);
    expect(err).not.toContain("call stack");
    expect(err).toContain("1 signals");
    expect(err.match(/jsonl:\d+: /g)).toHaveLength(200);
    expect(err.match(/129900 more lines cannot be used/g)).toHaveLength(2);
  });

  test("customers are imported part by part, each id once in the file", async () => {
    const lines = Array.from({ length: 5_100 }, (_, place) => JSON.stringify({ id: `c-${place}` }));
    const dir = workspace("customers", [...lines, JSON.stringify({ id: "c-1" })].join("\n"));
    writeFileSync(join(dir, "signals.jsonl"), `${signal}\n`);
    const { code, err } = await sentientHere("run", dir);
    expect(code).toBe(1);
    expect(err).toContain("5100 customers imported");
    expect(err).toContain("id: c-1 is already in line 2");
  });

  test("that memory will not hold: it says so before, and names --data", async () => {
    const dir = workspace("large", "");
    const signals = join(dir, "signals.jsonl");
    writeFileSync(signals, `${signal}\n`.repeat(10_000));
    truncateSync(signals, 2 ** 42);
    const { code, err, out } = await sentientHere("run", dir);
    expect([code, out]).toEqual([2, []]);
    expect(err).toMatch(/signals\.jsonl has about \d+ signals, for which a store in memory takes at least .* Give --data DIR/);
  });
});
