import type { StoryItem, StoryMark } from "../../domain/story/story-item.ts";
import { cutShort } from "../../domain/values/cut.ts";
import type { CustomerLine, FoundView, StoryView } from "../../operations/people/views.ts";
import type { Io, Paint } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table } from "./table.ts";

/** Customers with their last decision, and what a person should know about them. */
export const customerLines = (customers: readonly CustomerLine[], paint: Paint): string[] =>
  table(
    customers.map(({ customerId, name = "", last, stage = "", ...line }) => [
      customerId,
      name,
      stage,
      last ? paint.dim(minuteOf(last.at)) : "",
      last ? `${last.action}${last.experienceId === undefined ? "" : ` ${last.experienceId}`}` : "",
      flagsOf(line).join(", "),
    ]),
  );

/** The hits of a search: the kind, the id, and what it is about. */
export const foundLines = (found: readonly FoundView[], paint: Paint): string[] =>
  table(
    found.map(({ kind, id, customerId, title }) => [
      kind,
      id,
      title === id ? "" : title,
      customerId === undefined || customerId === id ? "" : paint.dim(customerId),
    ]),
  );

/** A story, a line an item, with what a decision held back below it. Times are UTC. */
export function storyLines({ items, ghosts = [], next, customerId, name }: StoryView, { paint }: Pick<Io, "paint">): string[] {
  const told = items.map((item) => ({ at: item.at, lines: itemLines(item, paint) }));
  const alone = ghosts.map(({ at, department, experienceId, channel, sentAt, reason }) => ({
    at,
    lines: [
      [
        paint.dim(minuteOf(at)),
        department,
        paint.dim("┄ alone"),
        `${experienceId} by ${channel}`,
        paint.dim(sentAt === undefined ? (reason?.detail ?? reason?.code ?? "") : `sent ${minuteOf(sentAt)}`),
      ],
    ],
  }));
  const lines = [...told, ...alone].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).flatMap((one) => one.lines);
  return [
    paint.bold(name === undefined ? customerId : `${name} · ${customerId}`),
    ...(next === undefined ? [] : [paint.dim("earlier items are left out; --limit N shows more")]),
    ...(lines.length === 0 ? ["nothing has happened yet"] : table(lines)),
  ];
}

// --- internal ---

const SIGNS: Readonly<Record<StoryMark, readonly [sign: string, color: "green" | "yellow" | "red" | "dim" | "blue" | "magenta"]>> = {
  sent: ["✓ sent", "green"],
  waits: ["◷ waits", "yellow"],
  held: ["✗ held back", "yellow"],
  silent: ["○ silent", "dim"],
  task: ["◆ task", "magenta"],
  failed: ["⚠ failed", "red"],
  outcome: ["↳ outcome", "blue"],
  said: ["· said", "dim"],
  met: ["● met", "magenta"],
  note: ["· note", "dim"],
};

const LANES: Readonly<Record<Exclude<StoryItem["lane"], "department">, string>> = { customer: "customer", people: "people", all: "all" };

const MAX_TEXT = 60;

function itemLines(item: StoryItem, paint: Paint): string[][] {
  const { at, mark, lane, department, title, text, held = [] } = item;
  const [sign, color] = SIGNS[mark];
  const words = text === undefined ? title : `${title}: ${cutShort(text.replaceAll(/\s+/g, " "), MAX_TEXT)}`;
  return [
    [paint.dim(minuteOf(at)), lane === "department" ? (department ?? "") : LANES[lane], paint[color](sign), words, paint.dim(moreOf(item))],
    ...held.map(({ experienceId, department: theirs, reason }) => [
      "",
      theirs ?? "all",
      paint.yellow("✗ held back"),
      experienceId,
      paint.dim(reason.detail ?? reason.code),
    ]),
  ];
}

function moreOf({ status, by, channel, due, until, looks = 1, reasons = [], reason, mark }: StoryItem): string {
  const parts =
    mark === "silent"
      ? [
          ...(looks > 1 && until !== undefined ? [`${looks} looks until ${minuteOf(until)}`] : []),
          reasons.map(({ code, decisions }) => `${code} ${decisions}`).join(", "),
        ]
      : [
          channel,
          status,
          by === undefined ? undefined : `by ${by}`,
          due === undefined ? undefined : `until ${minuteOf(due)}`,
          reason?.detail ?? reason?.code,
        ];
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}

function flagsOf({ openCases, openPromises, latePromises, atCap, contacts }: Omit<CustomerLine, "customerId" | "name" | "last">): string[] {
  return [
    ...(openCases > 0 ? [`${openCases} open ${openCases === 1 ? "case" : "cases"}`] : []),
    ...(latePromises > 0 ? [`${latePromises} late ${latePromises === 1 ? "promise" : "promises"}`] : []),
    ...(openPromises > latePromises ? [`${openPromises - latePromises} owed`] : []),
    ...(atCap ? ["at a cap"] : []),
    ...(contacts > 0 ? [`${contacts} ${contacts === 1 ? "contact" : "contacts"} in 7 days`] : []),
  ];
}
