import { setTimeout as wait } from "node:timers/promises";
import { readConfig } from "../config/config.ts";
import { type ReadSignal, readSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { unstorable } from "../domain/values/json.ts";
import { notInOperatorsName } from "../intake/operators-name.ts";
import { checkedOperations } from "../operations/checked.ts";
import { customerProfile } from "../operations/look-ups.ts";
import type { Operations } from "../operations/operation.ts";
import { createLog } from "../telemetry/log.ts";
import { beginWith } from "./begin-store.ts";
import { checkEmbedOptions } from "./check-embed-options.ts";
import { type ModelSettings, modelOf } from "./connect-model.ts";
import type { EmbeddedRuntime, EmbedOptions } from "./embedded-runtime.ts";
import { type EmbeddingsSettings, embeddingsFor } from "./embeddings/connect-embeddings.ts";
import { codeInFolder, compilingVersions, rememberingModel } from "./following/compile-version.ts";
import { openWorkspace } from "./open-workspace.ts";
import { openServiceOnStore, type ServiceOnStore } from "./service.ts";

/** Implementation of `embedRuntime`. */
export async function openEmbedded(options: EmbedOptions): Promise<EmbeddedRuntime> {
  checkEmbedOptions(options);
  const { environment = {}, dataDir, live = false, model, now = Date.now } = options;
  const opened = await openWorkspace(options.workspace, { environment });
  const { workspace, ...code } = opened;
  const config = readConfig(environment);
  const log = createLog(harmless(options.log), now);
  const embedsFor = rememberingModel((settings: EmbeddingsSettings | undefined) =>
    embeddingsFor(settings, config.model, (why) => log.warn(why)),
  );
  const modelFor = rememberingModel((settings: ModelSettings | undefined) =>
    model ? () => model : modelOf(settings, config.model, (why) => log.warn(why)),
  );
  const service = await openServiceOnStore({
    ...code,
    // A store of which versions are published is decided by those; one that only this program knows, by the folder.
    following: { log, compile: compilingVersions({ environment, codeOf: codeInFolder(opened), modelFor, embeddingsFor: embedsFor }) },
    ...{ policy: workspace.policy, log, live, now, concurrency: BATCHES_AT_ONCE, httpHosts: config.httpHosts },
    model: modelFor(workspace.settings.model),
    embeddings: embedsFor(workspace.settings.embeddings),
    onPrepare: () => log.info("the embedded store is prepared, once"),
    onWarning: (text) => log.warn(text),
    onUpgrade: (text) => log.info(text),
    beforeWork: beginWith(workspace, now, log),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(dataDir !== undefined || config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
    ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
  });
  let isStopped = false;
  const stop = (): Promise<void> => {
    isStopped = true;
    return service.close();
  };
  /** What a closed store answers says nothing to a program. */
  const whileOpen: WhileOpen = async (work) => {
    const stopped = (cause?: unknown) => new SentientError("INTERRUPTED", "the runtime is stopped; open another one", { cause });
    if (isStopped) throw stopped();
    return work().catch((error: unknown) => {
      throw isStopped ? stopped(error) : error;
    });
  };
  return {
    send: (signals) => whileOpen(() => service.ingest.take([signals].flat().map((signal) => notInOperatorsName(readingOf(signal))))),
    settled: ({ signal } = {}) => whileOpen(() => settled(service, signal)),
    decisions: ({ limit = 100, customerId } = {}) =>
      whileOpen(async () =>
        service.store.read.decisions({ limit: lengthOf(limit), ...(customerId === undefined ? {} : { customerId: idOf(customerId) }) }),
      ),
    customer: (customerId) => whileOpen(async () => customerProfile(idOf(customerId), service, now())),
    get operations() {
      return operationsWhile(whileOpen, checkedOperations(service.operations));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

// --- internal ---

/** Lines are written from timers as well, where an error of the program's log would end the process. */
const harmless =
  (log: EmbedOptions["log"]) =>
  (line: string): void => {
    try {
      log?.(line);
    } catch {
      // The line is lost; decisions go on.
    }
  };

/** While one batch waits for a model or a provider, another is decided. */
const BATCHES_AT_ONCE = 4;

/** Polling interval: far shorter than a batch, far longer than a look at the store. */
const LOOK_MS = 20;

async function settled({ store, nudge, now }: ServiceOnStore, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  // A worker polls only once a second; timers due by the program's own clock should not wait for that.
  nudge();
  while (await store.leases.isBusy(now())) {
    await wait(LOOK_MS);
    signal?.throwIfAborted();
  }
}

type WhileOpen = <T>(work: () => Promise<T>) => Promise<T>;

function operationsWhile(whileOpen: WhileOpen, operations: Operations): Operations {
  type Run = (...given: unknown[]) => Promise<unknown>;
  const nouns = Object.entries(operations).map(([noun, verbs]) => {
    const runs = Object.entries(verbs as Readonly<Record<string, Run>>);
    return [noun, Object.fromEntries(runs.map(([verb, run]) => [verb, (...given: unknown[]) => whileOpen(() => run(...given))]))];
  });
  return Object.fromEntries(nouns) as Operations;
}

function lengthOf(limit: unknown): number {
  if (Number.isSafeInteger(limit) && Number(limit) >= 0) return Number(limit);
  throw new SentientError("BAD_INPUT", "limit: expected a whole number from 0");
}

function idOf(customerId: unknown): string {
  const problem = typeof customerId === "string" ? unstorable(customerId, "customerId") : "customerId: expected text";
  if (problem !== undefined) throw new SentientError("BAD_INPUT", problem);
  return String(customerId);
}

/** A signal of a program has the same limits as one that arrives as text. */
function readingOf(signal: SignalEvent): ReadSignal {
  try {
    return readSignal(JSON.stringify(signal) ?? "");
  } catch (error) {
    return { ok: false, problem: `cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
