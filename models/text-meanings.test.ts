import { expect, test } from "vitest";
import { type ModelFailure, NO_USAGE } from "../domain/entities/model-answer.ts";
import { RunAccount } from "./account.ts";
import type { Embedder, TextVector } from "./embeddings.ts";
import { createTextMeanings, type KeptVectors, type TextMeaningsOptions } from "./text-meanings.ts";

/** An embedder by a rule, with what it was asked. */
function scripted(vectorOf: (text: string) => readonly number[] | ModelFailure): Embedder & { readonly asked: string[][] } {
  const asked: string[][] = [];
  return {
    name: "small",
    asked,
    async embed(texts) {
      if (texts.length === 0) return { ok: true, value: [], usage: NO_USAGE, attempts: 0 };
      asked.push([...texts]);
      const vectors = texts.map(vectorOf);
      const failure = vectors.find((one) => typeof one === "string");
      if (typeof failure === "string") return { ok: false, failure, detail: "as scripted", usage: NO_USAGE, attempts: 1 };
      return { ok: true, value: vectors.map((one) => Float32Array.from(one as number[])), usage: NO_USAGE, attempts: 1 };
    },
  };
}

function inMemory(): KeptVectors & { readonly rows: Map<string, TextVector> } {
  const rows = new Map<string, TextVector>();
  return {
    rows,
    load: async (_model, hashes) =>
      new Map(hashes.flatMap((hash) => (rows.has(hash) ? [[hash, rows.get(hash) as TextVector] as const] : []))),
    async save(_model, vectors) {
      for (const [hash, vector] of vectors) rows.set(hash, vector);
    },
    forget: async () => rows.clear(),
  };
}

const meanings = (embedder: Embedder, given: Partial<TextMeaningsOptions> = {}) => createTextMeanings({ embedder, now: () => 0, ...given });
const caller = () => ({ account: new RunAccount("r-1") });
const WANTED = { learned: ["one", "two"], parts: ["hello"] };
const right = () => [1, 0];

test("examples are asked about once, the parts of a message once each", async () => {
  const embedder = scripted(right);
  const reading = meanings(embedder);
  const first = await reading.read(WANTED, caller());
  expect(first.ok && [...(first.value.of("hello") ?? [])]).toEqual([1, 0]);
  expect(first.ok && first.value.of("two")).toBeDefined();
  expect(first.ok && first.value.of("never asked")).toBeUndefined();
  expect(embedder.asked.slice(1)).toEqual([["one", "two"], ["hello"]]);
  expect(await reading.read(WANTED, caller())).toMatchObject({ ok: true, attempts: 0 });
  expect(await reading.read({ ...WANTED, parts: ["one", "other"] }, caller())).toMatchObject({ ok: true, attempts: 1 });
  expect(embedder.asked.slice(3)).toEqual([["other"]]);
});

test("kept vectors survive the process: the next one asks about the witness alone", async () => {
  const kept = inMemory();
  await meanings(scripted(right), { kept }).prepare(WANTED.learned);
  const next = scripted(right);
  const changed: string[] = [];
  await meanings(next, { kept, onChanged: (model) => void changed.push(model) }).prepare(WANTED.learned);
  expect(next.asked).toEqual([[expect.stringContaining("parcel")]]);
  expect(changed).toEqual([]);
});

test.each([
  ["another direction", [0, 1]],
  ["another length", [1, 0, 0]],
])("a model changed under the kept vectors (%s) is noticed: all of them are asked about again", async (_, now) => {
  const kept = inMemory();
  await meanings(scripted(right), { kept }).prepare(WANTED.learned);
  const next = scripted(() => now);
  const changed: string[] = [];
  const read = await meanings(next, { kept, onChanged: (model) => void changed.push(model) }).read(WANTED, caller());
  expect(read.ok && [...(read.value.of("one") ?? [])]).toEqual(now);
  expect(read.ok && read.value.key).not.toBe("small 0");
  expect(changed).toEqual(["small"]);
  expect([...kept.rows.values()].every((vector) => vector.length === now.length)).toBe(true);
});

test("a message whose vector has another length fails, and the next one finds the other model", async () => {
  let length = 2;
  const embedder = scripted(() => Array.from({ length }, (_, at) => (at === 0 ? 1 : 0)));
  const reading = meanings(embedder);
  await reading.prepare(WANTED.learned);
  length = 3;
  expect(await reading.read(WANTED, caller())).toMatchObject({ ok: false, failure: "other_length", detail: "3 numbers, 2 before" });
  expect(await reading.read(WANTED, caller())).toMatchObject({ ok: true });
});

test("where examples get no vectors, messages fail with the reason, and they are not asked about for half a minute", async () => {
  let now = 0;
  const embedder = scripted((text) => (text === "two" ? "server_error" : [1, 0]));
  const reading = meanings(embedder, { now: () => now });
  expect(await reading.read(WANTED, caller())).toMatchObject({ ok: false, failure: "server_error", attempts: 0 });
  const asked = embedder.asked.length;
  expect(await reading.read(WANTED, caller())).toMatchObject({ ok: false, failure: "server_error" });
  expect(embedder.asked).toHaveLength(asked);
  now = 30_000;
  await reading.read(WANTED, caller());
  expect(embedder.asked.length).toBeGreaterThan(asked);
});

test("a message does not wait longer than it may for examples that take a minute", async () => {
  const never: Embedder = { name: "small", embed: () => new Promise(() => {}) };
  expect(await meanings(never, { waitMs: 1 }).read(WANTED, caller())).toMatchObject({ ok: false, failure: "timed_out", attempts: 0 });
});
