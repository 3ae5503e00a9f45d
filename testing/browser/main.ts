import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium, NO_BROWSER } from "./chromium.ts";

// `npm run test:browser [-- --short] [-- FILTERS]`: the console in a browser. Ends with "N passed, N failed". `--short`: each test once, in one look; what is tried on every page is tried on one.

const root = join(import.meta.dirname, "..", "..");
const words = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "sentient-browser-"));
const report = join(folder, "report.json");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

function run(): void {
  const { status } = spawnSync(
    process.execPath,
    [vitest, "run", "--project", "browser", ...reporters, ...words.filter((word) => word !== "--short")],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...(words.includes("--short") ? { SENTIENT_BROWSER_SHORT: "1" } : {}) },
    },
  );
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  // A file that cannot even be loaded has no test that failed.
  const broken = testResults.filter((file) => file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed"));
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests + broken.length} failed\n`);
  process.exitCode = status ?? 1;
}

if (findChromium(process.env) === undefined) process.stdout.write(`skipped: ${NO_BROWSER}\n0 passed, 0 failed\n`);
else run();
rmSync(folder, { recursive: true, force: true });
