import type { RehearsalLine } from "../../../operations/rehearsals/views.ts";
import { amount, readShare } from "../../../rehearsal/results/words.ts";
import { actionWords } from "../../pictures/recorded-matrix.layout.ts";
import { counted, listed } from "../../values/numbers.ts";
import { reasonWords } from "../../values/reasons.ts";

/** The path of a rehearsal in the API. */
export const rehearsalPath = (id: string): string => `/v1/rehearsals/${encodeURIComponent(id)}`;

/** The part of a result that a number is of. */
export type Part = "recorded" | "forward";

/** The list in a sentence. */
export function rehearsalsAnswer(lines: readonly Pick<RehearsalLine, "status">[]): string {
  const [running, waiting] = (["running", "waiting"] as const).map((status) => lines.filter((one) => one.status === status).length);
  const parts = [
    ...(running ? [`${counted(running, "rehearsal is", "rehearsals are")} being played`] : []),
    ...(waiting ? [counted(waiting, "waits", "wait")] : []),
  ];
  return parts.length === 0 ? "None is being played." : `${listed(parts)}.`;
}

/** What is rehearsed: a version by the beginning of its name, or a proposal. */
export const withWords = ({ with: side }: Pick<RehearsalLine["request"], "with">): string =>
  "proposal" in side ? `the proposal of ${side.experienceId}` : versionWords(side.version);

export const versionWords = (version: string): string => `version ${version.slice(0, 12)}`;

/** How much is played, in one line. */
export const sizeWords = ({ days, paths, customers }: Pick<RehearsalLine["request"], "days" | "paths" | "customers">): string =>
  `${counted(days, "day")}, ${counted(paths, "path")}, at most ${counted(customers, "customer")}`;

/** Whether it is over: nothing of it changes any more. */
export const isOver = (status: RehearsalLine["status"]): boolean => status !== "waiting" && status !== "running";

/** A number of the result by its cell, as a heading of what is behind it. @param groups of the result */
export function cellWords(part: Part, cell: string, groups: readonly { readonly name: string }[] = []): string {
  const [, place, figure] = /^group:(\d+):(.*)$/s.exec(cell) ?? [];
  if (place !== undefined && figure !== undefined) return `${cellWords(part, figure)}: ${groups[Number(place)]?.name ?? "a group"}`;
  const [before, after] = cell.split(">", 2);
  if (part === "recorded" && before !== undefined && after !== undefined && !cell.includes(":"))
    return `${capital(actionWords(before))} before, ${actionWords(after)} after`;
  const [kind = "", name = ""] = splitOnce(cell);
  const words = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return words ? words(name) : cell;
}

/** The first of a list that rehearses a version, or a proposal. */
export const newestOf = <Line extends Pick<RehearsalLine, "request">>(
  lines: readonly Line[],
  of: { readonly version: string } | { readonly proposal: string },
): Line | undefined =>
  lines.find(({ request: { with: side } }) =>
    "proposal" in of ? "proposal" in side && side.proposal === of.proposal : !("proposal" in side) && side.version === of.version,
  );

/** What is behind a cell, in a sentence before its rows. */
export function behindWords(part: Part, cell: string, { paths }: { readonly paths: number }): string {
  if (part === "recorded") return "Recorded wakes, decided under both. At most 200 of a number and side are kept.";
  if (cell === "leftOut" || cell === "reached") return `Of all ${counted(paths, "path")}, the largest differences first.`;
  return `What was decided in the first of ${counted(paths, "path")}: of a number and side at most 200. None of it has happened.`;
}

/** A share of paths. */
export const pathsWords = (share: number | undefined): string => (share === undefined ? "" : `${amount(100 * share)} % of paths`);

/** The fields of a rehearsal that is asked for. */
export const FIELDS = ["with", "against", "days", "paths", "customers", "seed", "by", "backtest"] as const;
export type Field = (typeof FIELDS)[number];

/** A share as people write it, as the server reads it; what is none stays as it is. */
export const shareOf = (text: string): number | string => readShare(text) ?? text.trim();

/** What the server says of each field, and what it says beside that. Its words are `field: what is wrong; field: …`. */
export function byField(detail: string): { readonly fields: Readonly<Partial<Record<Field, string>>>; readonly rest: string } {
  const fields: Partial<Record<Field, string>> = {};
  const rest: string[] = [];
  for (const one of detail.split("; ")) {
    const [, name, words = ""] = /^(\w+)(?:\.\w+)*: (.*)$/s.exec(one) ?? [];
    const field = FIELDS.find((known) => known === name);
    if (field === undefined) rest.push(one);
    else fields[field] = [fields[field], words].filter(Boolean).join("; ");
  }
  return { fields, rest: rest.join("; ") };
}

// --- internal ---

const KINDS: Readonly<Record<string, (name: string) => string>> = {
  deliveries: () => "Deliveries",
  successes: () => "Successes",
  nothing: (rule) => (rule === "" ? "Customers who get nothing" : `Customers who get nothing: ${rule}`),
  leftOut: () => "Left out more often",
  reached: () => "Reached more often",
  byExperience: (id) => `Deliveries of ${id}`,
  byChannel: (name) => `Deliveries by ${name}`,
  byDepartment: (name) => `Deliveries of ${name === "none" ? "no department" : name}`,
  silences: (code) => `Silent: ${reasonWords(code)}`,
  deferred: (code) => `Deferred: ${reasonWords(code)}`,
  tasks: (queue) => `Tasks for ${queue}`,
};

function splitOnce(cell: string): readonly [string, string] {
  const at = cell.indexOf(":");
  return at < 0 ? [cell, ""] : [cell.slice(0, at), cell.slice(at + 1)];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
