import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expandFilters, SERVERS_ONLY, testFiles, usesServers } from "./test-files.ts";

// `npm test`: vitest, with path filters that may leave out folders in between. `--servers` stands for the integration tests that use a
// PostgreSQL or a Redis server where one is given, without the embedded engine. Tests in a browser are `npm run test:browser`.

const root = join(import.meta.dirname, "..");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const files = testFiles(root);
const args = process.argv.slice(2).flatMap((arg) => (arg === "--servers" ? files.filter((file) => usesServers(file, root)) : [arg]));
const onServers = process.argv.includes("--servers") && process.env.DATABASE_URL !== undefined;
const isChosen = args.some((arg) => arg.startsWith("--project"));
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", ...(isChosen ? [] : ["--project=!browser"]), ...expandFilters(args, files)],
  { stdio: "inherit", env: { ...process.env, ...(onServers ? SERVERS_ONLY : {}) } },
);
process.exitCode = status ?? 1;
