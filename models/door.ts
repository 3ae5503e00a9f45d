import { createSemaphore } from "../concurrency/semaphore.ts";
import {
  type Answer,
  type AnswerBody,
  addUsage,
  type BudgetLeft,
  type ModelFailure,
  NO_USAGE,
  type Usage,
} from "../domain/entities/model-answer.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { RunAccount } from "./account.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type Amount, type Budget, leftOf, type SpendingLedger, setAside } from "./budget.ts";
import type { CountedTokens } from "./completion.ts";
import { type Endpoint, type Exchange, exchange, openClient, type Sent } from "./exchange.ts";

export interface DoorOptions extends Endpoint {
  /** Dollars for tokens. */
  readonly priceOf: (tokens: CountedTokens) => number;
  /** No price is configured: dollars are an assumption. */
  readonly isPriceAssumed?: boolean;
  readonly budget: Budget;
  readonly limits: DoorLimits;
  readonly ledger: SpendingLedger;
  readonly now: () => Instant;
  /** Sleeps; ends early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1: jitter, so that waiting callers do not retry in step. */
  readonly random: () => number;
}

export interface DoorLimits {
  /** Time limit of one request, up to its last byte. */
  readonly callMs: number;
  /** Time limit for all calls of one run, waits included. */
  readonly runMs: number;
  /** Maximum requests in flight. */
  readonly concurrency: number;
}

/** A request, and how its response is read. */
export interface DoorRequest<T> extends Sent {
  /** The most tokens that it can cost. */
  readonly most: CountedTokens;
  read(body: unknown): AnswerBody<T> & { readonly finishReason?: string };
  /** Tokens reported by the endpoint; undefined where it reports none. */
  counted(body: unknown): CountedTokens | undefined;
}

