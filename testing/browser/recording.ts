import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { withoutServers } from "../command-line.ts";

const root = join(import.meta.dirname, "..", "..");

/** The dealership's stream ends here for the tests: a promise is open, an offer waits, several are silent. */
export const STORY_ENDS = "2026-09-10T15:00:00Z";

/** Builds `console/dist` if it is missing or older than what it is made from. */
export function buildConsole(): void {
  const built = join(root, "console", "dist", "index.html");
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, "console"))) return;
  execFileSync(process.execPath, [join(root, "config", "build-console.js")], { stdio: "inherit" });
}

/** Replays the dealership into a data folder. */
export function record(dataDir: string): void {
  const words = ["run", join(root, "examples", "dealership"), "--data", dataDir, "--until", STORY_ENDS, "--quiet"];
  const { status, stderr } = spawnSync(process.execPath, [join(root, "cli", "sentient.js"), ...words], {
    env: withoutServers() as NodeJS.ProcessEnv,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`sentient ${words.join(" ")} ended with ${status}: ${stderr}`);
}

// --- internal ---

/** When the newest source below a folder was written. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => !/^dist\b|\.test\.tsx?$/.test(file) && /\.\w+$/.test(file),
  );
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs));
}
