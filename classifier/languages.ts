import { createRequire } from "node:module";
import type * as Stemming from "@orama/stemmers/german";
import type * as Stopping from "@orama/stopwords/german";
import { ENGLISH } from "./english.ts";
import type { Language } from "./language.ts";

/** Names of the modules of Orama's stemmers (Snowball's) and stop words. */
const MODULES = new Map(
  Object.entries({
    ...{ ar: "arabic", bg: "bulgarian", da: "danish", de: "german", el: "greek", es: "spanish", fi: "finnish", fr: "french", ga: "irish" },
    ...{ hi: "indian", hu: "hungarian", hy: "armenian", id: "indonesian", it: "italian", lt: "lithuanian", nb: "norwegian", ne: "nepali" },
    ...{ nl: "dutch", nn: "norwegian", no: "norwegian", pt: "portuguese", ro: "romanian", ru: "russian", sr: "serbian", sv: "swedish" },
    ...{ ta: "tamil", tr: "turkish", uk: "ukrainian" },
  }),
);

/** Languages with stems and stop words, by the first part of their tags. */
export const KNOWN_LANGUAGES: readonly string[] = ["en", ...MODULES.keys()];

/** The languages of a workspace, by its tags (`de`, `pt-BR`); English where it names none, and bare words for those that are not known. */
export function languagesOf(tags: readonly string[]): readonly Language[] {
  const codes = new Set((tags.length > 0 ? tags : ["en"]).map((tag) => tag.toLowerCase().split("-")[0] ?? ""));
  return [...codes].map((code) => loaded.get(code) ?? load(code));
}

// --- internal ---

const require = createRequire(import.meta.url);

/** What joins two parts of a text, and what denies. Languages that are not here are not split at such words, and no text of theirs is denied. */
const SMALL_WORDS = new Map(
  Object.entries({
    da: { joins: "og men", negations: "ikke aldrig uden ingen intet" },
    de: { joins: "und aber außerdem", negations: "nicht nie niemals ohne kein keine keinen keiner keinem keines" },
    es: { joins: "y pero además", negations: "no nunca sin ningún ninguna" },
    fr: { joins: "et mais aussi", negations: "ne n pas jamais sans aucun aucune" },
    it: { joins: "e ed ma inoltre", negations: "non mai senza nessun nessuna" },
    nl: { joins: "en maar ook", negations: "niet nooit zonder geen" },
    pt: { joins: "e mas também", negations: "não nunca sem nenhum nenhuma" },
    sv: { joins: "och men", negations: "inte aldrig utan ingen inget" },
  }),
);

const STOP_WORD_WEIGHT = 0.25;

const loaded = new Map([["en", ENGLISH]]);

/** Loads a language when a workspace first names it. */
function load(code: string): Language {
  const name = MODULES.get(code);
  const { joins = "", negations = "" } = SMALL_WORDS.get(code) ?? {};
  // An apostrophe stands between two words, as in "l'abonnement".
  const more = { wordsIn: (token: string) => token.split("'"), joins: listed(joins), negations: listed(negations) };
  if (name === undefined) return { ...more, stem: (word) => word, weightOf: () => 1, isStopWord: () => false };
  const { stemmer } = require(`@orama/stemmers/${name}`) as typeof Stemming; // all modules of the package have one shape
  const { stopwords } = require(`@orama/stopwords/${name}`) as typeof Stopping; // as above
  const stops = new Set(stopwords);
  const language: Language = {
    ...more,
    stem: stemmer,
    weightOf: (word) => (stops.has(word) ? STOP_WORD_WEIGHT : 1),
    isStopWord: (word) => stops.has(word),
  };
  loaded.set(code, language);
  return language;
}

const listed = (words: string): string[] => words.split(" ").filter((word) => word !== "");
