import { createSemaphore } from "../concurrency/semaphore.ts";
import type { Answer, AnswerBody, BudgetLeft, ModelFailure, Usage } from "../domain/entities/model-answer.ts";
import { addUsage, NO_USAGE } from "../domain/entities/model-answer.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type Amount, type Budget, leftOf, type Price, priceOf, type SpendingLedger, setAside } from "./budget.ts";
import { finishReasonIn, readCompletion, tokensIn } from "./completion.ts";
import { type Endpoint, type Exchange, exchange, openClient, streams } from "./exchange.ts";
import type { Model, Question } from "./model.ts";
import { createProber, type Prober, type TryOnce, type TryStream } from "./probe.ts";
import { type Dialect, mostTokens, type RequestBody, requestFor } from "./request.ts";

export interface OpenAiOptions extends Endpoint {
  readonly name: string;
  readonly price: Price;
  /** No price is configured: `price` is an assumption. */
  readonly isPriceAssumed?: boolean;
  readonly budget: Budget;
  readonly limits: ModelLimits;
  readonly ledger: SpendingLedger;
  readonly now: () => Instant;
  /** Sleeps; ends early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1: jitter, so that waiting callers do not retry in step. */
  readonly random: () => number;
}

export interface ModelLimits {
  /** Time limit of one request, up to its last byte. */
  readonly callMs: number;
  /** Time limit for all calls of one run, waits included. */
  readonly runMs: number;
  /** Maximum requests in flight. */
  readonly concurrency: number;
}

/** Creates a language model behind any endpoint with OpenAI's chat completions API. */
export function createOpenAiModel(options: OpenAiOptions): Model & { readonly prober: Prober } {
  const { name, limits, now } = options;
  const semaphore = createSemaphore(limits.concurrency);
  const deps: AskDeps = { ...options, client: openClient(options), breaker: createBreaker({ now }) };
  const tryOnce: TryOnce = (question, dialect, signal) => attempt(question, { dialect, maxTokens: question.maxTokens }, signal, deps);
  const tryStream: TryStream = (question, dialect, signal) =>
    within(limits.callMs, signal, (own) => streams(deps.client, requestOf(question, dialect, question.maxTokens, deps), own));
  const prober = createProber(tryOnce, tryStream, now);
  return {
    name,
    prober,
    prepare: async () => void (await prober.dialect(limits.callMs, AbortSignal.timeout(limits.callMs))),
    async ask(question) {
      const { account, signal: caller } = question;
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
          return await persist(question, await prober.dialect(limits.callMs, timer.signal), timer.signal, deps);
        } finally {
          release();
        }
      } finally {
        clearTimeout(stopTimer);
        caller?.removeEventListener("abort", stop);
      }
    },
  };
}

// --- internal ---

