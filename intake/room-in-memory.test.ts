import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkRoomFor, createRoomWatch, estimate } from "./room-in-memory.ts";

const signal = (id: number, type = "page.viewed") =>
  JSON.stringify({ specversion: "1.0", id: `s-${id}`, source: "web", type, subject: `c-${id}`, time: "2026-06-01T15:00:00Z" });
const lines = (count: number, line: (place: number) => string) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${line(i)}\n`).join(""));

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-room-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("how much memory a file of signals takes in a store in memory", () => {
  test("it grows with the signals, counted from the beginning of the file", () => {
    const beginning = lines(1_000, signal);
    const { signals, memory } = estimate(beginning, beginning.length * 1_000);
    expect(signals).toBe(1_000_000);
    const { memory: half } = estimate(beginning, beginning.length * 500);
    expect(memory - half).toBeGreaterThan(500_000 * 1_000);
  });

  test("lines that cannot be used are not stored and take nothing", () => {
    expect(
      estimate(
        lines(1_000, () => "no JSON"),
        1e12,
      ),
    ).toEqual({ signals: 0, memory: estimate(Buffer.from(""), 0).memory });
  });
});

describe("a run in memory", () => {
  const fileOf = (name: string, beginning: Buffer, bytes: number): string => {
    const path = join(dir, name);
    writeFileSync(path, beginning);
    // Sparse: it has the size, and takes no room.
    truncateSync(path, bytes);
    return path;
  };

  test("is refused before it starts where the memory will not hold it, and told of --data", () => {
    const path = fileOf("many.jsonl", lines(10_000, signal), 200 * 1024 ** 3);
    expect(() => checkRoomFor(path, 64 * 1024 ** 3)).toThrow(
      /many\.jsonl has about \d{9,} signals, for which a store in memory takes at least \d+\.\d GB; 64\.0 GB are free\. Give --data DIR/,
    );
  });

  test("goes on where it fits, where nothing of it is stored, and where its size is unknown", () => {
    const few = fileOf("few.jsonl", lines(1_000, signal), 200 * 1024);
    expect(() => checkRoomFor(few, 1024 ** 3)).not.toThrow();
    const bad = fileOf(
      "bad.jsonl",
      lines(100_000, () => "no JSON"),
      200 * 1024 ** 3,
    );
    expect(() => checkRoomFor(bad, 1024 ** 3)).not.toThrow();
    expect(() => checkRoomFor("/dev/null", 0)).not.toThrow();
    expect(() => checkRoomFor(join(dir, "missing.jsonl"), 0)).not.toThrow();
  });

  test("ends before the memory is used up, with --data as the way", () => {
    let available = 1024 ** 3;
    const watch = createRoomWatch(() => available);
    watch(60_000);
    available = 1024 ** 2;
    expect(() => watch(60_500)).not.toThrow();
    expect(() => watch(61_000)).toThrow("after 61000 signals the memory is used up in which the store is. Give --data DIR");
  });

  test("of a short stream is never stopped", () => {
    expect(() => createRoomWatch(() => 0)(49_999)).not.toThrow();
  });
});
