import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx$/.test(file) && !file.startsWith("dist"));

/** Classes that a source names, by the module of styles that it imports. */
const uses = sources.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  const module = /import styles from "([^"]+)"/.exec(text)?.[1];
  if (module === undefined) return [];
  const named = [...text.matchAll(/styles\["([\w-]+)"\]/g)].map(([, name]) => name ?? "");
  return [{ file, module: join(dirname(file), module), named, isOpen: /styles\[(?!")/.test(text) }];
});
const modules = [...new Set(uses.map(({ module }) => module))];
const classesIn = (module: string): string[] => [
  ...new Set([...readFileSync(join(root, module), "utf8").matchAll(/\.([a-zA-Z_][\w-]*)(?=[^{}]*\{)/g)].map(([, name]) => name ?? "")),
];

test.each(modules.map((module) => [basename(module), module]))("%s has the classes that are named, and no other", (_, module) => {
  const users = uses.filter((use) => use.module === module);
  const named = [...new Set(users.flatMap((use) => use.named))];
  expect(named.filter((name) => !classesIn(module).includes(name))).toEqual([]);
  // Where a name is computed, such as that of a mark, the rest may be meant.
  if (!users.some(({ isOpen }) => isOpen)) expect(classesIn(module).filter((name) => !named.includes(name))).toEqual([]);
});
