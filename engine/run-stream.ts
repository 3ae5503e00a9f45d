import { setImmediate as turn } from "node:timers/promises";
import { draftOf, type WakeRun } from "../agents/wake-run.ts";
import type { Decision } from "../domain/entities/decision.ts";
import { ASK, identitiesOf, type SignalEvent, signalKey } from "../domain/entities/signal.ts";
import { customerOf } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { readConsent } from "../domain/identity/consent.ts";
import { customerNamedBy } from "../domain/identity/identity.ts";
import { mayRefuse } from "../domain/record/address-refusals.ts";
import { sharedIdentities } from "../domain/record/intake.ts";
import { MERGED } from "../domain/record/merge.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import { type LineProblem, MAX_LISTED, ProblemList } from "../intake/line-problems.ts";
import type { SignalLine } from "../intake/read-signals.ts";
import type { DueTimer } from "../store/reading/timers.ts";
import type { KeptCanary, Store } from "../store/store.ts";
import { askBodyOf, askedFor, askWake } from "./ask-wake.ts";
import { type CanaryWatch, createCanaryWatch, type WatchedCanaries } from "./canaries/canary-watch.ts";
import { leftOutOf } from "./count-runs.ts";
import type { Decider } from "./decide.ts";
import type { DueWake } from "./due-wake.ts";
import { BATCH_SIZE, commitsInOrder, LOOKAHEAD, MergedStream, type NewSignal, type Next, timerWake } from "./stream-order.ts";

/** What a stream needs of the store that it runs on. */
export interface StreamStore extends Pick<Store, "setting" | "signals" | "timers" | "commit"> {
  readonly customers: Pick<Store["customers"], "records" | "byIdentity">;
  readonly links: Pick<Store["links"], "roots">;
  readonly deliveries: Pick<Store["deliveries"], "open">;
  readonly read: Pick<Store["read"], "lastDecision" | "decisionsAfter">;
  readonly canaries: WatchedCanaries;
}

export interface RunStreamOptions {
  readonly store: StreamStore;
  readonly decider: Pick<Decider, "decide" | "resume" | "channels" | "policy" | "unknownIn">;
  /** The last instant at which timers fire; later signals are skipped. Default: the latest time seen. */
  readonly until?: Instant;
  /** Called for every decision, in order. */
  readonly onDecision: (decision: Decision) => void | Promise<void>;
  readonly onProgress?: (progress: StreamProgress) => void;
  /** Checked between batches: the batch in flight is finished first. */
  readonly isStopped?: () => boolean;
  /** Maximum wakes of a batch; the result does not depend on it. */
  readonly batch?: number;
  /** Called for every signal right before its wake; the returned one is decided instead. */
  readonly rewrite?: (event: SignalEvent) => SignalEvent;
  /** Checked before every wake: the first match ends the run, undecided, and is returned as `stoppedBefore`. */
  readonly stopBefore?: (due: DueWake) => boolean;
  /** Set: all customers are in the share of every canary, or none is. By default they are drawn. */
  readonly everyone?: boolean | undefined;
  /** What people did to canaries where the stream was recorded. */
  readonly byPeople?: readonly KeptCanary[] | undefined;
  /** Called once before the first signal, with its time. */
  readonly beforeFirst?: (at: Instant) => Promise<void>;
}

export interface StreamProgress {
  readonly signals: number;
  readonly timers: number;
  readonly decisions: number;
  readonly clock: Instant;
}

export interface StreamResult extends StreamProgress {
  readonly duplicates: number;
  readonly createdCustomers: number;
  /** Identities that already belong to another customer than the signal's. */
  readonly sharedIdentities: number;
  /** Traits that exceeded the size limit of their customers' records. */
  readonly traitsLeftOut: number;
  readonly afterUntil: number;
  /** Invalid lines, and signals whose body differs from an earlier one: the first hundred of each. */
  readonly problems: readonly LineProblem[];
  readonly conflicts: readonly LineProblem[];
  /** The count of the rest, of both kinds. */
  readonly moreProblems: number;
  /** Unknown channels with denials or revocations, which are kept under their names. */
  readonly unknownChannels?: readonly string[];
  readonly stopped: boolean;
  /** The wake that `stopBefore` matched. */
  readonly stoppedBefore?: DueWake;
}

/**
 * Runs a recorded stream in event time: signals in the order of the file, timers when they are due. The clock is the
 * latest time seen and never goes back. Consecutive wakes of different customers go through the graph as one batch, where
 * the result is the same as one at a time.
 */
