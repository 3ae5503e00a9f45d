import type { Language } from "./language.ts";
import { languagesOf } from "./languages.ts";

/** A word of a text. */
export interface Word {
  /** Normalised: lower case, without contractions and digits. */
  readonly word: string;
  readonly stem: string;
  /** How much it says about the topic of the text, from 0 to 1. */
  readonly weight: number;
  readonly concept?: string | undefined;
}

/** Reads texts in the languages of a workspace. */
export interface Words {
  /** The words of a text, in its order. */
  of(text: string): readonly Word[];
  /** Distinct meanings in a text, each with its weight. */
  meaningsOf(text: string): readonly { readonly meaning: string; readonly weight: number }[];
  /** Parts of a text with possibly different topics: sentences, and halves joined by "and", "but", "also". */
  clausesOf(text: string): readonly string[];
  /** Whether a text says that something is not so, or should not be done. */
  isNegated(text: string): boolean;
}

/**
 * Words in the languages of these tags; English where there is none. Where there are several, a text is in the one that has most of its
 * stop words, and in the first of them when that decides nothing.
 */
export function wordsIn(tags: readonly string[] = []): Words {
  const languages = languagesOf(tags);
  const joins = [...new Set(languages.flatMap((language) => language.joins))].join("|");
  const between = joins === "" ? /,\s+/i : new RegExp(`,\\s+(?:${joins}|then)\\s+|\\s+(?:${joins})\\s+|,\\s+`, "iu");
  const read = (text: string) => {
    const tokens = tokensOf(text);
    const language = languageOf(tokens, languages);
    return { language, words: tokens.flatMap((token) => language.wordsIn(token)).map(withoutDigits) };
  };
  const of = (text: string): Word[] => {
    const { language, words } = read(text);
    return words.map((word) => {
      const stem = language.stem(word);
      return { word, stem, weight: language.weightOf(word), concept: language.conceptOf?.(stem) };
    });
  };
  return {
    of,
    meaningsOf(text) {
      const byStem = new Map(of(text).map((one) => [one.stem, one]));
      return [...byStem.values()].map(({ stem, concept, weight }) => ({ meaning: concept ?? stem, weight }));
    },
    clausesOf(text) {
      const sentences = text.split(/[.!?;\n]+(?=\s|$)|\n+/);
      return sentences.flatMap((sentence) => {
        const halves = sentence.split(between);
        return halves.every((half) => (half.match(TOKEN) ?? []).length >= MIN_CLAUSE_WORDS) ? halves : [sentence];
      });
    },
    isNegated(text) {
      const { language, words } = read(text);
      return words.some((word) => language.negations.includes(word));
    },
  };
}

// --- internal ---

/** Longer texts are truncated: a message states its topic early. */
const MAX_WORDS = 60;

const TOKEN = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:'\p{L}+)?|[$€£%]/gu;
/** "cats and dogs" is one topic; "I moved and need a new card" is two. */
const MIN_CLAUSE_WORDS = 2;

const tokensOf = (text: string): string[] =>
  (text.toLowerCase().normalize("NFKC").replace(/[’‘`]/g, "'").match(TOKEN) ?? []).slice(0, MAX_WORDS);

const withoutDigits = (word: string): string => (/^\p{N}+$/u.test(word) ? "0" : word);

function languageOf(tokens: readonly string[], languages: readonly Language[]): Language {
  const [first = languagesOf([])[0] as Language, ...others] = languages; // there is always one
  if (others.length === 0) return first;
  const stopWordsIn = (language: Language) => tokens.filter((token) => language.wordsIn(token).some(language.isStopWord)).length;
  let best = { language: first, count: stopWordsIn(first) };
  for (const language of others) {
    const count = stopWordsIn(language);
    if (count > best.count) best = { language, count };
  }
  return best.language;
}
