import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Entry } from "../command.ts";
import { command, data, flag, globalOptions, one, typedAs } from "../declare.js";
import { findCommand, helpFor, helpForAll } from "../help.js";
import type { Io } from "../io.ts";
import { commands } from "./index.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** The commands that have a file, by their words. */
const filed = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.replace(/\.ts$/, "").replaceAll(/[/\\]/g, " "));

/** Entries without a file and files without an entry. */
function unpaired(entries: readonly Pick<Entry, "name">[], files: readonly string[]): string[] {
  const names = entries.map(({ name }) => name);
  return [
    ...names.filter((name) => !files.includes(name)).map((name) => `${name}: no file`),
    ...files.filter((file) => !names.includes(file)).map((file) => `${file}: no entry`),
  ];
}

/** Lines and code spans that start with `sentient`. */
const typedIn = (markdown: string): string[] =>
  [...markdown.matchAll(/^(?:npx )?sentient .+$|`(?:npx )?sentient [^`]+`/gm)].map(([text]) =>
    text.replaceAll("`", "").replace(/^(npx )?sentient /, ""),
  );

/** Commands and options that documents name and the declarations lack. */
function unknownIn(markdown: string): string[] {
  return typedIn(markdown).flatMap((line) => {
    const [typed = ""] = line.split(/ [#|>;]| && /);
    const words = typed.split(/\s+/);
    if (!/^[a-z]/.test(words[0] ?? "")) return [];
    const found = findCommand(words);
    if (!found) return [`${line}: no such command`];
    const known = Object.keys({ ...globalOptions, ...found.command.options }).map((name) => `--${typedAs(name)}`);
    const options = [...typed.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
    return options.filter((option) => !known.includes(option)).map((option) => `${line}: no option ${option}`);
  });
}

const documents = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];
const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

describe("entries and files", () => {
  test("each entry has a file at its path, and vice versa", () => {
    expect(unpaired(commands, filed)).toEqual([]);
  });

  test.each(commands)("$name loads the file of its path", async ({ name, load }) => {
    expect((await load()).run).toBe((await import(/* @vite-ignore */ `./${name.replace(" ", "/")}.ts`)).run);
  });

  test("an entry without a file and a file without an entry are found", () => {
    expect(unpaired([...commands, { name: "tasks postpone" }], filed)).toEqual(["tasks postpone: no file"]);
    expect(unpaired(commands, [...filed, "tasks postpone"])).toEqual(["tasks postpone: no entry"]);
  });
});

describe("entries and the inputs that a command reads", () => {
  const run = async ({ id, force }: { readonly id: string; readonly force: boolean }, _io: Io): Promise<number> =>
    id.length + Number(force);
  const load = async () => ({ run });

  test("a declaration with every input that its command reads compiles", () => {
    expect(command({ name: "x", summary: "x", words: { id: one("ID") }, options: { force: flag("") }, load })).toMatchObject({ name: "x" });
  });

  test("an undeclared option does not compile", () => {
    // @ts-expect-error `data` is declared, and never read.
    expect(command({ name: "x", summary: "x", words: { id: one("ID") }, options: { force: flag(""), data }, load })).toBeDefined();
  });

  test("an undeclared argument, or one of another type, does not compile", () => {
    // @ts-expect-error `force` is read, and not declared.
    expect(command({ name: "x", summary: "x", words: { id: one("ID") }, load })).toBeDefined();
    // @ts-expect-error `force` is read as a flag, and declared as a path.
    expect(command({ name: "x", summary: "x", words: { id: one("ID") }, options: { force: data }, load })).toBeDefined();
  });
});

describe("entries and documents", () => {
  test.each(documents)("%s names only commands and options that are declared", (file) => {
    expect(unknownIn(textOf(file))).toEqual([]);
  });

  test("the list of docs/operations.md is the list of help", () => {
    const listed = /## All commands\n\n```text\n(.*?)\n```/s.exec(textOf(join("docs", "operations.md")))?.[1];
    const [, helped = ""] = /COMMAND \[options\]\n\n(.*?)\n\nOptions/s.exec(helpForAll()) ?? [];
    expect(listed?.split("\n")).toEqual(helped.split("\n").map((line) => `sentient ${line.trim()}`));
  });

  test("a line with an undeclared command or option is found", () => {
    expect(unknownIn("```sh\nsentient tasks postpone ID\n```\nand `npx sentient tasks list --queues NAME`")).toEqual([
      "tasks postpone ID: no such command",
      "tasks list --queues NAME: no option --queues",
    ]);
  });
});

/** Lines of the product's code that propose a command as it would not be found after `npm install`. */
function proposedWithoutNpx(folder: string): string[] {
  const names = [...new Set(commands.map(({ name }) => name.split(" ")[0]))].join("|");
  const proposal = new RegExp(`[;:(\`"] ?sentient (${names}|COMMAND|--|\\$\\{)`);
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|js|md)$/.test(file) && !/\.(test|contract)\.ts$/.test(file))
    .flatMap((file) => textOf(join(folder, file)).split("\n"))
    .filter((line) => proposal.test(line) && !/^ *(\/\/|\/?\*)|Usage: /.test(line))
    .map((line) => line.trim());
}

test.each(["cli", "operations", "runtime", "workspace", "engine", "domain", "evals", "store", "examples/starter"])(
  "W25: texts of %s propose commands with npx",
  (folder) => {
    expect(proposedWithoutNpx(folder)).toEqual([]);
  },
);

test("help of a command shows its arguments and options as typed", () => {
  const claim = commands.find(({ name }) => name === "tasks claim") as Entry;
  expect(helpFor(claim)).toMatch(/^Usage: sentient tasks claim ID \[options\]\n\nTake a task\.\n/);
  expect(helpFor(claim)).toContain("--take-over ");
});
