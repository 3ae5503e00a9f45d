import type { AddressRefusal } from "../../domain/entities/address.ts";
import { type Change, evolve } from "../../domain/entities/change.ts";
import type { Consent } from "../../domain/entities/consent.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { HourLesson, Lesson } from "../../domain/entities/lesson.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { armOf, heirsOf } from "../../domain/learning/lessons.ts";
import { type ArmState, statesAfter } from "../../domain/learning/teach.ts";
import { isHoldTimer } from "../../domain/record/delivery-events.ts";
import { compose, ownRecord } from "../../domain/record/merge.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type Horizon, horizonOf } from "../../store/reading/load-customers.ts";
import type { DueTimer } from "../../store/reading/timers.ts";
import type { CustomerCommit } from "../../store/store.ts";
import { asKept, asLoaded } from "./as-loaded.ts";
import { Heap } from "./heap.ts";
import type { PlayStart } from "./play-start.ts";
import { isNewer, PlayedAddresses } from "./played-addresses.ts";
import { PlayedCanaries } from "./played-canaries.ts";
import { PlayedConversations } from "./played-conversations.ts";
import { PlayedDeliveries } from "./played-deliveries.ts";

/** One customer's changes, as they are written. */
export type PlayedCommit = Pick<CustomerCommit, "before" | "after" | "changes" | "along">;

/**
 * All customers of a play, in memory, with everything that is kept beside them: timers, what was learned, slots, addresses. It holds what
 * the store holds (`store/commit/`), by the same rules of the domain; nothing of it is ever written.
 */
export class Population {
  readonly policy: Policy;
  readonly deliveries = new PlayedDeliveries();
  readonly addresses = new PlayedAddresses((id) => this.rootOf(id));
  readonly canaries = new PlayedCanaries(this.deliveries);
  readonly conversations = new PlayedConversations((id) => this.rootOf(id));
  /** Order of arrival of the last signal. */
  lastSeq = 0;
  /** What was learned, by arm. */
  readonly arms = new Map<string, ArmState>();
  /** Each customer's own record; of merged ones, the surviving customer has what happened to all of them. */
  private readonly own = new Map<string, Customer>();
  private readonly links = new Map<string, string>();
  private readonly composed = new Map<string, Customer>();
  private known: { readonly now: Instant; readonly horizon: Horizon } | undefined;
  private readonly timers = new Heap<DueTimer>(firesBefore);

  constructor(policy: Policy) {
    this.policy = policy;
  }

  /** The population at the beginning of a play. */
  static from(start: PlayStart, policy: Policy): Population {
    const population = new Population(policy);
    for (const [id, root] of start.links) population.links.set(id, root);
    for (const refusal of start.optOuts) population.addresses.optOut(refusal);
    for (const customer of start.customers) population.keep(undefined, customer);
    population.deliveries.take(start.ledger, start.totals);
    population.canaries.take(start.canaries);
    population.conversations.take(start.conversations);
    population.lastSeq = start.lastSeq;
    for (const [arm, state] of start.arms) population.arms.set(arm, state);
    population.adopt();
    return population;
  }

  /** What a play of the future begins with, as the population is at this time. */
  start(at: Instant): PlayStart {
    const { own, links, arms, deliveries, addresses, canaries, conversations, lastSeq } = this;
    const isTrying = this.policy.experiences.some(({ canary }) => canary !== undefined);
    return {
      ...{ at, lastSeq },
      customers: [...own.values()],
      links: [...links],
      totals: [...deliveries.totals],
      arms: [...arms],
      optOuts: addresses.allOptOuts(),
      canaries: canaries.all(),
      ledger: isTrying ? deliveries.entries() : [],
      conversations: conversations.said(),
      pauses: [],
    };
  }

  get size(): number {
    return this.own.size;
  }

  /** Merged customers, and the surviving customer of each. */
  get roots(): ReadonlyMap<string, string> {
    return this.links;
  }

  rootOf(customerId: string): string {
    return this.links.get(customerId) ?? customerId;
  }

  has(customerId: string): boolean {
    return this.own.has(customerId);
  }

  /** All ids of a customer, the surviving one first. */
  idsOf(customerId: string): readonly string[] {
    const root = this.rootOf(customerId);
    if (this.links.size === 0) return [root];
    return [root, ...[...this.links].filter(([, of]) => of === root).map(([id]) => id)];
  }

