import { ADDRESS, anyOf, ENDS_HEAD, LABELS, LONGEST_HEAD, MESSAGES } from "./quote-words.ts";

/** A line of words between rows of dashes or similar characters. */
export const DASHED = /^[-‐–—=_*]{2,}\s?(\p{L}[^\n]{2,70}?)\s?[-‐–—=_*]{2,}$/u;

/** Whether a line is a label and its value, like `From: Care`. */
export const isLabel = (line: string): boolean => LABEL_LINE.test(line);

/** Whether a head of a quotation that runs to the end starts here: a separator, or a block of `From:`, `Sent:`. */
export function isHeadOfRest(lines: readonly string[], from: number): boolean {
  const line = lines[from] ?? "";
  return isSeparator(line, lines, from) || isSender(line) || isLabelled(lines, from);
}

/** Whether a line introduces a forwarded mail, above the block that names its sender. */
export const introduces = (line: string): boolean => line.length <= 80 && ENDS_HEAD.test(line) && !line.includes("?");

// --- internal ---

const NAMED_ADDRESS = /[<[][^\s<>[\]@]{1,64}@[^\s<>[\]]{1,255}[>\]]$/;
const RULE = /^_{10,}$/;
const LABEL_LINE = /^[*_ ]{0,3}[^:：]{1,40}[:：]/;

function isSeparator(line: string, lines: readonly string[], at: number): boolean {
  if (RULE.test(line)) return true;
  if (line.length > 90) return false;
  const words = DASHED.exec(line)?.[1];
  if (words === undefined) return false;
  const below = lines.slice(at + 1, at + 5).filter((one) => one !== "");
  return MESSAGES.test(words) || below.filter(isLabel).length >= 2;
}

type Kind = keyof typeof LABELS;

const KINDS = Object.keys(LABELS) as Kind[];
const AT_START = new Map(KINDS.map((kind) => [kind, new RegExp(`^[*_ ]{0,3}(?:${anyOf(LABELS[kind].split(", "))})[*_ ]{0,3}[:：]`, "iu")]));
const ANYWHERE = new Map(
  KINDS.map((kind) => [kind, new RegExp(`(?:^|\\s)[*_]{0,2}(?:${anyOf(LABELS[kind].split(", "))})[*_ ]{0,3}[:：]`, "iu")]),
);

const MAX_BLOCK = 9;

/** Only the sender, as `From: Shop <care@shop.example>`. */
const isSender = (line: string): boolean => isAtStart("from", line) && NAMED_ADDRESS.test(line.slice(-400));

/**
 * Programs name the sender, the time, the recipient and the subject; some put the time first. A form that the writer fills in
 * does not.
 */
function isLabelled(lines: readonly string[], from: number): boolean {
  const first = lines[from] ?? "";
  if (!KINDS.some((kind) => isAtStart(kind, first))) return false;
  const block = blockFrom(lines, from);
  const sender = block.findIndex((line) => isAtStart("from", line));
  if (sender < 0) return false;
  const joined = block.join("\n");
  const kinds = KINDS.filter((kind) => ANYWHERE.get(kind)?.test(joined));
  const next = block[sender + 1] ?? "";
  const hasAddress = ADDRESS.test(block[sender] ?? "") || (!isLabel(next) && ADDRESS.test(next));
  const isUsual = isAtStart("from", first) || isAtStart("sent", first);
  return hasAddress ? kinds.length >= (isUsual ? 2 : 3) : isUsual && kinds.length >= 3 && kinds.includes("subject");
}

/** The lines of a block; some programs leave a blank line after the first ones. */
function blockFrom(lines: readonly string[], from: number): string[] {
  const block: string[] = [];
  for (const line of lines.slice(from, from + 2 * MAX_BLOCK)) {
    if (line === "" && block.length > 2) break;
    if (line !== "" && block.length < MAX_BLOCK) block.push(line.slice(0, LONGEST_HEAD));
  }
  return block;
}

const isAtStart = (kind: Kind, line: string): boolean => AT_START.get(kind)?.test(line) === true;
