import type { Language } from "./language.ts";

/** English has rules of its own: a stemmer that is lighter than Snowball's, words of all texts, and words of the same meaning. */
export const ENGLISH: Language = {
  stem: stemOf,
  weightOf(word) {
    const stem = stemOf(word);
    if (FUNCTION_WORDS.has(stem)) return 0.25;
    return COMMON_WORDS.has(stem) ? 0.55 : 1;
  },
  isStopWord: (word) => FUNCTION_WORDS.has(stemOf(word)),
  conceptOf: (stem) => CONCEPTS.get(stem),
  wordsIn(token) {
    const long = CONTRACTIONS.get(token);
    if (long) return long;
    if (token.endsWith("n't")) return [token.slice(0, -3), "not"];
    const quote = token.indexOf("'");
    return [quote > 0 ? token.slice(0, quote) : token];
  },
  negations: ["not", "no", "never", "without"],
  joins: ["and", "but", "also", "plus"],
};

// --- internal ---

/** Plurals, -ing and -ed. */
function stemOf(word: string): string {
  if (word.length <= 3) return word;
  const singular = withoutPlural(word);
  const base = inflected(singular, "ing") ?? inflected(singular, "ed") ?? singular;
  return base.endsWith("e") && base.length > 3 ? base.slice(0, -1) : base;
}

function withoutPlural(word: string): string {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|us|is)$/.test(word)) return word;
  if (/(x|ch|sh|ss|z)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

function inflected(word: string, suffix: string): string | undefined {
  if (!word.endsWith(suffix)) return undefined;
  const base = word.slice(0, -suffix.length);
  if (base.length < 3 || !/[aeiouy]/.test(base)) return undefined;
  if (/(at|bl|iz)$/.test(base)) return `${base}e`;
  return /([^aeiouylsz])\1$/.test(base) ? base.slice(0, -1) : base;
}

const CONTRACTIONS = new Map(
  Object.entries({
    "can't": "can not",
    cant: "can not",
    cannot: "can not",
    "won't": "will not",
    wont: "will not",
    dont: "do not",
    didnt: "did not",
    doesnt: "does not",
    isnt: "is not",
    wasnt: "was not",
    hasnt: "has not",
    havent: "have not",
    couldnt: "could not",
    im: "i am",
    "i'm": "i am",
    ive: "i have",
    "i've": "i have",
    whats: "what is",
    "what's": "what is",
    "it's": "it is",
  }).map(([short, long]) => [short, long.split(" ")]),
);

const stems = (words: string): Set<string> => new Set(words.trim().split(/\s+/).map(stemOf));

const FUNCTION_WORDS = stems(`
  a an the this that these those i me my mine myself we us our you your yours he him his she her it its they them their there here
  is am are was were be been being do does did done have has had will would shall should can could may might must
  and or but if then so as at by for from in into of off on onto out over to up with about after before than too very just also
  what which who whom whose when where why how not no yes any some all each other such only own same again ever yet still
  because while until since during between through
`);

const COMMON_WORDS = stems(`
  want need like please get got give know tell say said help make made go going went come take took let use see look find think
  try keep put ask thank thanks hello hi hey dear sir madam sorry ok okay now today tomorrow yesterday day week month year time
  thing something anything way new one two first last good really possible able wonder question problem issue kind many much more
  most long lot right long already soon late
`);

/** Words in one line are synonyms in customers' messages. */
const SAME = `
  phone telephone mobile cellphone cell smartphone iphone android
  car vehicle auto automobile
  address postcode zip
  move relocate relocation
  buy purchase order bought
  cost price fee charge expense fare rate
  pay payment paid
  money cash fund
  refund reimburse reimbursement repay
  cancel cancellation terminate termination quit unsubscribe discontinue
  end finish expire expiration expiry
  start begin began commence
  broken broke damage crack faulty defective malfunction
  fix repair mend
  lose lost misplace missing
  steal stolen theft thief robbed rob
  delay late overdue wait pending
  arrive arrival deliver delivery receive ship shipment
  baby newborn pregnant pregnancy expecting infant birth
  child kid son daughter toddler
  die died dead death passed funeral bereavement deceased widow
  marry married wedding marriage spouse wife husband
  job work employment employer career
  doctor physician hospital clinic
  sick ill illness
  complain complaint unacceptable terrible awful horrible angry furious disappointed disgusting
  wrong incorrect mistake error
  decline reject refuse fail deny denied
  change update modify edit alter amend switch adjust
  verify verification confirm prove proof validate authenticate
  identity id identification passport
  password passcode pin
  account profile
  invoice bill statement receipt
  contract agreement lease
  return send
  exchange swap convert conversion currency
  atm cashpoint
  withdraw withdrawal withdrew
  topup top
  limit maximum max restriction cap
  minimum least
  transfer wire
  country abroad overseas foreign international
  holiday vacation trip travel journey
  flight plane airplane airline fly
  hotel accommodation lodging
  meal food eat dinner lunch
  schedule appointment book reserve reservation
  meet meeting
  house home apartment flat
  friend buddy mate pal
  speak talk chat conversation
  human person agent representative advisor operator
  stop block freeze disable deactivate
  activate enable
  delete remove erase close
  add include
  show display list
  repeat again
  twice double duplicate
  quick fast rapid urgent asap immediately instantly
  weather forecast temperature
  remind reminder
  tax taxes
  insurance insure coverage
  salary wage income paycheck earning
  song music track playlist
  store shop shopping
`;

const CONCEPTS = new Map(
  SAME.trim()
    .split("\n")
    .flatMap((line) => {
      const [first = "", ...others] = line.trim().split(" ");
      return [first, ...others].map((word) => [stemOf(word), `=${first}`] as const);
    }),
);
