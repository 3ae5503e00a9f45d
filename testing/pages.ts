import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap, isSeq, parseDocument, type YAMLMap } from "yaml";

/** A fenced block of a Markdown page. */
export interface Block {
  /** The word after the fence, like `yaml` or `sh`. */
  readonly language: string;
  readonly text: string;
  /** The file that the first line names (`# experiences/a.yaml`), if any. */
  readonly file?: string;
}

const ROOT = join(import.meta.dirname, "..");

/** A page of docs/ by its sections (`## Title`), in order; what stands before the first has the title "". */
export function sectionsOf(page: string): { readonly title: string; readonly blocks: readonly Block[] }[] {
  const text = readFileSync(join(ROOT, "docs", page), "utf8");
  return text.split(/^(?=## )/m).map((section) => ({
    title: /^## (.+)$/m.exec(section)?.[1] ?? "",
    blocks: blocksOf(section),
  }));
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => {
    const file = /^(?:#|<!--) ([\w./-]+\.(?:yaml|jsonl|liquid))/.exec(text)?.[1];
    return { language, text, ...(file === undefined ? {} : { file }) };
  });
}

/**
 * Writes blocks into a workspace the way a reader does: a second `sentient.yaml` goes into the first, key by key, lists of the same key
 * one after the other; lines of `*.jsonl` are appended; any other file is written as it stands.
 */
export function writeBlocks(dir: string, blocks: readonly Block[]): void {
  for (const { file, text } of blocks) {
    if (file === undefined) continue;
    const path = join(dir, file);
    mkdirSync(dirname(path), { recursive: true });
    const before = readIfThere(path);
    if (file === "sentient.yaml" && before !== undefined) writeFileSync(path, merged(before, text));
    else if (file.endsWith(".jsonl")) writeFileSync(path, (before ?? "") + withoutFirstLine(text));
    else if (file.endsWith(".liquid")) writeFileSync(path, withoutFirstLine(text));
    else writeFileSync(path, text);
  }
}

// --- internal ---

const withoutFirstLine = (text: string): string => text.slice(text.indexOf("\n") + 1);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function merged(before: string, added: string): string {
  const document = parseDocument(before);
  mergeInto(document.contents as YAMLMap, parseDocument(added).contents as YAMLMap);
  return document.toString({ lineWidth: 0 });
}

function mergeInto(target: YAMLMap, added: YAMLMap): void {
  for (const { key, value } of added.items) {
    const name = String(key);
    const known = target.get(name, true) as unknown;
    if (isMap(known) && isMap(value)) mergeInto(known, value);
    else if (isSeq(known) && isSeq(value)) known.items.push(...value.items);
    else target.set(key, value);
  }
}
