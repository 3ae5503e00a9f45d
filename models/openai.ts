import type { ModelFailure } from "../domain/entities/model-answer.ts";
import { type Price, priceOf } from "./budget.ts";
import { finishReasonIn, readCompletion, tokensIn } from "./completion.ts";
import { type DoorLimits, type DoorOptions, type DoorRequest, openDoor, within } from "./door.ts";
import { openClient, streams } from "./exchange.ts";
import type { Model, Question } from "./model.ts";
import { createProber, type Prober, type TryOnce, type TryStream } from "./probe.ts";
import { type Dialect, mostTokens, type RequestBody, requestFor } from "./request.ts";

export interface OpenAiOptions extends Omit<DoorOptions, "priceOf"> {
  readonly name: string;
  readonly price: Price;
  readonly limits: DoorLimits;
}

/** Creates a language model behind any endpoint with OpenAI's chat completions API. */
export function createOpenAiModel(options: OpenAiOptions): Model & { readonly prober: Prober } {
  const { name, limits, now, price } = options;
  const door = openDoor({ ...options, priceOf: ({ inputTokens, outputTokens }) => priceOf(inputTokens, outputTokens, price) });
  const client = openClient(options);
  const tryOnce: TryOnce = (question, dialect, signal) =>
    door.attempt(requestOf(question, { dialect, maxTokens: question.maxTokens }, options), question, signal);
  const tryStream: TryStream = (question, dialect, signal) =>
    within(limits.callMs, signal, (own) => streams(client, bodyOf(question, { dialect, maxTokens: question.maxTokens }, options), own));
  const prober = createProber(tryOnce, tryStream, now);
  return {
    name,
    prober,
    prepare: async () => void (await prober.dialect(limits.callMs, AbortSignal.timeout(limits.callMs))),
    ask: (question) =>
      door.enter(question, async (signal) => {
        const dialect = await prober.dialect(limits.callMs, signal);
        let { maxTokens } = question;
        return door.persist(question, signal, async () => {
          const tried = await door.attempt(requestOf(question, { dialect, maxTokens }, options), question, signal);
          if (!tried.answer.ok && tried.answer.failure === CUT_OFF) maxTokens *= 2;
          return tried;
        });
      }),
  };
}

// --- internal ---

const CUT_OFF: ModelFailure = "cut_off";

interface Asking {
  readonly dialect: Dialect;
  readonly maxTokens: number;
}

/** OpenAI's own models name the token limit differently from all others. */
function bodyOf<T>(question: Question<T>, asking: Asking, { name, baseUrl }: OpenAiOptions): RequestBody {
  const limitKey = /^https:\/\/api\.openai\.com\//.test(baseUrl) ? "max_completion_tokens" : "max_tokens";
  return requestFor(question, { model: name, ...asking, limitKey });
}

function requestOf<T>(question: Question<T>, asking: Asking, options: OpenAiOptions): DoorRequest<T> {
  const body = bodyOf(question, asking, options);
  return {
    path: "/chat/completions",
    body,
    most: { inputTokens: mostTokens(body), outputTokens: asking.maxTokens },
    counted: tokensIn,
    read(given) {
      const finishReason = finishReasonIn(given);
      const answer = readCompletion(given, asking.dialect.format, question.schema);
      return { ...answer, ...(finishReason === undefined ? {} : { finishReason }) };
    },
  };
}
