import { judge } from "../domain/deciding/judge.ts";
import { judgeAsk } from "../domain/deciding/judge-ask.ts";
import type { JudgeContext } from "../domain/deciding/verdict.ts";
import { askOf, readAskBody } from "../domain/entities/ask.ts";
import { apply, type Change, type Draft } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { DecisionDraft } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { ASK, type Signal } from "../domain/entities/signal.ts";
import type { Wake } from "../domain/entities/wake.ts";
import { need } from "../domain/errors.ts";
import { interpret } from "../domain/moments/interpret.ts";
import { promisesAfterSending } from "../domain/moments/promises.ts";
import { responseTimer } from "../domain/record/delivery-events.ts";
import type { JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import { aCustomer, aSignal, at, NOW, oneInTwo } from "./builders.ts";

export type JudgeOptions = Partial<Omit<JudgeContext, "policy">>;

/** The changes of a wake, from the record to the decision; nothing is carried out. */
export function wakeUp(customer: Customer, wake: Wake, policy: Policy, given: JudgeOptions = {}): Draft {
  const now = given.now ?? timeOf(wake);
  const spoken = wake.kind === "signal" ? policy.classify(wake.signal) : undefined;
  const interpreted = interpret(customer, wake, { policy, now, taken: () => false, ...(spoken ? { spoken } : {}) });
  const context = { policy, now, propensity: oneInTwo, usedInTotal: () => 0, ...given };
  return apply(interpreted, judge(interpreted.customer, wake, context));
}

function timeOf(wake: Wake): Instant {
  if (wake.kind === "ask") return wake.ask.at;
  return wake.kind === "signal" ? wake.signal.time : wake.due;
}

/** The decision among changes; undefined if the standing one was kept, or nothing is open. */
export function decisionIn(changes: readonly Change[]): DecisionDraft | undefined {
  const decided = changes.find((change) => change.type === "decided");
  return decided?.type === "decided" ? decided.decision : undefined;
}

/** Judges the open moments of a customer woken by a timer, as a first decision. */
export function decide(customer: Customer, policy: Policy, given: JudgeOptions = {}): DecisionDraft {
  const now = given.now ?? NOW;
  const wake: Wake = { kind: "timer", customerId: customer.customerId, key: "judge", name: "review", due: now };
  const decision = decisionIn(wakeUp(customer, wake, policy, { ...given, now }).changes);
  if (!decision) throw new Error("nothing was decided");
  return decision;
}

export const changesOf = <T extends Change["type"]>(changes: readonly Change[], type: T): Extract<Change, { type: T }>[] =>
  changes.filter((change): change is Extract<Change, { type: T }> => change.type === type);

/** One customer's history under a policy, in memory: signals in order, timers when due, and every decision sent at once. */
export class Story {
  customer: Customer;
  readonly decisions: DecisionDraft[] = [];
  readonly changes: Change[] = [];
  /** Ids of deliveries, in order. */
  readonly deliveries: string[] = [];
  private readonly policy: Policy;
  private readonly given: JudgeOptions;
  private clock: Instant = Number.NEGATIVE_INFINITY;

  constructor(policy: Policy, customer: Customer = aCustomer(), given: JudgeOptions = {}) {
    this.policy = policy;
    this.customer = customer;
    this.given = given;
  }

  /**
   * A signal arrives, after every timer due before it; a `sentient.ask` is answered. A `deliveryId` like `#2` means the second delivery
   * of the story.
   */
  signal(time: string, type: string, given: JsonObject = {}, rest: Partial<Signal> = {}): this {
    const named = /^#(\d+)$/.exec(String(given.deliveryId));
    const data = named ? { ...given, deliveryId: this.deliveries[Number(named[1]) - 1] ?? "unknown" } : given;
    const signal = aSignal(type, data, { time: at(time), ...rest });
    const now = Math.max(this.clock, signal.time);
    this.fire((due) => due < now);
    if (type === ASK) return this.ask(signal, now);
    this.wake({ kind: "signal", signal }, now);
    return this;
  }

  /** Advances the time and fires the timers due by then. */
  until(time: string): this {
    this.fire((due) => due <= at(time));
    this.clock = Math.max(this.clock, at(time));
    return this;
  }

  /** One line per decision: time, action, experience, channel and deferral. */
  get told(): string[] {
    return this.decisions.map(({ decidedAt, action, experienceId, until }) =>
      [decidedAt, action, experienceId, until && `until ${until}`].filter(Boolean).join(" "),
    );
  }

  get last(): DecisionDraft {
    const last = this.decisions.at(-1);
    if (!last) throw new Error("nothing was decided");
    return last;
  }

  private fire(isDue: (due: Instant) => boolean): void {
    for (let count = 0; count < 10_000; count++) {
      const timers = Object.entries(this.customer.timers).sort(([a, one], [b, two]) => one.due - two.due || (a < b ? -1 : 1));
      const [first] = timers;
      if (!first || !isDue(first[1].due)) return;
      const [key, { name, due }] = first;
      this.wake({ kind: "timer", customerId: this.customer.customerId, key, name, due }, Math.max(this.clock, due));
    }
    throw new Error("timers fire without end");
  }

  /** Answers an ask as the agents do, without texts and actions. */
  private ask({ source, id, seq, data }: Signal, now: Instant): this {
    const { policy, given: options } = this;
    const read = readAskBody({ customer: this.customer.customerId, ...data });
    if (!read.ok) throw new Error(read.problem);
    const { pull, ...rule } = need(policy.channels[read.body.channel], "a channel");
    const asked = need(pull, "a channel of kind pull");
    this.clock = now;
    const ask = askOf(read.body, asked, { source, id, seq, customerId: this.customer.customerId, at: now });
    const wake = { kind: "ask", ask } as const;
    let draft = interpret(this.customer, wake, { policy, now, taken: () => false });
    const given = new Set<string>();
    for (const place of ask.places) {
      const context = { policy, now, propensity: oneInTwo, usedInTotal: () => 0, isRecorded: false, given, rule: { ...rule, pull: asked } };
      const { decision, delivery, again, changes } = judgeAsk(draft.customer, { ...wake, place }, { ...context, ...options });
      draft = apply(draft, [{ type: "decided", decision, isAnswer: true, ...(delivery ? { delivery } : {}) }, ...changes]);
      this.decisions.push(decision);
      const shown = delivery ?? again;
      if (shown) given.add(shown.experienceId);
      if (delivery) this.deliveries.push(delivery.deliveryId);
    }
    this.customer = draft.customer;
    this.changes.push(...draft.changes);
    return this;
  }

  private wake(wake: Wake, now: Instant): void {
    this.clock = now;
    let draft = wakeUp(this.customer, wake, this.policy, { ...this.given, now });
    const decided = draft.changes.find((change) => change.type === "decided");
    if (decided?.type === "decided") {
      this.decisions.push(decided.decision);
      const { delivery } = decided;
      if (delivery) {
        const { deliveryId, keeps, makes, respondBy } = delivery;
        this.deliveries.push(deliveryId);
        const key = responseTimer(deliveryId);
        draft = apply(draft, [
          { type: "delivery_moved", deliveryId, to: "sent", at: now },
          ...promisesAfterSending(draft.customer, keeps, makes, now),
          ...(respondBy === undefined ? [] : [{ type: "timer_set", key, timer: { name: key, due: respondBy } } as const]),
        ]);
      }
    }
    this.customer = draft.customer;
    this.changes.push(...draft.changes);
  }
}
