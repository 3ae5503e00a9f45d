import { z } from "zod";
import { type Answer, type AnswerBody, type ModelFailure, NO_USAGE } from "../domain/entities/model-answer.ts";
import { visibleText } from "../domain/text/visible-text.ts";
import { cutToBytes } from "../domain/values/cut.ts";
import { RunAccount } from "./account.ts";
import { type Caller, type DoorOptions, type DoorRequest, openDoor } from "./door.ts";

/** What a text means, as numbers: the closer two vectors, the closer the meanings. Of length 1. */
export type TextVector = Float32Array;

/**
 * The only interface to models that make vectors of texts. A call never throws because of the model or its endpoint, and never takes
 * longer than its limits.
 */
export interface Embedder {
  readonly name: string;
  /**
   * One vector a text, in their order, all of the same length.
   *
   * @param caller default: no run, so that only the budget of the day holds
   */
  embed(texts: readonly string[], caller?: Pick<Caller, "account" | "signal">): Promise<Answer<readonly TextVector[]>>;
}

export interface EmbedderOptions extends Omit<DoorOptions, "priceOf"> {
  readonly name: string;
  readonly price: { readonly inputPerMillion: number };
}

/** The name under which calls are recorded. Its version changes with what is sent for a text. */
export const EMBED_TEXTS = "embed-texts@1";

/** The most texts of one request. */
export const MAX_TEXTS = 32;

/** Creates an embedder behind any endpoint with OpenAI's embeddings API. */
export function createEmbedder(options: EmbedderOptions): Embedder {
  const { name, price } = options;
  const door = openDoor({ ...options, priceOf: ({ inputTokens }) => (inputTokens * price.inputPerMillion) / 1_000_000 });
  return {
    name,
    async embed(texts, given) {
      if (texts.length === 0) return { ok: true, value: [], usage: NO_USAGE, attempts: 0 };
      const caller: Caller = given ?? { account: new RunAccount("examples"), isForNoRun: true };
      const request = requestFor(texts, name);
      return door.enter(caller, (signal) => door.persist(caller, signal, () => door.attempt(request, caller, signal)));
    },
  };
}

/**
 * Reads the response to a number of texts. Vectors are put in the order of their `index`, as an endpoint may answer in any order; without
 * indexes in the order in which they came.
 */
export function readEmbeddings(body: unknown, count: number): AnswerBody<readonly TextVector[]> {
  const list = Embeddings.safeParse(body);
  if (!list.success) return failure("not_embeddings", "no list of embeddings");
  const { data } = list.data;
  if (data.length !== count) return failure("not_embeddings", `${data.length} embeddings for ${count} texts`);
  const ordered = data.some(({ index }) => index !== undefined) ? inOrder(data) : data;
  if (!ordered) return failure("not_embeddings", "indexes that are not those of the texts");
  const vectors = ordered.flatMap(({ embedding }) => ofLengthOne(embedding) ?? []);
  if (vectors.length < count) return failure("bad_vector", `${count - vectors.length} of ${count}`);
  const [first] = vectors;
  if (vectors.some(({ length }) => length !== first?.length)) return failure("bad_vector", "vectors of different lengths");
  return { ok: true, value: vectors };
}

// --- internal ---

/**
 * Most models read 256 to 512 tokens, and some endpoints refuse more instead of leaving it out. No usual tokenizer makes more than a token
 * of two bytes of running text.
 */
const MAX_BYTES_OF_TEXT = 1_000;

/** Larger than the JSON of any vector. */
const MAX_BYTES_OF_VECTOR = 256 * 1024;
const MAX_LENGTH = 16_384;

/** Overhead of the endpoint for a text. */
const FRAME_TOKENS = 8;

const Embeddings = z.looseObject({
  data: z.array(
    z.looseObject({
      index: z.number().int().min(0).optional(),
      // JSON has no NaN: endpoints write null for it.
      embedding: z.array(z.union([z.number(), z.null()])).max(MAX_LENGTH),
    }),
  ),
});
type Item = z.infer<typeof Embeddings>["data"][number];

const Counted = z.looseObject({ usage: z.looseObject({ prompt_tokens: z.number().int().min(0).max(1e9) }) });

function requestFor(texts: readonly string[], model: string): DoorRequest<readonly TextVector[]> {
  const input = texts.map(sentFor);
  // No tokenizer makes more than one token of a byte.
  const inputTokens = input.reduce((sum, text) => sum + Buffer.byteLength(text) + FRAME_TOKENS, 0);
  return {
    path: "/embeddings",
    body: { model, input },
    most: { inputTokens, outputTokens: 0 },
    maxBytes: MAX_BYTES_OF_VECTOR * texts.length,
    ifNoJson: "not_embeddings",
    read: (body) => readEmbeddings(body, texts.length),
    counted(body) {
      const counted = Counted.safeParse(body);
      return counted.success ? { inputTokens: counted.data.usage.prompt_tokens, outputTokens: 0 } : undefined;
    },
  };
}

/** As for a language model: without invisible characters, and shortened. An empty input is an error at most endpoints. */
const sentFor = (text: string): string => cutToBytes(visibleText(text), MAX_BYTES_OF_TEXT).trim() || ".";

const failure = <T>(code: ModelFailure, detail: string): AnswerBody<T> => ({ ok: false, failure: code, detail });

/** Undefined where the indexes are not those from 0 on, each once. */
function inOrder(data: readonly Item[]): readonly Item[] | undefined {
  const byIndex = new Map(data.map((item) => [item.index, item]));
  const ordered = data.flatMap((_, index) => byIndex.get(index) ?? []);
  return ordered.length === data.length ? ordered : undefined;
}

/** Undefined where a vector has no direction, or none that can be computed with. */
function ofLengthOne(values: readonly (number | null)[]): TextVector | undefined {
  const norm = Math.sqrt(values.reduce<number>((sum, value) => sum + (value ?? Number.NaN) ** 2, 0));
  return Number.isFinite(norm) && norm > 0 ? Float32Array.from(values, (value) => (value ?? 0) / norm) : undefined;
}
