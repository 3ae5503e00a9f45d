import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./testing/longest-first.ts";

const servers = { DATABASE_URL: "a PostgreSQL server", REDIS_URL: "a Redis server" };
for (const [variable, what] of Object.entries(servers))
  if (!process.env[variable]) process.stderr.write(`${variable} is not set: tests on ${what} are skipped\n`);

/** The package's own name leads to its sources, as for a workspace's tools. */
const resolve = { alias: { sentient: join(import.meta.dirname, "index.ts") } };

/**
 * Workspace code imports "sentient" past the test runner. Node remembers a file that it could not import, for as long as its process lives,
 * so workers can import the sources from the start.
 */
const execArgv = ["--import", new URL("cli/typescript.js", import.meta.url).href];

/** `unit`: fast and without servers. `int`: embedded PostgreSQL always; a PostgreSQL or Redis server where one is given. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        test: {
          name: "unit",
          execArgv,
          include: ["**/*.test.ts", "console/**/*.test.tsx"],
          exclude: ["**/*.int.test.ts", "**/*.browser.test.ts", "node_modules/**"],
          // Files share loaded modules, which halves the CPU time: what a test changes for itself (a variable, timers), it puts back.
          isolate: false,
          // Long enough for a busy machine: no test rests on how fast it is.
          testTimeout: 300_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        test: {
          name: "int",
          execArgv,
          include: ["**/*.int.test.ts"],
          exclude: ["node_modules/**"],
          // As above: it saves three seconds of CPU time a file, which loads modules and compiles the embedded PostgreSQL again.
          isolate: false,
          // Each file opens an embedded PostgreSQL of its own, which takes hundreds of megabytes.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 120_000 } },
        },
      },
      {
        resolve,
        test: {
          name: "browser",
          execArgv,
          include: ["**/*.browser.test.ts"],
          exclude: ["node_modules/**"],
          globalSetup: ["testing/browser/prepare.ts"],
          // Each file has a server with a store, and a browser: they share nothing. Those of a worker share loaded modules.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          // The long form goes through every page in one test.
          testTimeout: 600_000,
          hookTimeout: 120_000,
          // As long as pages are waited for: no test rests on how fast the machine is.
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