export async function runStream(lines: AsyncIterable<SignalLine | Interlude>, options: RunStreamOptions): Promise<StreamResult> {
  const run = new StreamRun(options);
  await run.begin();
  for await (const chunk of inChunks(lines, CHUNK)) {
    if (Array.isArray(chunk)) await run.take(chunk);
    else await run.pauseFor(chunk);
    if (run.isStopped) break;
  }
  await run.finish();
  return run.result();
}

/** Work between two signals, as an import, once the timers before it have fired. */
export interface Interlude {
  readonly at: Instant;
  run(): Promise<void>;
}

/** Setting with the clock of the stream, so that the next run continues from it. */
export const CLOCK = "replay_clock";

// --- internal ---

const CHUNK = 500;
type Readable = Extract<SignalLine, { event: SignalEvent }>;

class StreamRun {
  private readonly options: RunStreamOptions;
  private clock: Instant = Number.NEGATIVE_INFINITY;
  private latestSignal: Instant = Number.NEGATIVE_INFINITY;
  private seq = 0;
  private hasBegun = false;
  private printed = 0;
  private stoppedBefore: DueWake | undefined;
  /** Merged customers and the surviving customer of each. */
  private roots: ReadonlyMap<string, string> = new Map();
  /** Maximum wakes of the next batch: smaller after a batch that could be written only in part. */
  private size: number;
  private readonly counts = {
    signals: 0,
    timers: 0,
    decisions: 0,
    duplicates: 0,
    createdCustomers: 0,
    sharedIdentities: 0,
    traitsLeftOut: 0,
    afterUntil: 0,
  };
  /** Asks passed over, which create nobody and found nobody. */
  private passedOver = 0;
  private readonly canaries: CanaryWatch;
  private readonly unknownChannels = new Set<string>();
  private readonly problems = new ProblemList<LineProblem>();
  private readonly conflicts = new ProblemList<LineProblem>();

  constructor(options: RunStreamOptions) {
    this.options = options;
    this.size = options.batch ?? BATCH_SIZE;
    const { store, decider, everyone, byPeople } = options;
    this.canaries = createCanaryWatch({ store, policy: decider.policy(), everyone, byPeople });
  }

  get isStopped(): boolean {
    return this.stoppedBefore !== undefined || (this.options.isStopped?.() ?? false);
  }

  /** Continues from the state of the store: its clock, and deliveries left open by a crash. */
  async begin(): Promise<void> {
    const { store, decider } = this.options;
    const clock = await store.setting(CLOCK);
    if (typeof clock === "number") this.clock = clock;
    this.seq = await store.signals.lastSeq();
    this.printed = await store.read.lastDecision();
    this.roots = await store.links.roots();
    await decider.resume(await store.deliveries.open());
  }

  async take(lines: readonly SignalLine[]): Promise<void> {
    const incoming = await this.sortOut(lines);
    for (let next = 0; next < incoming.length && !this.isStopped; ) {
      const signal = incoming[next];
      if (!signal) break;
      await this.startAt(signal.time);
      next += await this.step(incoming.slice(next, next + BATCH_SIZE));
    }
  }

  async pauseFor({ at, run }: Interlude): Promise<void> {
    await this.startAt(at);
    while (!this.isStopped && (await this.fire(at, false))) {
      // Each iteration fires one batch of timers due before `at`.
    }
    if (this.isStopped) return;
    this.clock = Math.max(this.clock, at);
    await run();
  }

  async finish(): Promise<void> {
    const { until = this.latestSignal } = this.options;
    const end = Math.max(until, this.clock);
    if (!Number.isFinite(end)) return;
    await this.startAt(end);
    while (!this.isStopped && (await this.fire(end, true))) {
      // Each iteration fires one batch of timers due until the end.
    }
    if (this.isStopped) return;
    this.clock = end;
    await this.options.store.commit([], { [CLOCK]: end });
  }

  result(): StreamResult {
    const { problems, conflicts, clock, isStopped, stoppedBefore } = this;
    const before = stoppedBefore ? { stoppedBefore } : {};
    const wrong = { problems: problems.first, conflicts: conflicts.first, moreProblems: problems.more + conflicts.more };
    const unknown = this.unknownChannels.size > 0 ? { unknownChannels: [...this.unknownChannels] } : {};
    return { ...this.counts, clock, ...wrong, ...unknown, stopped: isStopped, ...before };
  }

  private async startAt(first: Instant): Promise<void> {
    if (this.hasBegun) return;
    this.hasBegun = true;
    await this.canaries.begin(first);
    // A run that ended before it looked looks now.
    if (Number.isFinite(this.clock)) await this.canaries.look(this.clock);
    await this.options.beforeFirst?.(first);
  }

