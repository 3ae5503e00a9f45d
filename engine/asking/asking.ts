import { setTimeout as pause } from "node:timers/promises";
import { type AskAnswer, WITHIN_MS } from "../../domain/entities/ask.ts";
import { SentientError } from "../../domain/errors.ts";
import { customerNamedBy } from "../../domain/identity/identity.ts";
import { isVisitor } from "../../domain/identity/visitor.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { DAY, type Instant, iso } from "../../domain/values/time.ts";
import { isOutage, type OutageMonitor } from "../../health/outage.ts";
import type { KeptAsk } from "../../store/asks.ts";
import type { Store } from "../../store/store.ts";
import { errorFields, type Log } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Decider } from "../decide.ts";
import { AskDesk, type AskUnderWay } from "./ask-desk.ts";
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
   * @throws `BAD_INPUT`, `FORBIDDEN`, `NOT_FOUND`, `CONFLICT`, `OVERLOADED`, `STORE_FAILED`
   */
  next(given: JsonObject, by: Asker): Promise<AskAnswer>;
  /** Resolves when nothing is in flight. */
  settled(): Promise<void>;
}

export function createAsking(options: AskingOptions): Asking {
  const desk = new AskDesk(options);
  const sameNow = new Map<string, { readonly bodyHash: string; readonly answer: Promise<AskAnswer> }>();
  return {
    settled: () => desk.settled(),
    async next(given, by) {
      const read = readAsk(given);
      const unknown = options.decider.unknownIn(read.body);
      if (unknown !== undefined) throw new SentientError("NOT_FOUND", unknown);
      const { id } = read.body;
      if (id === undefined) return answerOnce(read, by, { ...options, desk });
      const key = JSON.stringify([by.source, id]);
      const same = sameNow.get(key);
      if (same && same.bodyHash !== read.bodyHash) throw conflict(id);
      if (same) return same.answer;
      const answer = answerOnce(read, by, { ...options, desk }).finally(() => sameNow.delete(key));
      sameNow.set(key, { bodyHash: read.bodyHash, answer });
      return answer;
    },
  };
}

// --- internal ---

interface AskingDeps extends AskingOptions {
  readonly desk: AskDesk;
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
  const over = new AbortController();
  try {
    const decided = decide(read, by, under, deps);
    // A failure after a late answer is nobody's.
    decided.catch(() => {});
    const first = await Promise.race([decided, lateAfter(read.body.within ?? WITHIN_MS, over.signal)]);
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
    over.abort();
    metrics.observe("sentient_ask_seconds", (performance.now() - began) / 1000);
  }
}

/** How far an ask has come. */
interface UnderWay {
  isOver: boolean;
  ask?: NewAsk;
  entered?: AskUnderWay;
}

async function decide(read: ReadAsk, by: Asker, under: UnderWay, deps: AskingDeps): Promise<AskAnswer> {
  const { store, desk, newId, now, decider } = deps;
  const { source } = by;
  const { id = newId() } = read.body;
  const at = now();
  const named = await customerOfAsk(read, by, store);
  const { seq, known, customerId, isKnown } = await store.asks.begin({ source, id }, named);
  if (known) return sameAgain(known, read, id, at);
  if (read.body.create === false && !isKnown) throw new SentientError("NOT_FOUND", "there is no such customer, and create is false");
  under.ask = newAsk(read, { source, id, seq, customerId, at }, decider.channels);
  if (under.isOver) return settleLate(under.ask, read, deps);
  under.entered = desk.enter(under.ask);
  const answered = await under.entered.answered;
  deps.outages.succeeded();
  return answered.outcome === "answered" ? answered.answer : keptAnswer(under.ask, read, deps);
}

async function customerOfAsk({ body }: ReadAsk, { isForVisitors = false }: Asker, store: Store): Promise<string> {
  const { customer, identities = [] } = body;
  const named = customer ?? customerNamedBy(identities, await store.customers.byIdentity(identities));
  if (!isForVisitors) return named;
  const known = await store.customers.identitiesOf(named);
  if (customer !== undefined || !isVisitor({ ...known, identities: [...known.identities, ...identities] }))
    throw new SentientError("FORBIDDEN", "this key asks for anonymous visitors; for a known customer send the token that names them");
  return named;
}

/** The answer that another process has written. */
async function keptAnswer({ ask }: NewAsk, read: ReadAsk, { store, now }: AskingDeps): Promise<AskAnswer> {
  const known = await store.asks.find(ask);
  if (!known) throw new SentientError("STORE_FAILED", "the ask was written and is not there; ask again");
  return sameAgain(known, read, ask.id, now());
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

const lateAfter = (ms: number, signal: AbortSignal): Promise<typeof LATE> => pause(ms, LATE, { signal }).catch(() => LATE);

/** The answer to an ask whose time is over: late with nothing in it, unless another one is written first. */
async function answerLate(decided: Promise<AskAnswer>, read: ReadAsk, under: UnderWay, deps: AskingDeps): Promise<AskAnswer> {
  under.isOver = true;
  under.entered?.giveUp();
  const { ask } = under;
  // What is being committed was decided in time.
  const isCommitting = under.entered?.isCommitting() === true;
  // Without its customer it cannot be recorded yet; it is late once that is found.
  const settled = await Promise.race([
    ask && !isCommitting ? settleLate(ask, read, deps) : decided,
    pause(isCommitting ? COMMITTING_MS : GRACE_MS),
  ]);
  if (settled) return settled;
  // Its commit has failed, or takes longer than anybody waits.
  if (ask && isCommitting) settleLate(ask, read, deps).catch(() => {});
  return ask ? lateAnswer(ask) : { customerId: read.body.customer ?? "", decidedAt: iso(deps.now()), late: true, places: {} };
}

/** Marks an ask as late; where this process or another has written of it first, that stands. */
async function settleLate(ask: NewAsk, read: ReadAsk, deps: AskingDeps): Promise<AskAnswer> {
  const { store, outages, log } = deps;
  const isLate = await store.asks.markLate(ask.signal, ask.ask.channel).catch((error: unknown) => {
    if (isOutage(error)) outages.report(error);
    else log.error("a late ask could not be recorded", errorFields(error));
    return true;
  });
  return isLate ? lateAnswer(ask) : keptAnswer(ask, read, deps);
}

const lateAnswer = ({ ask: { customerId, at } }: NewAsk): AskAnswer => ({ customerId, decidedAt: iso(at), late: true, places: {} });

function count({ late, places }: AskAnswer, metrics: AskingOptions["metrics"]): void {
  metrics.add("sentient_asks_total", { late: late ? "yes" : "no" });
  for (const { action, again } of Object.values(places))
    metrics.add("sentient_ask_places_total", { result: again ? "again" : action === "deliver" ? "given" : "nothing" });
}
