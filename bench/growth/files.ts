import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CLI = join(import.meta.dirname, "..", "..", "cli", "sentient.js");
const SETTINGS = "version: 1\nname: Files\nmoments: {m: {on: go, expires: 1d}}\nchannels: {box: {kind: file}}\n";

/** What `run` takes by the lines of its file: lines that cannot be used, repeated ones, and signals with the store on disk. */
export async function growthOfFiles() {
  const rows = [["", "lines", "seconds", "MB of memory, at most", "exit"]];
  for (const [name, lines, line, onDisk] of FILES) {
    const { seconds, megabytes, code } = await run(lines, line, onDisk);
    rows.push([name, String(lines), seconds.toFixed(1), megabytes.toFixed(0), String(code)]);
  }
  return { title: "growth: `run` by the lines of a file (one process, a heap of at most 256 MB)", rows };
}

// --- internal ---

const signal = (id: number): string =>
  JSON.stringify({
    ...{ specversion: "1.0", id: `s-${id}`, source: "web", type: "page.viewed", subject: `c-${id % 1_000}` },
    time: "2026-06-01T15:00:00Z",
  });

const FILES: readonly (readonly [string, number, (place: number) => string, boolean])[] = [
  ...[10_000, 1_000_000].map((lines) => ["lines that cannot be used", lines, () => "broken", false] as const),
  ...[10_000, 300_000].map((lines) => ["one signal again and again", lines, () => signal(1), false] as const),
  ...[10_000, 100_000].map((lines) => ["signals, the store on disk", lines, signal, true] as const),
];

async function run(lines: number, line: (place: number) => string, onDisk: boolean) {
  const dir = mkdtempSync(join(tmpdir(), "sentient-files-"));
  try {
    mkdirSync(join(dir, "experiences"));
    writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
    await writeLines(join(dir, "signals.jsonl"), lines, line);
    const began = performance.now();
    const data = onDisk ? ["--data", join(dir, "store")] : [];
    const child = spawn(process.execPath, ["--max-old-space-size=256", CLI, "run", dir, ...data], { stdio: "ignore" });
    let megabytes = 0;
    const watch = setInterval(() => {
      megabytes = Math.max(megabytes, peakOf(child.pid));
    }, 100);
    const [code] = (await once(child, "exit")) as [number | null];
    clearInterval(watch);
    return { seconds: (performance.now() - began) / 1_000, megabytes, code };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function writeLines(path: string, lines: number, line: (place: number) => string): Promise<void> {
  const file = createWriteStream(path);
  for (let place = 0; place < lines; place++) if (!file.write(`${line(place)}\n`)) await once(file, "drain");
  file.end();
  await once(file, "finish");
}

/** The most memory that a process has had, in MB. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
