import { cut } from "../values/cut.ts";
import type { Assignment, PartRule } from "./assignment.ts";
import { claimsIn } from "./claims.ts";
import { languagesIn, scriptsIn } from "./language.ts";
import { isNumberWord, looseUnits, numbersIn, numberWord, plainDigits } from "./numbers.ts";
import { asRead, hasMarkup, oddSigns } from "./signs.ts";
import { sourcesOf, type TextSources } from "./sources.ts";
import { AMBIGUOUS, isGsm7 } from "./words.ts";

/** Placeholders for links in a text. */
export const LINK_MARKER = /\[link \d{1,2}\]/g;

/**
 * Findings on a text written by a model. It may rephrase the author's text and add nothing: every number, date, code, name and claim
 * must occur in the author's text or the facts. Empty: the text may be sent.
 */
export function findingsOn(written: Readonly<Record<string, string>>, assignment: Assignment): string[] {
  const { author, brand } = assignment;
  const sources = sourcesOf(assignment);
  const parts = Object.keys(author);
  const extra = Object.keys(written).filter((part) => !parts.includes(part));
  const all = parts.map((part) => written[part] ?? "").join("\n");
  return [
    ...extra.map((part) => `${part}: the author wrote no such part`),
    ...parts.flatMap((part) => findingsOnPart(part, written[part] ?? "", assignment, sources).map((finding) => `${part}: ${finding}`)),
    ...(brand.banned ?? []).filter((phrase) => folded(all).includes(folded(phrase))).map((phrase) => `"${phrase}" must not be said`),
    ...(brand.disclosures ?? [])
      .filter((phrase) => !squeezed(all).includes(squeezed(phrase)))
      .map((phrase) => `"${phrase}" must be said word for word`),
  ];
}

// --- internal ---

function findingsOnPart(part: string, text: string, { author, rules, otherNames }: Assignment, sources: TextSources): string[] {
  if (text.trim() === "") return ["is missing"];
  const rule = rules[part];
  // A far too long text gets no further checks.
  if (rule && text.length > 2 * rule.most + 500) return [tooLong(text, rule.most)];
  const bare = sources.mask(text.replace(LINK_MARKER, " "));
  return [
    ...(rule ? form(text, author[part] ?? "", rule) : []),
    ...markers(text, author[part] ?? ""),
    ...addresses(asRead(bare), sources),
    ...placeholders(asRead(bare)),
    ...letters(bare, sources),
    ...codes(bare, sources),
    ...numbers(bare, sources),
    ...calendar(bare, sources),
    ...claimsIn(asRead(bare))
      .filter((claim) => !sources.allowsClaim(claim))
      .map((claim) => `"${claim}" is not said by the author`),
    ...names(bare, sources),
    ...otherNames.filter((name) => folded(bare).includes(folded(name))).map((name) => `"${name}" is another offer`),
  ];
}

function form(text: string, author: string, { most, isOneLine, isSms }: PartRule): string[] {
  return [
    ...(text.length > most ? [tooLong(text, most)] : []),
    ...(isOneLine && /[\r\n]/.test(text) ? ["must be one line"] : []),
    ...(isSms && isGsm7(author) && !isGsm7(text) ? ["has characters that a plain text message cannot carry"] : []),
    ...oddSigns(text),
    ...(hasMarkup(text) ? ["must be plain text without markup"] : []),
  ];
}

const tooLong = ({ length }: string, most: number): string => `has ${length} characters, at most ${most} may be`;

/** Every link of the author's text at least once, and no other. */
function markers(text: string, author: string): string[] {
  const own = new Set(author.match(LINK_MARKER));
  const used = new Set(text.match(LINK_MARKER));
  return [
    ...[...own].filter((marker) => !used.has(marker)).map((marker) => `${marker} is missing`),
    ...[...used].filter((marker) => !own.has(marker)).map((marker) => `${marker} does not belong here`),
  ];
}

/** Letters of scripts that the sources do not use, and sentences in languages that cannot be checked here. */
const letters = (text: string, { scripts, mayBeIn }: TextSources): string[] => [
  ...[...scriptsIn(text)].filter((script) => !scripts.has(script)).map((script) => `has letters of another script (${script})`),
  ...[...languagesIn(text)].filter((language) => !mayBeIn(language)).map((language) => `is in another language (${language})`),
];

