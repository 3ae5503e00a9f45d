import type { MeaningSpace } from "./vectors.ts";
import type { Words } from "./words.ts";

/** Feature vector of a text, normalised to length 1, or 0 for a text of unknown words. */
export interface Vector {
  readonly indexes: Int32Array;
  readonly values: Float64Array;
  /** Meanings of the words with their weights, by feature index; -1 where no training text has the word. */
  readonly words: readonly { readonly index: number; readonly weight: number }[];
}

/** Maps texts to vectors over the features of the examples. */
export interface Vectorizer {
  readonly size: number;
  vector(text: string): Vector;
}

/**
 * Collects the features of the examples with their inverse document frequencies. Features are words, pairs of words at any distance,
 * adjacent words, and character n-grams of two to four letters, which tolerate misspellings and word forms.
 *
 * @param words reads the words of the texts, in their languages
 * @param space what the texts mean, as one more block of features
 */
export function learnFeatures(texts: readonly string[], words: Words, space?: MeaningSpace): Vectorizer {
  const seen = new Map<string, number>();
  for (const text of texts) for (const feature of featuresOf(text, words).keys()) seen.set(feature, (seen.get(feature) ?? 0) + 1);
  const entries = new Map<string, Entry>();
  for (const [feature, count] of seen) {
    if (count < 2 && texts.length > MANY_EXAMPLES && blockOf(feature) === 2) continue;
    // Square root of the usual IDF: with few examples, rarity among them means little.
    entries.set(feature, { index: entries.size, weight: Math.sqrt(Math.log((1 + texts.length) / (1 + count)) + 1) });
  }
  const byWords = (text: string): Vector => vectorOf(text, words, entries);
  if (!space) return { size: entries.size, vector: byWords };
  return { size: entries.size + space.length, vector: (text) => withMeaning(byWords(text), space.of(text), entries.size) };
}

// --- internal ---

interface Entry {
  readonly index: number;
  readonly weight: number;
}

/** With at least this many examples, pairs of words that occur once are dropped: they are most of all features and add nothing. */
const MANY_EXAMPLES = 3000;
const PAIR_REACH = 12;
/** Exponent of a word's weight in its features: the fourth root keeps "how" and "what" apart, which ask different things. */
const WORD_WEIGHT_POWER = 0.25;
const LETTERS = [2, 3, 4] as const;

/** Words, letters, pairs: each block has the same weight in every text, however many features it contains. */
const BLOCKS = 3;
const blockOf = (feature: string): number => (feature.startsWith("c") ? 1 : feature.startsWith("w") ? 0 : 2);

type Found = Map<string, { count: number; readonly weight: number }>;

function featuresOf(text: string, words: Words): Found {
  const read = words.of(text);
  const stems = read.map(({ stem }) => stem);
  const found: Found = new Map();
  for (const [at, { word, stem, weight, concept }] of read.entries()) {
    add(found, `w${stem}`, weight);
    if (concept) add(found, `w${concept}`, weight);
    for (const piece of piecesOf(word)) add(found, `c${piece}`, weight);
    for (const other of read.slice(at + 1, at + 1 + PAIR_REACH))
      add(found, `p${pairOf(stem, other.stem)}`, Math.sqrt(weight * other.weight));
  }
  for (const [at, stem] of ["<", ...stems].entries()) add(found, `b${stem} ${stems[at] ?? ">"}`, 1);
  return found;
}

/** Share of what a text means in the squared length of its features, beside its words. */
const MEANING = 0.65;

/** The features of the words, and the vector as features from `from` on. */
function withMeaning({ indexes, values, words }: Vector, meaning: Float32Array | undefined, from: number): Vector {
  if (!meaning) return { indexes, values, words };
  const [ofMeaning, ofWords] = [Math.sqrt(MEANING), Math.sqrt(1 - MEANING)];
  const all = new Float64Array(values.length + meaning.length);
  const places = new Int32Array(all.length);
  places.set(indexes);
  for (let at = 0; at < values.length; at++) all[at] = (values[at] ?? 0) * ofWords;
  for (let at = 0; at < meaning.length; at++) {
    all[values.length + at] = (meaning[at] ?? 0) * ofMeaning;
    places[values.length + at] = from + at;
  }
  return { indexes: places, values: all, words };
}

const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

function add(found: Found, feature: string, weight: number): void {
  const known = found.get(feature);
  if (known) known.count += 1;
  else found.set(feature, { count: 1, weight });
}

function piecesOf(word: string): string[] {
  const padded = ` ${word} `;
  return LETTERS.flatMap((size) =>
    padded.length < size ? [] : Array.from({ length: padded.length - size + 1 }, (_, at) => padded.slice(at, at + size)),
  );
}

function vectorOf(text: string, words: Words, entries: ReadonlyMap<string, Entry>): Vector {
  const indexes: number[] = [];
  const values: number[] = [];
  const blocks: number[] = [];
  const squares = Array.from({ length: BLOCKS }, () => 0);
  for (const [feature, { count, weight }] of featuresOf(text, words)) {
    const entry = entries.get(feature);
    const block = blockOf(feature);
    if (!entry) continue;
    const value = (1 + Math.log(count)) * entry.weight * weight ** WORD_WEIGHT_POWER;
    indexes.push(entry.index);
    values.push(value);
    blocks.push(block);
    squares[block] = (squares[block] ?? 0) + value * value;
  }
  const used = squares.filter((square) => square > 0).length;
  const scales = squares.map((square) => 1 / Math.sqrt(Math.max(square * used, 1e-12)));
  return {
    indexes: Int32Array.from(indexes),
    values: Float64Array.from(values, (value, at) => value * (scales[blocks[at] ?? 0] ?? 0)),
    words: words.meaningsOf(text).map(({ meaning, weight }) => ({ index: entries.get(`w${meaning}`)?.index ?? -1, weight })),
  };
}
