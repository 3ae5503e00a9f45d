import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { openSignals } from "./read-signals.ts";

test.each([
  ["that does not exist", join(tmpdir(), "no-such-folder", "signals.jsonl"), "no such file"],
  ["that is a folder", tmpdir(), "it is a folder"],
])("a file of signals %s is invalid input, reported with its path", (_, path, why) => {
  expect(() => openSignals(path, Readable.from([]))).toThrow(
    expect.objectContaining({ code: "BAD_INPUT", message: `cannot read signals from ${path}: ${why}` }),
  );
});
