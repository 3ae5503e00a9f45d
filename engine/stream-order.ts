import { deliveryOf, draftOf, type WakeRun } from "../agents/wake-run.ts";
import { makerOf, type Policy } from "../domain/entities/policy.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import { staysWithCustomer, type ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import { customerOf } from "../domain/entities/wake.ts";
import { armOf, EVERYONE } from "../domain/learning/lessons.ts";
import { announcedStatuses } from "../domain/record/delivery-events.ts";
import type { Instant } from "../domain/values/time.ts";
import type { DueTimer } from "../store/reading/timers.ts";
import type { DueWake } from "./due-wake.ts";

/** Maximum wakes of one execution of the graph. */
export const BATCH_SIZE = 64;
/** Timers to look ahead: as many as a batch may include. */
export const LOOKAHEAD = BATCH_SIZE + 1;

/** A new signal of the stream. */
export interface NewSignal {
  readonly event: SignalEvent;
  readonly time: Instant;
  readonly receivedAt?: Instant;
  readonly bodyHash: string;
  /** Its line in the file. */
  readonly line: number;
}

/** The next event and its instant on the stream's clock. `place` counts signals from 1. */
export type Next =
  | { readonly timer: DueTimer; readonly at: Instant }
  | { readonly signal: NewSignal; readonly at: Instant; readonly place: number };

/** Timers and signals merged in event order: a timer precedes the signals later than its due time. */
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

  /** The next event; undefined when the look-ahead does not determine it. */
  next(): Next | undefined {
    // Beyond the look-ahead another timer may be due first.
    if (this.timer === LOOKAHEAD) return undefined;
    const timer = this.timers[this.timer];
    const signal = this.signals[this.signal];
    // After the last known signal, another one or the end of the stream may precede a timer.
    if (!signal && this.signal > 0) return undefined;
    const at = signal ? Math.max(this.clock, signal.receivedAt ?? signal.time) : Number.POSITIVE_INFINITY;
    if (timer && timer.due < at) {
      this.timer++;
      // A late signal may have set it for a past instant; the clock never goes back.
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
 * Returns the length of the prefix of runs whose result equals a sequential decision. The rest is decided again if an earlier
 * run sets a timer that fires before it, runs an action that may set a timer or free a slot others wait for, or teaches an
 * arm whose propensity it estimated.
 */
export function commitsInOrder(runs: readonly WakeRun[], policy: Policy, tools: ReadonlyMap<string, ToolDeclaration>): number {
  const earlier = new EarlierRuns(announcedStatuses(policy).length > 0);
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

/** Effects of the earlier runs of a batch that a later run did not see. */
class EarlierRuns {
  private readonly isAnnouncing: boolean;
  private soonest: NewTimer | undefined;
  private readonly taught = new Set<string>();

  /** `isAnnouncing`: a hand-over sets a timer of its own. */
  constructor(isAnnouncing: boolean) {
    this.isAnnouncing = isAnnouncing;
  }

  affects(one: WakeRun): boolean {
    return (this.soonest !== undefined && firesBefore(this.soonest, one)) || this.hasTaught(one);
  }

  add(one: WakeRun): void {
    for (const timer of newTimers(one, this.isAnnouncing)) if (!this.soonest || timer.due < this.soonest.due) this.soonest = timer;
    for (const arm of teaches(one)) this.taught.add(arm);
  }

  private hasTaught({ asked }: WakeRun): boolean {
    return this.taught.size > 0 && asked.some((arms) => arms.some((arm) => this.taught.has(arm)));
  }
}

/** Whether the outcome of an action may affect another customer of the batch. */
function mayAffectOthers(one: WakeRun, policy: Policy, tools: ReadonlyMap<string, ToolDeclaration>): boolean {
  const delivery = deliveryOf(one);
  const { action, limits } = (delivery && makerOf(policy, delivery)) ?? {};
  return action !== undefined && (limits?.total !== undefined || !staysWithCustomer(tools.get(action.tool)));
}

const teaches = (one: WakeRun): string[] =>
  (draftOf(one)?.changes ?? []).flatMap((change) =>
    change.type === "lesson"
      ? [armOf(change.experienceId, change.channel, change.variant)]
      : change.type === "hour_lesson"
        ? [armOf(EVERYONE, change.channel)]
        : [],
  );

/** Timers that a run sets, including those of the promise its delivery makes once sent, and of the hand-over itself. */
function newTimers(one: WakeRun, isAnnouncing: boolean): NewTimer[] {
  const before = one.before?.timers ?? {};
  const after = Object.entries(draftOf(one)?.customer.timers ?? {});
  const set = after.filter(([key, { due }]) => before[key]?.due !== due).map(([, { due }]) => due);
  const delivery = deliveryOf(one);
  const bySending = delivery ? [...(delivery.makes ? [delivery.makes.due] : []), ...(isAnnouncing ? [delivery.at] : [])] : [];
  return [...set, ...bySending].map((due) => ({ due, customerId: customerOf(one.wake) }));
}

function firesBefore(timer: NewTimer, { wake, now }: Pick<WakeRun, "wake" | "now">): boolean {
  if (wake.kind !== "timer") return timer.due < now;
  return timer.due < wake.due || (timer.due === wake.due && timer.customerId < wake.customerId);
}