  /** The new signals among these lines. */
  private async sortOut(lines: readonly SignalLine[]): Promise<NewSignal[]> {
    const events = lines.filter((line) => "event" in line).filter((line) => this.mayComeIn(line));
    for (const line of lines) if ("problem" in line) this.problems.add({ line: line.line, problem: line.problem });
    const known = await this.options.store.signals.known(events.map(({ event }) => event));
    return events.flatMap((line) => this.sortOne(line, known) ?? []);
  }

  /** A signal whose consent a server would refuse is an invalid line, unless it was accepted before. */
  private mayComeIn({ event, line, receivedAt }: Readable): boolean {
    const { type, data = {} } = event;
    const problem = type === ASK ? this.problemOfAsk(event) : undefined;
    if (problem !== undefined) {
      this.problems.add({ line, problem });
      return false;
    }
    const said = type === "customer.consent" && receivedAt === undefined ? readConsent(data, this.options.decider.channels()) : undefined;
    if (said === undefined) return true;
    if ("problem" in said) this.problems.add({ line, problem: `data.${said.problem}` });
    else for (const name of said.unknown) if (this.unknownChannels.size < MAX_LISTED) this.unknownChannels.add(name);
    return !("problem" in said);
  }

  /** An ask that a server would refuse is an invalid line. */
  private problemOfAsk(event: SignalEvent): string | undefined {
    const read = askBodyOf(event);
    if (!read.ok) return `data.${read.problem}`;
    return this.options.decider.unknownIn(read.body);
  }

  private sortOne({ event, time: given, receivedAt, line, bodyHash }: Readable, known: Map<string, string>): NewSignal | undefined {
    const { until } = this.options;
    const time = given ?? Math.max(this.latestSignal, this.clock, 0);
    if (until !== undefined && time > until) {
      this.counts.afterUntil++;
      return undefined;
    }
    this.latestSignal = Math.max(this.latestSignal, time);
    const { source, id } = event;
    const before = known.get(signalKey(event));
    if (before === undefined) {
      known.set(signalKey(event), bodyHash);
      return { event, time, bodyHash, line, ...(receivedAt === undefined ? {} : { receivedAt }) };
    }
    if (before === bodyHash) this.counts.duplicates++;
    else this.conflicts.add({ line, problem: `signal ${id} of ${source} came before with another body; the first is kept` });
    return undefined;
  }

  /** Decides one batch of signals and the timers due before them. Returns the number of signals decided or passed over. */
  private async step(signals: readonly NewSignal[]): Promise<number> {
    const timers = await this.options.store.timers.due(FAR, false, LOOKAHEAD);
    const before = this.passedOver;
    const done = await this.decide(await this.gather(timers, signals));
    return done.filter(({ signal }) => signal !== undefined).length + this.passedOver - before;
  }

  /** Passes over an ask that creates nobody and finds nobody: a server would answer 404, and keep nothing. */
  private async isPassedOver(due: DueWake, next: Next, before: number): Promise<boolean> {
    const customerId = customerOf(due.wake);
    if (
      before > 0 ||
      !("signal" in next) ||
      !mayFindNobody(due) ||
      (await this.options.store.customers.records([customerId])).has(customerId)
    )
      return false;
    const { event, line } = next.signal;
    this.passedOver++;
    this.problems.add({ line, problem: `ask ${event.id} of ${event.source}: there is no such customer, and create is false` });
    return true;
  }

  /** Fires one batch of the timers due until `end`; false when none is left. */
  private async fire(end: Instant, inclusive: boolean): Promise<boolean> {
    const timers = await this.options.store.timers.due(end, inclusive, LOOKAHEAD);
    if (timers.length === 0) return false;
    await this.decide(await this.gather(timers, []));
    return true;
  }

  /** The longest sequence of next wakes that belong to different customers. An ask that creates nobody and finds nobody is passed over. */
  private async gather(timers: readonly DueTimer[], signals: readonly NewSignal[]): Promise<DueWake[]> {
    const wakes: DueWake[] = [];
    const customers = new Set<string>();
    const merged = new MergedStream(timers, signals, this.clock);
    for (let next = merged.next(); next && wakes.length < this.size; next = merged.next()) {
      const due = "timer" in next ? timerWake(next.timer, next.at) : await this.signalWake(next.signal, next.at, this.seq + next.place);
      if (await this.isPassedOver(due, next, wakes.length)) continue;
      const customerId = customerOf(due.wake);
      if (customers.has(customerId) || (startsABatch(due) && wakes.length > 0) || this.endsAt(due, wakes.length)) break;
      customers.add(customerId);
      wakes.push(due);
      if (isAboutOthers(due)) break;
    }
    return wakes;
  }

