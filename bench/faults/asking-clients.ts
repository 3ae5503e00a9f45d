import { setTimeout as pause } from "node:timers/promises";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import type { Random } from "../../domain/values/random.ts";
import type { AskLedger, Told } from "../../testing/races/ask-ledger.ts";
import { WRITE_KEY } from "../load/keys.ts";

/** Pages and a tool that ask, and repeat each request with its id until the server answers. */
export class AskingClients {
  readonly told: Told[] = [];
  readonly receipts: AskLedger["receipts"][number][] = [];
  /** Asks that were refused although nothing is wrong with them. */
  readonly refused: string[] = [];
  /** Requests without an answer, or with an error of the server. */
  repeated = 0;
  inFlight = 0;
  private readonly urlOf: () => string;
  private readonly random: Random;
  private isStopping = false;
  private signals = 0;

  constructor(urlOf: () => string, random: Random) {
    this.urlOf = urlOf;
    this.random = random;
  }

  /** Asks about one customer until stopped, and does what the tool does with what it is given. */
  async call(customer: string): Promise<void> {
    for (let n = 0; !this.isStopping; n++) {
      const channel = this.random() < 0.3 ? "web" : "tool";
      const answer = await this.ask({ id: `${customer} ${n}`, customer, channel, within: this.random() < 0.2 ? "20ms" : "2s" });
      for (const { deliveryId, again } of channel === "tool" ? Object.values(answer?.places ?? {}) : [])
        if (deliveryId !== undefined && !again) await this.react(customer, deliveryId);
      await pause(this.random() * 100);
    }
  }

  /** Callers end with their next answer. */
  stop(): void {
    this.isStopping = true;
  }

  async signal(type: string, subject: string, data: object = {}): Promise<void> {
    const event = { specversion: "1.0", source: "faults", id: `s-${++this.signals}`, type, subject, data };
    const { status, text } = await this.post("/v1/signals", event);
    if (status !== 202) throw new Error(`${type} was answered with ${status}: ${text}`);
  }

  private async ask(body: { readonly id: string; readonly customer: string; readonly channel: string; readonly within: string }) {
    this.inFlight++;
    const { status, text } = await this.post("/v1/next", body).finally(() => this.inFlight--);
    if (status !== 200) {
      this.refused.push(`${body.id} was refused with ${status}: ${text}`);
      return undefined;
    }
    const answer = JSON.parse(text) as AskAnswer;
    this.told.push({ id: body.id, answer });
    return answer;
  }

  /** The tool confirms, releases, or forgets what is held for it. */
  private async react(customer: string, deliveryId: string): Promise<void> {
    const chance = this.random();
    const type = chance < 0.2 ? "delivery.sent" : chance < 0.6 ? "delivery.released" : undefined;
    if (type === undefined) return;
    await this.signal(type, customer, { deliveryId });
    this.receipts.push({ deliveryId, type });
  }

  private async post(path: string, body: object): Promise<{ readonly status: number; readonly text: string }> {
    for (;;) {
      try {
        const response = await fetch(`${this.urlOf()}${path}`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${WRITE_KEY}`,
            "content-type": `application/${path === "/v1/next" ? "json" : "cloudevents+json"}`,
          },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(10_000),
        });
        const text = await response.text();
        if (response.status < 429) return { status: response.status, text };
      } catch {
        // Killed: it may have been taken.
      }
      this.repeated++;
      await pause(100);
    }
  }
}
