import { randomUUID } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { WRITE_KEY } from "./keys.ts";
import { connectClients, readMessages } from "./raw-http.ts";

/** Signals in flight by default. */
const IN_FLIGHT = 256;
/** One in this many signals is posted twice. */
const TWICE = 100;
/** Connections for posting signals. */
const CONNECTIONS = 64;

export interface LoadOptions {
  /** URL of the service. */
  readonly url: string;
  readonly sink: Sink;
  /** Number of customers, from `c-0`; signals cycle through them. */
  readonly customers: number;
  /** Of a closed loop: maximum number of signals that are posted and not delivered yet. Default: 256. */
  readonly inFlight?: number;
}

/** Load generator: posts signals, and matches them with their messages at the sink. */
export class Load {
  private readonly postedAt = new Map<string, number>();
  private readonly customers: number;
  private readonly inFlight: number;
  private readonly clients: ReturnType<typeof connectClients>;
  private waits: number[] = [];
  private arrived = 0;
  private sent = 0;
  private refused = 0;
  private wake: () => void = () => {};

  constructor({ url, sink, customers, inFlight = IN_FLIGHT }: LoadOptions) {
    this.customers = customers;
    this.inFlight = inFlight;
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

  /** Signals posted without a message yet. */
  get missing(): number {
    return this.postedAt.size;
  }

  /** Responses with another status than 202. */
  get notTaken(): number {
    return this.refused;
  }

  /** Closed loop: keeps the maximum in flight; returns the messages a second. */
  async closedLoop(ms: number): Promise<number> {
    const began = performance.now();
    const before = this.arrived;
    while (performance.now() - began < ms) {
      while (this.postedAt.size < this.inFlight) this.send(performance.now());
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

  /** Open loop: posts at a fixed rate; returns the latency of each, measured from when its post was due, in milliseconds. */
  async openLoop(rate: number, ms: number): Promise<readonly number[]> {
    this.waits = [];
    const began = performance.now();
    for (let n = 0; n < (rate * ms) / 1000; n++) {
      const due = began + (n * 1000) / rate;
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      this.send(due);
    }
    await this.settled();
    return this.waits;
  }

  /** Waits until every message has arrived, at most half a minute. */
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

/** Receives messages, and counts duplicates. */
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

/** The quantile of some values. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
