import { z } from "zod";
import type { AnswerBody, ModelFailure } from "../domain/entities/model-answer.ts";
import { hasPassed, type Instant } from "../domain/values/time.ts";
import { RunAccount } from "./account.ts";
import type { Question } from "./model.ts";
import { type Dialect, FORMATS, type Format } from "./request.ts";

/** Capabilities of an endpoint, as probed. */
export interface Capabilities {
  /** The best working dialect; undefined when none works. */
  readonly dialect: Dialect | undefined;
  /** Result per format: works, or why not. */
  readonly formats: Readonly<Partial<Record<Format, "works" | ModelFailure>>>;
  readonly streams: boolean;
  /** Whether the endpoint counts tokens. */
  readonly countsTokens: boolean;
}

export interface Prober {
  /** The best dialect, probed at the first call. Falls back to the most reliable one while nothing answers. */
  dialect(ms: number, signal: AbortSignal): Promise<Dialect>;
  /** Probes every format, for reports. */
  examine(signal: AbortSignal): Promise<Capabilities>;
}

/** Sends a question in a given dialect, once. */
export type TryOnce = <T>(
  question: Question<T>,
  dialect: Dialect,
  signal: AbortSignal,
) => Promise<{ readonly answer: AnswerBody<T>; readonly usage: { readonly outputTokens: number } }>;

/** Whether the endpoint streams on request. */
export type TryStream = (question: Question<unknown>, dialect: Dialect, signal: AbortSignal) => Promise<boolean>;

/** Probes an endpoint's capabilities with small questions; its own claims are unreliable. */
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

/** Minimum interval between probes while nothing answers; otherwise every call would be two. */
const LOOK_AGAIN_MS = 60_000;

/** Reasoning models need room before the answer. */
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

/** Failures of the endpoint, not of one format. */
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

/** One attempt, and a second without temperature where the request is rejected. */
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
