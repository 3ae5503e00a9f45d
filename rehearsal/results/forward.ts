import type { Counts } from "./counts.ts";
import { type ByName, type Figure, figureOf, figuresByName, namesIn, ownValue, rounded } from "./figures.ts";
import type { Frame, PathTally } from "./tally.ts";

/** What one side of the forward part comes to, over all paths; or the difference of both, path by path. */
export interface Figures {
  readonly deliveries: Figure;
  readonly byExperience: ByName<Figure>;
  readonly byChannel: ByName<Figure>;
  readonly byDepartment: ByName<Figure>;
  readonly silences: ByName<Figure>;
  readonly deferred: ByName<Figure>;
  readonly contactsPerCustomerWeek: Figure;
  readonly tasks: ByName<Figure>;
  readonly successes: Figure;
  /** What the successes are worth. */
  readonly value: Figure;
  /** How many customers get nothing. */
  readonly nothing: Figure;
}

/** Both sides, and their difference (with − against) on the same random numbers. */
export interface Compared {
  readonly against: Figures;
  readonly with: Figures;
  readonly difference: Figures;
}

/** What pictures are made of, beyond the figures. */
export interface Details {
  readonly deliveriesByDay: readonly Figure[];
  readonly tasksByDay: ByName<readonly Figure[]>;
  /** Shares of all weeks of a customer, by contacts in it: none, one, two, three, more. */
  readonly contactsInAWeek: readonly Figure[];
  /** Customers who get nothing, by the rule that most often keeps them from it. */
  readonly nothingBy: ByName<Figure>;
  readonly successesByExperience: ByName<Figure>;
  readonly outcomes: ByName<Figure>;
  readonly awaitingApproval: Figure;
  readonly withheld: Figure;
}

/** Somebody who gets nothing more often under one side than under the other. */
export interface LeftOut {
  readonly customerId: string;
  /** The share of paths in which she gets nothing. */
  readonly against: number;
  readonly with: number;
  /** The rule that most often keeps her from it, on the side on which she gets nothing more often. */
  readonly rule: string;
}

/** The results of one group of customers. */
export interface Group extends Compared {
  readonly name: string;
  readonly customers: number;
}

/** The forward part of a rehearsal. */
export interface Forward extends Compared {
  readonly notModelled: readonly string[];
  readonly details: { readonly against: Details; readonly with: Details };
  readonly groups?: readonly Group[];
  /** Customers whom `with` leaves out more often, and those whom it reaches more often: the first twenty of each. */
  readonly leftOut: readonly LeftOut[];
  readonly reached: readonly LeftOut[];
}

/** Both sides of one path. */
export interface Path {
  readonly against: PathTally;
  readonly with: PathTally;
}

export interface ForwardOptions {
  readonly frame: Frame;
  /** What a success of an experience is worth, on both sides alike. */
  readonly worthOf: (experienceId: string) => number;
  readonly notModelled: readonly string[];
}

/** Makes results of the paths that were played, each with both sides. Their order shows in nothing. */
export function forwardOf(paths: readonly Path[], { frame, worthOf, notModelled }: ForwardOptions): Forward {
  const numbers = (counts: Counts): Numbers => numbersOf(counts, frame.days, worthOf);
  const compared = (of: (tally: PathTally) => Counts): Compared =>
    compare(
      paths.map((path) => numbers(of(path.against))),
      paths.map((path) => numbers(of(path.with))),
    );
  const groups = frame.groups?.names.map((name, place) => ({
    name,
    customers: frame.groups?.of.filter((one) => one === place).length ?? 0,
    ...compared(({ groups: own }) => own[place] ?? emptyCounts(frame.days)),
  }));
  const names = namesOfDetails(paths.flatMap((path) => [path.against.all, path.with.all]));
  const moved = leftOutOf(paths, frame);
  return {
    ...compared(({ all }) => all),
    notModelled,
    details: {
      against: detailsOf(
        paths.map((path) => path.against.all),
        names,
      ),
      with: detailsOf(
        paths.map((path) => path.with.all),
        names,
      ),
    },
    ...(groups ? { groups } : {}),
    leftOut: moved.filter((one) => one.with > one.against).slice(0, MOST_NAMED),
    reached: moved.filter((one) => one.with < one.against).slice(0, MOST_NAMED),
  };
}

