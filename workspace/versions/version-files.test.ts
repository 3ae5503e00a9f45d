import { expect, test } from "vitest";
import type { WorkspaceFiles } from "../check-files.ts";
import { hasSameCode, packFiles, problemsOfFiles, unpackFiles, VERSION_LIMITS } from "./version-files.ts";

const SETTINGS = ["sentient.yaml", "version: 1\n"] as const;

const filesOf = (...given: readonly (readonly [string, string | Buffer])[]): WorkspaceFiles =>
  new Map(given.map(([name, content]) => [name, Buffer.from(content)]));

test.each([
  ["a text", "templates/a.liquid", Buffer.from("Grüße\r\n{{ customer.name }}\r\n")],
  ["a byte order mark", "experiences/a.yaml", Buffer.from("\ufeffid: a\n")],
  ["an empty file", "templates/empty.liquid", Buffer.alloc(0)],
  ["bytes that are no UTF-8", "templates/logo.png", Buffer.from([0x89, 0x50, 0xff, 0xfe])],
  ["a NUL, which no text in PostgreSQL can hold", "tools/data.bin", Buffer.from("a\u0000b")],
])("%s is unpacked as it was packed, also through JSON", (_, name, bytes) => {
  const files = new Map([[name, bytes]]);
  expect(unpackFiles(JSON.parse(JSON.stringify(packFiles(files))))).toEqual(files);
  expect(JSON.stringify(packFiles(files))).not.toContain("\\u0000");
});

test("unpacked files are in the order of a folder that is read, whatever the order of the keys", () => {
  const packed = { "templates/b.liquid": "", "sentient.yaml": "", "experiences/Z.yaml": "", "experiences/a.yaml": "", "evals/a.yaml": "" };
  expect([...unpackFiles(packed).keys()]).toEqual([
    "evals/a.yaml",
    "experiences/Z.yaml",
    "experiences/a.yaml",
    "sentient.yaml",
    "templates/b.liquid",
  ]);
});

test("names as a folder of a workspace has them are fine, those with spaces, accents and depth included", () => {
  const names = [
    "experiences/welcome.yaml",
    "templates/de/grüße zum fest.mjml.liquid",
    "tools/lib/a.ts",
    "channels/a.ts",
    "evals/a..b.yaml",
  ];
  expect(problemsOfFiles(filesOf(SETTINGS, ...names.map((name) => [name, ""] as const)))).toEqual([]);
});

test.each([
  ["a way up", "experiences/../../etc/passwd"],
  ["a way up at the beginning", "../sentient.yaml"],
  ["an absolute name", "/etc/passwd"],
  ["an absolute name on Windows", "C:\\temp\\a.yaml"],
  ["a backslash", "experiences\\a.yaml"],
  ["a step that is the same folder", "experiences/./a.yaml"],
  ["an empty step", "experiences//a.yaml"],
  ["a folder", "experiences/"],
  ["a hidden file", "experiences/.env"],
  ["a hidden folder", "tools/.git/config"],
  ["packages", "tools/node_modules/a/index.js"],
  ["a file of another folder", "secrets/a.yaml"],
  ["customers", "customers.jsonl"],
  ["signals", "signals.jsonl"],
  ["a folder by its name alone", "experiences"],
  ["a line break", "experiences/a\nb.yaml"],
  ["half a character", "experiences/\ud800.yaml"],
  ["a name that is too long", `templates/${"a".repeat(VERSION_LIMITS.nameBytes)}`],
  ["nothing", ""],
])("%s is no name in a version", (_, name) => {
  const problems = problemsOfFiles(filesOf(SETTINGS, [name, ""]));
  expect(problems.map(({ file }) => file)).toEqual([name]);
});

test("a file that is a folder as well is a problem", () => {
  const problems = problemsOfFiles(filesOf(SETTINGS, ["templates/a", ""], ["templates/a/b.liquid", ""]));
  expect(problems).toEqual([{ file: "templates/a/b.liquid", message: expect.stringContaining("templates/a is a file") }]);
});

test("a version has a sentient.yaml", () => {
  expect(problemsOfFiles(filesOf(["experiences/a.yaml", ""])).map(({ file }) => file)).toEqual(["sentient.yaml"]);
});

test.each<[string, WorkspaceFiles, string]>([
  ["a file", filesOf(SETTINGS, ["templates/a", Buffer.alloc(VERSION_LIMITS.fileBytes + 1)]), "templates/a"],
  [
    "all files together",
    filesOf(SETTINGS, ...[..."abcd"].map((name) => [`templates/${name}`, Buffer.alloc(VERSION_LIMITS.fileBytes)] as const)),
    ".",
  ],
  [
    "the number of files",
    filesOf(SETTINGS, ...Array.from({ length: VERSION_LIMITS.files }, (_, n) => [`templates/${n}`, ""] as const)),
    ".",
  ],
])("the bound of %s is kept", (_, files, place) => {
  expect(problemsOfFiles(files).map(({ file }) => file)).toEqual([place]);
});

const CODE = filesOf(SETTINGS, ["tools/a.ts", "1"], ["channels/b.ts", "2"], ["templates/t", "x"]);

test.each<[string, boolean, WorkspaceFiles]>([
  ["another template", true, filesOf(SETTINGS, ["channels/b.ts", "2"], ["templates/t", "y"], ["tools/a.ts", "1"])],
  ["a test of a tool", true, filesOf(...CODE.entries(), ["tools/a.test.ts", "3"])],
  ["another tool", false, filesOf(SETTINGS, ["channels/b.ts", "2"], ["tools/a.ts", "2"])],
  ["a tool under another name", false, filesOf(SETTINGS, ["channels/b.ts", "2"], ["tools/c.ts", "1"])],
  ["a file that a tool imports", false, filesOf(...CODE.entries(), ["tools/lib/c.json", "{}"])],
  ["one channel fewer", false, filesOf(SETTINGS, ["tools/a.ts", "1"])],
])("with %s the code is the same: %s", (_, isSame, other) => {
  expect(hasSameCode(CODE, other)).toBe(isSame);
  expect(hasSameCode(other, CODE)).toBe(isSame);
});
