import type { Case } from "../agents/case.ts";
import { draftOf } from "../agents/case.ts";
import type { Decision } from "../domain/decision.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import { identitiesOf, type SignalEvent } from "../domain/signal.ts";
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

interface Incoming {
  readonly event: SignalEvent;
  readonly customerId: string;
  readonly time: Instant;
  readonly bodyHash: string;
  /** Identities may name customers for others: such a signal starts a batch of its own. */
  readonly bringsIdentities: boolean;
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
    const { store, until } = this.options;
    const known = await store.signals.known(events.map(({ event }) => event));
    const incoming: Incoming[] = [];
    for (const { event, time: given, line, bodyHash } of events) {
      const time = given ?? Math.max(this.latestSignal, this.clock, 0);
      if (until !== undefined && time > until) {
        this.counts.afterUntil++;
        continue;
      }
      const key = `${event.source}\n${event.id}`;
      const before = known.get(key);
      if (before === bodyHash) this.counts.duplicates++;
      else if (before !== undefined)
        this.conflicts.push({ line, problem: `signal ${event.id} of ${event.source} came before with another body; the first is kept` });
      else {
        known.set(key, bodyHash);
        incoming.push({ event, customerId: event.subject ?? "", time, bodyHash, bringsIdentities: identitiesOf(event).length > 0 });
      }
      this.latestSignal = Math.max(this.latestSignal, time);
    }
    return incoming;
  }

  /** Decides one batch: timers that are due before the next signal, and signals. Gives back how many signals are done. */
  private async step(signals: readonly Incoming[]): Promise<number> {
    const timers = await this.options.store.timers.due(FAR, false, LOOKAHEAD);
    const wakes = await this.gather(timers, signals);
    const done = await this.decide(wakes);
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
    let clock = this.clock;
    let [t, s] = [0, 0];
    while (wakes.length < BATCH) {
      const timer = timers[t];
      const signal = signals[s];
      // Beyond what was looked ahead, a timer may be due that is not known here.
      if (timers.length === LOOKAHEAD && t === LOOKAHEAD) break;
      const at = signal ? Math.max(clock, signal.time) : Number.POSITIVE_INFINITY;
      const isTimer = timer !== undefined && timer.due < at;
      if (!isTimer && !signal) break;
      const due = isTimer ? timerWake(timer) : await this.signalWake(need(signal), at, this.seq + s + 1);
      const customerId = customerOf(due.wake);
      if (customers.has(customerId) || (!isTimer && signal?.bringsIdentities && wakes.length > 0)) break;
      customers.add(customerId);
      wakes.push(due);
      clock = due.now;
      if (isTimer) t++;
      else s++;
    }
    return wakes;
  }

  private async signalWake({ event, time, bodyHash }: Incoming, now: Instant, seq: number): Promise<DueWake> {
    const identities = identitiesOf(event);
    const customerId = event.subject ?? (await this.find(event));
    const { source, id, type } = event;
    const data = (event.data ?? {}) as JsonObject;
    return {
      wake: { kind: "signal", signal: { source, id, type, customerId, time, data, seq } },
      now,
      signal: { seq, source, id, type, customerId, time, receivedAt: now, event: event as unknown as Json, bodyHash },
      identities,
    };
  }

  /** The customer whom the identities find, the first that finds one; a new one gets an id made from the first. */
  private async find(event: SignalEvent): Promise<string> {
    const identities = identitiesOf(event);
    const owners = await this.options.store.customers.byIdentity(identities);
    const owner = identities.map((identity) => owners.get(identityKey(identity))).find((id) => id !== undefined);
    const first = identities[0];
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

/**
 * How many cases from the first on may be written as if they had been decided one after the other. A case may set a timer
 * that fires before a later case of the batch; then everything from there on is decided again, after that timer.
 */
function commitsInOrder(cases: readonly Case[]): number {
  let soonest: { due: Instant; customerId: string } | undefined;
  for (const [index, one] of cases.entries()) {
    if (soonest && firesBefore(soonest, one)) return index;
    const before = one.before?.timers ?? {};
    for (const [key, { due }] of Object.entries(draftOf(one)?.customer.timers ?? {})) {
      const isNew = before[key]?.due !== due;
      if (isNew && (!soonest || due < soonest.due)) soonest = { due, customerId: customerOf(one.wake) };
    }
  }
  return cases.length;
}

const firesBefore = (timer: { due: Instant; customerId: string }, { wake, now }: { wake: Wake; now: Instant }): boolean =>
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

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected a signal to be next");
  return value;
}
