import { HOUR, MINUTE } from "./time.ts";
import { WINDOWS_ZONES } from "./windows-zones.ts";
import { isZone } from "./zone.ts";

/**
 * Resolves a zone name: an IANA name, also with extra blanks; a Windows name; or an offset like `+02:00`, `UTC+2`, `GMT-3:30`, which
 * becomes `+02:00`. Undefined for other texts.
 */
export function zoneMeant(given: string): string | undefined {
  if (known.has(given)) return known.get(given);
  const zone = read(given.trim());
  if (known.size >= MAX_CACHED) known.clear();
  known.set(given, zone);
  return zone;
}

// --- internal ---

const MAX_CACHED = 1_000;
const known = new Map<string, string | undefined>();

const BY_WINDOWS_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(WINDOWS_ZONES).map(([name, zone]) => [name.toLowerCase(), zone]),
);

const OFFSET = /^(?:utc|gmt)?\s*([+\-\u2212])\s*(\d{1,2})(?::?(\d{2}))?$/i;

function read(text: string): string | undefined {
  if (text.length > 100) return undefined;
  if (isZone(text)) return text;
  if (/^z$/i.test(text)) return "UTC";
  const underscored = text.replace(/ +/g, "_");
  return (
    offsetRead(text) ??
    BY_WINDOWS_NAME.get(text.toLowerCase().replace(" daylight time", " standard time")) ??
    (isZone(underscored) ? underscored : undefined)
  );
}

function offsetRead(text: string): string | undefined {
  const [, sign = "", hours = "", minutes = "00"] = OFFSET.exec(text) ?? [];
  if (sign === "" || Number(minutes) > 59 || Number(hours) * HOUR + Number(minutes) * MINUTE > 14 * HOUR) return undefined;
  if (Number(hours) + Number(minutes) === 0) return "UTC";
  return `${sign === "+" ? "+" : "-"}${hours.padStart(2, "0")}:${minutes}`;
}
