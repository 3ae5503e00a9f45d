import { type ByName, type Figure, namesIn, ownValue } from "../results/figures.ts";
import type { Details, Figures, Forward } from "../results/forward.ts";
import { amount, percent, signed } from "../results/words.ts";
import { bandDrawing, barDrawing, differenceDrawing } from "./drawings.ts";
import type { Drawing, Room } from "./marks.ts";

/** A name with both sides' figures, and their difference where the picture is of it. */
export interface PicturedRow {
  readonly name: string;
  readonly against: Figure;
  readonly with: Figure;
  readonly difference?: Figure;
}

/** A picture with the numbers that it is made of. All of it is simulated. */
export interface Pictured {
  readonly heading: string;
  readonly draw: (room?: Room) => Drawing;
  /** What a row of the numbers is. */
  readonly each: string;
  readonly rows: readonly PicturedRow[];
  readonly write: (value: number) => string;
}

/** The pictures of a forward part that say something, in the order in which they are shown. */
export function picturesOf({ details, against, with: other, difference }: Pick<Forward, "details" | keyof Compared>): Pictured[] {
  const days = (of: (one: Details) => readonly Figure[]) => ({ against: of(details.against), with: of(details.with) });
  const band = (heading: string, sides: ReturnType<typeof days>, height?: number): Pictured => ({
    ...{ heading, each: "day", write: amount, rows: byDay(sides) },
    draw: (room) => bandDrawing(heading, sides, room, height),
  });
  const bars = (heading: string, title: string, each: string, rows: readonly PicturedRow[], write = amount): Pictured[] =>
    rows.length === 0 ? [] : [{ heading, each, write, rows, draw: (room) => barDrawing(title, rows, room, write) }];
  const deliveries = days(({ deliveriesByDay }) => deliveriesByDay);
  const weeks = days(({ contactsInAWeek }) => contactsInAWeek);
  const ofWeeks = WEEKS.map((name, often) => ({ name, against: weeks.against[often] ?? NONE, with: weeks.with[often] ?? NONE }));
  return [
    band("Deliveries a day", deliveries),
    ...bars("Weeks of a customer, by contacts in them", "Share of a customer's weeks with so many contacts", "contacts", ofWeeks, percent),
    ...differences(against, other, difference),
    ...bars(
      "Silences and deferrals, by reason",
      "Silences and deferrals by reason",
      "reason",
      largestFirst(withReasons(against), withReasons(other)),
    ),
    ...bars(
      "Who gets nothing, and by which rule",
      "Customers who get nothing, by the rule that most often keeps them from it",
      "rule",
      largestFirst(details.against.nothingBy, details.with.nothingBy),
    ),
    ...namesIn([details.against.tasksByDay, details.with.tasksByDay]).map((queue) =>
      band(
        `Tasks a day for ${queue}`,
        days(({ tasksByDay }) => ownValue(tasksByDay, queue) ?? deliveries.with.map(() => NONE)),
        160,
      ),
    ),
  ];
}

/** Both sides by name, what is most first. */
export const largestFirst = (against: ByName<Figure>, other: ByName<Figure>): PicturedRow[] =>
  namesIn([against, other])
    .map((name) => ({ name, against: ownValue(against, name) ?? NONE, with: ownValue(other, name) ?? NONE }))
    .sort((a, b) => b.with.mean + b.against.mean - a.with.mean - a.against.mean);

/** The figure of what never was. */
export const NONE: Figure = { mean: 0, low: 0, high: 0 };

// --- internal ---

type Compared = Record<"against" | "with" | "difference", Figures>;

const WEEKS = ["no contact", "1 contact", "2 contacts", "3 contacts", "4 contacts or more"];

const byDay = (sides: { readonly against: readonly Figure[]; readonly with: readonly Figure[] }): PicturedRow[] =>
  sides.with.map((one, day) => ({ name: String(day + 1), with: one, against: sides.against[day] ?? NONE }));

function differences(against: Figures, other: Figures, difference: Figures): Pictured[] {
  const rows = Object.entries(difference.byExperience).map(([name, one]) => ({
    ...{ name, difference: one },
    ...{ against: ownValue(against.byExperience, name) ?? NONE, with: ownValue(other.byExperience, name) ?? NONE },
  }));
  if (rows.length === 0) return [];
  const title = "How many more or fewer deliveries of each experience";
  return [
    {
      ...{ heading: "Difference by experience", each: "experience", rows, write: amount },
      draw: (room) => differenceDrawing(title, rows, signed, room),
    },
  ];
}

const withReasons = ({ silences, deferred }: Pick<Figures, "silences" | "deferred">): ByName<Figure> =>
  Object.fromEntries([
    ...Object.entries(silences).map(([code, one]) => [`silent: ${code}`, one] as const),
    ...Object.entries(deferred).map(([code, one]) => [`deferred: ${code}`, one] as const),
  ]);
