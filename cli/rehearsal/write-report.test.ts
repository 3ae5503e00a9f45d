import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { aRehearsal } from "../../testing/rehearsal.ts";
import { prepareReport, writeReport } from "./write-report.ts";

const root = mkdtempSync(join(tmpdir(), "rehearsal-report-"));
afterAll(() => rmSync(root, { recursive: true }));

const ABOUT = { title: "Northwind", against: "version 1", with: "dealership" };
const result = aRehearsal({ paths: 2, customers: 4 });

test("both files are for their owner alone, and a later rehearsal writes over them", () => {
  const dir = join(root, "deep", "report");
  prepareReport(dir);
  expect(writeReport(dir, result, ABOUT)).toBeUndefined();
  expect(readdirSync(dir).sort()).toEqual(["report.html", "report.json"]);
  expect(JSON.parse(readFileSync(join(dir, "report.json"), "utf8"))).toEqual(JSON.parse(JSON.stringify(result)));
  expect(statSync(join(dir, "report.html")).mode & 0o077).toBe(0);
  expect(() => prepareReport(dir)).not.toThrow();
});

test("a folder that cannot be made, and somebody else's report.json, are told before anything is played", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  expect(() => prepareReport(file)).toThrow(`--report ${file}: the folder cannot be made: there is a file of that name`);
  expect(() => prepareReport(join(file, "in"))).toThrow("the folder cannot be made: a file stands in its path");
  const theirs = join(root, "theirs");
  prepareReport(theirs);
  writeFileSync(join(theirs, "report.json"), '{"suites": []}');
  expect(() => prepareReport(theirs)).toThrow("there is a report.json that no rehearsal wrote");
});

test("what cannot be written whole is not written: what was there before stays, and the reason is told", () => {
  const dir = join(root, "full");
  prepareReport(dir);
  expect(writeReport(dir, result, ABOUT)).toBeUndefined();
  const before = readFileSync(join(dir, "report.json"), "utf8");
  // A folder in the place of the second part: writing it fails after the first one was written.
  mkdirSync(join(dir, "report.html.part"));
  expect(writeReport(dir, { ...result, seed: "other" }, ABOUT)).toMatch(/EISDIR/);
  expect(readFileSync(join(dir, "report.json"), "utf8")).toBe(before);
  expect(existsSync(join(dir, "report.json.part"))).toBe(false);
});

test.skipIf(!existsSync("/dev/full"))("a full disk is told as one", () => {
  const dir = join(root, "no-space");
  prepareReport(dir);
  symlinkSync("/dev/full", join(dir, "report.json.part"));
  expect(writeReport(dir, result, ABOUT)).toBe("no space is left on the disk");
  expect(existsSync(join(dir, "report.json"))).toBe(false);
});
