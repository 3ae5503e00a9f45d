/** Function words that identify a language. Words shared by several languages prove nothing and are left out. */
const SMALL_WORDS: Readonly<Record<string, string>> = {
  en: "the and you your is are we our this that with for of to it on at be have has will can not from by as please thank was were when what how if all or an do",
  de: "der die das und sie ihr ihre ihren ist sind wir unser nicht mit für von zu den dem ein eine einen auf im bei haben hat wird werden können auch oder bitte danke zum zur ihnen",
  fr: "le les et vous votre vos est sont nous notre nos avec pour du des une dans sur au aux avez sera peut pas ou ce cette merci être plus",
  es: "el los las y usted su sus es son nosotros nuestro nuestra con para del una en por al tiene será puede gracias esta este más muy está",
  it: "il lo gli e lei suo sua è sono noi nostro nostra con per di del della una nel che non può grazie questo questa tutti più alla le da si",
  pt: "o os as e você seu sua são nós nosso nossa com para do da dos das uma em não por ao tem será pode obrigado esta este mais todo",
  nl: "de het een en u uw je is zijn wij ons onze met voor van niet op aan bij heeft hebt wordt kan ook of dank dit dat al geven",
  sv: "och du din ditt är vi vår vårt med för av till inte på en ett har kan som det den att alla från tack ger dig",
  da: "og du din dit er vi vores med for af til ikke på en et har kan som det den at alle fra tak dig",
  pl: "i w na się nie jest są z do że to twój twoja my nasz dla od po za jak wszystkie dziękujemy i oraz przez pan pani",
  cs: "a v na se je jsou z do že to váš vaše my náš pro od po za jak všechny děkujeme nebo přes ne není vám",
  tr: "ve bir bu için ile de da ne mi siz sizin biz bizim çok var yok olarak daha tüm teşekkür",
  ro: "și de la cu un o este sunt noi nostru dumneavoastră pentru din nu pe care mai toate mulțumim în să",
  hu: "és a az egy hogy nem is van mi ön önnek minden köszönjük vagy meg ki le",
  fi: "ja on ei se että me te teidän meidän kanssa kaikki kiitos mutta tai sekä ovat olla",
  id: "dan yang di ke dari untuk dengan ini itu anda kami adalah tidak akan semua terima",
};

const LANGUAGES_OF = languagesByWord();
const MAX_SENTENCES = 200;

/** Languages of a text's sentences, by function words. Short and ambiguous sentences yield none. */
export function languagesIn(text: string): Set<string> {
  const sentences = text.split(/[.!?:;\n]+/u).slice(0, MAX_SENTENCES);
  return new Set(sentences.flatMap((sentence) => languageOf(sentence.toLowerCase().match(/\p{L}+/gu) ?? []) ?? []));
}

/** Names of the scripts used by a text's letters. */
export const scriptsIn = (text: string): Set<string> => {
  const letters = new Set(text.match(/\p{L}/gu));
  return new Set([...letters].map((letter) => SCRIPTS.find(({ pattern }) => pattern.test(letter))?.name ?? "another"));
};

// --- internal ---

const SCRIPTS = ["Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Han", "Hiragana", "Katakana", "Hangul", "Devanagari", "Thai"].map(
  (name) => ({
    name,
    pattern: new RegExp(`\\p{Script=${name}}`, "u"),
  }),
);

function languagesByWord(): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, string[]>();
  for (const [language, words] of Object.entries(SMALL_WORDS))
    for (const word of new Set(words.split(" "))) known.set(word, [...(known.get(word) ?? []), language]);
  return known;
}

/** The language of most function words, if there are at least two and no other language has as many. */
function languageOf(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) for (const language of LANGUAGES_OF.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1);
  const [best, second] = [...counts].sort(([, a], [, b]) => b - a);
  return best && best[1] >= 2 && best[1] > (second?.[1] ?? 0) ? best[0] : undefined;
}
