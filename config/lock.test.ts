import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package-lock.json"), "utf8")) as {
  packages: Readonly<Record<string, Locked>>;
};
/** Every package but this one. */
const foreign = Object.entries(packages).filter(([path]) => path !== "");

test("weak: every package in the lock file has an integrity hash, including those for other platforms", () => {
  expect(foreign.length).toBeGreaterThan(100);
  const loose = foreign.filter(([, { integrity = "" }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity));
  expect(loose.map(([path, { version }]) => `${path} ${version}: delete its entry and run npm install --package-lock-only`)).toEqual([]);
});

test("weak: no package in the lock file names its registry host, and none is a link", () => {
  expect(foreign.filter(([, { resolved, link }]) => resolved !== undefined || link === true)).toEqual([]);
});
