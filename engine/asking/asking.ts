import { setTimeout as pause } from "node:timers/promises";
import { createGroup } from "../../concurrency/group.ts";
import { type AskAnswer, WITHIN_MS } from "../../domain/entities/ask.ts";
import { need, SentientError } from "../../domain/errors.ts";
import { customerNamedBy } from "../../domain/identity/identity.ts";
import { isVisitor } from "../../domain/identity/visitor.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { DAY, type Instant, iso } from "../../domain/values/time.ts";
import { isOutage, type OutageMonitor } from "../../health/outage.ts";
import type { BegunAsk, ComingAsk, KeptAsk, LateAsk } from "../../store/asks.ts";
import type { Store } from "../../store/store.ts";
import { errorFields, type Log } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Decider } from "../decide.ts";
import { type AskComing, AskDesk, type AskUnderWay } from "./ask-desk.ts";
import { type NewAsk, newAsk, type ReadAsk, readAsk } from "./new-ask.ts";

export interface AskingOptions {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  readonly newId: () => string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "add" | "observe">;
  readonly outages: Pick<OutageMonitor, "report" | "succeeded">;
}

/** The caller of an ask. */
export interface Asker {
  /** Names the key: asks of the same source and id are the same. */
  readonly source: string;
  /** It may ask for visitors only, of whom nothing but anonymous ids is known. */
  readonly isForVisitors?: boolean;
}

/** Answers asks within their request. */
export interface Asking {
  /**
   * Decides an ask in its customer's order, or answers what the same ask was answered before.
   *
   * @param given the body of `POST /v1/next`
   * @returns the answer: durable, or late with nothing in it
   * @throws `BAD_INPUT`, `FORBIDDEN`, `NOT_FOUND`, `CONFLICT`, `OVERLOADED`, `STORE_FAILED`, `NOT_READY`
   */
  next(given: JsonObject, by: Asker): Promise<AskAnswer>;
  /** Resolves when nothing is in flight. */
  settled(): Promise<void>;
}

export function createAsking(options: AskingOptions): Asking {
  const desk = new AskDesk(options);
  const { asks } = options.store;
  const deps: AskingDeps = {
    ...options,
    desk,
    begin: createGroup((all) => asks.begin(all)),
    markLate: createGroup((all) => asks.markLate(all)),
  };
  const sameNow = new Map<string, { readonly bodyHash: string; readonly answer: Promise<AskAnswer> }>();
  return {
    settled: () => desk.settled(),
    async next(given, by) {
      const read = readAsk(given);
      const whyNot = options.decider.whyNot();
      if (whyNot !== undefined) throw new SentientError("NOT_READY", whyNot);
      const unknown = options.decider.unknownIn(read.body);
      if (unknown !== undefined) throw new SentientError("NOT_FOUND", unknown);
      const { id } = read.body;
      if (id === undefined) return answerOnce(read, by, deps);
      const key = JSON.stringify([by.source, id]);
      const same = sameNow.get(key);
      if (same && same.bodyHash !== read.bodyHash) throw conflict(id);
      if (same) return same.answer;
      const answer = answerOnce(read, by, deps).finally(() => sameNow.delete(key));
      sameNow.set(key, { bodyHash: read.bodyHash, answer });
      return answer;
    },
  };
}

// --- internal ---

interface AskingDeps extends AskingOptions {
  readonly desk: AskDesk;
  /** In groups: where many are late at once, recording each by itself would make all others late. */
  readonly begin: (ask: ComingAsk) => Promise<BegunAsk>;
  readonly markLate: (ask: LateAsk) => Promise<boolean>;
}

/** How long the answer to a repeated ask stays the same. */
const SAME_ANSWER = DAY;

/** How much later than asked a late answer may come. */
const GRACE_MS = 40;

/** How long an answer is waited for whose commit began in time: a flush to a slow disk. */
const COMMITTING_MS = 1_000;

const LATE = Symbol("late");

/** An answer in time, or a late one: what is written first stands. */
async function answerOnce(read: ReadAsk, by: Asker, deps: AskingDeps): Promise<AskAnswer> {
  const began = performance.now();
  const { metrics, outages } = deps;
  const under: UnderWay = { isOver: false };
  const deadline = deadlineIn(read.body.within ?? WITHIN_MS);
  try {
    const decided = decide(read, by, under, deps);
    // A failure after a late answer is nobody's.
    decided.catch(() => {});
    const first = await Promise.race([decided, deadline.over]);
    const answer = first === LATE ? await answerLate(decided, read, under, deps) : first;
    count(answer, metrics);
    return answer;
  } catch (error) {
    if (!isOutage(error)) throw error;
    outages.report(error);
    throw error instanceof SentientError
      ? error
      : new SentientError("STORE_FAILED", "the ask could not be decided; nothing of it is kept, ask again", { cause: error });
  } finally {
    deadline.cancel();
    metrics.observe("sentient_ask_seconds", (performance.now() - began) / 1000);
  }
}

/** How far an ask has come. */
interface UnderWay {
  isOver: boolean;
  coming?: AskComing;
  entered?: AskUnderWay;
}

