import { randomUUID } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { WRITE_KEY } from "./keys.ts";
import { connectClients, readMessages } from "./raw-http.ts";

/** Signals that are posted and not delivered yet, at most. */
const OPEN = 256;
/** Of so many posts one comes twice. */
const TWICE = 100;
/** Connections on which signals are posted. */
const CONNECTIONS = 64;

export interface LoadOptions {
  /** Where the service takes signals. */
  readonly url: string;
  readonly sink: Sink;
  /** How many customers there are, `c-0` and on; each signal is of the next one. */
  readonly customers: number;
}

/** Posts signals and hears of their messages. */
export class Load {
  private readonly postedAt = new Map<string, number>();
  private readonly customers: number;
  private readonly clients: ReturnType<typeof connectClients>;
  private waits: number[] = [];
  private arrived = 0;
  private sent = 0;
  private refused = 0;
  private wake: () => void = () => {};

  constructor({ url, sink, customers }: LoadOptions) {
    this.customers = customers;
    this.clients = connectClients(new URL("/v1/signals", url), CONNECTIONS, {
      headers: { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/cloudevents+json" },
      onStatus: (status) => {
        if (status !== 202) this.refused++;
      },
    });
    sink.onArrival = (id) => {
      const at = this.postedAt.get(id);
      if (at === undefined) return;
      this.postedAt.delete(id);
      this.waits.push(performance.now() - at);
      this.arrived++;
      this.wake();
    };
  }

  /** Signals that were posted and whose message has not come. */
  get missing(): number {
    return this.postedAt.size;
  }

  /** Answers that said something else than that the signal is taken. */
  get notTaken(): number {
    return this.refused;
  }

  /** Keeps as many on their way as are allowed; gives back how many arrived a second. */
  async closedLoop(ms: number): Promise<number> {
    const began = performance.now();
    const before = this.arrived;
    while (performance.now() - began < ms) {
      while (this.postedAt.size < OPEN) this.send(performance.now());
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return ((this.arrived - before) / (performance.now() - began)) * 1000;
  }

  /** Posts at a rate, whatever becomes of it; gives back how long each took from when it was due, in milliseconds. */
  async openLoop(rate: number, ms: number): Promise<readonly number[]> {
    this.waits = [];
    const began = performance.now();
    for (let n = 0; n < (rate * ms) / 1000; n++) {
      const due = began + (n * 1000) / rate;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      this.send(due);
    }
    await this.settled();
    return this.waits;
  }

  /** Waits until every message has come, half a minute at most. */
  async settled(): Promise<void> {
    const end = performance.now() + 30_000;
    while (this.postedAt.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  close(): void {
    this.clients.close();
  }

  private send(at: number): void {
    const n = this.sent++;
    const id = randomUUID();
    this.postedAt.set(id, at);
    const event = {
      specversion: "1.0",
      id,
      source: "bench",
      type: "bought",
      subject: `c-${n % this.customers}`,
      data: { n: id, amount: n % 100 },
    };
    const body = JSON.stringify(event);
    for (let time = 0; time < (n % TWICE === 0 ? 2 : 1); time++) this.clients.post(body);
  }
}

/** Takes messages, and counts those that come twice. */
export interface Sink {
  readonly url: string;
  twice: number;
  onArrival: (id: string) => void;
  close(): Promise<void>;
}

export async function openSink(): Promise<Sink> {
  const seen = new Set<string>();
  const sockets = new Set<Socket>();
  const answer = Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    readMessages(socket, (_head, body) => {
      socket.write(answer);
      const id = /"n":"([^"]+)"/.exec(body)?.[1] ?? "";
      if (seen.has(id)) sink.twice++;
      seen.add(id);
      sink.onArrival(id);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sink: Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sink`,
    twice: 0,
    onArrival: () => {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return sink;
}

/** The value below which a share of all values lies. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