  /** A customer with everything that a decision at this time needs. */
  load(customerId: string, now: Instant): Customer | undefined {
    const whole = this.whole(this.rootOf(customerId));
    return whole && asLoaded(whole, this.horizon(now));
  }

  /** The same for a decision of another policy, as far as this one keeps it. */
  loadUnder(policy: Policy, customerId: string, now: Instant): Customer | undefined {
    const whole = this.whole(this.rootOf(customerId));
    return whole && asLoaded(whole, horizonOf(policy, now));
  }

  /** A customer with her own source record only, whoever she was merged into. */
  loadUnmerged(customerId: string, now: Instant): Customer | undefined {
    const own = this.own.get(customerId);
    return own && asLoaded(own, this.horizon(now));
  }

  /** Writes what a wake changes. */
  commit({ before, after, changes, along }: PlayedCommit, now: Instant): void {
    this.write(before, after, changes, now);
    if (along) this.write(along.before, along.after, along.changes, now);
    const all = along ? [...changes, ...along.changes] : changes;
    this.teach(all);
    for (const change of all) if (change.type === "address_refused") this.refuse(change.refusal);
  }

  /** Changes a customer outside of a wake, as a tool on the record or a sent message does. */
  change(customerId: string, now: Instant, changesFor: (customer: Customer) => readonly Change[]): readonly Change[] | undefined {
    const before = this.load(customerId, now);
    if (!before) return undefined;
    const changes = changesFor(before);
    if (changes.length > 0) this.commit({ before, after: changes.reduce(evolve, before), changes }, now);
    return changes;
  }

  /** Timers that are due before (with `inclusive` also at) an instant, in firing order. */
  due(until: Instant, inclusive: boolean, limit: number): DueTimer[] {
    const found: DueTimer[] = [];
    while (found.length < limit) {
      const next = this.nextTimer();
      if (!next || next.due > until || (next.due === until && !inclusive)) break;
      found.push(next);
      this.timers.take();
    }
    for (const timer of found) this.timers.add(timer);
    return found;
  }

  /** The timer that fires next. */
  nextTimer(): DueTimer | undefined {
    for (;;) {
      const next = this.timers.first();
      if (!next || this.isSet(next)) return next;
      this.timers.take();
    }
  }

  // --- internal ---

  /** The same for all that a wake loads and writes. */
  private horizon(now: Instant): Horizon {
    if (this.known?.now !== now) this.known = { now, horizon: horizonOf(this.policy, now) };
    return this.known.horizon;
  }

  private isSet({ customerId, key, name, due }: DueTimer): boolean {
    const timer = this.own.get(customerId)?.timers[key];
    return timer?.due === due && timer.name === name;
  }

  private whole(root: string): Customer | undefined {
    const own = this.own.get(root);
    if (!own || this.links.size === 0) return own;
    const known = this.composed.get(root);
    if (known) return known;
    const others = this.idsOf(root)
      .slice(1)
      .flatMap((id) => this.own.get(id) ?? []);
    const whole = compose(own, others);
    if (others.length > 0) this.composed.set(root, whole);
    return whole;
  }

  private write(before: Customer, after: Customer, changes: readonly Change[], now: Instant): void {
    const horizon = this.horizon(now);
    const { customerId } = before;
    for (const change of changes) {
      this.deliveries.note(before, change);
      this.conversations.note(customerId, change);
    }
    const merged = changes.find((change) => change.type === "merged");
    if (merged?.type === "merged") {
      // Her open items stay hers: the surviving customer is composed with them.
      const rest = changes.filter(({ type }) => type !== "merged").reduce(evolve, before);
      const { standing: _ended, ...left } = rest;
      this.keep(before, this.ownOf(before, asKept(before, { ...left, timers: after.timers }, changes, horizon)));
      const { root } = merged.link;
      for (const [id, of] of this.links) if (of === customerId) this.links.set(id, root);
      this.links.set(customerId, root);
      this.composed.clear();
      return;
    }
    this.keep(before, this.ownOf(before, asKept(before, after, changes, horizon)));
  }

