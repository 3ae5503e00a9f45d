import type { Case } from "../agents/case.ts";
import { draftOf } from "../agents/case.ts";
import type { Decision } from "../domain/decision.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import { type IdentityClaim, identitiesOf, type SignalEvent } from "../domain/signal.ts";
import type { Instant } from "../domain/time.ts";
import { customerOf, idFrom, type Wake } from "../domain/wake.ts";
import { type DueTimer, identityKey, type Store } from "../store/store.ts";
import type { Decider, DueWake } from "./decide.ts";
import type { SignalLine } from "./read-signals.ts";

export interface ReplayOptions {
  readonly store: Store;
  readonly decider: Decider;
  /** The last instant at which timers fire; signals after it are left out. Default: the latest time seen. */
  readonly until?: Instant;
  /** Told of every decision, in the order in which they fall. */
  readonly onDecision: (decision: Decision) => void | Promise<void>;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Asked between batches; what is begun is finished first. */
  readonly isStopped?: () => boolean;
  /** Run once, before the first signal, with its time. */
  readonly beforeFirst?: (at: Instant) => Promise<void>;
}

export interface ReplayProgress {
  readonly signals: number;
  readonly timers: number;
  readonly decisions: number;
  readonly clock: Instant;
}

export interface ReplayResult extends ReplayProgress {
  readonly duplicates: number;
  readonly createdCustomers: number;
  readonly afterUntil: number;
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
  readonly conflicts: readonly { readonly line: number; readonly problem: string }[];
  readonly stopped: boolean;
}

/**
 * Replays a recorded stream in event time: signals in the order of the file, timers when they are due. The clock is the
 * latest time seen and never goes back. Wakes that lie next to each other and belong to different customers go through
 * the graph together, as long as that cannot be told from one at a time.
 */
export async function replay(lines: AsyncIterable<SignalLine>, options: ReplayOptions): Promise<ReplayResult> {
  const run = new Replay(options);
  await run.begin();
  for await (const chunk of inChunks(lines, CHUNK)) {
    await run.take(chunk);
    if (run.isStopped) break;
  }
  await run.finish();
  return run.result();
}

/** Where a replay's clock stands, kept in the store so that it goes on from there. */
export const CLOCK = "replay_clock";

// --- internal ---

const CHUNK = 500;
/** Wakes that go through one execution of the graph. */
const BATCH = 64;
/** Timers looked at ahead: those that a batch may reach. */
const LOOKAHEAD = BATCH + 1;

type Readable = Extract<SignalLine, { event: SignalEvent }>;

interface Incoming {
  readonly event: SignalEvent;
  readonly time: Instant;
  readonly bodyHash: string;
}

/** Timers and signals in the order in which they happen: a timer before the signals that come after its due time. */
class Upcoming {
  private readonly timers: readonly DueTimer[];
  private readonly signals: readonly Incoming[];
  private clock: Instant;
  private timer = 0;
  private signal = 0;

  constructor(timers: readonly DueTimer[], signals: readonly Incoming[], clock: Instant) {
    this.timers = timers;
    this.signals = signals;
    this.clock = clock;
  }

  /** What happens next; undefined when that cannot be told from here. `place` counts signals from 1. */
  next(): { readonly timer: DueTimer } | { readonly signal: Incoming; readonly at: Instant; readonly place: number } | undefined {
    // Beyond what was looked ahead, a timer may be due that is not known here.
    if (this.timer === LOOKAHEAD) return undefined;
    const timer = this.timers[this.timer];
    const signal = this.signals[this.signal];
    const at = signal ? Math.max(this.clock, signal.time) : Number.POSITIVE_INFINITY;
    if (timer && timer.due < at) {
      this.timer++;
      this.clock = timer.due;
      return { timer };
    }
    if (!signal) return undefined;
    this.signal++;
    this.clock = at;
    return { signal, at, place: this.signal };
  }
}

