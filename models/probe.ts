import { z } from "zod";
import type { AnswerBody, ModelFailure } from "../domain/entities/model-answer.ts";
import { hasPassed, type Instant } from "../domain/values/time.ts";
import { RunAccount } from "./account.ts";
import type { Question } from "./model.ts";
import { type Dialect, FORMATS, type Format } from "./request.ts";

/** What an endpoint turned out to be able to do. */
export interface Capabilities {
  /** The best way that works; undefined when none does. */
  readonly dialect: Dialect | undefined;
  /** Per way: whether it works, or why not. */
  readonly formats: Readonly<Partial<Record<Format, "works" | ModelFailure>>>;
  readonly streams: boolean;
  /** Whether the endpoint counts tokens. */
  readonly countsTokens: boolean;
}

export interface Prober {
  /** The best way to ask; finds it out at the first question. Falls back to the surest one when nothing answers. */
  dialect(ms: number, signal: AbortSignal): Promise<Dialect>;
  /** Tries every way, for those who want to know. */
  examine(signal: AbortSignal): Promise<Capabilities>;
}

/** Puts a question in a certain way, once. */
export type TryOnce = <T>(
  question: Question<T>,
  dialect: Dialect,
  signal: AbortSignal,
) => Promise<{ readonly answer: AnswerBody<T>; readonly usage: { readonly outputTokens: number } }>;

/** Whether an answer comes piece by piece when it is asked for so. */
export type TryStream = (question: Question<unknown>, dialect: Dialect, signal: AbortSignal) => Promise<boolean>;

/** Finds out by small questions what an endpoint can do; what it says about itself is not to be relied on. */
export function createProber(tryOnce: TryOnce, tryStream: TryStream, now: () => Instant): Prober {
  let known: Dialect | undefined;
  let looking: Promise<void> | undefined;
  let missedAt: Instant = Number.NEGATIVE_INFINITY;
  const look = async (ms: number): Promise<void> => {
    const own = new AbortController();
    const timer = setTimeout(() => own.abort(), ms);
    try {
      const found = await best(tryOnce, own.signal);
      known = found ?? known;
      if (!found) missedAt = now();
    } finally {
      clearTimeout(timer);
      looking = undefined;
    }
  };
  return {
    async dialect(ms, signal) {
      if (known || !hasPassed(LOOK_AGAIN_MS, missedAt, now())) return known ?? SUREST;
      looking ??= look(ms);
      await Promise.race([looking, aborted(signal)]);
      return known ?? SUREST;
    },
    examine: (signal) => examineAll(tryOnce, tryStream, signal),
  };
}

// --- internal ---

const SUREST: Dialect = { format: "json_schema", temperature: true };

/** While nothing answers, every question would be two. */
const LOOK_AGAIN_MS = 60_000;

/** Models that think first need room for it. */
const PROBE_TOKENS = 300;

const Ready = z.strictObject({ ready: z.boolean() });

const question = (): Question<z.infer<typeof Ready>> => ({
  prompt: "probe@1",
  system: "You answer in JSON.",
  user: 'Answer with {"ready": true} and nothing else.',
  schema: Ready,
  maxTokens: PROBE_TOKENS,
  account: new RunAccount("probe"),
});

/** Failures of the endpoint, not of one way to ask it. */
const ABOUT_THE_ENDPOINT: ReadonlySet<ModelFailure> = new Set([
  ...(["connection_refused", "host_unknown", "connection_lost", "unauthorized", "rate_limited", "server_error"] as const),
  ...(["timed_out", "too_slow", "circuit_open", "budget_spent", "interrupted"] as const),
]);

async function best(tryOnce: TryOnce, signal: AbortSignal): Promise<Dialect | undefined> {
  for (const format of FORMATS) {
    const { answer, dialect } = await tryFormat(format, tryOnce, signal);
    if (answer.ok) return dialect;
    if (ABOUT_THE_ENDPOINT.has(answer.failure)) return undefined;
  }
  return undefined;
}

async function examineAll(tryOnce: TryOnce, tryStream: TryStream, signal: AbortSignal): Promise<Capabilities> {
  const formats: Partial<Record<Format, "works" | ModelFailure>> = {};
  let best: Dialect | undefined;
  let countsTokens = false;
  for (const format of FORMATS) {
    const { answer, usage, dialect } = await tryFormat(format, tryOnce, signal);
    formats[format] = answer.ok ? "works" : answer.failure;
    if (answer.ok) {
      best ??= dialect;
      countsTokens ||= usage.outputTokens < PROBE_TOKENS;
    } else if (ABOUT_THE_ENDPOINT.has(answer.failure)) break;
  }
  const streams = best !== undefined && (await tryStream(question(), best, signal));
  return { dialect: best, formats, streams, countsTokens };
}

/** Once, and where the request is not taken at all, once more without a temperature. */
async function tryFormat(format: Format, tryOnce: TryOnce, signal: AbortSignal) {
  const dialect: Dialect = { format, temperature: true };
  const first = await tryOnce(question(), dialect, signal);
  if (first.answer.ok || first.answer.failure !== "bad_request") return { ...first, dialect };
  const plain: Dialect = { format, temperature: false };
  return { ...(await tryOnce(question(), plain, signal)), dialect: plain };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
