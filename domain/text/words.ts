/** Names of months and weekdays by language, in lower case, with their numbers. */
export interface CalendarNames {
  /** `june` → 6; weekdays from Monday as 101. */
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

/** Alone and next to a day: some languages inflect the name there. */
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

/** Words that are calendar names only sometimes: they count beside a number or after a preposition. */
export const AMBIGUOUS = new Set(["may", "march", "sun", "sat", "mon", "dec", "mar", "jan"]);

/** Whether a text fits into GSM 7-bit; the wide encoding halves the length of a text message. */
export const isGsm7 = (text: string): boolean => [...text].every((sign) => GSM7.has(sign));

const GSM7 = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€",
);