/** Who asks, and the signal that cancels the call. */
export interface Caller {
  readonly account: RunAccount;
  /** The call is made for no run, so that only the budget of the day holds. */
  readonly isForNoRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Result of one attempt. */
export interface Tried<T> {
  readonly answer: AnswerBody<T>;
  readonly usage: Usage;
  /** Set once a request was sent. */
  readonly isMade?: true;
  readonly left?: BudgetLeft;
  readonly finishReason?: string;
  readonly retryAfterMs?: number;
}

/** The one door to an endpoint: budgets, time limits, retries and a circuit breaker hold for everything that passes. */
export interface Door {
  /** Runs within the time limit of the caller's run and the number of requests in flight; otherwise a failure. */
  enter<T>(caller: Caller, work: (signal: AbortSignal) => Promise<Answer<T>>): Promise<Answer<T>>;
  /** Repeats attempts where that may help, at most twice. `attempt` gets the number of the attempt, from 1. */
  persist<T>(caller: Caller, signal: AbortSignal, attempt: (number: number) => Promise<Tried<T>>): Promise<Answer<T>>;
  /** One request, if the circuit breaker and the budget for its maximum cost allow it. */
  attempt<T>(request: DoorRequest<T>, caller: Caller, signal: AbortSignal): Promise<Tried<T>>;
}

export function openDoor(options: DoorOptions): Door {
  const { limits, now } = options;
  const semaphore = createSemaphore(limits.concurrency);
  const deps: DoorDeps = { ...options, client: openClient(options), breaker: createBreaker({ now }) };
  return {
    async enter({ account, signal: caller }, work) {
      account.startedAt ??= now();
      const timer = new AbortController();
      const left = account.startedAt + limits.runMs - now();
      const stopTimer = setTimeout(() => timer.abort(), Math.max(0, left));
      const stop = (): void => timer.abort();
      caller?.addEventListener("abort", stop, { once: true });
      try {
        if (left <= 0 || caller?.aborted) return giveUp(caller);
        const release = await semaphore.acquire(timer.signal);
        if (!release) return giveUp(caller);
        try {
          return await work(timer.signal);
        } finally {
          release();
        }
      } finally {
        clearTimeout(stopTimer);
        caller?.removeEventListener("abort", stop);
      }
    },
    persist: (caller, signal, attempt) => persist(caller, signal, attempt, deps),
    attempt: (request, caller, signal) => attemptOnce(request, caller, signal, deps),
  };
}

/** Runs with a fresh signal that aborts at the call's or the run's time limit, whichever comes first. */
export async function within<T>(ms: number, outer: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const stop = (): void => own.abort();
  const timer = setTimeout(stop, ms);
  outer.addEventListener("abort", stop, { once: true });
  try {
    return await run(own.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", stop);
  }
}

// --- internal ---

interface DoorDeps extends DoorOptions {
  readonly client: ReturnType<typeof openClient>;
  readonly breaker: Breaker;
}

const giveUp = <T>(caller: AbortSignal | undefined): Answer<T> => ({
  ...(caller?.aborted ? failure<T>("interrupted", "before it was asked") : failure<T>("timed_out", "the time limit of the run")),
  usage: NO_USAGE,
  attempts: 0,
});

const failure = <T>(code: ModelFailure, detail: string): AnswerBody<T> => ({ ok: false, failure: code, detail });

/** Two retries at most, whatever the reason. */
const MAX_ATTEMPTS = 3;

async function persist<T>(
  caller: Caller,
  signal: AbortSignal,
  attempt: (number: number) => Promise<Tried<T>>,
  deps: DoorDeps,
): Promise<Answer<T>> {
  let usage = NO_USAGE;
  let made = 0;
  for (let attempts = 1; ; attempts++) {
    const tried = await attempt(attempts);
    usage = addUsage(usage, tried.usage);
    if (tried.isMade) made++;
    const wait = signal.aborted ? undefined : waitAfter(tried, attempts, deps);
    if (wait === undefined) return { ...lastWord(tried.answer, caller.signal), usage, attempts: made, ...noted(tried, deps) };
    await deps.sleep(wait, signal);
  }
}

const noted = ({ finishReason, left }: Tried<unknown>, { isPriceAssumed }: DoorDeps) => ({
  ...(finishReason === undefined ? {} : { finishReason }),
  ...(left && Object.keys(left).length > 0 ? { left } : {}),
  ...(isPriceAssumed ? { isPriceAssumed } : {}),
});

/** A call cancelled by its caller says nothing about the endpoint. */
const lastWord = <T>(answer: AnswerBody<T>, caller: AbortSignal | undefined): AnswerBody<T> =>
  caller?.aborted && !answer.ok ? failure("interrupted", "while it was asked") : answer;

async function attemptOnce<T>(request: DoorRequest<T>, caller: Caller, signal: AbortSignal, deps: DoorDeps): Promise<Tried<T>> {
  const { breaker, client, priceOf, ledger, now, limits, headers } = deps;
  const budget = caller.isForNoRun ? { ...deps.budget, perRun: {} } : deps.budget;
  if (signal.aborted) return { answer: failure("timed_out", "the time limit of the run"), usage: NO_USAGE };
  const { most: tokens } = request;
  const most: Amount = { tokens: tokens.inputTokens + tokens.outputTokens, usd: priceOf(tokens) };
  if (!breaker.mayPass()) return { answer: failure("circuit_open", "it failed several times in a row"), usage: NO_USAGE };
  const reserved = await setAside(most, caller.account, budget, ledger, iso(now()).slice(0, 10));
  if (!reserved) {
    breaker.unclear();
    return {
      answer: failure("budget_spent", `${most.tokens} more tokens do not fit into it`),
      usage: NO_USAGE,
      left: leftOf(budget, caller.account),
    };
  }
  const exchanged = await within(limits.callMs, signal, (own) => exchange(client, request, own, headers?.()));
  const usage = usageOf(exchanged, request, priceOf);
  const left = await reserved.settle({ tokens: usage.inputTokens + usage.outputTokens, usd: usage.usd });
  tellBreaker(breaker, exchanged, caller.signal);
  if (exchanged.ok) {
    const { finishReason, ...answer } = request.read(exchanged.body);
    return { answer, usage, isMade: true, left, ...(finishReason === undefined ? {} : { finishReason }) };
  }
  const { failure: code, detail, retryAfterMs } = exchanged;
  return { answer: failure(code, detail), usage, isMade: true, left, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Reported usage where available; otherwise, if the call may have cost something, its maximum. */
function usageOf(exchanged: Exchange, { counted, most }: DoorRequest<unknown>, priceOf: DoorOptions["priceOf"]): Usage {
  const tokens = exchanged.ok ? (counted(exchanged.body) ?? most) : exchanged.mayCost ? most : NO_USAGE;
  const { inputTokens, outputTokens } = tokens;
  return { inputTokens, outputTokens, usd: priceOf(tokens) };
}

function tellBreaker(breaker: Breaker, exchanged: Exchange, caller: AbortSignal | undefined): void {
  if (exchanged.ok || exchanged.failure === "bad_request") breaker.succeeded();
  else if (caller?.aborted) breaker.unclear();
  else breaker.failed();
}

/** Failures worth a retry of the same request. */
const MAY_PASS_NEXT_TIME: ReadonlySet<ModelFailure> = new Set([
  ...(["connection_refused", "connection_lost", "rate_limited", "server_error"] as const),
  ...(["not_a_completion", "no_choices", "unfinished", "empty", "blank", "wrong_tool", "not_json", "wrong_shape", "cut_off"] as const),
  ...(["not_embeddings", "bad_vector"] as const),
]);

/** Upper bound of the wait before a retry, whatever the endpoint requests. */
const MAX_WAIT_MS = 5_000;
const FIRST_WAIT_MS = 200;

/** Back-off before the next attempt; undefined where there should be none. */
function waitAfter({ answer, retryAfterMs }: Tried<unknown>, attempts: number, { random }: DoorDeps): number | undefined {
  if (answer.ok || attempts === MAX_ATTEMPTS || !MAY_PASS_NEXT_TIME.has(answer.failure)) return undefined;
  if (retryAfterMs !== undefined && retryAfterMs > MAX_WAIT_MS) return undefined;
  // An invalid answer is retried at once, and only once.
  const isAboutContent = !["connection_refused", "connection_lost", "rate_limited", "server_error"].includes(answer.failure);
  if (isAboutContent) return attempts === 1 ? 0 : undefined;
  const backoff = FIRST_WAIT_MS * 2 ** (attempts - 1);
  return Math.max(retryAfterMs ?? 0, backoff * (0.5 + random() / 2));
}