  /** Whether `stopBefore` matches this wake; ends the run if it is the next one. */
  private endsAt(due: DueWake, before: number): boolean {
    const ends = this.options.stopBefore?.(due) === true;
    if (ends && before === 0) this.stoppedBefore = due;
    return ends;
  }

  private async signalWake({ event: given, time, bodyHash }: NewSignal, now: Instant, seq: number): Promise<DueWake> {
    const event = this.options.rewrite?.(given) ?? given;
    const identities = identitiesOf(event);
    const named =
      event.subject ?? askedFor(event) ?? customerNamedBy(identities, await this.options.store.customers.byIdentity(identities));
    const customerId = this.roots.get(named) ?? named;
    const { source, id, type } = event;
    const data = (event.data ?? {}) as JsonObject;
    const signal = { seq, source, id, type, customerId, time, receivedAt: now, event: event as Json, bodyHash };
    if (type === ASK)
      return { ...askWake(event, { source, id, customerId, at: now, seq }, this.options.decider.channels()), now, signal, identities };
    return { wake: { kind: "signal", signal: { source, id, type, customerId, time, data, seq } }, now, signal, identities };
  }

  /** Counts wakes that are decided, and moves the clock to them. */
  private passed(done: readonly DueWake[]): void {
    for (const { signal } of done) {
      if (signal) {
        this.counts.signals++;
        this.seq = signal.seq;
      } else this.counts.timers++;
    }
    this.clock = Math.max(this.clock, done.at(-1)?.now ?? this.clock);
  }

  private async decide(wakes: readonly DueWake[]): Promise<readonly DueWake[]> {
    if (wakes.length === 0) return [];
    const { store, decider, batch = BATCH_SIZE, onDecision, onProgress } = this.options;
    await this.canaries.atTime(wakes[0]?.now);
    let isNews = false;
    const done = await decider.decide(wakes, {
      mayCommit: (runs, policy, tools) => Math.min(this.canaries.upTo(runs), commitsInOrder(runs, policy, tools)),
      canaries: this.canaries,
      settings: (last) => ({ [CLOCK]: last.now }),
      onWritten: (runs) => {
        isNews = this.canaries.concerns(runs);
        this.counts.createdCustomers += runs.filter(isOfNewCustomer).length;
        this.counts.traitsLeftOut += leftOutOf(runs);
        this.counts.sharedIdentities += sharedIdentities(runs.flatMap((one) => draftOf(one)?.changes ?? []));
      },
    });
    if (done.length === 0 || done.some((due, index) => due !== wakes[index]))
      throw new SentientError(
        "CONFLICT",
        "another process changed the store while the stream ran on it; nothing else may write to it meanwhile",
      );
    this.size = done.length < wakes.length ? done.length : Math.min(this.size * 2, batch);
    this.passed(done);
    if (isNews) await this.canaries.look(this.clock);
    if (done.some(isMerge)) this.roots = await store.links.roots();
    const { decisions, last } = await store.read.decisionsAfter(this.printed);
    this.printed = last;
    this.counts.decisions += decisions.length;
    for (const decision of decisions) await onDecision(decision);
    onProgress?.({ ...this.counts, clock: this.clock });
    // On the embedded store all of this happens within one turn of the event loop: an interrupt could not be handled.
    await turn();
    return done;
  }
}

/** Horizon for timers: after the last instant that a signal can have. */
const FAR: Instant = Date.UTC(2200, 0, 1);

const isOfNewCustomer = ({ before }: WakeRun): boolean => before?.version === 0;

/** Identities and merges may change whom other signals belong to: everything before them is written first. */
const startsABatch = (due: DueWake): boolean => mayFindNobody(due) || (due.identities ?? []).length > 0 || isAboutOthers(due);

/** Which other customers it changes is known only once it is written. */
const isAboutOthers = (due: DueWake): boolean => isMerge(due) || (due.wake.kind === "signal" && mayRefuse(due.wake.signal));

/** Whether it is an ask that creates nobody: whether its customer is known shows once everything before it is written. */
const mayFindNobody = ({ wake }: DueWake): boolean => wake.kind === "ask" && wake.ask.create === false;

const isMerge = ({ signal }: DueWake): boolean => signal?.type === MERGED;

async function* inChunks(items: AsyncIterable<SignalLine | Interlude>, size: number): AsyncGenerator<SignalLine[] | Interlude> {
  let chunk: SignalLine[] = [];
  for await (const item of items) {
    const isLine = "line" in item;
    if (isLine) chunk.push(item);
    if (isLine && chunk.length < size) continue;
    if (chunk.length > 0) yield chunk;
    chunk = [];
    if (!isLine) yield item;
  }
  if (chunk.length > 0) yield chunk;
}