class Replay {
  private readonly options: ReplayOptions;
  private clock: Instant = Number.NEGATIVE_INFINITY;
  private latestSignal: Instant = Number.NEGATIVE_INFINITY;
  private seq = 0;
  private hasBegun = false;
  private printed = 0;
  private readonly counts = { signals: 0, timers: 0, decisions: 0, duplicates: 0, createdCustomers: 0, afterUntil: 0 };
  private readonly problems: { line: number; problem: string }[] = [];
  private readonly conflicts: { line: number; problem: string }[] = [];

  constructor(options: ReplayOptions) {
    this.options = options;
  }

  get isStopped(): boolean {
    return this.options.isStopped?.() ?? false;
  }

  /** Goes on from where the store stands: its clock, and what a crash left undone. */
  async begin(): Promise<void> {
    const { store, decider } = this.options;
    const clock = await store.setting(CLOCK);
    if (typeof clock === "number") this.clock = clock;
    this.seq = await store.signals.lastSeq();
    this.printed = await store.read.lastDecision();
    const now = Number.isFinite(this.clock) ? this.clock : 0;
    await store.deliveries.abandon({ now });
    await store.calls.abandon(now);
    await decider.resume(await store.deliveries.open());
  }

  async take(lines: readonly SignalLine[]): Promise<void> {
    const incoming = await this.sortOut(lines);
    for (let next = 0; next < incoming.length && !this.isStopped; ) {
      const signal = incoming[next];
      if (!signal) break;
      await this.startAt(signal.time);
      next += await this.step(incoming.slice(next, next + BATCH));
    }
  }

  async finish(): Promise<void> {
    const { until = this.latestSignal } = this.options;
    const end = Math.max(until, this.clock);
    if (!Number.isFinite(end)) return;
    await this.startAt(end);
    while (!this.isStopped && (await this.fire(end))) {
      // Each round fires one batch of what is due until the end.
    }
    if (this.isStopped) return;
    this.clock = end;
    await this.options.store.commit([], { [CLOCK]: end });
  }

  result(): ReplayResult {
    const { problems, conflicts, clock, isStopped } = this;
    return { ...this.counts, clock, problems, conflicts, stopped: isStopped };
  }

  private async startAt(first: Instant): Promise<void> {
    if (this.hasBegun) return;
    this.hasBegun = true;
    await this.options.beforeFirst?.(first);
  }

  /** The signals of some lines that are new, with the customers they belong to. */
  private async sortOut(lines: readonly SignalLine[]): Promise<Incoming[]> {
    const events = lines.filter((line) => "event" in line);
    for (const line of lines) if ("problem" in line) this.problems.push({ line: line.line, problem: line.problem });
    const known = await this.options.store.signals.known(events.map(({ event }) => event));
    return events.flatMap((line) => this.sortOne(line, known) ?? []);
  }

  private sortOne({ event, time: given, line, bodyHash }: Readable, known: Map<string, string>): Incoming | undefined {
    const { until } = this.options;
    const time = given ?? Math.max(this.latestSignal, this.clock, 0);
    if (until !== undefined && time > until) {
      this.counts.afterUntil++;
      return undefined;
    }
    this.latestSignal = Math.max(this.latestSignal, time);
    const { source, id } = event;
    const before = known.get(`${source}\n${id}`);
    if (before === undefined) {
      known.set(`${source}\n${id}`, bodyHash);
      return { event, time, bodyHash };
    }
    if (before === bodyHash) this.counts.duplicates++;
    else this.conflicts.push({ line, problem: `signal ${id} of ${source} came before with another body; the first is kept` });
    return undefined;
  }

  /** Decides one batch: timers that are due before the next signal, and signals. Gives back how many signals are done. */
  private async step(signals: readonly Incoming[]): Promise<number> {
    const timers = await this.options.store.timers.due(FAR, false, LOOKAHEAD);
    const done = await this.decide(await this.gather(timers, signals));
    return done.filter(({ wake }) => wake.kind === "signal").length;
  }

  /** Fires one batch of the timers that are due until the end; false when there is none left. */
  private async fire(end: Instant): Promise<boolean> {
    const timers = await this.options.store.timers.due(end, true, LOOKAHEAD);
    if (timers.length === 0) return false;
    await this.decide(await this.gather(timers, []));
    return true;
  }

