import type { Change, NewDelivery, NewTask } from "../../domain/entities/change.ts";
import { counts, type DeliveryStatus } from "../../domain/entities/customer.ts";
import type { DecisionDraft } from "../../domain/entities/decision.ts";
import { DAY, type Instant } from "../../domain/values/time.ts";
import { Adding, type CountedDelivery, type Counts, MOST_TOLD_APART } from "./counts.ts";
import type { PathRows } from "./path-rows.ts";
import { NO_MOMENT, rulesOf } from "./rules.ts";
import { isMade } from "./totals.ts";

/** Who is played, and for how long. Plain data, so that a thread can be given it. */
export interface Frame {
  readonly from: Instant;
  readonly days: number;
  /** Their ids; everything else names a customer by the place here. */
  readonly customers: readonly string[];
  /** What the results are told apart by, and for each customer the place of hers. */
  readonly groups?: { readonly names: readonly string[]; readonly of: readonly number[] };
  /** For each customer the rule of the decision that stands for her when the play begins; null where none stands. */
  readonly standing?: readonly (string | null)[];
}

/** What one commit of a play wrote. */
export interface Committed {
  readonly customerId: string;
  readonly at: Instant;
  readonly changes: readonly Change[];
}

/** What one side of one path came to. Plain data. */
export interface PathTally {
  readonly all: Counts;
  /** In the order of the frame's groups. */
  readonly groups: readonly Counts[];
  /** Customers who got nothing, by their place in the frame, and the rule that most often kept them from it. */
  readonly left: readonly (readonly [customer: number, rule: string])[];
}

/** Adds up what a play commits. */
export class Tallying {
  private readonly frame: Frame;
  private readonly places: ReadonlyMap<string, number>;
  private readonly all: Adding;
  private readonly groups: readonly Adding[];
  private readonly people: Person[];
  private readonly made = new Map<string, Made>();
  private readonly tasks = new Map<string, Task>();
  private readonly rows: PathRows | undefined;

  /** @param rows told of everything that counts, where what is behind the numbers is asked for */
  constructor(frame: Frame, rows?: PathRows) {
    this.frame = frame;
    this.rows = rows;
    this.places = new Map(frame.customers.map((id, place) => [id, place]));
    this.all = new Adding(frame.days);
    this.groups = (frame.groups?.names ?? []).map(() => new Adding(frame.days));
    this.people = frame.customers.map(() => ({ got: 0, contacts: [], rules: new Map() }));
  }

  /** Takes in one commit. Commits of one customer come in their order. */
  note({ customerId, at, changes }: Committed): void {
    const place = this.places.get(customerId);
    const whose = { customerId, at, place, group: this.groupOf(place) };
    for (const change of changes) this.noteChange(change, whose);
  }

  result(): PathTally {
    const { groups, customers } = this.frame;
    const left: [number, string][] = [];
    for (const [place, person] of this.people.entries()) {
      const rule = person.got > 0 ? undefined : (ruleMostOften(person.rules) ?? this.ruleAtStart(place));
      if (rule !== undefined) {
        left.push([place, rule]);
        this.rows?.nothing({ customerId: customers[place] ?? "", at: this.frame.from, group: this.groupOf(place) }, rule);
      }
      for (const adding of this.addingsOf(place)) adding.person(this.weeksOf(person), rule);
    }
    const sizes = (groups?.names ?? []).map((_, group) => groups?.of.filter((one) => one === group).length ?? 0);
    return {
      all: this.all.counts(customers.length),
      groups: this.groups.map((adding, group) => adding.counts(sizes[group] ?? 0)),
      left,
    };
  }

  private noteChange(change: Change, whose: Whose): void {
    if (change.type === "decided") this.noteDecision(change.decision, change.delivery, whose);
    else if (change.type === "delivery_moved") this.noteMove(change.deliveryId, change.to);
    else if (change.type === "touch_added") this.addContact(whose.place, change.touch.at, 1);
    else if (change.type === "task_added") this.addTask(change.task, whose);
    else if (change.type === "task_withdrawn") this.withdrawTask(change.deliveryId);
    else if (change.type === "outcome_added" || change.type === "lesson") this.noteAnswer(change, whose);
  }

  private addTask(task: NewTask, whose: Whose): void {
    const { queue, deliveryId, taskId } = task;
    const day = this.dayOf(whose.at);
    if (deliveryId !== undefined) this.tasks.set(deliveryId, { queue, taskId, place: whose.place, day });
    this.each(whose.place, (adding) => adding.task(queue, day, 1));
    this.rows?.task(whose, task, deliveryId === undefined ? undefined : this.made.get(deliveryId)?.decision);
  }

  private withdrawTask(deliveryId: string): void {
    const task = this.tasks.get(deliveryId);
    if (!task) return;
    this.tasks.delete(deliveryId);
    this.each(task.place, (adding) => adding.task(task.queue, task.day, -1));
    this.rows?.noTask(task);
  }

