import type { ModelConfig } from "../../config/config.ts";
import { MODEL_FAILURES } from "../../domain/entities/model-answer.ts";
import { createMemoryLedger } from "../../models/budget.ts";
import type { TextVector } from "../../models/embeddings.ts";
import { isSameModel, vectorHash, WITNESS } from "../../models/text-meanings.ts";
import { createExampleVectors } from "../../store/example-vectors.ts";
import type { Note } from "../../workspace/problem.ts";
import { type Finding, type StorePlace, whereReadable } from "../diagnose.ts";
import { type EmbeddingsSettings, planEmbeddings } from "./connect-embeddings.ts";

/** Asks a workspace's embeddings model for vectors, and compares them with those that the store keeps. */
export async function examineEmbeddings(
  settings: EmbeddingsSettings | undefined,
  config: ModelConfig,
  place: StorePlace,
): Promise<Finding> {
  const what = "embeddings";
  const plan = planEmbeddings(settings, config);
  if ("missing" in plan) return { what, state: "absent", detail: plan.missing };
  const embedder = await plan.connect({ ledger: createMemoryLedger() });
  // Some endpoints take a key in the URL.
  const { origin, pathname } = new URL(plan.baseUrl);
  const where = `${plan.name} at ${origin}${pathname}`;
  const began = performance.now();
  const alone = await embedder.embed([WITNESS]);
  const ms = Math.round(performance.now() - began);
  const listed = alone.ok ? await embedder.embed([OTHER, WITNESS]) : alone;
  if (!listed.ok)
    return { what, state: "bad", detail: `${where}: ${MODEL_FAILURES[listed.failure]}; texts are read by their words meanwhile` };
  const [vector] = alone.ok ? alone.value : [];
  const [, again] = listed.value;
  if (!vector || !again || !isSameModel(vector, again))
    return { what, state: "bad", detail: `${where} gives a text another vector in a list than alone: texts would be taken for each other` };
  const counted = alone.usage.inputTokens < MOST_OF_WITNESS ? `${alone.usage.inputTokens} tokens` : "tokens that it does not count";
  const detail = `${where} gives vectors of ${vector.length} numbers; a sentence took ${ms} ms and ${counted}`;
  const { state, inStore } = await besideKept(plan.name, vector, place);
  return { what, state, detail: `${detail}${inStore}` };
}

/** A note where the store keeps vectors of other models only: the next start asks about all examples again. */
export async function notesOnEmbeddings(settings: EmbeddingsSettings | undefined, place: StorePlace): Promise<Note[]> {
  if (!settings) return [];
  const models = await whereReadable(place, ({ pool }) => createExampleVectors(pool).models());
  const [most] = models;
  if (!most || models.some(({ model }) => model === settings.name)) return [];
  const store = place.databaseUrl === undefined ? `the store in ${place.dataDir}` : "the store of DATABASE_URL";
  const message = `the model has changed: ${store} keeps ${most.count} vectors of ${most.model}, so that all examples are asked about again`;
  return [{ file: "sentient.yaml", path: "embeddings.name", message, isFine: true }];
}

// --- internal ---

/** A vector of the witness beside the one that the store keeps. */
async function besideKept(
  name: string,
  vector: TextVector,
  place: StorePlace,
): Promise<Pick<Finding, "state"> & { readonly inStore: string }> {
  const [kept] = await whereReadable(place, async ({ pool }) => {
    const vectors = createExampleVectors(pool);
    const witness = (await vectors.load(name, [vectorHash(WITNESS)])).get(vectorHash(WITNESS));
    return [{ witness, count: (await vectors.models()).find(({ model }) => model === name)?.count ?? 0 }];
  });
  if (!kept || kept.count === 0) return { state: "good", inStore: "" };
  return kept.witness && !isSameModel(kept.witness, vector)
    ? {
        state: "absent",
        inStore: `; the store keeps ${kept.count} vectors of another model under this name: all examples are asked about again`,
      }
    : { state: "good", inStore: `; the store keeps ${kept.count} vectors of examples` };
}

const OTHER = "It rains.";

/** More tokens than that are the reservation of an endpoint that does not count. */
const MOST_OF_WITNESS = Buffer.byteLength(WITNESS);
