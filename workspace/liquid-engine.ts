import { filters as builtIns, Liquid } from "liquidjs";
import { parseTime } from "../domain/time.ts";

/** The library's own versions of these print in the zone of the process. */
const DATE_FORMATS = {
  date_to_xmlschema: "%Y-%m-%dT%H:%M:%S%:z",
  date_to_rfc822: "%a, %d %b %Y %H:%M:%S %z",
  date_to_string: "%d %b %Y",
  date_to_long_string: "%d %B %Y",
};

/** Filters that print a date. */
export const DATE_FILTERS: readonly string[] = ["date", ...Object.keys(DATE_FORMATS)];

/**
 * An engine that prints the same on every machine: no files, no chance, no clock, and neither the process's time zone nor
 * its language.
 */
export function createEngine(templates: Readonly<Record<string, string>>, isHtml: boolean): Liquid {
  const named = Object.entries(templates).flatMap(([name, text]) => [
    [name, text],
    [name.replace(/(\.mjml)?\.liquid$/, ""), text],
  ]);
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    locale: "en-US",
    renderLimit: 1_000,
    memoryLimit: 1e6,
    parseLimit: 1e5,
    templates: Object.fromEntries(named),
    ...(isHtml ? { outputEscape: "escape" as const } : {}),
  });
  for (const name of WITHHELD) delete engine.filters[name];
  engine.registerFilter("date", function (value: unknown, format?: string, zone?: string | number) {
    return isNothing(value) ? value : printDate.apply(this, datedIn(value, format, zone));
  });
  for (const [name, format] of Object.entries(DATE_FORMATS)) {
    engine.registerFilter(name, function (value: unknown) {
      return isNothing(value) ? value : printDate.apply(this, datedIn(value, format));
    });
  }
  return engine;
}

/** Renders with dates printed in a zone: filters get no scope, and rendering is synchronous. */
export function inZone<T>(zone: string, render: () => T): T {
  const outer = currentZone;
  currentZone = zone;
  try {
    return render();
  } finally {
    currentZone = outer;
  }
}

// --- internal ---

let currentZone = "UTC";

/** `raw` prints without escaping, `sample` by chance, and the others read what cannot be known before rendering. */
const WITHHELD = ["raw", "sample", "where_exp", "reject_exp", "group_by_exp", "has_exp", "find_exp", "find_index_exp"];

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === "";

const printDate = builtIns.date as (this: unknown, value: string, format: string | undefined, zone: string | number) => unknown;

/** A date without a time of day prints as that date everywhere; an instant prints in the customer's zone. */
function datedIn(value: unknown, format?: string, zone?: string | number): [string, string | undefined, string | number] {
  const text = String(value);
  const parsed = parseTime(text);
  if (!parsed) throw new Error(`${JSON.stringify(text.slice(0, 40))} is not a date`);
  if (parsed.kind === "date") return [`${text}T00:00:00Z`, format, "UTC"];
  if (parsed.kind === "local") return [new Date(parsed.utc).toISOString(), format, "UTC"];
  return [new Date(parsed.at).toISOString(), format, zone ?? currentZone];
}