  /** What becomes of deliveries from before the play is the same on both sides, and left aside. */
  private noteAnswer(change: Extract<Change, { type: "outcome_added" | "lesson" }>, whose: Whose): void {
    const { deliveryId } = change.type === "lesson" ? change : change.outcome;
    const made = this.made.get(deliveryId);
    if (!made) return;
    this.each(whose.place, (adding) => {
      if (change.type === "outcome_added") adding.outcomes.add(change.outcome.kind);
      // An arm may learn under another id than that of the experience.
      else adding.successes.add(made.delivery.experienceId, change.reward);
    });
    if (change.type === "lesson" && change.reward > 0 && made.decision) this.rows?.success(whose, deliveryId, made.decision);
  }

  private noteDecision(decision: DecisionDraft, delivery: NewDelivery | undefined, whose: Whose): void {
    const { place, at } = whose;
    const codes = new Set(decision.reasons.map(({ code }) => code));
    this.each(place, (adding) => adding.decision(decision.action, codes));
    this.rows?.decision(whose, decision, codes);
    const person = place === undefined ? undefined : this.people[place];
    if (person) for (const rule of rulesOf(decision)) person.rules.set(rule, (person.rules.get(rule) ?? 0) + 1);
    if (!delivery) return;
    const { deliveryId, experienceId, channel, department } = delivery;
    const counted = { deliveryId, experienceId, channel, ...(department === undefined ? {} : { department }) };
    const made = {
      ...{ delivery: counted, place, day: this.dayOf(at), at, counts: true, isTouch: delivery.isTouch },
      // A decision is large, and read for rows alone.
      ...(this.rows ? { decision } : {}),
    };
    this.made.set(deliveryId, made);
    this.addDelivery(made, 1);
    this.rows?.delivery(whose, delivery, decision);
    if (made.isTouch) this.addContact(place, at, 1);
  }

  /** A delivery that is stopped, or fails, was none; one that bounces is no contact. */
  private noteMove(deliveryId: string, to: DeliveryStatus): void {
    const made = this.made.get(deliveryId);
    if (!made) return;
    if (made.counts && !isMade(to)) {
      made.counts = false;
      this.addDelivery(made, -1);
      this.rows?.noDelivery({ group: this.groupOf(made.place) }, made.delivery);
    }
    if (made.isTouch && !counts(to)) {
      made.isTouch = false;
      this.addContact(made.place, made.at, -1);
    }
  }

  private addDelivery({ delivery, place, day }: Made, more: 1 | -1): void {
    this.each(place, (adding) => adding.delivery(delivery, day, more));
    const person = place === undefined ? undefined : this.people[place];
    if (person) person.got += more;
  }

  private addContact(place: number | undefined, at: Instant, more: 1 | -1): void {
    this.each(place, (adding) => adding.contact(more));
    const contacts = place === undefined ? undefined : this.people[place]?.contacts;
    const week = Math.floor(this.dayOf(at) / 7);
    if (contacts) contacts[week] = (contacts[week] ?? 0) + more;
  }

  /** How many whole weeks had so many contacts; a play of less than a week is one. */
  private weeksOf({ contacts }: Person): number[] {
    const weeks = new Array<number>(MOST_TOLD_APART + 1).fill(0);
    for (let week = 0; week < Math.max(1, Math.floor(this.frame.days / 7)); week++) {
      const often = Math.max(0, Math.min(MOST_TOLD_APART, contacts[week] ?? 0));
      weeks[often] = (weeks[often] ?? 0) + 1;
    }
    return weeks;
  }

  /** Where nothing was decided: what stood when the play began, or that no moment was open. */
  private ruleAtStart = (place: number): string => this.frame.standing?.[place] ?? NO_MOMENT;

  private each(place: number | undefined, add: (adding: Adding) => void): void {
    for (const adding of this.addingsOf(place)) add(adding);
  }

  private addingsOf(place: number | undefined): Adding[] {
    const group = this.groupOf(place);
    const adding = group === undefined ? undefined : this.groups[group];
    return adding ? [this.all, adding] : [this.all];
  }

  private groupOf = (place: number | undefined): number | undefined => (place === undefined ? undefined : this.frame.groups?.of[place]);

  private dayOf = (at: Instant): number => Math.max(0, Math.min(this.frame.days - 1, Math.floor((at - this.frame.from) / DAY)));
}

// --- internal ---

interface Person {
  /** Deliveries that were made. */
  got: number;
  /** By week. */
  readonly contacts: number[];
  readonly rules: Map<string, number>;
}

/** The customer of a commit, by id and by the place in the frame, and its time. */
interface Whose {
  readonly customerId: string;
  readonly at: Instant;
  readonly place: number | undefined;
  readonly group: number | undefined;
}

/** The task that a delivery has become. */
interface Task {
  readonly queue: string;
  readonly taskId: string;
  readonly place: number | undefined;
  readonly day: number;
}

interface Made {
  readonly delivery: CountedDelivery;
  readonly decision?: DecisionDraft;
  readonly place: number | undefined;
  readonly day: number;
  readonly at: Instant;
  counts: boolean;
  isTouch: boolean;
}

/** The rule that held in most decisions; of several the first by name, so that the order of decisions does not show. */
function ruleMostOften(rules: ReadonlyMap<string, number>): string | undefined {
  let found: readonly [string, number] | undefined;
  for (const one of rules) if (!found || one[1] > found[1] || (one[1] === found[1] && one[0] < found[0])) found = one;
  return found?.[0];
}
