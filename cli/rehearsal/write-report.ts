import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { SentientError } from "../../domain/errors.ts";
import { type About, reportHtml } from "../../rehearsal/report/page.ts";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import { writeForOwner } from "../owner-file.ts";

/**
 * Makes the folder of a report before anything is played, so that a rehearsal of an hour does not end at a folder that cannot be made.
 *
 * @throws `BAD_INPUT` where it cannot be made, or has a report.json that no rehearsal wrote
 */
export function prepareReport(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SentientError("BAD_INPUT", `--report ${dir}: the folder cannot be made: ${reasonOf(error)}`, { cause: error });
  }
  const file = join(dir, JSON_FILE);
  if (existsSync(file) && !isOurs(file))
    throw new SentientError("BAD_INPUT", `--report ${dir}: there is a ${JSON_FILE} that no rehearsal wrote; choose another folder`);
}

/**
 * Writes both files whole or not at all: where one cannot be written, what was there before stays. Only their owner can read them, as they
 * name customers. Returns why they could not be written; undefined where they were.
 */
export function writeReport(dir: string, result: RehearsalResult, about: About): string | undefined {
  const texts = [
    [JSON_FILE, `${JSON.stringify(result, null, 2)}\n`],
    [HTML_FILE, reportHtml(result, about)],
  ] as const;
  const parts = texts.map(([name, text]) => ({ name, text, part: join(dir, `${name}.part`) }));
  try {
    for (const { part, text } of parts) writeForOwner(part, text);
    for (const { part, name } of parts) renameSync(part, join(dir, name));
    return undefined;
  } catch (error) {
    for (const { part } of parts) if (statSync(part, { throwIfNoEntry: false })?.isFile()) rmSync(part);
    return reasonOf(error);
  }
}

export const JSON_FILE = "report.json";
export const HTML_FILE = "report.html";

// --- internal ---

function isOurs(file: string): boolean {
  try {
    return JSON.parse(readFileSync(file, "utf8")).simulated === true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || message;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the quota of the disk is used up",
  EROFS: "the disk can only be read",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EEXIST: "there is a file of that name",
  ENOTDIR: "a file stands in its path",
};
