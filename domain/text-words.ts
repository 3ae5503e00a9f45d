/** What a text may say only where its sources say it: promises, offers, urgency, and days without a date. */
const CLAIMS: readonly RegExp[] = [
  // English
  /\bguarantee\w*/giu,
  /\bpromis\w+/giu,
  /\bfree\b(?: of charge)?/giu,
  /\bno (?:cost|charge|fee|obligation)s?\b/giu,
  /\b(?:refund|reimburs|compensat|discount|rebate|waive|bonus|voucher|coupon|gift|prize|cashback)\w*/giu,
  /\b(?:money|cash)[- ]back\b/giu,
  /\brisk[- ]free\b/giu,
  /\b(?:unlimited|lifetime|forever|cheapest|winner|pre-?approved|approved|insured|certified)\b/giu,
  /\b(?:best|lowest) (?:price|rate|deal)s?\b/giu,
  /\bwe(?:'|’)?(?:ll| will| shall)(?: \p{L}+){0,3} (?:call|phone|visit|contact|refund|replace|pay|send|ship|deliver|repair|credit|cover|match)\b/giu,
  /\bcall you\b/giu,
  /\b(?:today|tomorrow|tonight|yesterday)\b/giu,
  /\b(?:this|next|coming) (?:week|weekend|month|year|morning|afternoon|evening|spring|summer|autumn|fall|winter)\b/giu,
  /\b(?:last chance|hurry|act now|limited time|while (?:stocks|supplies) last|ends soon|expires?|only left)\b/giu,
  // German
  /(?<!\p{L})(?:garanti|versprech|verspricht|kostenlos|kostenfrei|rabatt|gutschein|erstatt|geschenk|prämie|unbegrenzt|genehmigt)\p{L}*/giu,
  /(?<!\p{L})(?:gratis|umsonst|heute|morgen|gestern|unverbindlich|geld zurück|letzte chance|nur noch)(?!\p{L})/giu,
  // French and Spanish
  /(?<!\p{L})(?:garant|gratuit|promet|promess|rembours|remise|réduction|cadeau|reembols|descuent|promete|promesa|regalo)\p{L}*/giu,
  /(?<!\p{L})(?:gratis|aujourd(?:'|’)hui|demain|hoy|mañana|dernière chance|última oportunidad)(?!\p{L})/giu,
];

/** Claims of a text, as it makes them. */
export const claimsIn = (text: string): string[] => [
  ...new Set(CLAIMS.flatMap((claim) => [...text.matchAll(claim)].map(([said]) => said.toLowerCase().replaceAll("’", "'")))),
];

/** Names of months and weekdays in some languages, lower-case: what each one is called there, with its number. */
export interface CalendarNames {
  /** `june` → 6, and weekdays from Monday as 101. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
}

const WEEKDAYS_FROM = 100;

export const weekdayNumber = (weekday: number): number => WEEKDAYS_FROM + weekday;

export function calendarNames(languages: readonly string[]): CalendarNames {
  const byName = new Map<string, number[]>();
  for (const language of languages) {
    for (const [name, number] of [...monthNames(language), ...weekdayNames(language)]) {
      const key = name.toLowerCase().replace(/\.$/, "");
      if (key.length >= 3 && !/\d/.test(key)) byName.set(key, [...(byName.get(key) ?? []), number]);
    }
  }
  return { byName };
}

const WIDTHS = ["long", "short"] as const;

/** By itself and beside a day: some languages bend the name there. */
function monthNames(language: string): [string, number][] {
  const formats = WIDTHS.flatMap((month) => [
    new Intl.DateTimeFormat(language, { month, timeZone: "UTC" }),
    new Intl.DateTimeFormat(language, { month, day: "numeric", timeZone: "UTC" }),
  ]);
  return Array.from({ length: 12 }, (_, index) => index).flatMap((index) =>
    formats.map((format): [string, number] => [partOf(format, Date.UTC(2024, index, 1), "month"), index + 1]),
  );
}

/** 1 January 2024 is a Monday. */
function weekdayNames(language: string): [string, number][] {
  const formats = WIDTHS.map((weekday) => new Intl.DateTimeFormat(language, { weekday, timeZone: "UTC" }));
  return [1, 2, 3, 4, 5, 6, 7].flatMap((day) =>
    formats.map((format): [string, number] => [partOf(format, Date.UTC(2024, 0, day), "weekday"), weekdayNumber(day)]),
  );
}

const partOf = (format: Intl.DateTimeFormat, at: number, wanted: "month" | "weekday"): string =>
  format.formatToParts(at).find(({ type }) => type === wanted)?.value ?? "";

/** Words that are names of the calendar only sometimes: they count as such beside a number or after a preposition. */
export const AMBIGUOUS = new Set(["may", "march", "sun", "sat", "mon", "dec", "mar", "jan"]);

/** Whether a text can be sent as a text message without the wide encoding that halves its length. */
export const isGsm7 = (text: string): boolean => [...text].every((sign) => GSM7.has(sign));

const GSM7 = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€",
);
