import { createHash } from "node:crypto";
import { type Answer, type AnswerBody, type ModelFailure, NO_USAGE } from "../domain/entities/model-answer.ts";
import type { TextVectors } from "../domain/entities/policy.ts";
import type { Caller } from "./door.ts";
import { EMBED_TEXTS, type Embedder, MAX_TEXTS, type TextVector } from "./embeddings.ts";

/** Vectors of examples that outlive the process, by model and hash of the text. */
export interface KeptVectors {
  load(model: string, hashes: readonly string[]): Promise<ReadonlyMap<string, TextVector>>;
  save(model: string, vectors: ReadonlyMap<string, TextVector>): Promise<void>;
  /** Forgets all vectors of a model. */
  forget(model: string): Promise<void>;
}

/** What a classifier needs: vectors of the texts that it learns from, and of the parts of the text that it reads. */
export interface WantedVectors {
  readonly learned: readonly string[];
  readonly parts: readonly string[];
}

/** Texts as an embeddings model understands them: examples are asked about once, the parts of a message once each. */
export interface TextMeanings {
  readonly name: string;
  /** Asks about the examples in advance, so that the first message does not have to wait. Never rejects because of the endpoint. */
  prepare(learned: readonly string[]): Promise<void>;
  /** The vectors; a failure where one of them is not to be had. `attempts` is 0 where all were known. */
  read(wanted: WantedVectors, caller: Caller): Promise<Answer<TextVectors>>;
}

export interface TextMeaningsOptions {
  readonly embedder: Embedder;
  /** Without it, vectors of examples live as long as the process. */
  readonly kept?: KeptVectors | undefined;
  /** How long a message waits for the vectors of the examples; without it, until they are there or not to be had. */
  readonly waitMs?: number | undefined;
  readonly now: () => number;
  /** Told where the endpoint's vectors are no longer those that were kept. */
  readonly onChanged?: (model: string) => void;
}

export function createTextMeanings({ embedder, kept, waitMs, now, onChanged = () => {} }: TextMeaningsOptions): TextMeanings {
  const examples = new Examples(embedder, kept, { now, onChanged });
  const messages = new Messages();
  return {
    name: embedder.name,
    prepare: async (learned) => void (await examples.ready(learned)),
    async read({ learned, parts }, caller) {
      const ready = await inTime(examples.ready(learned), waitMs);
      if (!ready.ok) return { ...ready, usage: NO_USAGE, attempts: 0 };
      const { key, length } = ready.value;
      const unknown = parts.filter((part) => !messages.of(part, key) && !examples.of(part));
      const answer: Answer<readonly TextVector[]> = await embedder.embed(unknown, caller);
      if (!answer.ok) return answer;
      const spent = withoutValue(answer);
      const other = answer.value.find((vector) => vector.length !== length);
      if (other) {
        examples.doubt();
        return { ...spent, ok: false, ...otherLength(other, length) };
      }
      messages.keep(unknown, answer.value, key);
      const own = new Map(parts.map((part) => [part, messages.of(part, key)]));
      return { ...spent, ok: true, value: { key, of: (text) => own.get(text) ?? examples.of(text) } };
    },
  };
}

/** The text whose vector shows whether a name still stands for the same model. */
export const WITNESS = "A customer wrote that the parcel has not arrived and asks for the money back.";

/** The key of a text among kept vectors. It changes with what is sent for a text. */
export const vectorHash = (text: string): string => createHash("sha256").update(`${EMBED_TEXTS}\u0000${text}`).digest("hex");

/** Whether two vectors of the witness come from one model: rounding and quantisation move it less. */
export const isSameModel = (a: TextVector, b: TextVector): boolean =>
  a.length === b.length && a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0) >= SAME_MODEL;

// --- internal ---

const SAME_MODEL = 0.98;

/** Parts of messages whose vectors are remembered: a run that is tried again, and what everybody writes, is not asked about twice. */
const MAX_MESSAGES = 2_000;

/** After a failure the examples are left alone for so long; otherwise every message would ask about all of them. */
const PAUSE_MS = 30_000;

const withoutValue = <T>({ usage, attempts, left, isPriceAssumed }: Answer<T>) => ({
  ...{ usage, attempts },
  ...(left ? { left } : {}),
  ...(isPriceAssumed ? { isPriceAssumed } : {}),
});

const otherLength = (vector: TextVector, before: number) =>
  ({ failure: "other_length", detail: `${vector.length} numbers, ${before} before` }) as const;

/** Vectors of parts of messages, the latest ones. They are of what customers wrote, so they are kept in memory alone. */
class Messages {
  private readonly known = new Map<string, { readonly key: string; readonly vector: TextVector }>();

  of(text: string, key: string): TextVector | undefined {
    const known = this.known.get(text);
    return known?.key === key ? known.vector : undefined;
  }

  keep(texts: readonly string[], vectors: readonly TextVector[], key: string): void {
    for (const [at, vector] of vectors.entries()) this.known.set(texts[at] ?? "", { key, vector });
    for (const oldest of this.known.keys()) if (this.known.size > MAX_MESSAGES) this.known.delete(oldest);
  }
}

