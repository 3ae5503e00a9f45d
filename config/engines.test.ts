import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

const require = createRequire(import.meta.url);
const { satisfies } = require("semver") as { satisfies(version: string, range: string): boolean };

const read = (file: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, "..", file), "utf8"));

const lock = read("package-lock.json") as {
  packages: Readonly<Record<string, { version?: string; engines?: { node?: string } | string[]; optional?: boolean }>>;
};

/** The Node range of a package. A few old packages have a list, like `["node >= 0.8"]`. */
function rangeOf(engines: { node?: string } | string[] | undefined): string {
  if (!Array.isArray(engines)) return engines?.node ?? "*";
  return engines.find((one) => one.startsWith("node"))?.replace(/^node\s*/, "") ?? "*";
}

test.each(["20.19.0", "24.0.0"])("no installed package excludes Node %s", (version) => {
  const refusing = Object.entries(lock.packages).filter(([, { engines }]) => !satisfies(version, rangeOf(engines)));
  expect(refusing.map(([path, { engines }]) => `${path}: ${rangeOf(engines)}`)).toEqual([]);
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
});

test("the Node types are those of the oldest supported version", () => {
  const { engines, devDependencies } = read("package.json") as { engines: { node: string }; devDependencies: Record<string, string> };
  expect(engines.node).toBe(">=20.19");
  expect(devDependencies["@types/node"]).toMatch(/^20\./);
});
