import { setTimeout as pause } from "node:timers/promises";
import { WRITE_KEY } from "../load/keys.ts";

export interface SignalToSend {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
}

const BATCH = 25;
const SENDERS = 4;

/** Sends signals until each is acknowledged: an unanswered one is retried with the same id. */
export class Load {
  readonly acknowledged = new Set<string>();
  /** Requests without an answer, or with another status than 202. */
  unanswered = 0;
  private readonly signals: readonly SignalToSend[];
  private readonly urlOf: () => string;
  private next = 0;
  private released = 0;

  constructor(signals: readonly SignalToSend[], urlOf: () => string) {
    this.signals = signals;
    this.urlOf = urlOf;
  }

  get isOver(): boolean {
    return this.acknowledged.size === this.signals.length;
  }

  /** Released signals that are not acknowledged. */
  get left(): number {
    return this.released - this.acknowledged.size;
  }

  /** Releases signals for sending, up to a share of all. */
  release(share: number): void {
    this.released = Math.ceil(this.signals.length * Math.min(1, share));
  }

  /** Resolves when all are acknowledged, or when `end` returns true. */
  async run(end: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: SENDERS }, () => this.sender(end)));
  }

  private async sender(end: () => boolean): Promise<void> {
    while (this.next < this.signals.length && !end()) {
      const batch = this.signals.slice(this.next, Math.min(this.released, this.next + BATCH));
      this.next += batch.length;
      while (batch.length > 0 && !(await this.send(batch)) && !end()) await pause(200);
      if (batch.length === 0) await pause(20);
    }
  }

  private async send(batch: readonly SignalToSend[]): Promise<boolean> {
    try {
      const response = await fetch(`${this.urlOf()}/v1/signals`, {
        method: "POST",
        headers: { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/cloudevents-batch+json" },
        body: JSON.stringify(batch.map((one) => ({ specversion: "1.0", source: "faults", ...one }))),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status === 202) for (const { id } of batch) this.acknowledged.add(id);
      else this.unanswered++;
      return response.status === 202;
    } catch {
      // Killed or disconnected: it may have been accepted.
      this.unanswered++;
      return false;
    }
  }
}
