import type { Policy } from "../domain/entities/policy.ts";
import { ASK, identitiesOf, isTimeOfSignal, type ReadSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { addressesNamed } from "../domain/identity/addresses.ts";
import { readConsent, revokedOn } from "../domain/identity/consent.ts";
import { STAGE_CHANGED } from "../domain/moments/stages.ts";
import { consentReason } from "../domain/record/intake.ts";
import type { Json } from "../domain/values/json.ts";
import { DAY, hasPassed, type Instant, parseInstant } from "../domain/values/time.ts";
import type { Arrival, Inbox, Reception } from "../store/store.ts";
import { type TraceParent, type Tracing, traceIdOf, traceParentOf } from "../telemetry/trace.ts";
import { createIngestBatcher, type IngestBatcher } from "./batcher.ts";
import type { IngestResult, RejectedSignal } from "./ingest-result.ts";
import { MAX_LISTED } from "./line-problems.ts";
import { bodyHashOf } from "./read-signals.ts";

export interface IngestOptions {
  readonly inbox: Inbox;
  readonly tracing?: Tracing;
  readonly now: () => Instant;
  /** Channels that a consent may name (default: none, so every grant is refused). */
  readonly channels?: Policy["channels"];
  /** Called for a denial or revocation on an unknown channel, which is kept under its name. */
  readonly onUnknownChannel?: (name: string) => void;
  /** Called after signals are written, to wake the workers. */
  readonly onAccepted: (count: number) => void;
  /** Minimum interval between the starts of two transactions. */
  readonly paceMs?: number;
  /** Back-pressure: limit of undecided signals, above which signals are refused. */
  readonly maxWaiting?: number;
}

/** Ingests signals. Requests that arrive while a transaction is in flight share the next one. */
export interface Ingest {
  /** Resolves once every valid signal is durable. */
  take(readings: readonly ReadSignal[]): Promise<IngestResult>;
  /** Resolves when nothing is in flight. */
  settled(): Promise<void>;
}

export const MAX_WAITING = 100_000;

export function createIngest(options: IngestOptions): Ingest {
  const batcher = createIngestBatcher(options);
  const backlog = new Backlog(options, batcher);
  return {
    async take(readings) {
      const { arrivals, rejected } = readAll(readings, options);
      if (arrivals.length === 0) return { accepted: 0, duplicates: 0, ...listed(rejected) };
      const receptions = await backlog.enter(arrivals.map(({ arrival }) => arrival));
      const result = resultOf(arrivals, receptions, rejected);
      if (receptions.includes("refused")) throw overloaded(`${TOO_MANY}; the consent in this request is applied`, { ...result });
      return result;
    },
    settled: () => batcher.settled(),
  };
}

// --- internal ---

/** Signals held in memory while the database does not answer; one request may exceed it by its own signals. */
const MAX_IN_MEMORY = 10_000;

/** Age at which the count of undecided signals is refreshed. */
const FRESH_MS = 500;

/** The same for priority signals: more than customers send in the minutes that a database may be down. */
const MAX_PRIORITY_IN_MEMORY = 20_000;

const RETRY_SECONDS = 5;

const TOO_MANY = "too many signals are waiting to be decided; try again later";

/** Consent statements, opt-outs above all, are accepted even under back-pressure. */
const hasPriority = ({ consent }: Arrival): boolean => consent !== undefined;

/** Allowed clock skew of senders. */
const MAX_AHEAD = DAY;

/** Types that nobody sends, and why. In a recorded stream they stand for what a server did. */
const NOT_SENT: ReadonlyMap<string, string> = new Map([
  [ASK, "is not sent, because its answer is waited for; ask with POST /v1/next"],
  [STAGE_CHANGED, "is not sent; a stage follows from the record by the conditions in stages"],
]);

interface Placed {
  readonly index: number;
  readonly arrival: Arrival;
}

function readAll(readings: readonly ReadSignal[], options: IngestOptions): { arrivals: Placed[]; rejected: RejectedSignal[] } {
  const receivedAt = options.now();
  const here = options.tracing?.current();
  const rejected: RejectedSignal[] = [];
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
  const elsewhere = NOT_SENT.get(event.type);
  if (elsewhere !== undefined) return { problem: `type: ${event.type} ${elsewhere}` };
  const time = eventTime(event, age, receivedAt);
  if (time > receivedAt + MAX_AHEAD) return { problem: `time: ${event.time} is more than 24 hours ahead` };
  const said = consentIn(event, options);
  if ("problem" in said) return said;
  return {
    arrival: {
      source: event.source,
      id: event.id,
      type: event.type,
      ...(event.subject === undefined ? {} : { customerId: event.subject }),
      identities: identitiesOf(event),
      // A future date must not outrank later statements. The event itself keeps its own time.
      time: Math.min(time, receivedAt),
      receivedAt,
      event: event as Json,
      bodyHash: bodyHashOf(event),
      ...(here === undefined ? {} : { trace: traceOf(event, here) }),
      ...(said.consent ? { consent: { ...said.consent, ...fromWhere(event, said.consent) } } : {}),
    },
  };
}

/** A denial or revocation applies to every customer with an address that the signal names. */
function fromWhere(
  { data = {} }: SignalEvent,
  { status }: NonNullable<Arrival["consent"]>,
): Pick<NonNullable<Arrival["consent"]>, "addresses"> {
  const addresses = status === "granted" ? [] : addressesNamed(data);
  return addresses.length > 0 ? { addresses } : {};
}

/** When the event happened: receipt time minus its age, if stated, which does not depend on the sender's clock. */
function eventTime({ time }: SignalEvent, age: number | undefined, receivedAt: Instant): Instant {
  if (age !== undefined && isTimeOfSignal(receivedAt - age)) return receivedAt - age;
  return time === undefined ? receivedAt : (parseInstant(time) ?? receivedAt);
}

/** An event with its own trace (the distributed tracing extension) belongs to that trace and is linked to its request. */
function traceOf({ traceparent }: SignalEvent, here: TraceParent): string {
  const own = traceParentOf(traceparent);
  return own === undefined || traceIdOf(own) === traceIdOf(here) ? here : `${own} ${here}`;
}

/** Consent in a signal, which takes effect before the signal is decided. */
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

function resultOf(
  arrivals: readonly Placed[],
  receptions: readonly (Reception | "refused")[],
  rejected: readonly RejectedSignal[],
): IngestResult {
  const refused = arrivals.flatMap(({ index, arrival: { source, id } }, place): RejectedSignal[] => {
    if (receptions[place] === "refused") return [{ index, code: "OVERLOADED", error: TOO_MANY }];
    if (receptions[place] !== "conflict") return [];
    return [{ index, code: "CONFLICT", error: `signal ${id} of ${source} came before with another body; the first is kept` }];
  });
  return {
    accepted: receptions.filter((one) => one === "accepted").length,
    duplicates: receptions.filter((one) => one === "duplicate").length,
    ...listed([...rejected, ...refused].sort((a, b) => a.index - b.index)),
  };
}

const listed = (rejected: readonly RejectedSignal[]): Pick<IngestResult, "rejected" | "moreRejected"> => ({
  rejected: rejected.slice(0, MAX_LISTED),
  ...(rejected.length > MAX_LISTED ? { moreRejected: rejected.length - MAX_LISTED } : {}),
});

/** Back-pressure: refuses signals while too many are undecided. Counts them periodically and adds accepted ones in between. */
class Backlog {
  private readonly options: IngestOptions;
  private readonly batcher: IngestBatcher;
  private readonly limit: number;
  private counted = 0;
  private countedAt = Number.NEGATIVE_INFINITY;
  private counting: Promise<void> | undefined;
  /** Signals of requests that wait for a count; they occupy memory like those in the batcher. */
  private before = 0;
  /** Priority signals in the batcher. */
  private priority = 0;

  constructor(options: IngestOptions, batcher: IngestBatcher) {
    this.options = options;
    this.batcher = batcher;
    this.limit = options.maxWaiting ?? MAX_WAITING;
  }

  /** @throws `OVERLOADED` when none of them can be accepted now */
  async enter(arrivals: readonly Arrival[]): Promise<readonly (Reception | "refused")[]> {
    const priority = arrivals.filter(hasPriority);
    const hasOthers = priority.length < arrivals.length;
    const isMemoryFull = hasOthers && this.before + this.batcher.size() >= MAX_IN_MEMORY;
    if (hasOthers && !isMemoryFull && hasPassed(FRESH_MS, this.countedAt, this.options.now())) await this.countFor(arrivals.length);
    // No await between this check and the batcher: concurrent requests each see the signals of those before them.
    const isFull = hasOthers && (isMemoryFull || this.counted + this.batcher.size() >= this.limit);
    const accepted = isFull ? priority : arrivals;
    if (accepted.length === 0 || (priority.length > 0 && this.priority >= MAX_PRIORITY_IN_MEMORY)) throw overloaded(TOO_MANY);
    this.priority += priority.length;
    try {
      const receptions = await this.batcher.enter(accepted);
      this.counted += receptions.filter((one) => one === "accepted").length;
      if (accepted === arrivals) return receptions;
      return arrivals.map((one) => receptions[accepted.indexOf(one)] ?? "refused");
    } finally {
      this.priority -= priority.length;
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
        this.counted = await this.options.inbox.backlog(this.limit);
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
