import { deliveryOf, draftOf, type WakeRun } from "../agents/wake-run.ts";
import { experienceOf, type Policy } from "../domain/entities/policy.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import { staysWithCustomer, type ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import { customerOf } from "../domain/entities/wake.ts";
import { armOf } from "../domain/learning/lessons.ts";
import type { Instant } from "../domain/values/time.ts";
import type { DueTimer } from "../store/reading/timers.ts";
import type { DueWake } from "./due-wake.ts";

/** Wakes that go through one execution of the graph at most. */
export const BATCH_SIZE = 64;
/** Timers looked at ahead: those that a batch may reach. */
export const LOOKAHEAD = BATCH_SIZE + 1;

/** A signal of the stream that is new. */
export interface NewSignal {
  readonly event: SignalEvent;
  readonly time: Instant;
  readonly receivedAt?: Instant;
  readonly bodyHash: string;
}

/** What happens next, and at which instant of the replay's clock. `place` counts signals from 1. */
export type Next =
  | { readonly timer: DueTimer; readonly at: Instant }
  | { readonly signal: NewSignal; readonly at: Instant; readonly place: number };

/** Timers and signals in the order in which they happen: a timer before the signals that come after its due time. */
export class MergedStream {
  private readonly timers: readonly DueTimer[];
  private readonly signals: readonly NewSignal[];
  private clock: Instant;
  private timer = 0;
  private signal = 0;

  constructor(timers: readonly DueTimer[], signals: readonly NewSignal[], clock: Instant) {
    this.timers = timers;
    this.signals = signals;
    this.clock = clock;
  }

  /** What happens next; undefined when that cannot be told from here. */
  next(): Next | undefined {
    // Beyond what was looked ahead, a timer may be due that is not known here.
    if (this.timer === LOOKAHEAD) return undefined;
    const timer = this.timers[this.timer];
    const signal = this.signals[this.signal];
    // After the last signal at hand, another one or the end may come before a timer.
    if (!signal && this.signal > 0) return undefined;
    const at = signal ? Math.max(this.clock, signal.receivedAt ?? signal.time) : Number.POSITIVE_INFINITY;
    if (timer && timer.due < at) {
      this.timer++;
      // A late signal may have set it for an instant that has passed. The clock never goes back.
      this.clock = Math.max(this.clock, timer.due);
      return { timer, at: this.clock };
    }
    if (!signal) return undefined;
    this.signal++;
    this.clock = at;
    return { signal, at, place: this.signal };
  }
}

export const timerWake = ({ customerId, key, name, due }: DueTimer, at: Instant): DueWake => ({
  wake: { kind: "timer", customerId, key, name, due },
  now: at,
});

/**
 * How many runs from the first on may be written as if they had been decided one after the other. A case may set a timer
 * that fires before a later case of the batch, an action may set one or, when it fails, give back a slot that others wait
 * for; then everything from there on is decided again, after that. So is a case that estimated something of which an
 * earlier one has learned.
 */
export function commitsInOrder(runs: readonly WakeRun[], policy: Policy, tools: ReadonlyMap<string, ToolDeclaration>): number {
  const earlier = new EarlierRuns();
  for (const [index, one] of runs.entries()) {
    if (earlier.affects(one)) return index;
    if (mayAffectOthers(one, policy, tools)) return index + 1;
    earlier.add(one);
  }
  return runs.length;
}

// --- internal ---

interface NewTimer {
  readonly due: Instant;
  readonly customerId: string;
}

/** What the runs before one have set off that it could not know of. */
class EarlierRuns {
  private soonest: NewTimer | undefined;
  private readonly taught = new Set<string>();

  affects(one: WakeRun): boolean {
    return (this.soonest !== undefined && firesBefore(this.soonest, one)) || [...one.asked].some((arm) => this.taught.has(arm));
  }

  add(one: WakeRun): void {
    for (const timer of newTimers(one)) if (!this.soonest || timer.due < this.soonest.due) this.soonest = timer;
    for (const arm of teaches(one)) this.taught.add(arm);
  }
}

/** Whether what an action does, or does not do, may matter to another customer of the batch. */
function mayAffectOthers(one: WakeRun, policy: Policy, tools: ReadonlyMap<string, ToolDeclaration>): boolean {
  const delivery = deliveryOf(one);
  const { action, limits } = (delivery && experienceOf(policy, delivery.experienceId)) ?? {};
  return action !== undefined && (limits?.total !== undefined || !staysWithCustomer(tools.get(action.tool)));
}

const teaches = (one: WakeRun): string[] =>
  (draftOf(one)?.changes ?? []).flatMap((change) => (change.type === "lesson" ? [armOf(change.experienceId, change.channel)] : []));

/** Timers that a case sets, with that of the promise which its delivery makes once it has gone out. */
function newTimers(one: WakeRun): NewTimer[] {
  const before = one.before?.timers ?? {};
  const after = Object.entries(draftOf(one)?.customer.timers ?? {});
  const set = after.filter(([key, { due }]) => before[key]?.due !== due).map(([, { due }]) => due);
  const promised = deliveryOf(one)?.makes?.due;
  return [...set, ...(promised === undefined ? [] : [promised])].map((due) => ({ due, customerId: customerOf(one.wake) }));
}

function firesBefore(timer: NewTimer, { wake, now }: Pick<WakeRun, "wake" | "now">): boolean {
  if (wake.kind === "signal") return timer.due < now;
  return timer.due < wake.due || (timer.due === wake.due && timer.customerId < wake.customerId);
}
