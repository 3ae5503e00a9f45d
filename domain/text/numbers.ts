/** A number in a text, with its unit where one is given. */
export interface NumberInText {
  readonly written: string;
  /** Possible values: `1,299` is one number in English and another in German. */
  readonly values: readonly number[];
  readonly unit?: string;
  /** Whether the preceding words announce a price: an amount of money without a unit. */
  readonly isPrice?: true;
}

/** Normalises digits of all scripts and forms (full-width, Arabic, superscript, circled) to ASCII. */
export const plainDigits = (text: string): string => text.normalize("NFKC").replace(/\p{Nd}/gu, (digit) => String(digitValue(digit)));

/** Every number written in digits. */
export function numbersIn(text: string): NumberInText[] {
  const plain = plainDigits(text);
  return [...plain.matchAll(NUMBER)].map(({ 1: before, 2: written = "", 3: after, index }) => {
    const unit = unitOf(before) ?? unitOf(after);
    const isPrice = unit === undefined && PRICED.test(plain.slice(Math.max(0, index - 40), index));
    return { written, values: readings(written), ...(unit === undefined ? {} : { unit }), ...(isPrice ? { isPrice } : {}) };
  });
}

/** The value of an English number word. */
export const numberWord = (word: string): number | undefined => (Object.hasOwn(NUMBER_WORDS, word) ? NUMBER_WORDS[word] : undefined);

/** Whether a word is a number in one of the languages, or one of another language that is no ordinary word in these; includes compounds. */
export const isNumberWord = (word: string, languages: readonly string[]): boolean =>
  languages.some((language) => (WORDS_BY_LANGUAGE[language] ?? []).includes(word)) || UNMISTAKABLE.has(word) || JOINED.test(word);

/** Signs and words for money and shares without a number in digits: `C percent`, `a few dollars`. */
export function looseUnits(text: string): string[] {
  const rest = plainDigits(text).replace(NUMBER, " ").replace(SPELLED, " ");
  return [...new Set((rest.match(LOOSE) ?? []).map((unit) => unit.toLowerCase()))];
}

/** Canonical name of a unit: `€`, `eur` and `euro` are the same. */
export function unitOf(written: string | undefined): string | undefined {
  const word = written?.trim().toLowerCase();
  return word === undefined ? undefined : UNIT_BY_WORD.get(word);
}

// --- internal ---

const UNITS: Readonly<Record<string, string>> = {
  "%": "% percent prozent pourcent porcentaje procent",
  eur: "€ eur euro euros",
  usd: "$ usd us$ dollar dollars",
  gbp: "£ gbp pound pounds quid",
  chf: "chf franken francs franc",
  cent: "ct cent cents p",
  minute: "min mins minute minutes minuten minutos",
  hour: "h hr hrs hour hours stunde stunden heure heures hora horas",
  day: "d day days tag tage tagen jour jours día días dia dias",
  week: "week weeks woche wochen semaine semaines semana semanas",
  month: "month months monat monate monaten mois mes meses",
  year: "year years jahr jahre jahren an ans année années año años",
  km: "km kilometre kilometres kilometer kilometers",
  mile: "mi mile miles",
  am: "am a.m.",
  pm: "pm p.m.",
};

const UNIT_BY_WORD = new Map(Object.entries(UNITS).flatMap(([unit, words]) => words.split(" ").map((word) => [word, unit] as const)));

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const UNIT_PATTERN = [...UNIT_BY_WORD.keys()]
  .sort((a, b) => b.length - a.length)
  .map((word) => (/^\p{L}/u.test(word) ? `${escaped(word)}(?!\\p{L})` : escaped(word)))
  .join("|");
const NUMBER = new RegExp(
  `(?:(€|\\$|£|usd|eur|gbp|chf)\\s?)?(\\d(?:[\\d.,:/'’\\u00A0\\u202F-]*\\d)?)(?:[\\s\\u00A0\\u202F-]?(${UNIT_PATTERN}))?`,
  "giu",
);

/** Only function words may separate the announcement of a price from the number. */
const PRICED =
  /(?<!\p{L})(?:costs?|costing|amount|price|priced|prices|fees?|total|charge|worth|kostet|kosten|preis|gebühr|coûte|prix|cuesta|precio)(?:[\s:]+(?:you|is|are|of|only|just|now|at|a|the|about|sie|nur|ist|est|es|solo|seulement)){0,3}[\s:]+$/iu;

/** Digits come in blocks of ten; the block's start is zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return (code - zero) % 10;
}

/** With commas or with points as thousands separators; other forms, such as times and dates, are compared as written. */
function readings(written: string): number[] {
  const plain = written.replace(/['’\u00A0\u202F]/g, "");
  if (!/^[\d.,]+$/.test(plain)) return [];
  const english = plain.replace(/,(?=\d{3}(?:\D|$))/g, "");
  const german = plain.replace(/\.(?=\d{3}(?:\D|$))/g, "").replace(",", ".");
  return [...new Set([english, german].map(Number).filter(Number.isFinite))];
}

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  ...{
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
    thirteen: 13,
    fourteen: 14,
  },
  ...{ fifteen: 15, sixteen: 16, seventeen: 17, eighteen: 18, nineteen: 19, twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60 },
  ...{ seventy: 70, eighty: 80, ninety: 90, hundred: 100, thousand: 1000, half: 0.5, double: 2, triple: 3, twice: 2, dozen: 12 },
};

const WORDS_BY_LANGUAGE: Readonly<Record<string, readonly string[]>> = {
  // Fractions are numbers whatever else the text counts.
  en: [...Object.keys(NUMBER_WORDS), ..."million billion quarter third fourth fifth sixth seventh eighth ninth tenth hundredth".split(" ")],
  de: "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend million halb halbe halber doppelt".split(
    " ",
  ),
  fr: "deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante soixante cent mille million moitié double".split(
    " ",
  ),
  es: "dos tres cuatro cinco seis siete ocho nueve diez doce veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento mil millón mitad doble".split(
    " ",
  ),
};

/** Number words with another meaning, or spelled like another word, in one of the languages. */
const MISTAKABLE = new Set("six cent once mil dos double elf sept mille".split(" "));
const UNMISTAKABLE = new Set(
  Object.values(WORDS_BY_LANGUAGE)
    .flat()
    .filter((word) => !MISTAKABLE.has(word) && !Object.hasOwn(NUMBER_WORDS, word)),
);

const ONE = `(?:${[...new Set([...Object.values(WORDS_BY_LANGUAGE).flat(), "one", "oh", "zero", "ein", "null"])].join("|")})`;
const JOINED = new RegExp(`^(?:${ONE}(?:and|und)?){2,6}$`, "u");

/** Spelled-out numbers are checked word by word. */
const SPELLED = new RegExp(`(?<!\\p{L})${ONE}[\\s-]+(?:${UNIT_PATTERN})`, "giu");

/** Any currency sign, and the words for units of price. */
const LOOSE =
  /[\p{Sc}%‰]|(?<!\p{L})(?:percent|prozent|pourcent|porcentaje|dollars?|euros?|pounds?|quid|francs?|franken|usd|eur|gbp|chf)(?!\p{L})/giu;