interface Ready {
  readonly key: string;
  readonly length: number;
}

async function inTime(ready: Promise<AnswerBody<Ready>>, ms: number | undefined): Promise<AnswerBody<Ready>> {
  if (ms === undefined) return ready;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<AnswerBody<Ready>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, failure: "timed_out", detail: "the vectors of the examples are not there yet" }), ms);
  });
  return Promise.race([ready, late]).finally(() => clearTimeout(timer));
}

/** The vectors of the texts that classifiers learn from. */
class Examples {
  private known = new Map<string, TextVector>();
  /** Counts the models that the name has stood for. */
  private generation = 0;
  private isSure = false;
  private asking: Promise<AnswerBody<Ready>> | undefined;
  private failed: { readonly answer: AnswerBody<Ready>; readonly at: number } | undefined;
  private readonly embedder: Embedder;
  private readonly kept: KeptVectors | undefined;
  private readonly deps: { readonly now: () => number; readonly onChanged: (model: string) => void };

  constructor(embedder: Embedder, kept: KeptVectors | undefined, deps: Examples["deps"]) {
    this.embedder = embedder;
    this.kept = kept;
    this.deps = deps;
  }

  of(text: string): TextVector | undefined {
    return this.known.get(text);
  }

  /** The next message finds out whether the model is another one. */
  doubt(): void {
    this.isSure = false;
  }

  async ready(texts: readonly string[]): Promise<AnswerBody<Ready>> {
    // Another version of the workspace may have other examples: its request comes after the one that is under way.
    while (this.asking !== undefined) await this.asking;
    if (this.isSure && texts.every((text) => this.known.has(text))) return this.answer();
    if (this.failed && this.deps.now() - this.failed.at < PAUSE_MS) return this.failed.answer;
    this.asking = this.learn(texts);
    try {
      const answer = await this.asking;
      this.failed = answer.ok ? undefined : { answer, at: this.deps.now() };
      return answer;
    } finally {
      this.asking = undefined;
    }
  }

  private answer(): AnswerBody<Ready> {
    return { ok: true, value: { key: `${this.embedder.name} ${this.generation}`, length: this.known.get(WITNESS)?.length ?? 0 } };
  }

  private async learn(texts: readonly string[]): Promise<AnswerBody<Ready>> {
    const { name } = this.embedder;
    const wanted = [WITNESS, ...texts].filter((text) => !this.known.has(text));
    const loaded = (await this.kept?.load(name, wanted.map(vectorHash))) ?? new Map<string, TextVector>();
    for (const text of wanted) {
      const vector = loaded.get(vectorHash(text));
      if (vector) this.known.set(text, vector);
    }
    if (!this.isSure) {
      const failure = await this.lookWhetherChanged();
      if (failure) return failure;
    }
    const missing = [...new Set(texts)].filter((text) => !this.known.has(text));
    for (let at = 0; at < missing.length; at += MAX_TEXTS) {
      const failure = await this.ask(missing.slice(at, at + MAX_TEXTS));
      if (failure) return failure;
    }
    return this.answer();
  }

  /** Asks about the witness again. Where its vector is another one, everything known is of another model. */
  private async lookWhetherChanged(): Promise<AnswerBody<Ready> | undefined> {
    const { name } = this.embedder;
    const answer = await this.embedder.embed([WITNESS]);
    if (!answer.ok) return failureOf(answer);
    const [fresh] = answer.value;
    const before = this.known.get(WITNESS);
    if (!fresh) return { ok: false, failure: "not_embeddings", detail: "no vector" };
    if (this.known.size > 0 && !(before && isSameModel(before, fresh))) {
      await this.kept?.forget(name);
      this.known = new Map();
      this.generation++;
      this.deps.onChanged(name);
    }
    if (!this.known.has(WITNESS)) await this.keep(new Map([[WITNESS, fresh]]));
    this.isSure = true;
    return undefined;
  }

  private async ask(texts: readonly string[]): Promise<AnswerBody<Ready> | undefined> {
    const answer = await this.embedder.embed(texts);
    if (!answer.ok) return failureOf(answer);
    const length = this.known.get(WITNESS)?.length ?? 0;
    const other = answer.value.find((vector) => vector.length !== length);
    if (other) {
      this.doubt();
      return { ok: false, ...otherLength(other, length) };
    }
    await this.keep(new Map(answer.value.map((vector, at) => [texts[at] ?? "", vector])));
    return undefined;
  }

  private async keep(vectors: ReadonlyMap<string, TextVector>): Promise<void> {
    for (const [text, vector] of vectors) this.known.set(text, vector);
    await this.kept?.save(this.embedder.name, new Map([...vectors].map(([text, vector]) => [vectorHash(text), vector])));
  }
}

const failureOf = ({ failure, detail }: { readonly failure: ModelFailure; readonly detail: string }): AnswerBody<Ready> => ({
  ok: false,
  failure,
  detail,
});
