import { within } from "../concurrency/within.ts";
import { checkSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { OPERATORS } from "../domain/record/merge.ts";
import { isObject, type Json, unstorable } from "../domain/values/json.ts";
import { SECOND } from "../domain/values/time.ts";
import type { AnyChannel, OpenChannel, SendResult } from "./channel.ts";
import type { AnyInbound, WebhookReading } from "./inbound/webhook.ts";

/**
 * A channel of other code, held to what its types say: that code may throw anywhere, and has not necessarily been compiled
 * against them. An error of `connect` is BAD_CONFIG, one of an inbound reader TOOL_FAILED; whatever `send` throws is left as
 * it is, since only `rejected` says that nothing went out.
 */
export const guarded = (channel: AnyChannel): AnyChannel => ({
  ...channel,
  async connect(options, deps) {
    const limit = AbortSignal.timeout(deps.timeoutMs ?? CONNECT_MS);
    const open = await attempt(`connect of ${channel.kind}`, "BAD_CONFIG", () =>
      within(limit, (async () => channel.connect?.(options, deps))(), "it does not end"),
    );
    return openChannel(open, channel.kind);
  },
  ...(channel.inbound ? { inbound: guardedInbound(channel.inbound, channel.kind) } : {}),
});

// --- internal ---

const CONNECT_MS = 30 * SECOND;

async function attempt<T>(what: string, code: "BAD_CONFIG" | "TOOL_FAILED", run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw failure(what, code, error);
  }
}

function attemptNow<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failure(what, "TOOL_FAILED", error);
  }
}

/** The words of other code stay in the cause: an answer to a provider shows only the message. */
const failure = (what: string, code: "BAD_CONFIG" | "TOOL_FAILED", cause: unknown): SentientError =>
  new SentientError(code, `${what} failed${code === "BAD_CONFIG" ? `: ${wordsOf(cause)}` : "; the log says why"}`, {
    cause: asError(cause),
  });

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function openChannel(given: unknown, kind: string): OpenChannel {
  const expected = (what: string): SentientError => new SentientError("BAD_CONFIG", `connect of ${kind} gives ${what}`);
  if (!isObject(given) || typeof given.send !== "function") throw expected("no send; expected {send}");
  const { atOnce, close } = given;
  if (atOnce !== undefined && !(Number.isInteger(atOnce) && Number(atOnce) >= 1))
    throw expected("an atOnce that is no whole number from 1");
  if (close !== undefined && typeof close !== "function") throw expected("a close that is no function");
  const channel = given as unknown as OpenChannel;
  return {
    ...(channel.atOnce === undefined ? {} : { atOnce: channel.atOnce }),
    send: async (message, options) => resultOf(await channel.send(message, options)),
    close: async () => {
      try {
        await channel.close?.();
      } catch {
        // The process is going out: nothing is lost over an error here, and the others have to be closed.
      }
    },
  };
}

/** It has accepted the message, whatever else it says. */
const resultOf = (given: unknown): SendResult => (isObject(given) && isId(given.providerId) ? { providerId: given.providerId } : {});

const LONGEST_ID = 500;

const isId = (given: unknown): given is string =>
  typeof given === "string" && given !== "" && given.length <= LONGEST_ID && unstorable(given, "providerId") === undefined;

const guardedInbound = (inbound: AnyInbound, kind: string): AnyInbound => ({
  options: inbound.options,
  open(options, channel) {
    const what = `the inbound reader of ${kind}`;
    let read: ReturnType<AnyInbound["open"]>;
    try {
      read = inbound.open(options, channel);
    } catch (error) {
      throw failure(what, "BAD_CONFIG", error);
    }
    return async (request, now) => {
      const reading = await attempt(what, "TOOL_FAILED", async () => readingOf(await read(request, now)));
      if (reading.kind !== "signals" || !reading.knowing) return reading;
      const { knowing } = reading;
      return { ...reading, knowing: (sent) => attemptNow(what, () => validSignals(knowing(sent))) };
    };
  },
});

const REASONS: readonly unknown[] = ["signature_missing", "signature_wrong", "stale", "replayed"];

/** The reading, where it is one. What it is not fails the request, so that the provider sends it again. */
function readingOf(given: unknown): WebhookReading {
  const isReading =
    isObject(given) &&
    ((given.kind === "signals" && Array.isArray(given.signals)) ||
      (given.kind === "refused" && REASONS.includes(given.reason)) ||
      (given.kind === "bad_request" && typeof given.problem === "string"));
  if (!isReading) throw new Error("expected accepted(signals), refused(reason) or badRequest(problem)");
  const reading = given as unknown as WebhookReading;
  if (reading.kind === "signals") validSignals(reading.signals);
  if (reading.kind === "signals" && reading.answer !== undefined) checkAnswer(reading.answer);
  return reading;
}

function checkAnswer(answer: unknown): void {
  if (!isObject(answer) || typeof answer.body !== "string" || typeof answer.contentType !== "string")
    throw new Error("answer: expected {contentType, body}, both text");
  // Throws where it cannot be a header.
  new Headers({ "content-type": answer.contentType });
}

/** Whom a signal without subject is about is found by its delivery or identities. */
function validSignals(signals: readonly SignalEvent[]): readonly SignalEvent[] {
  for (const [index, signal] of signals.entries()) {
    const checked = checkSignal({ ...signal, subject: signal.subject ?? "?" } as Json);
    if (!checked.ok) throw new Error(`signal ${index}: ${checked.problem}`);
    // What operators say is believed, and a reader may pass on what a provider has sent.
    if (signal.source === OPERATORS) throw new Error(`signal ${index}: source: ${OPERATORS} is for operators alone`);
  }
  return signals;
}
