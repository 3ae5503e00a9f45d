import type { NewDelivery } from "../../domain/entities/change.ts";
import type { DecisionDraft } from "../../domain/entities/decision.ts";
import type { ByName } from "./figures.ts";
import { Counter, NO_DEPARTMENT } from "./totals.ts";

/** What one side of one path came to, of everybody or of one group. Plain data. */
export interface Counts {
  readonly customers: number;
  /** Those that were stopped, or failed, do not count. */
  readonly deliveries: number;
  readonly byExperience: ByName<number>;
  readonly byChannel: ByName<number>;
  readonly byDepartment: ByName<number>;
  /** Decisions for silence, by code. */
  readonly silences: ByName<number>;
  /** Decisions to wait, by code. */
  readonly deferred: ByName<number>;
  /** Decisions that a person would have to approve first, and those that the holdout kept back. */
  readonly awaiting: number;
  readonly withheld: number;
  /** Tasks for people, by queue. */
  readonly tasks: ByName<number>;
  /** Contacts that customers feel: deliveries, and people's own. */
  readonly contacts: number;
  /** How many whole weeks of a customer had no contact, one, two, three, or more. */
  readonly weeks: readonly number[];
  /** Deliveries of the play that succeeded, by experience. */
  readonly successes: ByName<number>;
  /** What became of the play's deliveries, by kind. */
  readonly outcomes: ByName<number>;
  /** How many customers got nothing. */
  readonly nothing: number;
  /** The rule that most often kept these from getting something. */
  readonly nothingBy: ByName<number>;
  /** By day from the start: of 24 hours each. */
  readonly deliveriesByDay: readonly number[];
  readonly tasksByDay: ByName<readonly number[]>;
}

/** What counts of a delivery: thousands are kept to the end of a play. */
export type CountedDelivery = Pick<NewDelivery, "deliveryId" | "experienceId" | "channel" | "department">;

/** The most contacts a week that are told apart. */
export const MOST_TOLD_APART = 4;

/** Counts of one group of customers, or of all, while they are added up. */
export class Adding {
  readonly outcomes = new Counter();
  readonly successes = new Counter();
  private readonly byExperience = new Counter();
  private readonly byChannel = new Counter();
  private readonly byDepartment = new Counter();
  private readonly silences = new Counter();
  private readonly deferred = new Counter();
  private readonly tasks = new Counter();
  private readonly nothingBy = new Counter();
  private readonly tasksByDay = new Map<string, number[]>();
  private readonly deliveriesByDay: number[];
  private readonly weeks = new Array<number>(MOST_TOLD_APART + 1).fill(0);
  private readonly days: number;
  private deliveries = 0;
  private contacts = 0;
  private awaiting = 0;
  private withheld = 0;
  private nothing = 0;

  constructor(days: number) {
    this.days = days;
    this.deliveriesByDay = new Array<number>(days).fill(0);
  }

  decision(action: DecisionDraft["action"], codes: ReadonlySet<string>): void {
    if (action === "await_approval") this.awaiting++;
    else if (action === "withhold") this.withheld++;
    const byCode = action === "silence" ? this.silences : action === "defer" ? this.deferred : undefined;
    if (byCode) for (const code of codes) byCode.add(code);
  }

  delivery({ experienceId, channel, department = NO_DEPARTMENT }: CountedDelivery, day: number, more: 1 | -1): void {
    this.deliveries += more;
    this.byExperience.add(experienceId, more);
    this.byChannel.add(channel, more);
    this.byDepartment.add(department, more);
    this.deliveriesByDay[day] = (this.deliveriesByDay[day] ?? 0) + more;
  }

  task(queue: string, day: number, more: 1 | -1): void {
    this.tasks.add(queue, more);
    const byDay = this.tasksByDay.get(queue) ?? new Array<number>(this.days).fill(0);
    byDay[day] = (byDay[day] ?? 0) + more;
    this.tasksByDay.set(queue, byDay);
  }

  contact(more: 1 | -1): void {
    this.contacts += more;
  }

  /** @param rule of a customer who got nothing */
  person(weeks: readonly number[], rule: string | undefined): void {
    for (const [often, count] of weeks.entries()) this.weeks[often] = (this.weeks[often] ?? 0) + count;
    if (rule === undefined) return;
    this.nothing++;
    this.nothingBy.add(rule);
  }

  counts(customers: number): Counts {
    return {
      customers,
      deliveries: this.deliveries,
      byExperience: this.byExperience.byName(),
      byChannel: this.byChannel.byName(),
      byDepartment: this.byDepartment.byName(),
      silences: this.silences.byName(),
      deferred: this.deferred.byName(),
      awaiting: this.awaiting,
      withheld: this.withheld,
      tasks: this.tasks.byName(),
      contacts: this.contacts,
      weeks: this.weeks,
      successes: this.successes.byName(),
      outcomes: this.outcomes.byName(),
      nothing: this.nothing,
      nothingBy: this.nothingBy.byName(),
      deliveriesByDay: this.deliveriesByDay,
      tasksByDay: Object.fromEntries([...this.tasksByDay].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
