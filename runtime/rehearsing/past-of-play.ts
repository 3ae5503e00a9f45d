import type { Change, NewDelivery } from "../../domain/entities/change.ts";
import type { OutcomeKind } from "../../domain/entities/customer.ts";
import { ASK } from "../../domain/entities/signal.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { PlayedWake } from "../../engine/playing/play-wake.ts";
import type { SignalLine } from "../../intake/read-signals.ts";
import type { PastDelivery, PastSignal } from "../../rehearsal/future.ts";

/** What a play of a recorded stream leaves for those who learn from it, as a store would have kept it. */
export class PastOfPlay {
  private readonly received: PastSignal[] = [];
  private readonly made = new Map<string, Made>();
  private readonly asks = new Map<string, PastSignal["data"]>();
  private readonly rootOf: (customerId: string) => string;
  private first: Instant | undefined;

  /** @param rootOf whom a customer was merged into, at the end */
  constructor(rootOf: (customerId: string) => string) {
    this.rootOf = rootOf;
  }

  /** The lines of a stream as they pass: what an ask says is in none of its wakes. */
  async *passing<T>(lines: AsyncIterable<SignalLine | T>): AsyncGenerator<SignalLine | T> {
    for await (const line of lines) {
      if (isAsk(line)) this.asks.set(keyOf(line.event), line.event.data as PastSignal["data"]);
      yield line;
    }
  }

  note({ run: { wake }, committed }: PlayedWake): void {
    if (wake.kind === "signal") {
      const { customerId, source, type, time, data } = wake.signal;
      this.receive({ customerId, source, type, time, data });
    } else if (wake.kind === "ask") {
      const { customerId, source, id, at } = wake.ask;
      const data = this.asks.get(keyOf({ source, id }));
      this.receive({ customerId, source, type: ASK, time: at, ...(data ? { data } : {}) });
    }
    for (const { customerId, changes } of committed) for (const change of changes) this.noteChange(change, customerId);
  }

  /** When the first signal came; undefined where none did. */
  get since(): Instant | undefined {
    return this.first;
  }

  signals(): PastSignal[] {
    return this.received.map((one) => ({ ...one, customerId: this.rootOf(one.customerId) }));
  }

  /** Those that have reached their customers: what a place was given has done so only where something came of it. */
  deliveries(): PastDelivery[] {
    return [...this.made.values()].flatMap(({ delivery, customerId, isSent, outcomes }) => {
      const { deliveryId, experienceId, channel, variant, learnsAs, at, asked } = delivery;
      if (asked ? outcomes.length === 0 : !isSent) return [];
      return [
        {
          ...{ deliveryId, customerId: this.rootOf(customerId), experienceId, channel, at, outcomes },
          ...(variant === undefined ? {} : { variant }),
          ...(learnsAs === undefined ? {} : { learnsAs }),
        },
      ];
    });
  }

  // --- internal ---

  private receive(signal: PastSignal): void {
    this.first = Math.min(this.first ?? signal.time, signal.time);
    this.received.push(signal);
  }

  private noteChange(change: Change, customerId: string): void {
    if (change.type === "decided" && change.delivery)
      this.made.set(change.delivery.deliveryId, { delivery: change.delivery, customerId, isSent: false, outcomes: [] });
    else if (change.type === "delivery_moved") {
      const made = this.made.get(change.deliveryId);
      if (made && REACHED.includes(change.to)) made.isSent = true;
    } else if (change.type === "outcome_added") {
      const { deliveryId, kind, at } = change.outcome;
      this.made.get(deliveryId)?.outcomes.push({ kind, at });
    }
  }
}

// --- internal ---

interface Made {
  readonly delivery: NewDelivery;
  readonly customerId: string;
  isSent: boolean;
  readonly outcomes: { readonly kind: OutcomeKind; readonly at: Instant }[];
}

const REACHED: readonly string[] = ["sent", "delivered", "bounced", "uncertain"];

const keyOf = ({ source, id }: { readonly source: string; readonly id: string }): string => `${source}\n${id}`;

const isAsk = (line: unknown): line is Extract<SignalLine, { event: unknown }> =>
  typeof line === "object" && line !== null && "event" in line && (line as Extract<SignalLine, { event: unknown }>).event.type === ASK;
