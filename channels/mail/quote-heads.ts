import { consentWordIn } from "../inbound/opt-words.ts";
import { DASHED, isLabel } from "./quote-blocks.ts";
import { ADDRESS, anyOf, ENDS_HEAD, LONGEST_HEAD, STARTERS, VERBS, WEEKDAY } from "./quote-words.ts";

/*
 * Heads that mail programs write above a quoted mail. Lines come normalised by `asSeen`: without direction marks, with plain
 * spaces. Patterns see a few lines at most, which bounds their cost.
 */

/** Normalises a line: zero-width characters are removed, runs of blanks become one space. */
export const asSeen = (line: string): string =>
  line
    .normalize("NFC")
    .replace(UNSEEN, "")
    .replace(/[\p{Zs}\t]+/gu, " ")
    .trim();

/**
 * Where a head like `On … wrote:` starts that ends on this line; undefined where none does. Wrapped heads take up to five
 * lines. With `isQuoteNext`, quoted lines follow, and weaker evidence is enough.
 */
export function headEndingAt(lines: readonly string[], at: number, isQuoteNext: boolean): number | undefined {
  const last = lines[at] ?? "";
  if (!ENDS_HEAD.test(last) && !VERB_LAST.test(last)) return undefined;
  return grownFrom(lines, at, (joined) => isAttribution(joined, isQuoteNext));
}

/** Whether a line is a head run together with its quotation. */
export function beginsWithHead(line: string): boolean {
  const [head = ""] = RUN_TOGETHER.exec(line.slice(0, LONGEST_HEAD)) ?? [];
  return head !== "" && STARTER.test(head) && VERB.test(head) && BRACKETED.test(head) && (DATE.test(head) || TIME.test(head));
}

/**
 * Where the head directly above a known quoted line starts: lines in any language that end with a colon, contain an address or
 * a time, or are labels. Undefined where there is none.
 */
export function headAbove(lines: readonly string[], quoted: number): number | undefined {
  const end = lines[quoted - 1] === "" ? quoted - 2 : quoted - 1;
  if (end < 0) return undefined;
  let first = end;
  while (isLabel(lines[first - 1] ?? "") && isLabel(lines[end] ?? "") && first > end - MAX_LABELS) first--;
  return first < end ? first : grownFrom(lines, end, looksLikeHead);
}

// --- internal ---

const UNSEEN = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

const MAX_LINES = 5;
const MAX_LABELS = 9;
/** Length from which a line may have been wrapped by a program. */
const FULL_LINE = 62;

const VERB = new RegExp(`(?<![\\p{L}])(?:${anyOf(VERBS)})(?![\\p{Ll}])|(?:のメール|のメッセージ|写道|寫道|작성|쓴 글|เขียนว่า|ने लिखा)`, "iu");
const VERB_LAST = new RegExp(`(?:^|[^\\p{L}])(?:${anyOf(VERBS)})$`, "iu");

/** Up to the colon after a bracket, with at most a verb between. */
const RUN_TOGETHER = /^[^>)\]]{5,300}[>)\]][^>)\]:：]{0,60}[:：](?=\s\S)/u;

const STARTER = new RegExp(`^(?:${anyOf(STARTERS.split(", "))})(?=[\\s\\p{N}-]|$)`, "iu");

const BRACKETED = /[<([“"]\s?(?:mailto:)?[^\s@<>()[\]"“”]{1,64}@/u;
const TIME = /(?<!\p{Nd})\p{Nd}{1,2}(?:\s?[:.h時时点시]\s?)\p{Nd}{2}(?!\p{Nd})/u;
const DATE = /(?<!\p{Nd})\p{Nd}{4}(?!\p{Nd})|(?<!\p{Nd})\p{Nd}{1,2}\s?[./-]\s?\p{Nd}{1,2}\s?[./-]\s?\p{Nd}{2}(?!\p{Nd})/u;

/** Where the shortest run of lines that ends at `at` and is a head starts, with the lines that lead up to it. */
function grownFrom(lines: readonly string[], at: number, isHead: (joined: string) => boolean): number | undefined {
  let joined = "";
  for (let from = at; from >= 0 && from > at - MAX_LINES; from--) {
    const line = lines[from] ?? "";
    if (line === "" || line.startsWith(">") || joined.length + line.length > LONGEST_HEAD) return undefined;
    joined = joined === "" ? line : `${line} ${joined}`;
    if (isHead(joined)) return beginningOf(lines, from, at);
  }
  return undefined;
}

const looksLikeHead = (joined: string): boolean =>
  !/[?？]$/.test(joined) && [ENDS_HEAD, ADDRESS, DATE, TIME, DASHED].some((pattern) => pattern.test(joined));

/** An address and a time, or a verb and one of these; less is enough directly above quoted lines. */
function isAttribution(joined: string, isQuoteNext: boolean): boolean {
  const hasAddress = ADDRESS.test(joined);
  const when = [DATE, TIME].filter((pattern) => pattern.test(joined)).length;
  const endsAsHead = ENDS_HEAD.test(joined);
  if (endsAsHead && hasAddress && when === 2) return true;
  const hasVerb = VERB.test(joined);
  if (isQuoteNext && endsAsHead && (hasVerb || hasAddress || when === 2)) return true;
  if (!hasVerb) return false;
  return hasAddress ? when > 0 || BRACKETED.test(joined) : endsAsHead && (when === 2 || STARTER.test(joined));
}

/** Extends a head upwards by its introductory lines, and not by the writer's own. */
function beginningOf(lines: readonly string[], from: number, at: number): number {
  let first = from;
  while (first > 0 && first > at - MAX_LINES + 1 && leadsOn(lines[first - 1] ?? "", lines[first] ?? "")) first--;
  return first;
}

/** Whether a line of a head continues on the next one: it was wrapped there, or starts like a head. */
function leadsOn(line: string, next: string): boolean {
  if (line === "" || line.startsWith(">") || consentWordIn(line) !== undefined) return false;
  if (BRACKETED.test(line) && !/[.!?:。！？：]$/.test(line)) return true;
  if (begins(next)) return false;
  const isFull = line.length + next.split(" ", 1).join("").length >= FULL_LINE;
  return begins(line) || (isFull && !/[.!?。！？]$/.test(line));
}

const begins = (line: string): boolean => STARTER.test(line) || WEEKDAY.test(line);
