// Times as people read them. Each names its zone.

/** Locales in which short names of zones are words: CDT is one in American English only, CEST in British only. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA", "en-CA", "en-NZ"];

/** The short name of a zone at a time, daylight saving included: CDT, CEST; GMT+8 where there is no name. */
export const zoneName = (at: number, zone: string): string => (zone === "UTC" ? "UTC" : zoneAt(at, zone).name);

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
export function clock(at: number, zone: string): string {
  const wall = wallOf(at, zone);
  return `${twoDigits(wall.getUTCHours())}:${twoDigits(wall.getUTCMinutes())}`;
}

/** `28 Nov`, with the year where it is not this one. */
export function shortDay(at: number, zone: string, now: number): string {
  const wall = wallOf(at, zone);
  const year = wall.getUTCFullYear();
  const day = `${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]?.slice(0, 3)}`;
  return year === wallOf(now, zone).getUTCFullYear() ? day : `${day} ${year}`;
}

/** `Saturday 28 November 2026, 14:20:05 CST (America/Chicago)`. */
export function longTime(at: number, zone: string): string {
  const wall = wallOf(at, zone);
  const day = `${DAYS[wall.getUTCDay()]} ${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]} ${wall.getUTCFullYear()}`;
  const name = zoneName(at, zone);
  return `${day}, ${clock(at, zone)}:${twoDigits(wall.getUTCSeconds())} ${name}${name === zone ? "" : ` (${zone})`}`;
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

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** The clock on the wall of a zone, as the UTC fields of a date. */
const wallOf = (at: number, zone: string): Date => new Date(at + offset(at, zone));

/** How far the clock of a zone is ahead of UTC at a time, in milliseconds. */
const offset = (at: number, zone: string): number => (zone === "UTC" ? 0 : zoneAt(at, zone).offset);

interface ZoneAt {
  readonly offset: number;
  readonly name: string;
}

// A list shows hundreds of times, and asking `Intl` for each is what costs. Clocks change only at full quarters of an hour.
const QUARTER = 900_000;
const MOST_KEPT = 5_000;
const quarters = new Map<string, ZoneAt>();
const names = new Map<string, string>();

function zoneAt(at: number, zone: string): ZoneAt {
  const key = `${zone} ${Math.floor(at / QUARTER)}`;
  const known = quarters.get(key);
  if (known) return known;
  const ahead = offsetNow(at, zone);
  // Within a month, the same offset has the same name.
  const nameKey = `${zone} ${new Date(at).toISOString().slice(0, 7)} ${ahead}`;
  const name = names.get(nameKey) ?? nameNow(at, zone);
  for (const map of [quarters, names]) if (map.size >= MOST_KEPT) map.clear();
  names.set(nameKey, name);
  quarters.set(key, { offset: ahead, name });
  return { offset: ahead, name };
}

const SHAPE: Intl.DateTimeFormatOptions = {
  ...{ hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

function offsetNow(at: number, zone: string): number {
  const parts = format("en-GB", zone, SHAPE).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(at / 1_000) * 1_000;
}

function nameNow(at: number, zone: string): string {
  const all = LOCALES.map((locale) => part(format(locale, zone, { timeZoneName: "short" }), at, "timeZoneName"));
  return all.find((name) => !/^(GMT|UTC)[+\-−]?\d*/.test(name)) ?? all[0] ?? zone;
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
