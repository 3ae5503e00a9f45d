import { closeSync, openSync, readSync } from "node:fs";
import { cutLines, type Line } from "../domain/values/lines.ts";

const CHUNK = 1024 * 1024;

/** Streams the lines of a file; memory is bounded by `maxBytes`, whatever the size of the file. */
export function* linesInFile(path: string, maxBytes: number): Generator<Line> {
  const file = openSync(path, "r");
  try {
    const cutter = cutLines(maxBytes);
    const chunk = new Uint8Array(CHUNK);
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) yield* cutter.push(chunk.subarray(0, length));
    yield* cutter.end();
  } finally {
    closeSync(file);
  }
}
