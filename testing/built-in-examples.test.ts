import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUILT_IN_SIGNALS, builtInSignal, COMMON_DATA } from "../domain/entities/built-ins.ts";
import { readSignal } from "../domain/entities/signal.ts";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "built-ins.md"), "utf8");
const lines = [...page.matchAll(/^\{"specversion".*\}$/gm)].map(([line]) => line);

test("W23: docs/built-ins.md has one example line for every built-in signal, and each can be read", () => {
  const types = lines.map((line) => {
    const read = readSignal(line);
    return read.ok ? read.event.type : read.problem;
  });
  expect([...types].sort()).toEqual(Object.keys(BUILT_IN_SIGNALS).sort());
});

test("W23: the data of an example has no field that the table does not explain", () => {
  const unexplained = lines.flatMap((line) => {
    const { type, data }: { type: string; data: Record<string, unknown> } = JSON.parse(line);
    const signal = builtInSignal(type);
    const known = [...Object.keys(signal?.data ?? {}), ...Object.keys(COMMON_DATA)];
    return Object.keys(data)
      .filter((field) => signal?.isOpen !== true && !known.includes(field))
      .map((field) => `${type}: ${field}`);
  });
  expect(unexplained).toEqual([]);
});
