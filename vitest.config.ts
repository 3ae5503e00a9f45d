import { defineConfig } from "vitest/config";

/** `unit`: fast and without servers. `int`: embedded PostgreSQL always; a PostgreSQL or Redis server where one is given. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/*.int.test.ts", "node_modules/**"],
        },
      },
      {
        test: {
          name: "int",
          include: ["**/*.int.test.ts"],
          exclude: ["node_modules/**"],
          // Each file opens an embedded PostgreSQL of its own, which takes hundreds of megabytes.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
