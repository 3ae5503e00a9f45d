import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Document, isSeq, parseDocument } from "yaml";
import { SentientError } from "../domain/errors.ts";
import type { GoldenCase } from "../engine/considering/golden-case.ts";
import { readSuite } from "./golden.ts";

/**
 * Checks that a case can be kept in a file: a new one, or one of golden decisions, to which it is added.
 *
 * @throws `BAD_INPUT` for a name that `eval` does not read, and for a file that holds something else
 */
export function checkKeepFile(file: string): void {
  if (!/\.ya?ml$/.test(file)) throw new SentientError("BAD_INPUT", `--keep ${file}: expected a name that ends in .yaml, as eval reads it`);
  if (existsSync(file)) readSuite(file);
}

/**
 * The text of a file of golden decisions with a case more, or of a new one; everything else in the file stays as its author wrote it.
 *
 * @throws `CONFLICT` where the file has a case of this name
 */
export function withCase(file: string, golden: GoldenCase): string {
  if (!existsSync(file)) return new Document({ name: basename(file).replace(/\.ya?ml$/, ""), cases: [golden] }).toString();
  if (readSuite(file).cases.some(({ name }) => name === golden.name))
    throw new SentientError("CONFLICT", `${file} has a case ${golden.name} already; rename or remove it first`);
  const document = parseDocument(readFileSync(file, "utf8"));
  const cases = document.get("cases");
  if (isSeq(cases)) cases.add(document.createNode(golden));
  return document.toString();
}
