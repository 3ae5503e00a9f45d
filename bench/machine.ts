import { execFileSync } from "node:child_process";
import { cpus, platform, release, totalmem } from "node:os";
import { table } from "../cli/views/table.ts";

/** The machine and the commit, on which figures depend. */
export function machineFacts(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${gigabytes} GB, ${platform()} ${release()}, Node ${process.versions.node}, ${commit()}`;
}

/** Prints a table under a title. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  process.stdout.write(`\n${title}\n${table(rows, { indent: 2 }).join("\n")}\n`);
}

/** Median, minimum and maximum of some times. */
export function spread(times: readonly number[]): { readonly median: number; readonly least: number; readonly most: number } {
  const sorted = [...times].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

export const milliseconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

// --- internal ---

function commit(): string {
  try {
    return `commit ${execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()}`;
  } catch {
    return "no commit";
  }
}