// --- internal ---

/** Customers who are named. */
const MOST_NAMED = 20;

/** The numbers of one path, in the form of its figures. */
type Numbers = { readonly [Name in keyof Figures]: Figures[Name] extends Figure ? number : ByName<number> };

const SINGLE = ["deliveries", "contactsPerCustomerWeek", "successes", "value", "nothing"] as const;
const NAMED = ["byExperience", "byChannel", "byDepartment", "silences", "deferred", "tasks"] as const;

function numbersOf(counts: Counts, days: number, worthOf: (experienceId: string) => number): Numbers {
  const { deliveries, byExperience, byChannel, byDepartment, silences, deferred, tasks, nothing, contacts, customers } = counts;
  const successes = Object.entries(counts.successes);
  return {
    ...{ deliveries, byExperience, byChannel, byDepartment, silences, deferred, tasks, nothing },
    contactsPerCustomerWeek: customers === 0 ? 0 : (contacts * 7) / (customers * days),
    successes: successes.reduce((sum, [, count]) => sum + count, 0),
    value: successes.reduce((sum, [experienceId, count]) => sum + count * worthOf(experienceId), 0),
  };
}

function compare(against: readonly Numbers[], other: readonly Numbers[]): Compared {
  const both = [...against, ...other];
  const single = (name: (typeof SINGLE)[number]) => {
    const differences = other.map((numbers, path) => numbers[name] - (against[path]?.[name] ?? 0));
    return [against.map((numbers) => numbers[name]), other.map((numbers) => numbers[name]), differences].map(figureOf);
  };
  const byName = (name: (typeof NAMED)[number]) => {
    const names = namesIn(both.map((numbers) => numbers[name]));
    const differences = other.map((numbers, path) => differenceByName(numbers[name], against[path]?.[name] ?? {}, names));
    return [against.map((numbers) => numbers[name]), other.map((numbers) => numbers[name]), differences].map((paths) =>
      figuresByName(paths, names),
    );
  };
  const figures = new Map<string, readonly unknown[]>([
    ...SINGLE.map((name) => [name, single(name)] as const),
    ...NAMED.map((name) => [name, byName(name)] as const),
  ]);
  const side = (place: number): Figures =>
    // Every name of the figures is in one of the two lists.
    Object.fromEntries(ORDER.map((name) => [name, figures.get(name)?.[place]])) as unknown as Figures;
  return { against: side(0), with: side(1), difference: side(2) };
}

const ORDER = [
  "deliveries",
  "byExperience",
  "byChannel",
  "byDepartment",
  "silences",
  "deferred",
  "contactsPerCustomerWeek",
  "tasks",
  "successes",
  "value",
  "nothing",
] as const satisfies readonly (keyof Figures)[];

const differenceByName = (one: ByName<number>, other: ByName<number>, names: readonly string[]): ByName<number> =>
  Object.fromEntries(names.map((name) => [name, (ownValue(one, name) ?? 0) - (ownValue(other, name) ?? 0)]));

interface NamesOfDetails {
  readonly queues: readonly string[];
  readonly rules: readonly string[];
  readonly successes: readonly string[];
  readonly outcomes: readonly string[];
}

const namesOfDetails = (all: readonly Counts[]): NamesOfDetails => ({
  queues: namesIn(all.map(({ tasksByDay }) => tasksByDay)),
  rules: namesIn(all.map(({ nothingBy }) => nothingBy)),
  successes: namesIn(all.map(({ successes }) => successes)),
  outcomes: namesIn(all.map(({ outcomes }) => outcomes)),
});

