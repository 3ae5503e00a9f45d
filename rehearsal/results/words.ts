import type { ByName, Figure } from "./figures.ts";
import type { Figures, Forward } from "./forward.ts";
import type { OnlyIn, PolicyDifferences } from "./policies.ts";
import type { Recorded, RehearsalResult } from "./rehearsal-result.ts";

/** A number for people: a few digits that say something, thousands apart. */
export function amount(value: number): string {
  const size = Math.abs(value);
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  const short = Number(size.toFixed(decimals));
  const text = short.toLocaleString("en-US", { maximumFractionDigits: decimals });
  return value < 0 && short !== 0 ? `−${text}` : text;
}

/** The same, with its sign. */
export const signed = (value: number): string => (Number(value.toFixed(3)) > 0 ? `+${amount(value)}` : amount(value));

/** The bounds of a figure; nothing where all paths agree. */
export const bounds = ({ low, high }: Figure, write: (value: number) => string = amount): string =>
  low === high ? "" : `${write(low)} to ${write(high)}`;

export const percent = (share: number): string => `${amount(100 * share)} %`;

/** A share as people write it, `0.3` or `30%`; undefined for what is none. */
export function readShare(text: string): number | undefined {
  const [, number, sign] = /^(\d*\.?\d+)\s*(%?)$/.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number) / (sign === "%" ? 100 : 1);
}

/** `1 customer`, `12 customers`. */
export const counted = (count: number, noun: string): string => `${amount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** Whether 90 of 100 paths agree on which side has more. */
export const isClear = ({ low, high }: Figure): boolean => low > 0 || high < 0;

/** The figures that are single numbers, in the order in which people read them, with their names. */
export const SINGLE_FIGURES = [
  ["deliveries", "deliveries"],
  ["contactsPerCustomerWeek", "contacts a customer and week"],
  ["successes", "successes"],
  ["value", "value of the successes"],
  ["nothing", "customers who get nothing"],
] as const satisfies readonly (readonly [keyof Figures, string])[];

/** The figures that are told apart by name. */
export const NAMED_FIGURES = [
  ["byExperience", "deliveries by experience"],
  ["byChannel", "deliveries by channel"],
  ["byDepartment", "deliveries by department"],
  ["silences", "silences by code"],
  ["deferred", "deferrals by code"],
  ["tasks", "tasks by queue"],
] as const satisfies readonly (readonly [keyof Figures, string])[];

/** What a rehearsal found, in sentences: what it would cost, and whom it would leave out. */
export function foundIn({ difference, against, leftOut }: Pick<Forward, "difference" | "against" | "leftOut">): string[] {
  const differs = SINGLE_FIGURES.filter(([name]) => differsAtAll(difference[name]));
  if (differs.length === 0) return ["Both would do the same."];
  const [named, more] = [leftOut.slice(0, 3).map(({ customerId }) => customerId), leftOut.length - 3];
  return [
    ...differs.map(([name, words]) => `${changeOf(words, difference[name], against[name])}.`),
    ...(named.length > 0 ? [`Left out more often: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`] : []),
  ];
}

/** What the recorded stream says, in a sentence. */
export const recordedInWords = ({ wakes, different }: Pick<Recorded, "wakes" | "different">): string =>
  `${amount(different)} of ${amount(wakes)} wakes that were decided come out differently.`;

/** What was played, in one line. */
export function playedInWords({ days, customers, paths, seed, from, sampleOf }: Played): string {
  const who = sampleOf === undefined ? counted(customers, "customer") : `a sample of ${amount(customers)} of ${amount(sampleOf)} customers`;
  return `${who}, ${counted(days, "day")} from ${from.slice(0, 16).replace("T", " ")} UTC, ${counted(paths, "path")}, seed ${seed}`;
}

/** What only one of two policies has, a line for each kind and side. */
export const differencesInWords = (differences: { readonly [Kind in keyof PolicyDifferences]: OnlyIn | undefined }): string[] =>
  Object.entries(differences).flatMap(([kind, only]) =>
    only === undefined
      ? []
      : (["against", "with"] as const).flatMap((side) =>
          only[side].length === 0 ? [] : [`only ${side}: ${kind} ${only[side].join(", ")}`],
        ),
  );

/** Of what nothing was foretold, in one sentence; none where everything that came was. */
export function notForetoldInWords(notForetold: ByName<number>): string[] {
  const names = Object.entries(notForetold).map(([name, count]) => `${name} (${amount(count)})`);
  return names.length === 0 ? [] : [`Came, and nothing was foretold of it: ${names.join(", ")}.`];
}

// --- internal ---

type Played = Pick<RehearsalResult, "days" | "customers" | "paths" | "seed" | "from"> & { readonly sampleOf?: number | undefined };

const differsAtAll = ({ mean, low, high }: Figure): boolean => mean !== 0 || low !== 0 || high !== 0;

/** `12.4 fewer deliveries (−15 to −9.8 in 90 of 100 paths), of 80`; a difference that may be none says so. */
function changeOf(words: string, difference: Figure, before: Figure): string {
  const how = difference.mean < 0 ? "less" : "more";
  const range = bounds(difference, signed);
  const paths = range === "" ? "in every path" : `${range} in 90 of 100 paths`;
  const doubt = isClear(difference) ? "" : "; it may be none";
  return `${capitalized(words)}: ${amount(Math.abs(difference.mean))} ${how} than ${amount(before.mean)} (${paths}${doubt})`;
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
