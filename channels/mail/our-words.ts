import { isHtml, markedUp } from "../../domain/text/html.ts";
import { isObject, type Json } from "../../domain/values/json.ts";
import { isOptOut, type OwnWords } from "./own-words.ts";
import { plainTextOf } from "./plain-text.ts";
import { asSeen, headAbove } from "./quote-heads.ts";

/** A sent content as text. */
export function sentTextOf(content: Json): string {
  if (!isObject(content)) return "";
  return ["subject", "title", "body", "text"]
    .map((name) => content[name])
    .filter((value) => typeof value === "string")
    .map((value) => plainTextOf(isHtml(value) ? value : markedUp(value).replaceAll("\n", "<br>")))
    .join("\n");
}

/** Whether a text is long enough to quote ours: only then is looking up what was sent worthwhile. */
export const mayRepeat = (text: string): boolean => wordsIn(text.slice(0, 1_000)).length >= GRAM;

/**
 * Removes our own words from a mail, by what was sent to its writer: whole sentences, longer runs of words, and the head above
 * them in any language. A short phrase that the writer repeats is kept.
 */
export function withoutOurs({ text, top, rest }: OwnWords, sent: readonly string[]): Pick<OwnWords, "text" | "top"> {
  const ours = oursOf(sent);
  if (ours.grams.size === 0) return { text, top };
  const own = cut(text, ours);
  if (own.isCut) return { text: own.text, top: top === text || top === "" ? own.top : top };
  if (text !== "") return { text, top };
  // Only a head and what follows it: an answer may be below an unmarked quotation.
  const below = cut(rest, ours);
  return below.isCut ? { text: below.text, top: below.top } : { text, top };
}

// --- internal ---

const MAX_CHARACTERS = 200_000;
/** Length of an n-gram, in words. */
const GRAM = 4;
/** Minimum words of a sentence of ours, and of a part of one. */
const SENTENCE = 5;
const RUN = 8;
/** Minimum share of our words in a line of ours. */
const SHARE = 0.8;

interface Ours {
  readonly grams: ReadonlySet<string>;
  /** Our sentences and lines, as words. */
  readonly sentences: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
}

/** Words; characters of scripts that do not separate words count individually. */
const wordsIn = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu) ?? [];

function oursOf(sent: readonly string[]): Ours {
  const text = sent.join("\n\n").slice(0, MAX_CHARACTERS);
  const words = sent.map((one) => wordsIn(one.slice(0, MAX_CHARACTERS)));
  const asWords = (pieces: readonly string[]): string[] => pieces.map((piece) => wordsIn(piece).join(" "));
  const lines = text.split("\n");
  const sentences = [...asWords(lines), ...asWords(text.split(/[.!?。！？;\n]/))];
  return {
    grams: new Set(words.flatMap((one) => gramsOf(one))),
    sentences: new Set(sentences.filter((one) => one.split(" ").length >= SENTENCE)),
    // Lines without words count as ours too, once a quotation has begun.
    lines: new Set(["", ...asWords(lines)]),
  };
}

const gramsOf = (words: readonly string[]): string[] =>
  words.slice(0, Math.max(0, words.length - GRAM + 1)).map((_, at) => words.slice(at, at + GRAM).join(" "));

interface Cut {
  readonly isCut: boolean;
  readonly text: string;
  readonly top: string;
}

function cut(text: string, ours: Ours): Cut {
  const lines = text.split("\n");
  const seen = lines.map(asSeen);
  const isOurs = linesOfOurs(seen, ours);
  const first = isOurs.indexOf(true);
  if (first < 0) return { isCut: false, text, top: text };
  const isRepeated = (line: string): boolean => line !== "" && ours.lines.has(wordsIn(line).join(" "));
  const dropped = seen.map((line, at) => isOurs[at] === true || (at > first && isRepeated(line)));
  for (let at = 0; at < lines.length; at++) {
    if (isOurs[at] !== true || isOurs[at - 1] === true) continue;
    const head = headAbove(seen, at);
    for (let above = head ?? at; above < at; above++) dropped[above] ||= !isOptOut(seen[above] ?? "");
  }
  const begins = dropped.indexOf(true);
  const kept = (to: number): string => tidied(lines.filter((_, at) => at < to && dropped[at] !== true));
  return { isCut: true, text: kept(lines.length), top: kept(begins) };
}

const tidied = (lines: readonly string[]): string =>
  lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

/** Which lines are ours: runs of our words may cross line breaks. */
function linesOfOurs(seen: readonly string[], ours: Ours): boolean[] {
  const words = seen.flatMap((line, at) => wordsIn(line).map((word) => ({ word, at })));
  const isCovered = new Array<boolean>(words.length).fill(false);
  gramsOf(words.map(({ word }) => word)).forEach((gram, from) => {
    if (ours.grams.has(gram)) isCovered.fill(true, from, from + GRAM);
  });
  const counted = seen.map(() => ({ all: 0, ours: 0 }));
  for (const { at } of words) (counted[at] as { all: number }).all++;
  for (let from = 0; from < words.length; from++) {
    if (!isCovered[from]) continue;
    let to = from;
    while (to < words.length && isCovered[to]) to++;
    if (counts(words.slice(from, to), seen, ours)) for (const { at } of words.slice(from, to)) (counted[at] as { ours: number }).ours++;
    from = to;
  }
  return counted.map(({ all, ours: covered }) => all > 0 && covered >= SHARE * all);
}

/** Whether a run of our words is a quotation: long, containing a whole sentence of ours, or below an apparent head. */
function counts(run: readonly { readonly word: string; readonly at: number }[], seen: readonly string[], ours: Ours): boolean {
  if (run.length >= RUN) return true;
  const words = run.map(({ word }) => word);
  // The run is short here, so looking up each part of it is cheap for any number of sentences.
  const holdsSentence = words.some((_, from) =>
    words.some((_, to) => to - from + 1 >= SENTENCE && ours.sentences.has(words.slice(from, to + 1).join(" "))),
  );
  if (holdsSentence) return true;
  return headAbove(seen, run[0]?.at ?? 0) !== undefined;
}
