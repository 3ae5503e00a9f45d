import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, prepareStore } from "../runtime/open-store.ts";
import { startSentient } from "../testing/command-line.ts";
import { milliseconds, spread } from "./machine.ts";

const DEALERSHIP = join(import.meta.dirname, "..", "examples", "dealership");

/** Start-up times: of help, of a check, of a new store, of the demo. */
export async function benchStart() {
  await prepareStore(() => {});
  const commands = [["--help"], ["run", "--help"], ["check", DEALERSHIP], ["demo"]];
  const rows = [["", "median", "fastest", "slowest", "times"]];
  for (const words of commands) {
    const times = words[0] === "demo" ? 3 : 9;
    rows.push(await row(`sentient ${words[0]}${words[1] === "--help" ? " --help" : ""}`, times, () => runToEnd(words)));
  }
  rows.push(await row("a new embedded store in memory", 5, () => open(undefined)));
  rows.push(
    await row("a new embedded store in a folder", 5, async () => {
      const dir = mkdtempSync(join(tmpdir(), "sentient-bench-"));
      const ms = await open(dir);
      rmSync(dir, { recursive: true, force: true });
      return ms;
    }),
  );
  return { title: "start: until it is there", rows };
}

// --- internal ---

async function row(name: string, times: number, once: () => Promise<number>): Promise<string[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) taken.push(await once());
  const { median, least, most } = spread(taken);
  return [name, milliseconds(median), milliseconds(least), milliseconds(most), String(times)];
}

async function runToEnd(words: readonly string[]): Promise<number> {
  const began = performance.now();
  const running = startSentient(words);
  running.stdin.end();
  const { code, err } = await running.ended;
  if (code !== 0) throw new Error(`sentient ${words.join(" ")} ended with ${code}: ${err}`);
  return performance.now() - began;
}

async function open(dataDir: string | undefined): Promise<number> {
  const began = performance.now();
  const database = await openDatabase({ now: Date.now, newId: randomUUID, ...(dataDir === undefined ? {} : { dataDir }) });
  const ms = performance.now() - began;
  await database.close();
  return ms;
}