interface AskDeps extends OpenAiOptions {
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

async function persist<T>(question: Question<T>, dialect: Dialect, signal: AbortSignal, deps: AskDeps): Promise<Answer<T>> {
  let usage = NO_USAGE;
  let maxTokens = question.maxTokens;
  let made = 0;
  for (let attempts = 1; ; attempts++) {
    const tried = await attempt(question, { dialect, maxTokens }, signal, deps);
    usage = addUsage(usage, tried.usage);
    if (tried.isMade) made++;
    const wait = signal.aborted ? undefined : waitAfter(tried, attempts, deps);
    if (wait === undefined) return { ...lastWord(tried.answer, question.signal), usage, attempts: made, ...noted(tried, deps) };
    if (isCutOff(tried.answer)) maxTokens *= 2;
    await deps.sleep(wait, signal);
  }
}

const noted = ({ finishReason, left }: Tried<unknown>, { isPriceAssumed }: AskDeps) => ({
  ...(finishReason === undefined ? {} : { finishReason }),
  ...(left && Object.keys(left).length > 0 ? { left } : {}),
  ...(isPriceAssumed ? { isPriceAssumed } : {}),
});

const isCutOff = (answer: AnswerBody<unknown>): boolean => !answer.ok && answer.failure === "cut_off";

/** A call cancelled by its caller says nothing about the endpoint. */
const lastWord = <T>(answer: AnswerBody<T>, caller: AbortSignal | undefined): AnswerBody<T> =>
  caller?.aborted && !answer.ok ? failure("interrupted", "while it was asked") : answer;

/** OpenAI's own models name the token limit differently from all others. */
function requestOf<T>(question: Question<T>, dialect: Dialect, maxTokens: number, { name, baseUrl }: AskDeps): RequestBody {
  const limitKey = /^https:\/\/api\.openai\.com\//.test(baseUrl) ? "max_completion_tokens" : "max_tokens";
  return requestFor(question, { model: name, dialect, maxTokens, limitKey });
}

interface Tried<T> {
  readonly answer: AnswerBody<T>;
  readonly usage: Usage;
  /** Set once a request was sent. */
  readonly isMade?: true;
  readonly left?: BudgetLeft;
  readonly finishReason?: string;
  readonly retryAfterMs?: number;
}

/** One attempt, if the circuit breaker and the budget for its maximum cost allow it. */
async function attempt<T>(
  question: Question<T>,
  { dialect, maxTokens }: { readonly dialect: Dialect; readonly maxTokens: number },
  signal: AbortSignal,
  deps: AskDeps,
): Promise<Tried<T>> {
  const { breaker, client, price, budget, ledger, now, limits, headers } = deps;
  if (signal.aborted) return { answer: failure("timed_out", "the time limit of the run"), usage: NO_USAGE };
  const request = requestOf(question, dialect, maxTokens, deps);
  const input = mostTokens(request);
  const most: Amount = { tokens: input + maxTokens, usd: priceOf(input, maxTokens, price) };
  if (!breaker.mayPass()) return { answer: failure("circuit_open", "it failed several times in a row"), usage: NO_USAGE };
  const reserved = await setAside(most, question.account, budget, ledger, iso(now()).slice(0, 10));
  if (!reserved) {
    breaker.unclear();
    return {
      answer: failure("budget_spent", `${most.tokens} more tokens do not fit into it`),
      usage: NO_USAGE,
      left: leftOf(budget, question.account),
    };
  }
  const exchanged = await within(limits.callMs, signal, (own) => exchange(client, request, own, headers?.()));
  const usage = usageOf(exchanged, { inputTokens: input, outputTokens: maxTokens }, price);
  const left = await reserved.settle({ tokens: usage.inputTokens + usage.outputTokens, usd: usage.usd });
  tellBreaker(breaker, exchanged, question.signal);
  if (exchanged.ok) return { ...readAnswer(exchanged.body, dialect, question), usage, isMade: true, left };
  const { failure: code, detail, retryAfterMs } = exchanged;
  return { answer: failure(code, detail), usage, isMade: true, left, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function readAnswer<T>(body: unknown, { format }: Dialect, { schema }: Question<T>) {
  const finishReason = finishReasonIn(body);
  return { answer: readCompletion(body, format, schema), ...(finishReason === undefined ? {} : { finishReason }) };
}

/** Runs with a fresh signal that aborts at the call's or the run's time limit, whichever comes first. */
async function within<T>(ms: number, outer: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
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

/** Reported usage where available; otherwise, if the call may have cost something, its maximum. */
function usageOf(exchanged: Exchange, most: { inputTokens: number; outputTokens: number }, price: Price): Usage {
  const counted = exchanged.ok ? (tokensIn(exchanged.body) ?? most) : exchanged.mayCost ? most : NO_USAGE;
  const { inputTokens, outputTokens } = counted;
  return { inputTokens, outputTokens, usd: priceOf(inputTokens, outputTokens, price) };
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
]);

/** Upper bound of the wait before a retry, whatever the endpoint requests. */
const MAX_WAIT_MS = 5_000;
const FIRST_WAIT_MS = 200;

/** Back-off before the next attempt; undefined where there should be none. */
function waitAfter({ answer, retryAfterMs }: Tried<unknown>, attempts: number, { random }: AskDeps): number | undefined {
  if (answer.ok || attempts === MAX_ATTEMPTS || !MAY_PASS_NEXT_TIME.has(answer.failure)) return undefined;
  if (retryAfterMs !== undefined && retryAfterMs > MAX_WAIT_MS) return undefined;
  // An invalid answer is retried at once, and only once.
  const isAboutContent = !["connection_refused", "connection_lost", "rate_limited", "server_error"].includes(answer.failure);
  if (isAboutContent) return attempts === 1 ? 0 : undefined;
  const backoff = FIRST_WAIT_MS * 2 ** (attempts - 1);
  return Math.max(retryAfterMs ?? 0, backoff * (0.5 + random() / 2));
}