function detailsOf(paths: readonly Counts[], names: NamesOfDetails): Details {
  const byPlace = (lists: readonly (readonly number[])[]): Figure[] =>
    (lists[0] ?? []).map((_, place) => figureOf(lists.map((list) => list[place] ?? 0)));
  const none = (paths[0]?.deliveriesByDay ?? []).map(() => 0);
  return {
    deliveriesByDay: byPlace(paths.map(({ deliveriesByDay }) => deliveriesByDay)),
    tasksByDay: Object.fromEntries(
      names.queues.map((queue) => [queue, byPlace(paths.map(({ tasksByDay }) => ownValue(tasksByDay, queue) ?? none))]),
    ),
    contactsInAWeek: byPlace(paths.map(({ weeks }) => sharesOf(weeks))),
    nothingBy: figuresByName(
      paths.map(({ nothingBy }) => nothingBy),
      names.rules,
    ),
    successesByExperience: figuresByName(
      paths.map(({ successes }) => successes),
      names.successes,
    ),
    outcomes: figuresByName(
      paths.map(({ outcomes }) => outcomes),
      names.outcomes,
    ),
    awaitingApproval: figureOf(paths.map(({ awaiting }) => awaiting)),
    withheld: figureOf(paths.map(({ withheld }) => withheld)),
  };
}

function sharesOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, one) => sum + one, 0);
  return counts.map((one) => (all === 0 ? 0 : one / all));
}

/** Everybody who gets nothing more often on one side than on the other, the largest difference first. */
function leftOutOf(paths: readonly Path[], { customers }: Frame): LeftOut[] {
  const sides = { against: oftenLeft(paths.map(({ against }) => against)), with: oftenLeft(paths.map((path) => path.with)) };
  const places = [...new Set([...sides.against.keys(), ...sides.with.keys()])];
  const moved = places.flatMap((place): LeftOut[] => {
    const [was, is] = [sides.against.get(place), sides.with.get(place)];
    const [before, after] = [(was?.often ?? 0) / paths.length, (is?.often ?? 0) / paths.length];
    const more = after > before ? is : was;
    return before === after
      ? []
      : [{ customerId: customers[place] ?? "", against: rounded(before), with: rounded(after), rule: more?.rule ?? "" }];
  });
  const by = (one: LeftOut): number => Math.abs(one.with - one.against);
  return moved.sort((a, b) => by(b) - by(a) || (a.customerId < b.customerId ? -1 : 1));
}

/** By place of a customer: in how many paths she got nothing, and the rule that kept her from it in most of them. */
function oftenLeft(tallies: readonly PathTally[]): ReadonlyMap<number, { readonly often: number; readonly rule: string }> {
  const rules = new Map<number, Map<string, number>>();
  for (const { left } of tallies) {
    for (const [place, rule] of left) {
      const own = rules.get(place) ?? new Map<string, number>();
      rules.set(place, own.set(rule, (own.get(rule) ?? 0) + 1));
    }
  }
  return new Map(
    [...rules].map(([place, own]) => {
      const ordered = [...own].sort(([a, often], [b, other]) => other - often || (a < b ? -1 : 1));
      return [place, { often: ordered.reduce((sum, [, count]) => sum + count, 0), rule: ordered[0]?.[0] ?? "" }];
    }),
  );
}

const emptyCounts = (days: number): Counts => ({
  ...{ customers: 0, deliveries: 0, byExperience: {}, byChannel: {}, byDepartment: {}, silences: {}, deferred: {}, awaiting: 0 },
  ...{ withheld: 0, tasks: {}, contacts: 0, weeks: [], successes: {}, outcomes: {}, nothing: 0, nothingBy: {} },
  ...{ deliveriesByDay: new Array<number>(days).fill(0), tasksByDay: {} },
});