const ADDRESSES: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/\S*/giu,
  /\b(?:mailto|tel|sms|javascript|data|cid|https?|hxxps?|ftp):\S*/giu,
  /\b(?:https?|hxxps?|ftp|www|xn--[a-z0-9-]+)\b/giu,
  // Obfuscated addresses.
  /[\p{L}\p{N}-]{1,60}\s?[([{<]\s?(?:dot|at|punkt|point|punto|[.@])\s?[)\]}>]\s?[\p{L}\p{N}-]{1,60}/giu,
  /[\p{L}\p{N}-]{1,60}\s(?:dot|DOT)\s[\p{L}\p{N}-]{1,60}/giu,
  /[\p{L}\p{N}-]{1,60}\s+\.\s?[\p{L}\p{N}-]{1,60}/giu,
  // A path; alternatives such as and/or are not paths.
  /(?<![\p{L}\p{N}])(?!and\/or|yes\/no|he\/she|her\/his|his\/her|s\/he)[\p{L}\p{N}-]{0,60}[/\\]+\p{L}[\p{L}\p{N}-]{1,60}/giu,
  /\S{1,100}@\S{1,200}/gu,
  /(?<![\p{L}\p{N}])@[\p{L}\p{N}_]{2,}/gu,
  /(?<![\p{L}\p{N}@.-])(?:[\p{L}\p{N}-]+\.)+\p{L}{2,24}(?![\p{L}\p{N}])(?:[/?#]\S*)?/gu,
];

function addresses(text: string, { words }: TextSources): string[] {
  const found = ADDRESSES.flatMap((pattern) => text.match(pattern) ?? []);
  return [...new Set(found)].filter((address) => !words.has(address.toLowerCase())).map((address) => `"${cut(address, 60)}" is an address`);
}

const PLACEHOLDERS =
  /\{\{?|\}\}?|\{%|%\p{L}+%|%[0-9a-f]{2}|\[[^\]\n]{0,60}\]|<[^>\n]{0,60}>|_{3,}|\bX{3,}\b|\b(?:TBD|TODO|lorem ipsum)\b/giu;

const placeholders = (text: string): string[] =>
  [...new Set(text.match(PLACEHOLDERS))].map((placeholder) => `"${placeholder}" looks like a placeholder`);

/** Mixed letters and digits, or capitals alone: codes, and names that look like them. */
const CODES =
  /(?<![\p{L}\p{N}])(?=[\p{L}\p{N}-]{0,60}\p{L})(?:(?=[\p{L}\p{N}-]{0,60}\p{N})[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*|\p{Lu}{2,}[\p{Lu}\p{N}-]*)(?![\p{L}\p{N}])/gu;
/** A number joined with its unit: `24h`, `1st`, `9am`, `7-day`. */
const COUNTED = /^\p{N}+(?:-?\p{Ll}{1,10})$/u;

const codes = (text: string, { words }: TextSources): string[] =>
  [...new Set(text.match(CODES))]
    .filter(
      (code) => !COUNTED.test(code) && code.length > 1 && !words.has(code.toLowerCase()) && !(code.length < 4 && !/\p{N}/u.test(code)),
    )
    .map((code) => `"${code}" is not in the facts`);

function numbers(text: string, sources: TextSources): string[] {
  const withoutCodes = text.replace(CODES, (code) => (COUNTED.test(code) ? code : " "));
  const wrong = numbersIn(withoutCodes).filter((one) => !sources.allowsNumber(one));
  const words = (
    plainDigits(text)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  ).filter((word) => isNumberWord(word, sources.languages));
  const wrongWords = words.filter((word) => {
    const value = numberWord(word);
    return !sources.words.has(word) && !(value !== undefined && sources.allowsNumber({ written: String(value), values: [value] }));
  });
  const loose = looseUnits(withoutCodes).filter((unit) => !sources.words.has(unit) && !sources.looseUnits.has(unit));
  return [
    ...[...new Set(loose)].map((unit) => `"${unit}" counts nothing that is in the facts`),
    ...wrong.map(({ written, unit }) => `"${written}${unit === undefined ? "" : ` ${unit}`}" is not in the facts`),
    ...[...new Set(wrongWords)].map((word) => `the number "${word}" is not in the facts`),
  ];
}

const MAYBE_DATED = /(?:\d\s*(?:st|nd|rd|th)?\.?\s*|\b(?:in|until|till|by|of|on|since|from|next|last|this|every)\s+)$/iu;

function calendar(text: string, { calendar: { byName }, words, dateNumbers }: TextSources): string[] {
  const found = [...text.matchAll(/\p{L}+/gu)].filter(({ 0: word, index }) => {
    const key = word.toLowerCase();
    if (!byName.has(key) || words.has(key)) return false;
    if (!AMBIGUOUS.has(key)) return true;
    return MAYBE_DATED.test(text.slice(0, index)) || /^\s*\d/.test(text.slice(index + word.length));
  });
  return found
    .filter(({ 0: word }) => !(byName.get(word.toLowerCase()) ?? []).some((number) => dateNumbers.has(number)))
    .map(({ 0: word }) => `"${word}" is not in the facts`);
}

/** Languages that capitalise every noun. */
const CAPITAL_NOUNS = new Set(["de", "lb"]);
const ALWAYS_CAPITAL = new Set(["i", "i'm", "i'll", "i've", "i'd", "ok"]);

/** Names: capitalised words within a sentence, and capitals within a word anywhere. */
function names(text: string, { words, languages, calendar: { byName } }: TextSources): string[] {
  const within = languages.some((language) => CAPITAL_NOUNS.has(language))
    ? []
    : text.split(/[.!?:;\n•–—]+\s*|["“”„(]/u).flatMap((sentence) => (sentence.trim().match(/[\p{L}\p{N}'’]+/gu) ?? []).slice(1));
  const anywhere = (text.match(/[\p{L}'’]+/gu) ?? []).filter((word) => /\p{Ll}\p{Lu}/u.test(word));
  const unknown = [...within.filter((word) => /^\p{Lu}\p{L}/u.test(word)), ...anywhere].filter((word) => {
    const key = word.toLowerCase().replaceAll("’", "'");
    return !words.has(key) && !words.has(key.replace(/'s$/, "")) && !ALWAYS_CAPITAL.has(key) && !byName.has(key);
  });
  return [...new Set(unknown)].map((name) => `the name "${name}" is not in the facts`);
}

const folded = (text: string): string => squeezed(text.normalize("NFKD").replace(/[\p{M}\p{Cf}]/gu, "")).toLowerCase();

const squeezed = (text: string): string => text.replace(/\s+/g, " ").trim();
