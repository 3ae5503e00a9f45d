// Times as people read them. Each names its zone.

/** Locales in which short names of zones are words: CDT is one in American English only, CEST in British only. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA", "en-CA", "en-NZ"];

/** The short name of a zone at a time, daylight saving included: CDT, CEST; GMT+8 where there is no name. */
export function zoneName(at: number, zone: string): string {
  if (zone === "UTC") return "UTC";
  const names = LOCALES.map((locale) => part(format(locale, zone, { timeZoneName: "short" }), at, "timeZoneName"));
  return names.find((name) => !/^(GMT|UTC)[+\-−]?\d*/.test(name)) ?? names[0] ?? zone;
}

/** Whether a name is a time zone of this browser. */
export function isZone(name: string): boolean {
  try {
    format("en-GB", name, {});
    return true;
  } catch {
    return false;
  }
}

/** `28 Nov 14:20 CST`, with the year where it is not this one. */
export function shortTime(at: number, zone: string, now: number): string {
  return `${shortDay(at, zone, now)} ${clock(at, zone)} ${zoneName(at, zone)}`;
}

/** `14:20`, without the zone: only for use beside it. */
export const clock = (at: number, zone: string): string =>
  format("en-GB", zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);

/** `28 Nov`, with the year where it is not this one. */
export function shortDay(at: number, zone: string, now: number): string {
  const year = (time: number): string => part(format("en-GB", zone, { year: "numeric" }), time, "year");
  const isThisYear = year(at) === year(now);
  return format("en-GB", zone, { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) })
    .format(at)
    .replace("Sept", "Sep");
}

/** `Saturday 28 November 2026, 14:20:05 CST (America/Chicago)`. */
export function longTime(at: number, zone: string): string {
  const day = format("en-GB", zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(at).replace(",", "");
  const time = format("en-GB", zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
  const name = zoneName(at, zone);
  return `${day}, ${time} ${name}${name === zone ? "" : ` (${zone})`}`;
}

/** The instant at which a day begins in a zone: `2026-11-28`. Undefined for what is no day. */
export function dayStart(day: string, zone: string): number | undefined {
  const utc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utc)) return undefined;
  // The offset at that time is that of the day's beginning, unless it changes in between: looked at twice.
  const first = utc - offset(utc, zone);
  return utc - offset(first, zone);
}

const STEPS = [
  [60, "s", 1],
  [3_600, "min", 60],
  [86_400, "h", 3_600],
  [86_400 * 60, "d", 86_400],
  [86_400 * 730, "months", 86_400 * 30.44],
  [Number.POSITIVE_INFINITY, "years", 86_400 * 365.25],
] as const;

/** `3 h ago`, `in 2 d`, `now`. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.abs(at - now) / 1000;
  if (seconds < 5) return "now";
  const text = spanOf(seconds);
  return at < now ? `${text} ago` : `in ${text}`;
}

/** A span of seconds in its largest unit, rounded down: `90` is `1 min`. */
export function spanOf(seconds: number): string {
  const [, unit, size] = STEPS.find(([limit]) => seconds < limit) ?? STEPS[5];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Zones that `t` goes through, with a name each, without those that are the same. */
export function zoneChoices(
  hers: string | undefined,
  mine: string,
): readonly { readonly mode: "hers" | "mine" | "utc"; readonly zone: string }[] {
  const all = [
    ...(hers === undefined || !isZone(hers) ? [] : [{ mode: "hers" as const, zone: hers }]),
    { mode: "mine" as const, zone: mine },
    { mode: "utc" as const, zone: "UTC" },
  ];
  return all.filter(({ zone }, index) => all.findIndex((other) => other.zone === zone) === index);
}

// --- internal ---

/** How far the clock of a zone is ahead of UTC at a time, in milliseconds. */
function offset(at: number, zone: string): number {
  const shape = {
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  } as const;
  const parts = format("en-GB", zone, shape).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(at / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  formats.set(key, made);
  return made;
}

const part = (of: Intl.DateTimeFormat, at: number, type: Intl.DateTimeFormatPartTypes): string =>
  of.formatToParts(at).find((one) => one.type === type)?.value ?? "";
