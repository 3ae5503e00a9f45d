import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { vectorHash, WITNESS } from "../../models/text-meanings.ts";
import { NOW } from "../../testing/builders.ts";
import { sentientWith } from "../../testing/command-line.ts";
import { openOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { type FakeEmbeddings, type FakeVectors, openFakeEmbeddings, vectorBySubject } from "../../testing/providers/fake-embeddings.ts";
import { testsEmbedded } from "../../testing/test-files.ts";
import { createRuntime } from "../create-runtime.ts";
import { openStore } from "../open-store.ts";
import { embeddingsFor } from "./connect-embeddings.ts";
import { examineEmbeddings, notesOnEmbeddings } from "./examine-embeddings.ts";

const folder = mkdtempSync(join(tmpdir(), "embeddings-"));
afterAll(() => rmSync(folder, { recursive: true }));

let fake: FakeEmbeddings | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const POLICY = policyOf(
  `moments:
    cancel: {on: message.received, says: [I want to cancel my contract, please end my subscription], expires: 2d}
    moving: {on: message.received, says: [I moved house, please update my address], expires: 2d}`,
  ["id: stay\nserves: [cancel]", "id: moved\nserves: [moving]"],
);

const vectorOf = vectorBySubject([/cancel|end my|leave you/i, /mov(e|ing)|address/i]);
const byMeaning = (texts: readonly string[]): FakeVectors => ({ vectors: texts.map(vectorOf), tokens: texts.length * 5 });

/** What becomes of a message, with the embeddings of the environment. */
async function hear(text: string, environment: Record<string, string>) {
  const connect = embeddingsFor({ name: "small" }, readConfig(environment).model, () => {});
  const { play, customers, runtime, lookUps, rows } = await openOperated(POLICY, {}, undefined, connect);
  try {
    await customers({ id: "c-1" });
    const [decision] = await play([["2026-06-02T15:00:00Z", "message.received", { channel: "box", text }]]);
    const steps = (await rows("select steps from runs")).flatMap(({ steps: all }) => all as { asked?: string; by?: string }[]);
    const tried = await lookUps.intents.try({ text });
    return {
      ...{ experience: decision?.experienceId, tried, kept: await runtime.store.exampleVectors.models() },
      steps: steps.filter(({ asked, by }) => asked !== undefined || by !== undefined),
    };
  } finally {
    await runtime.close();
  }
}

const TEXT = "time for me to leave you folks";

test("a message is read by what it means, and the record says so, with the cost", async () => {
  fake = await openFakeEmbeddings(({ texts }) => byMeaning(texts));
  const heard = await hear(TEXT, { OPENAI_BASE_URL: fake.url, OPENAI_API_KEY: "k" });
  expect(heard.experience).toBe("stay");
  expect(heard.steps).toMatchObject([
    { agent: "signal-interpreter", asked: "embed-texts@1", model: "small", attempts: 1, inputTokens: 5, isPriceAssumed: true },
    { agent: "signal-interpreter", by: "embeddings", read: [{ name: "cancel" }] },
  ]);
  expect(heard.tried).toMatchObject({ by: "embeddings", embeddings: "small", opens: ["cancel"], notes: [] });
  expect(heard.kept).toEqual([{ model: "small", count: POLICY.classify.learnedFrom().length + 1 }]);
  // Once each: the examples, the witness of the model, and the message.
  const sent = fake.requests.flatMap(({ texts }) => texts);
  expect(sent.filter((text) => text === TEXT)).toHaveLength(1);
  expect(new Set(sent).size).toBe(sent.length);
});

test.each([
  ["refuses connections", undefined, "connection_refused"],
  ["answers with a page of HTML", { status: 200, body: "<html>", type: "text/html" }, "not_embeddings"],
] as const)("where the endpoint %s, words decide as without it, and the record says so", async (_, answer, failure) => {
  const isOpen = answer !== undefined;
  fake = await openFakeEmbeddings(() => answer ?? { status: 500 });
  if (!isOpen) await fake.close();
  const heard = await hear("please cancel my contract", { OPENAI_BASE_URL: fake.url });
  expect(heard.experience).toBe("stay");
  expect(heard.steps).toMatchObject([
    { asked: "embed-texts@1", failure },
    { by: "classifier", read: [{ name: "cancel" }] },
  ]);
  expect(heard.tried).toMatchObject({ by: "classifier", opens: ["cancel"] });
  expect(heard.tried.notes[0]).toContain(`gave no vectors (${failure})`);
});

test("recorded calls replace the endpoint, with the same reading; the examples are part of the recording", async () => {
  fake = await openFakeEmbeddings(({ texts }) => byMeaning(texts));
  const file = join(folder, "calls.jsonl");
  const recorded = await hear(TEXT, { OPENAI_BASE_URL: fake.url, SENTIENT_RECORD: file, SENTIENT_RECORD_CONTENT: "full" });
  await fake.close();
  expect(readFileSync(file, "utf8")).toContain('"prompt":"embed-texts@1"');
  const replayed = await hear(TEXT, { SENTIENT_REPLAY: file });
  expect(replayed.experience).toBe("stay");
  expect(replayed.tried).toEqual(recorded.tried);
  expect(recorded.kept).toEqual([]);
  await expect(hear("something else", { SENTIENT_REPLAY: file })).rejects.toMatchObject({ code: "CALL_NOT_RECORDED" });
});

test.runIf(testsEmbedded)(
  "after a restart one sentence shows that the model is the same, and examples are asked about no more",
  async () => {
    fake = await openFakeEmbeddings(({ texts }) => byMeaning(texts));
    const embeddings = embeddingsFor({ name: "small" }, readConfig({ OPENAI_BASE_URL: fake.url }).model, () => {});
    const learned = POLICY.classify.learnedFrom();
    const asked = async (): Promise<string[]> => {
      const before = fake?.requests.length;
      const runtime = await createRuntime({ policy: POLICY, live: false, now: () => NOW, embeddings, dataDir: join(folder, "restarted") });
      await runtime.deps.embeddings?.prepare(learned);
      await runtime.close();
      return fake?.requests.slice(before).flatMap(({ texts }) => texts) ?? [];
    };
    expect((await asked()).sort()).toEqual([WITNESS, ...learned].sort());
    expect(await asked()).toEqual([WITNESS]);
  },
);

test.runIf(testsEmbedded)("doctor asks for vectors and looks at the kept ones; check notes another model", async () => {
  const vectors = { one: [3, 4], other: [4, -3] };
  let now: readonly number[] | undefined = vectors.one;
  fake = await openFakeEmbeddings(({ texts }) => (now ? { vectors: texts.map(() => now ?? []), tokens: 9 } : { status: 500 }));
  const [dataDir, workspace] = [join(folder, "store"), join(folder, "workspace")];
  mkdirSync(workspace);
  writeFileSync(join(workspace, "sentient.yaml"), `version: 1\nname: Shop\nembeddings: {name: small, baseUrl: "${fake.url}"}\n`);
  const doctor = async () => {
    const { out, code } = await sentientWith({}, ["doctor", "--json", "--workspace", workspace, "--data", dataDir]);
    return { code, ...JSON.parse(out.join("")).find(({ what }: { what: string }) => what === "embeddings") };
  };
  expect(await doctor()).toMatchObject({
    state: "good",
    detail: expect.stringMatching(/vectors of 2 numbers; a sentence took \d+ ms and 9 tokens$/),
  });

  const store = await openStore({ dataDir, now: Date.now });
  await store.exampleVectors.save("small", new Map([[vectorHash(WITNESS), Float32Array.from([0.6, 0.8])]]));
  await store.close();
  const examined = () => examineEmbeddings({ name: "small", baseUrl: fake?.url }, {}, { dataDir });
  expect(await examined()).toMatchObject({ state: "good", detail: expect.stringMatching(/keeps 1 vectors of examples$/) });
  now = vectors.other;
  expect(await examined()).toMatchObject({ state: "absent", detail: expect.stringContaining("another model under this name") });
  now = undefined;
  expect(await examined()).toMatchObject({ state: "bad", detail: expect.stringContaining("read by their words meanwhile") });

  expect(await notesOnEmbeddings({ name: "small" }, { dataDir })).toEqual([]);
  expect(await notesOnEmbeddings({ name: "large" }, { dataDir })).toMatchObject([
    {
      file: "sentient.yaml",
      path: "embeddings.name",
      message: expect.stringContaining(`the store in ${dataDir} keeps 1 vectors of small`),
      isFine: true,
    },
  ]);
  writeFileSync(join(workspace, "sentient.yaml"), `version: 1\nname: Shop\nembeddings: {name: large, baseUrl: "${fake.url}"}\n`);
  const check = async (...words: string[]) =>
    (await sentientWith({ DATABASE_URL: "postgres://nowhere.invalid/none" }, ["check", workspace, ...words])).out.join("\n");
  expect(await check("--data", dataDir)).toContain(`the store in ${dataDir} keeps 1 vectors of small`);
  expect(await notesOnEmbeddings(undefined, { dataDir })).toEqual([]);
});

test("without an endpoint a note says so, and nothing is asked", () => {
  const notes: string[] = [];
  expect(embeddingsFor({ name: "small" }, {}, (why) => void notes.push(why))).toBeUndefined();
  expect(notes[0]).toContain("embeddings.baseUrl");
  expect(embeddingsFor(undefined, readConfig({ OPENAI_BASE_URL: "http://localhost/v1" }).model, () => {})).toBeUndefined();
});
