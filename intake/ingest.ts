import type { Policy } from "../domain/entities/policy.ts";
import { identitiesOf, isTimeOfSignal, type ReadSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { addressesNamed } from "../domain/identity/addresses.ts";
import { readConsent, revokedOn } from "../domain/identity/consent.ts";
import { consentReason } from "../domain/record/intake.ts";
import type { Json } from "../domain/values/json.ts";
import { DAY, hasPassed, type Instant, parseInstant } from "../domain/values/time.ts";
import type { Arrival, Inbox, Reception } from "../store/store.ts";
import { type TraceParent, type Tracing, traceIdOf, traceParentOf } from "../telemetry/trace.ts";
import { createIngestBatcher, type IngestBatcher } from "./batcher.ts";
import { MAX_LISTED } from "./line-problems.ts";
import { bodyHashOf } from "./read-signals.ts";

export interface Refusal {
  readonly index: number;
  readonly code: "BAD_INPUT" | "CONFLICT" | "FORBIDDEN" | "OVERLOADED";
  readonly error: string;
}

export interface IngestResult {
  readonly accepted: number;
  readonly duplicates: number;
  /** Why signals were not taken, of the first hundred of them. */
  readonly rejected: readonly Refusal[];
  /** How many more were not taken. */
  readonly moreRejected?: number;
}

export interface IngestOptions {
  readonly inbox: Inbox;
  readonly tracing?: Tracing;
  readonly now: () => Instant;
  /** What consents may be about (default: nothing, so that no grant is taken). */
  readonly channels?: Policy["channels"];
  /** Told of a denial or revocation for a channel that is not among them: it is kept by its name. */
  readonly onUnknownChannel?: (name: string) => void;
  /** Told after signals are written, so that somebody decides them. */
  readonly onAccepted: (count: number) => void;
  /** A transaction begins no sooner than this after the one before it. */
  readonly paceMs?: number;
  /** Signals that may wait to be decided; beyond them nothing is taken until they are fewer. */
  readonly mostWaiting?: number;
}

/** Takes signals in. What came while a transaction was on its way goes into the next one together. */
export interface Ingest {
  /** Resolves once everything acceptable is durable. */
  take(readings: readonly ReadSignal[]): Promise<IngestResult>;
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>;
}

export const MOST_WAITING = 100_000;

export function createIngest(options: IngestOptions): Ingest {
  const batcher = createIngestBatcher(options);
  const backlog = new Backlog(options, batcher);
  return {
    async take(readings) {
      const { arrivals, rejected } = readAll(readings, options);
      if (arrivals.length === 0) return { accepted: 0, duplicates: 0, ...told(rejected) };
      const receptions = await backlog.enter(arrivals.map(({ arrival }) => arrival));
      const result = resultOf(arrivals, receptions, rejected);
      if (receptions.includes("refused")) throw overloaded(`${TOO_MANY}; what was said about consent is taken`, { ...result });
      return result;
    },
    settled: () => batcher.settled(),
  };
}

// --- internal ---

/** Signals that may wait in memory for a database that has stopped answering; one request passes it by what it brings. */
const MOST_AT_DOOR = 10_000;

/** From this age on, a count of what waits is taken anew. */
const FRESH_MS = 500;

/** The same of what is always taken: more than people say within the minutes that a database may be away. */
const MOST_ALWAYS_AT_DOOR = 20_000;

const RETRY_SECONDS = 5;

const TOO_MANY = "more signals wait to be decided than may; try again later";

/** Somebody who wants no more messages is heard while everything else has to wait. */
const isAlwaysTaken = ({ consent }: Arrival): boolean => consent !== undefined;

/** Clocks of others may be ahead by so much. */
const MOST_AHEAD = DAY;

interface Placed {
  readonly index: number;
  readonly arrival: Arrival;
}

function readAll(readings: readonly ReadSignal[], options: IngestOptions): { arrivals: Placed[]; rejected: Refusal[] } {
  const receivedAt = options.now();
  const here = options.tracing?.current();
  const rejected: Refusal[] = [];
  const arrivals: Placed[] = [];
  for (const [index, reading] of readings.entries()) {
    const read = reading.ok ? arrivalOf(reading, receivedAt, here, options) : reading;
    if ("problem" in read) rejected.push({ index, code: ("code" in read && read.code) || "BAD_INPUT", error: read.problem });
    else arrivals.push({ index, arrival: read.arrival });
  }
  return { arrivals, rejected };
}

function arrivalOf(
  { event, age }: Extract<ReadSignal, { ok: true }>,
  receivedAt: Instant,
  here: TraceParent | undefined,
  options: IngestOptions,
): { arrival: Arrival } | { problem: string } {
  const told = toldTime(event, age, receivedAt);
  if (told > receivedAt + MOST_AHEAD) return { problem: `time: ${event.time} is more than 24 hours ahead` };
  const said = consentIn(event, options);
  if ("problem" in said) return said;
  return {
    arrival: {
      source: event.source,
      id: event.id,
      type: event.type,
      ...(event.subject === undefined ? {} : { customerId: event.subject }),
      identities: identitiesOf(event),
      // What is dated ahead must not outlive what is said later. The event keeps the time that it told.
      time: Math.min(told, receivedAt),
      receivedAt,
      event: event as Json,
      bodyHash: bodyHashOf(event),
      ...(here === undefined ? {} : { trace: traceOf(event, here) }),
      ...(said.consent ? { consent: { ...said.consent, ...fromWhere(event, said.consent) } } : {}),
    },
  };
}

/** What is denied or revoked holds for everybody who has an address that the signal names. */
function fromWhere(
  { data = {} }: SignalEvent,
  { status }: NonNullable<Arrival["consent"]>,
): Pick<NonNullable<Arrival["consent"]>, "addresses"> {
  const addresses = status === "granted" ? [] : addressesNamed(data);
  return addresses.length > 0 ? { addresses } : {};
}

/** When it happened: by its age where its sender told that, whatever his clock says. */
function toldTime({ time }: SignalEvent, age: number | undefined, receivedAt: Instant): Instant {
  if (age !== undefined && isTimeOfSignal(receivedAt - age)) return receivedAt - age;
  return time === undefined ? receivedAt : (parseInstant(time) ?? receivedAt);
}

/** An event that brings a trace of its own (the distributed tracing extension) belongs there; its request is what brought it. */
function traceOf({ traceparent }: SignalEvent, here: TraceParent): string {
  const own = traceParentOf(traceparent);
  return own === undefined || traceIdOf(own) === traceIdOf(here) ? here : `${own} ${here}`;
}

/** What a signal says about consent: it holds before the signal is decided. */
function consentIn(
  { type, data = {} }: SignalEvent,
  { channels = {}, onUnknownChannel }: IngestOptions,
): Pick<Arrival, "consent"> | { problem: string } {
  if (type === "delivery.unsubscribed") {
    const deliveryId = typeof data.deliveryId === "string" ? { deliveryId: data.deliveryId } : {};
    return { consent: { status: "revoked", channels: revokedOn(data.channel, channels), ...deliveryId } };
  }
  if (type !== "customer.consent") return {};
  const said = readConsent(data, channels);
  if ("problem" in said) return { problem: `data.${said.problem}` };
  for (const name of said.unknown) onUnknownChannel?.(name);
  const reason = consentReason(data.reason);
  return { consent: { status: said.status, channels: said.keys, ...(reason ? { reason } : {}) } };
}

function resultOf(arrivals: readonly Placed[], receptions: readonly (Reception | "refused")[], rejected: readonly Refusal[]): IngestResult {
  const refused = arrivals.flatMap(({ index, arrival: { source, id } }, place): Refusal[] => {
    if (receptions[place] === "refused") return [{ index, code: "OVERLOADED", error: TOO_MANY }];
    if (receptions[place] !== "conflict") return [];
    return [{ index, code: "CONFLICT", error: `signal ${id} of ${source} came before with another body; the first is kept` }];
  });
  return {
    accepted: receptions.filter((one) => one === "accepted").length,
    duplicates: receptions.filter((one) => one === "duplicate").length,
    ...told([...rejected, ...refused].sort((a, b) => a.index - b.index)),
  };
}

const told = (rejected: readonly Refusal[]): Pick<IngestResult, "rejected" | "moreRejected"> => ({
  rejected: rejected.slice(0, MAX_LISTED),
  ...(rejected.length > MAX_LISTED ? { moreRejected: rejected.length - MAX_LISTED } : {}),
});

/** Keeps the batcher shut while too many signals wait to be decided: counted now and then, and added up in between. */
class Backlog {
  private readonly options: IngestOptions;
  private readonly batcher: IngestBatcher;
  private readonly most: number;
  private counted = 0;
  private countedAt = Number.NEGATIVE_INFINITY;
  private counting: Promise<void> | undefined;
  /** Signals whose requests wait for a count: they take memory as those at the batcher do. */
  private before = 0;
  /** Those at the batcher that are always taken. */
  private always = 0;

  constructor(options: IngestOptions, batcher: IngestBatcher) {
    this.options = options;
    this.batcher = batcher;
    this.most = options.mostWaiting ?? MOST_WAITING;
  }

  /** Throws `OVERLOADED` where none of them may come in now. */
  async enter(arrivals: readonly Arrival[]): Promise<readonly (Reception | "refused")[]> {
    const always = arrivals.filter(isAlwaysTaken);
    const hasOthers = always.length < arrivals.length;
    const isMemoryFull = hasOthers && this.before + this.batcher.size() >= MOST_AT_DOOR;
    if (hasOthers && !isMemoryFull && hasPassed(FRESH_MS, this.countedAt, this.options.now())) await this.countFor(arrivals.length);
    // Nothing is waited for from here to the batcher: of many requests at once each is counted with those that went before.
    const isFull = hasOthers && (isMemoryFull || this.counted + this.batcher.size() >= this.most);
    const going = isFull ? always : arrivals;
    if (going.length === 0 || (always.length > 0 && this.always >= MOST_ALWAYS_AT_DOOR)) throw overloaded(TOO_MANY);
    this.always += always.length;
    try {
      const receptions = await this.batcher.enter(going);
      this.counted += receptions.filter((one) => one === "accepted").length;
      if (going === arrivals) return receptions;
      return arrivals.map((one) => receptions[going.indexOf(one)] ?? "refused");
    } finally {
      this.always -= always.length;
    }
  }

  private async countFor(waiting: number): Promise<void> {
    this.before += waiting;
    await this.count().finally(() => {
      this.before -= waiting;
    });
  }

  private count(): Promise<void> {
    this.counting ??= (async () => {
      try {
        this.counted = await this.options.inbox.backlog(this.most);
        this.countedAt = this.options.now();
      } finally {
        this.counting = undefined;
      }
    })();
    return this.counting;
  }
}

const overloaded = (message: string, more: Readonly<Record<string, unknown>> = {}): SentientError =>
  new SentientError("OVERLOADED", message, { retryAfterSeconds: RETRY_SECONDS, ...more });
