import type { Profile } from "../../domain/record/profile.ts";
import type { Paint } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table } from "./table.ts";

export function profileLines(profile: Profile, paint: Paint): string[] {
  const heading = (text: string) => ["", paint.bold(text)];
  const section: Section = (title, rows) => (rows.length === 0 ? [] : [...heading(title), ...table(rows, { indent: 2 })]);
  return [
    `${paint.bold(profile.customerId)}  ${paint.dim(cameBy(profile.origin))}`,
    ...(profile.alsoKnownAs ? [`also known as ${profile.alsoKnownAs.join(", ")}`] : []),
    ...(profile.stage ? [`stage ${profile.stage.name} since ${minuteOf(profile.stage.since)}`] : []),
    ...section(
      "Record",
      profile.fields.map(({ path, value, source = "", age = "", state, detail = "" }) => [
        path,
        state === "conflict" ? paint.red("held: sources disagree") : JSON.stringify(value),
        state === "conflict" ? detail : paint.dim(`${source}, ${age} ago`),
        state === "stale" ? paint.yellow("too old to rely on") : "",
      ]),
    ),
    ...(profile.leftOut ? [paint.yellow(leftOutInWords(profile.leftOut))] : []),
    ...reachLines(profile, paint, section),
    ...section(
      "Open moments",
      profile.moments.map(({ name, openedAt, expiresAt }) => [
        name,
        paint.dim(`since ${minuteOf(openedAt)}, until ${minuteOf(expiresAt)}`),
      ]),
    ),
    ...section(
      "Promises",
      profile.promises.map(({ name, owner, due, overdue }) => [
        name,
        owner,
        overdue ? paint.red(`overdue since ${minuteOf(due)}`) : `due ${minuteOf(due)}`,
      ]),
    ),
    ...section(
      "Open cases",
      profile.openCases.map((caseId) => [caseId]),
    ),
    ...section(
      "Touches",
      profile.touches.map(({ at, kind, channel, department = "" }) => [
        minuteOf(at),
        kind,
        // A human contact has no channel but its kind.
        channel === kind ? "" : channel,
        paint.dim(department),
      ]),
    ),
  ];
}

// --- internal ---

const leftOutInWords = ({ at, count, paths }: NonNullable<Profile["leftOut"]>): string =>
  `the record is full: ${count} ${count === 1 ? "trait was" : "traits were"} left out, the last on ${minuteOf(at)}: ${paths.join(", ")}${count > paths.length ? ", …" : ""}`;

type Section = (title: string, rows: readonly (readonly string[])[]) => string[];

/** The customer's addresses, and the channels with consent. */
function reachLines(profile: Profile, paint: Paint, section: Section): string[] {
  return [
    ...section(
      "Identities",
      profile.identities.map(({ type, value, source, findsOther }) => [
        type,
        value,
        paint.dim(source),
        findsOther ? paint.yellow("finds another customer") : "",
      ]),
    ),
    ...section(
      "Undeliverable addresses",
      profile.gone.map(({ type, value, at, source, reason }) => [type, value, paint.red(reason), paint.dim(`${minuteOf(at)}, ${source}`)]),
    ),
    ...section(
      "Consent",
      profile.consents.map(({ channel, status, at, source, reason = "" }) => [
        channel,
        status === "granted" ? paint.green(status) : paint.red(status),
        paint.dim(`${minuteOf(at)}, ${source}`),
        reason,
      ]),
    ),
  ];
}

const cameBy = ({ kind, at, source, id }: Profile["origin"]): string =>
  kind === "signal" ? `created by signal ${id} of ${source}, ${minuteOf(at)}` : `imported, ${minuteOf(at)}`;
