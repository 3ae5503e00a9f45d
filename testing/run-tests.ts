import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expandFilters, testFiles } from "./test-files.ts";

// `npm test`: vitest, with path filters that may leave out folders in between.

const root = join(import.meta.dirname, "..");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...expandFilters(process.argv.slice(2), testFiles(root))], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
