import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { sentientHere } from "./command-line.ts";
import { type Block, sectionsOf, writeBlocks } from "./pages.ts";

// Follows docs/tutorial.md as a reader does: files are written, commands run, and what the page says they print is what they print.
// Each step stands on the ones before it.

const steps = sectionsOf("tutorial.md");
const dir = mkdtempSync(join(tmpdir(), "sentient-tutorial-"));
const example = join(import.meta.dirname, "..", "examples", "telecom");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Ids depend on every byte of a workspace. */
const masked = (text: string): string =>
  text
    .replaceAll(/\b[a-z]_[\w-]{8,}/g, "ID")
    .replaceAll(/policy [0-9a-f]{12}/g, "policy")
    .trimEnd();

/** Runs one line of a `sh` block; `ID` is the first id of the list before it. */
async function typed(line: string, before: readonly string[]): Promise<readonly string[]> {
  if (!line.startsWith("npx sentient ")) {
    execFileSync("sh", ["-ec", line], { cwd: dir });
    return [];
  }
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word = ""]) => quoted ?? word).slice(2);
  const id = before.at(0)?.split(" ")[0] ?? "";
  const given = words.map((word) => (word === "ID" ? id : word.startsWith("polarlink") ? join(dir, word) : word));
  const { code, out, err } = await sentientHere(...given);
  expect([line, code, code === 0 ? "" : [...out, err].join("\n")]).toEqual([line, 0, ""]);
  return out;
}

/** The lines of a page's block that were not printed, in order, by the commands before it. */
function notPrinted({ text }: Block, out: readonly string[]): string[] {
  const printed = out.map(masked);
  let from = 0;
  return masked(text)
    .split("\n")
    .filter((line) => {
      const at = printed.indexOf(line.trimEnd(), from);
      if (at >= 0) from = at + 1;
      return at < 0;
    });
}

describe.each(steps.filter(({ blocks }) => blocks.some(({ language }) => language === "sh")))("W25: $title", ({ blocks }) => {
  test("prints what docs/tutorial.md says", async () => {
    let out: readonly string[] = [];
    for (const block of blocks) {
      if (block.file !== undefined) writeBlocks(join(dir, "polarlink"), [block]);
      else if (block.language === "sh") for (const line of block.text.trim().split("\n")) out = await typed(line, out);
      else if (block.language === "text") expect([notPrinted(block, out), out]).toEqual([[], out]);
    }
  });
});

/** Whether everything in `part` is in `whole`, lists in their order. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole)) return false;
    let from = 0;
    return part.every((one) => {
      const at = whole.findIndex((other, index) => index >= from && isPartOf(one, other));
      from = at + 1;
      return at >= 0;
    });
  }
  if (typeof part !== "object" || part === null) return part === whole;
  return (
    typeof whole === "object" && whole !== null && Object.entries(part).every(([key, value]) => isPartOf(value, Reflect.get(whole, key)))
  );
}

test("W25: the workspace of the tutorial is a part of examples/telecom", () => {
  const files = new Map(steps.flatMap(({ blocks }) => blocks.flatMap(({ file }) => (file === undefined ? [] : [[file, file] as const]))));
  const built = [...files.keys()].filter((file) => !file.startsWith("evals/"));
  expect(built.length).toBeGreaterThan(15);
  const differing = built.filter((file) => {
    const [mine, its] = [join(dir, "polarlink"), example].map((root) => readFileSync(join(root, file), "utf8"));
    if (file.endsWith(".yaml")) return !isPartOf(parse(mine ?? ""), parse(its ?? ""));
    const lines = its?.split("\n") ?? [];
    return !mine
      ?.trim()
      .split("\n")
      .every((line) => lines.includes(line));
  });
  expect(differing).toEqual([]);
});