async function decide(read: ReadAsk, by: Asker, under: UnderWay, deps: AskingDeps): Promise<AskAnswer> {
  const { store, desk, newId, now } = deps;
  const { id = newId() } = read.body;
  const at = now();
  under.coming = { read, source: by.source, id, customerId: await customerOfAsk(read, by, store), at };
  if (under.isOver) return settleLate(under.coming, undefined, deps);
  under.entered = desk.enter(under.coming);
  const answered = await under.entered.answered;
  deps.outages.succeeded();
  if (answered.outcome === "unknown") throw unknownCustomer();
  return answered.outcome === "answered" ? answered.answer : sameAgain(answered.known, read, id, at);
}

const unknownCustomer = (): SentientError => new SentientError("NOT_FOUND", "there is no such customer, and create is false");

async function customerOfAsk({ body }: ReadAsk, { isForVisitors = false }: Asker, store: Store): Promise<string> {
  const { customer, identities = [] } = body;
  const named = customer ?? customerNamedBy(identities, await store.customers.byIdentity(identities));
  if (!isForVisitors) return named;
  const known = await store.customers.identitiesOf(named);
  if (customer !== undefined || !isVisitor({ ...known, identities: [...known.identities, ...identities] }))
    throw new SentientError("FORBIDDEN", "this key asks for anonymous visitors; for a known customer send the token that names them");
  return named;
}

function sameAgain(known: KeptAsk, { bodyHash }: ReadAsk, id: string, now: Instant): AskAnswer {
  if (known.bodyHash !== bodyHash) throw conflict(id);
  // A clock that is behind that of the process that answered is no day later.
  if (now - known.at >= SAME_ANSWER || (!known.late && known.answer === null))
    throw new SentientError("CONFLICT", `id: ${id} was asked more than 24 hours ago; ask with a new id`);
  if (known.late) return { customerId: known.customerId, decidedAt: iso(known.at), late: true, places: {} };
  return known.answer as unknown as AskAnswer;
}

const conflict = (id: string): SentientError =>
  new SentientError("CONFLICT", `id: ${id} was asked before with another body; the first one stands`);

/** A timer that is cancelled without an error: nearly every one is. */
function deadlineIn(ms: number): { readonly over: Promise<typeof LATE>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, ms, LATE);
  });
  return { over, cancel: () => clearTimeout(timer) };
}

/** The answer to an ask whose time is over: late with nothing in it, unless another one is written first. */
async function answerLate(decided: Promise<AskAnswer>, read: ReadAsk, under: UnderWay, deps: AskingDeps): Promise<AskAnswer> {
  under.isOver = true;
  under.entered?.giveUp();
  const { coming, entered } = under;
  const settle = async (): Promise<AskAnswer> => (coming ? settleLate(coming, entered?.opened(), deps) : decided);
  // An answer that is being committed was decided in time.
  const isCommitting = entered?.isCommitting() === true;
  const settled = await Promise.race([isCommitting ? decided : settle(), pause(isCommitting ? COMMITTING_MS : GRACE_MS)]);
  if (settled) return settled;
  // Its commit has failed, or takes longer than anybody waits.
  if (isCommitting) settle().catch(() => {});
  const unnamed = { customerId: read.body.customer ?? "", at: deps.now() };
  return lateAnswer(coming ?? unnamed, entered?.opened());
}

/**
 * Marks an ask as late; where this process or another has written of it first, that stands.
 *
 * @param opened the ask with its place; without it, it is given one now
 */
async function settleLate(coming: AskComing, opened: NewAsk | undefined, deps: AskingDeps): Promise<AskAnswer> {
  const { outages, log } = deps;
  try {
    return await writeLate(coming, opened, deps);
  } catch (error) {
    if (isOutage(error)) outages.report(error);
    else if (error instanceof SentientError) throw error;
    else log.error("a late ask could not be recorded", errorFields(error));
    return lateAnswer(coming, opened);
  }
}

async function writeLate(
  coming: AskComing,
  opened: NewAsk | undefined,
  { store, now, decider, begin, markLate }: AskingDeps,
): Promise<AskAnswer> {
  const { read, source, id, customerId } = coming;
  let late = opened;
  if (!late) {
    const begun = await begin({ source, id, customerId, mustBeKnown: read.body.create === false });
    if (begun.known) return sameAgain(begun.known, read, id, now());
    if (!begun.isKnown) throw unknownCustomer();
    late = newAsk(read, { ...coming, ...begun }, decider.channels());
  }
  if (await markLate({ signal: late.signal, channel: late.ask.channel })) return lateAnswer(coming, late);
  return sameAgain(need(await store.asks.find({ source, id }), "the ask that was written"), read, id, now());
}

const lateAnswer = ({ customerId, at }: Pick<AskComing, "customerId" | "at">, opened: NewAsk | undefined): AskAnswer => ({
  ...{ customerId: opened?.ask.customerId ?? customerId, decidedAt: iso(at) },
  ...{ late: true, places: {} },
});

function count({ late, places }: AskAnswer, metrics: AskingOptions["metrics"]): void {
  metrics.add("sentient_asks_total", { late: late ? "yes" : "no" });
  for (const { action, again } of Object.values(places))
    metrics.add("sentient_ask_places_total", { result: again ? "again" : action === "deliver" ? "given" : "nothing" });
}
