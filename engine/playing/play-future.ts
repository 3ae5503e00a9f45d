import { setImmediate as turn } from "node:timers/promises";
import { unknownInAsk } from "../../domain/entities/ask-names.ts";
import type { NewDelivery } from "../../domain/entities/change.ts";
import { experienceOf, makerOf, type Policy } from "../../domain/entities/policy.ts";
import { ASK } from "../../domain/entities/signal.ts";
import { customerOf, type Wake } from "../../domain/entities/wake.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Future, FutureSignal } from "../../rehearsal/future.ts";
import { askBodyOf, askWake } from "../ask-wake.ts";
import { createCanaryWatch } from "../canaries/canary-watch.ts";
import type { DueWake } from "../due-wake.ts";
import { timerWake } from "../stream-order.ts";
import { ComingSignals } from "./coming-signals.ts";
import type { PlayStart } from "./play-start.ts";
import { createPlayer, type PlayedChanges, type PlayedWake, type PlayerOptions } from "./play-wake.ts";
import { Population } from "./population.ts";

export interface PlayFutureOptions extends Pick<PlayerOptions, "tools" | "believesMerges"> {
  /** The last instant that is played. */
  readonly until: Instant;
  /** Called for everything that is written, in order. */
  readonly onCommitted: (committed: PlayedChanges) => void;
  readonly onProgress?: (progress: PlayedFuture) => void;
  readonly isStopped?: () => boolean;
}

export interface PlayedFuture {
  readonly signals: number;
  readonly timers: number;
  readonly clock: Instant;
}

/**
 * Plays a future under a policy: the signals that customers send of themselves, their answers to what is delivered, and the timers between
 * them, in order of time. Asks are answered; what an approval is asked for lapses, as nobody answers it.
 *
 * @returns how many signals and timers were decided; `clock` before `until` where it was stopped
 */
export async function playFuture(start: PlayStart, policy: Policy, future: Future, options: PlayFutureOptions): Promise<PlayedFuture> {
  return new FuturePlay(start, Population.from(start, policy), future, options).run();
}

// --- internal ---

/** Wakes between two turns of the event loop, so that a thread hears that it is stopped. */
const WAKES_A_TURN = 200;

class FuturePlay {
  private readonly policy: Policy;
  private readonly population: Population;
  private readonly future: Future;
  private readonly options: PlayFutureOptions;
  private readonly coming: ComingSignals;
  private readonly counts = { signals: 0, timers: 0 };
  private readonly start: PlayStart;
  private readonly given = new Map<string, number>();
  private clock: Instant;
  private seq: number;

  constructor(start: PlayStart, population: Population, future: Future, options: PlayFutureOptions) {
    this.start = start;
    this.policy = population.policy;
    this.population = population;
    this.future = future;
    this.options = options;
    this.coming = new ComingSignals(future.days());
    this.clock = start.at;
    this.seq = start.lastSeq;
  }

  async run(): Promise<PlayedFuture> {
    const { policy, population, options } = this;
    const { tools, believesMerges, until, isStopped, onProgress } = options;
    const player = createPlayer({
      population,
      tools,
      pauses: this.start.pauses,
      ...(believesMerges === undefined ? {} : { believesMerges }),
    });
    const canaries = createCanaryWatch({ store: population, policy });
    await canaries.begin(this.clock);
    for (let wakes = 1; ; wakes++) {
      const due = this.next();
      if (!due) break;
      await canaries.atTime(due.now);
      const played = await player.play(due, canaries);
      if (canaries.concerns([played.run])) await canaries.look(due.now);
      this.note(played);
      if (wakes % WAKES_A_TURN > 0) continue;
      onProgress?.(this.progress());
      await turn();
      if (isStopped?.()) return this.progress();
    }
    this.clock = Math.max(this.clock, until);
    return this.progress();
  }

  private progress(): PlayedFuture {
    return { ...this.counts, clock: this.clock };
  }

  /** The next wake; undefined at the end. A timer precedes the signals that are later than its due time, as in a recorded stream. */
  private next(): DueWake | undefined {
    const { until } = this.options;
    for (;;) {
      const timer = this.population.nextTimer();
      const signal = this.coming.first();
      const at = signal ? Math.max(this.clock, signal.time) : Number.POSITIVE_INFINITY;
      if (timer && timer.due <= until && timer.due < at) {
        this.clock = Math.max(this.clock, timer.due);
        this.counts.timers++;
        return timerWake(timer, this.clock);
      }
      if (!signal || at > until) return undefined;
      this.coming.take();
      const due = this.signalWake(signal, at);
      if (!due) continue;
      this.clock = at;
      this.counts.signals++;
      return due;
    }
  }

  /** Undefined for an ask that this policy would not take. */
  private signalWake(given: FutureSignal, now: Instant): DueWake | undefined {
    const customerId = this.population.rootOf(given.customerId);
    const seq = ++this.seq;
    const { source, id, type, time } = given;
    if (type === ASK) {
      const event = { specversion: "1.0", source, id, type, subject: customerId, data: given.data as JsonObject } as const;
      const read = askBodyOf(event);
      if (!read.ok || unknownInAsk(read.body, this.policy) !== undefined) return undefined;
      return { ...askWake(event, { source, id, customerId, at: now, seq }, this.policy.channels), now };
    }
    return { wake: { kind: "signal", signal: { source, id, type, customerId, time, data: given.data, seq } }, now };
  }

  /** Tells what was written, and draws the answers to what was handed over. */
  private note({ committed, run }: PlayedWake): void {
    for (const one of committed) this.options.onCommitted(one);
    for (const delivery of handedOver(committed, run.wake)) this.answer(run.before?.customerId ?? customerOf(run.wake), delivery);
  }

  private answer(customerId: string, delivery: NewDelivery): void {
    const { deliveryId, experienceId, channel, variant, learnsAs, features, at } = delivery;
    const key = `${customerId}\n${experienceId}`;
    const nth = this.given.get(key) ?? 0;
    this.given.set(key, nth + 1);
    const success = (makerOf(this.policy, delivery) ?? experienceOf(this.policy, experienceId))?.success;
    const answers = this.future.answersTo({
      ...{ deliveryId, customerId, experienceId, channel, at, nth, features },
      ...(variant === undefined ? {} : { variant }),
      ...(learnsAs === undefined ? {} : { learnsAs }),
      ...(success ? { success: { signals: success.signals, within: success.within } } : {}),
    });
    for (const signal of answers) if (signal.time <= this.options.until) this.coming.add(signal);
  }
}

/** What a place is given is handed over by the answer, unless it is held. */
function handedOver(committed: readonly PlayedChanges[], { kind }: Wake): NewDelivery[] {
  const made: NewDelivery[] = [];
  for (const { changes } of committed)
    for (const change of changes) if (change.type === "decided" && change.delivery) made.push(change.delivery);
  if (made.length === 0) return made;
  if (kind === "ask") return made.filter(({ asked }) => asked?.holdUntil === undefined);
  const changes = committed.flatMap((one) => one.changes);
  const sent = changes.flatMap((change) => (change.type === "delivery_moved" && change.to === "sent" ? [change.deliveryId] : []));
  return made.filter(({ deliveryId }) => sent.includes(deliveryId));
}