  /** The own record of a surviving customer, who takes over what happened to those who were merged into her. */
  private ownOf(before: Customer, after: Customer): Customer {
    const { absorbed } = before;
    const version = before.version + 1;
    if (!absorbed) return { ...after, version };
    for (const id of absorbed.ids) {
      const member = this.own.get(id);
      if (member) this.own.set(id, { ...member, ...NOTHING_OPEN });
    }
    const { absorbed: _all, leftOut, ...whole } = after;
    const known = this.own.get(before.customerId)?.leftOut;
    const omitted = leftOut === before.leftOut ? known : leftOut;
    return { ...whole, ...ownRecord(before, after), version, ...(omitted ? { leftOut: omitted } : {}) };
  }

  private keep(before: Customer | undefined, customer: Customer): void {
    const { customerId } = customer;
    const known = this.own.get(customerId);
    this.own.set(customerId, customer);
    if (this.links.size > 0) this.composed.delete(this.rootOf(customerId));
    this.schedule(customerId, before?.timers ?? NO_TIMERS, customer.timers);
    for (const refusal of this.addresses.note(customerId, known, customer)) this.revoke(this.rootOf(customerId), refusal);
  }

  private schedule(customerId: string, before: Customer["timers"], after: Customer["timers"]): void {
    if (before === after) return;
    for (const [key, timer] of Object.entries(after)) {
      const known = before[key];
      if (known?.due !== timer.due || known.name !== timer.name) this.timers.add({ customerId, key, ...timer });
    }
  }

  /** A channel's first variant takes over what its experience had learned there before it got variants. */
  private adopt(): void {
    for (const { experienceId, channel, variant } of heirsOf(this.policy)) {
      const [before, heir] = [this.arms.get(armOf(experienceId, channel)), armOf(experienceId, channel, variant)];
      if (before && !this.arms.has(heir)) this.arms.set(heir, before);
    }
  }

  private teach(changes: readonly Change[]): void {
    const lessons = changes.filter((change): change is Extract<Change, { type: "lesson" }> => change.type === "lesson") as Lesson[];
    const hours = changes.filter(
      (change): change is Extract<Change, { type: "hour_lesson" }> => change.type === "hour_lesson",
    ) as HourLesson[];
    if (lessons.length + hours.length === 0) return;
    for (const [arm, state] of statesAfter(lessons, hours, (known) => this.arms.get(known))) this.arms.set(arm, state);
  }

  /** An opt-out by address holds for everybody who has it, and ends what is held for them. */
  private refuse(refusal: AddressRefusal): void {
    for (const customerId of this.addresses.optOut(refusal)) if (this.revoke(customerId, refusal)) this.wakeHeld(customerId, refusal.at);
  }

  private revoke(customerId: string, { type: _type, form: _form, ...consent }: AddressRefusal): boolean {
    const customer = this.own.get(customerId);
    const known = customer?.consents[consent.channel];
    if (!customer || (known && !isNewer(consent, known))) return false;
    const said: Consent = consent;
    this.keep(customer, {
      ...customer,
      version: customer.version + 1,
      consents: { ...customer.consents, [consent.channel]: said },
    });
    return true;
  }

  private wakeHeld(customerId: string, at: Instant): void {
    const customer = this.own.get(customerId);
    if (!customer) return;
    const held = Object.entries(customer.timers).filter(([key, { due }]) => isHoldTimer(key) && due > at);
    if (held.length === 0) return;
    const timers = { ...customer.timers, ...Object.fromEntries(held.map(([key, timer]) => [key, { ...timer, due: at }])) };
    this.keep(customer, { ...customer, timers });
  }
}

/** By due time, then customer, name and key: the order in which the store gives them. */
function firesBefore(a: DueTimer, b: DueTimer): boolean {
  if (a.due !== b.due) return a.due < b.due;
  if (a.customerId !== b.customerId) return a.customerId < b.customerId;
  return a.name === b.name ? a.key < b.key : a.name < b.name;
}

const NO_TIMERS: Customer["timers"] = {};

const NOTHING_OPEN = {
  gone: [],
  moments: [],
  promises: [],
  openCases: [],
  touches: [],
  deliveries: [],
  outcomes: [],
  approvals: [],
  offers: [],
  usedBefore: {},
  recent: {},
  counted: {},
} satisfies Partial<Customer>;
