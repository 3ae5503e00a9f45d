import { durationInWords, parseDuration } from "../../domain/values/time.ts";
import { aOrAn } from "./names.ts";

export type Sign = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** The sign of a comparison with its sides exchanged. */
export const MIRRORED: Readonly<Record<Sign, Sign>> = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** A noun for counting, with what belongs to it: `contacts in the last 7 days`. */
export interface Noun {
  readonly one: string;
  readonly many: string;
}

/** `contact by sms in the last 7 days`; the window as in a condition: `7d`. */
export function nounWithin(noun: string, of: string, window: string): Noun {
  const within = ` in the last ${durationInWords(parseDuration(window) ?? 0).replace(/^1 /, "")}`;
  return { one: `${noun}${of}${within}`, many: `${noun}s${of}${within}` };
}

/** `no open case`, `an open case`, `fewer than 3 open cases`. */
export function countInWords(sign: Sign, value: number, { one, many }: Noun): string {
  const shortest = `${sign} ${value}`;
  if (NONE.includes(shortest)) return `no ${one}`;
  if (SOME.includes(shortest)) return aOrAn(one);
  return `${COUNTS[sign]} ${value} ${value === 1 ? one : many}`;
}

/** `there are 3`. */
export function numberThere(count: number): string {
  if (count === 0) return "there is none";
  return `there ${count === 1 ? "is" : "are"} ${count}`;
}

/** How far ahead a date is to be: `at most 60 days away`, `more than 3 days ago`, `after today`. */
export function distanceInWords(sign: Sign, ahead: number, unit: string): string {
  if (ahead < 0) return `${lengthInWords(MIRRORED[sign], -ahead, unit)} ago`;
  if (ahead > 0) return `${lengthInWords(sign, ahead, unit)} away`;
  return unit === "day" ? FROM_TODAY[sign] : FROM_NOW[sign];
}

/** How far ahead a date is: `is 83 days away`, `was 2 days ago`. */
export function isAway(ahead: number, unit: string): string {
  if (ahead === 0) return `is ${unit === "day" ? "today" : "now"}`;
  return ahead > 0 ? `is ${inUnits(ahead, unit)} away` : `was ${inUnits(-ahead, unit)} ago`;
}

/** `at least 3 days`. */
export const lengthInWords = (sign: Sign, count: number, unit: string): string => `${LENGTHS[sign]} ${inUnits(count, unit)}`;

/** `1 day`, `2.5 hours`. */
export function inUnits(count: number, unit: string): string {
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}

// --- internal ---

const NONE: readonly string[] = ["== 0", "<= 0", "< 1"];
const SOME: readonly string[] = ["> 0", ">= 1", "!= 0"];

const LENGTHS: Readonly<Record<Sign, string>> = {
  "==": "exactly",
  "!=": "not exactly",
  "<": "less than",
  "<=": "at most",
  ">": "more than",
  ">=": "at least",
};

const COUNTS: Readonly<Record<Sign, string>> = { ...LENGTHS, "<": "fewer than" };

const FROM_TODAY: Readonly<Record<Sign, string>> = {
  "==": "today",
  "!=": "on another day than today",
  "<": "before today",
  "<=": "today or earlier",
  ">": "after today",
  ">=": "today or later",
};

const FROM_NOW: Readonly<Record<Sign, string>> = {
  "==": "now",
  "!=": "at another time than now",
  "<": "in the past",
  "<=": "in the past",
  ">": "in the future",
  ">=": "in the future",
};