  /** The longest run of next wakes that belong to different customers. */
  private async gather(timers: readonly DueTimer[], signals: readonly Incoming[]): Promise<DueWake[]> {
    const wakes: DueWake[] = [];
    const customers = new Set<string>();
    const upcoming = new Upcoming(timers, signals, this.clock);
    for (let next = upcoming.next(); next && wakes.length < BATCH; next = upcoming.next()) {
      const due = "timer" in next ? timerWake(next.timer) : await this.signalWake(next.signal, next.at, this.seq + next.place);
      const customerId = customerOf(due.wake);
      if (customers.has(customerId) || (startsABatch(due) && wakes.length > 0)) break;
      customers.add(customerId);
      wakes.push(due);
    }
    return wakes;
  }

  private async signalWake({ event, time, bodyHash }: Incoming, now: Instant, seq: number): Promise<DueWake> {
    const identities = identitiesOf(event);
    const customerId = event.subject ?? (await this.find(identities));
    const { source, id, type } = event;
    const data = (event.data ?? {}) as JsonObject;
    return {
      wake: { kind: "signal", signal: { source, id, type, customerId, time, data, seq } },
      now,
      signal: { seq, source, id, type, customerId, time, receivedAt: now, event: event as Json, bodyHash },
      identities,
    };
  }

  /** The customer whom the identities find, the first that finds one; a new one gets an id made from the first. */
  private async find(identities: readonly IdentityClaim[]): Promise<string> {
    const owners = await this.options.store.customers.byIdentity(identities);
    const owner = identities.map((identity) => owners.get(identityKey(identity))).find((id) => id !== undefined);
    const [first] = identities;
    return owner ?? idFrom("c", first?.type ?? "", first?.value ?? "");
  }

  private async decide(wakes: readonly DueWake[]): Promise<readonly DueWake[]> {
    const { store, decider, onDecision, onProgress } = this.options;
    const done = await decider.decide(wakes, { mayCommit: (cases) => commitsInOrder(cases), settings: (last) => ({ [CLOCK]: last.now }) });
    for (const { wake } of done) {
      if (wake.kind === "signal") {
        this.counts.signals++;
        this.seq = wake.signal.seq;
      } else this.counts.timers++;
    }
    this.clock = Math.max(this.clock, done.at(-1)?.now ?? this.clock);
    const { decisions, last } = await store.read.decisionsAfter(this.printed);
    this.printed = last;
    this.counts.decisions += decisions.length;
    for (const decision of decisions) await onDecision(decision);
    onProgress?.({ ...this.counts, clock: this.clock });
    return done;
  }
}

/** As far ahead as timers are looked for: after the last instant that a signal can have. */
const FAR: Instant = Date.UTC(2200, 0, 1);

const timerWake = ({ customerId, key, name, due }: DueTimer): DueWake => ({
  wake: { kind: "timer", customerId, key, name, due },
  now: due,
});

/** Identities may name customers for others: such a signal is decided when everything before it is written. */
const startsABatch = ({ identities = [] }: DueWake): boolean => identities.length > 0;

/**
 * How many cases from the first on may be written as if they had been decided one after the other. A case may set a timer
 * that fires before a later case of the batch; then everything from there on is decided again, after that timer.
 */
function commitsInOrder(cases: readonly Case[]): number {
  let soonest: NewTimer | undefined;
  for (const [index, one] of cases.entries()) {
    if (soonest && firesBefore(soonest, one)) return index;
    for (const timer of newTimers(one)) if (!soonest || timer.due < soonest.due) soonest = timer;
  }
  return cases.length;
}

interface NewTimer {
  readonly due: Instant;
  readonly customerId: string;
}

function newTimers(one: Case): NewTimer[] {
  const before = one.before?.timers ?? {};
  const after = Object.entries(draftOf(one)?.customer.timers ?? {});
  return after.filter(([key, { due }]) => before[key]?.due !== due).map(([, { due }]) => ({ due, customerId: customerOf(one.wake) }));
}

const firesBefore = (timer: NewTimer, { wake, now }: { wake: Wake; now: Instant }): boolean =>
  timer.due < now || (wake.kind === "timer" && timer.due === wake.due && timer.customerId < wake.customerId);

async function* inChunks<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
