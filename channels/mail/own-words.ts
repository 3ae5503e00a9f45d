import { consentWordIn } from "../inbound/opt-words.ts";
import { isClosing, isSentFrom } from "./closings.ts";
import { introduces, isHeadOfRest } from "./quote-blocks.ts";
import { asSeen, beginsWithHead, headEndingAt } from "./quote-heads.ts";

/** The writer's own words in a mail, without quotations and text that mail programs add. */
export interface OwnWords {
  readonly text: string;
  /** The text above the first quotation, where an answer is looked for first. */
  readonly top: string;
  /** Unmarked quoted lines below a head, to the end of the mail. */
  readonly rest: string;
}

/**
 * Extracts the writer's own words from the text of a mail: removes heads with their quotations, quoted lines anywhere, and
 * signatures. Answers below and between quoted lines stay.
 */
export function ownWordsIn(text: string): OwnWords {
  const lines = text.slice(0, MAX_CHARACTERS).split(/\r\n|[\n\r\u2028\u2029\u0085]/);
  const seen = lines.map(asSeen);
  const kept: boolean[] = [];
  let end = lines.length;
  let top: number | undefined;
  for (let at = 0; at < end; at++) {
    const mark = markAt(seen, lines, at);
    kept[at] = mark === undefined;
    if (mark === undefined) continue;
    top ??= mark.from;
    for (let before = mark.from; before < at; before++) kept[before] = false;
    if (mark.fillsRest) end = mark.from;
  }
  const own = (to: number): string => tidied(lines, seen, (at) => at < to && kept[at] === true);
  return { text: own(end), top: own(Math.min(end, top ?? end)), rest: lines.slice(end).join("\n") };
}

/**
 * Whether the words are only an opt-out. A closing below it and the writer's name do not count.
 *
 * @param name what is known of the writer's name, as in `Ann Example <ann@example.com>`
 */
export function isOptOut(words: string, name = ""): boolean {
  if (consentWordIn(words) === "stop") return true;
  const [first = "", ...below] = words
    .slice(0, 2_000)
    .split("\n")
    .map(asSeen)
    .filter((line) => line !== "");
  if (below.length === 0 || below.length > MAX_CLOSING_LINES || consentWordIn(first) !== "stop") return false;
  const names = new Set(namesIn(name));
  return isClosing(below[0] ?? "") || (names.size > 0 && below.every((line) => namesIn(line).every((one) => names.has(one))));
}

// --- internal ---

const MAX_CHARACTERS = 100_000;
const MAX_CLOSING_LINES = 8;

const namesIn = (text: string): string[] =>
  text
    .slice(0, 200)
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

interface Mark {
  /** The first line that does not belong to the writer's own words. */
  readonly from: number;
  readonly fillsRest: boolean;
}

/** Classifies a line: a quoted line, the end of a head, or the start of a signature or of a quotation that runs to the end. */
function markAt(seen: readonly string[], lines: readonly string[], at: number): Mark | undefined {
  const line = seen[at] ?? "";
  if (line === "") return undefined;
  if (line.startsWith(">")) return { from: at, fillsRest: false };
  if (line === "--" && isSignature(seen, lines[at] ?? "", at)) return { from: at, fillsRest: true };
  if (isHeadOfRest(seen, at)) return { from: introducedAt(seen, at), fillsRest: true };
  if (beginsWithHead(line)) return { from: at, fillsRest: true };
  const isQuoteNext = (seen[nextLine(seen, at)] ?? "").startsWith(">");
  const from = headEndingAt(seen, at, isQuoteNext);
  return from === undefined ? undefined : { from, fillsRest: !isQuoteNext };
}

/** `-- ` starts a signature (RFC 3676); with the trailing space lost in transit, only if little follows. */
const isSignature = (seen: readonly string[], line: string, at: number): boolean =>
  line === "-- " || seen.slice(at + 1, at + 40).filter((one) => one !== "").length <= 10;

/** A forwarded mail has a line above its header block that says so. */
function introducedAt(seen: readonly string[], at: number): number {
  const above = seen[at - 1] === "" ? at - 2 : at - 1;
  return above >= 0 && introduces(seen[above] ?? "") && consentWordIn(seen[above] ?? "") === undefined ? above : at;
}

function nextLine(seen: readonly string[], at: number): number {
  let next = at + 1;
  while (next < seen.length && next < at + 4 && seen[next] === "") next++;
  return next;
}

/** The writer's lines, without trailing lines that the mail program added. */
function tidied(lines: readonly string[], seen: readonly string[], isOwn: (at: number) => boolean): string {
  const own = lines.map((_, at) => at).filter(isOwn);
  let last = own.length - 1;
  while (last >= 0 && (seen[own[last] ?? 0] === "" || isSentFrom(seen[own[last] ?? 0] ?? ""))) last--;
  return own
    .slice(0, last + 1)
    .map((at) => (lines[at] ?? "").trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
