/** What the classifier knows of a language. Words are in lower case. */
export interface Language {
  /** The stem of a word. A stem need not be a word, only the same for all forms of one. */
  stem(word: string): string;
  /** How much a word says about the topic of a text, from 0 to 1: words of all texts say little, however rare they are in a few examples. */
  weightOf(word: string): number;
  isStopWord(word: string): boolean;
  /** Concept of a stem, for words that customers use as synonyms. */
  conceptOf?(stem: string): string | undefined;
  /** The words that a token with an apostrophe, or a contracted one, stands for. */
  wordsIn(token: string): readonly string[];
  /** Words that say that something is not so, or should not be done. */
  readonly negations: readonly string[];
  /** Words between two parts of a text that may have different topics. */
  readonly joins: readonly string[];
}
