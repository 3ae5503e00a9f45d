import { setTimeout as wait } from "node:timers/promises";
import { readConfig } from "../config/config.ts";
import { type ReadSignal, readSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { notInOperatorsName } from "../intake/operators-name.ts";
import { customerProfile } from "../operations/profile.ts";
import { createLog } from "../telemetry/log.ts";
import { beginStore } from "./begin-store.ts";
import { modelOf } from "./connect-model.ts";
import type { EmbeddedRuntime, EmbedOptions } from "./embedded-runtime.ts";
import { openWorkspace } from "./open-workspace.ts";
import { openServiceOnStore, type ServiceOnStore } from "./service.ts";

/** Implementation of `embedRuntime`. */
export async function openEmbedded(options: EmbedOptions): Promise<EmbeddedRuntime> {
  const { environment = {}, dataDir, live = false, model, now = Date.now } = options;
  const { workspace, ...code } = await openWorkspace(options.workspace, { environment });
  const config = readConfig(environment);
  const log = createLog(options.log ?? (() => {}), now);
  const service = await openServiceOnStore({
    ...code,
    ...{ policy: workspace.policy, log, live, now, concurrency: BATCHES_AT_ONCE, httpHosts: config.httpHosts },
    model: model ? () => model : modelOf(workspace.settings.model, config.model, (why) => log.warn(why)),
    onPrepare: () => log.info("the embedded store is prepared, once"),
    onWarning: (text) => log.warn(text),
    beforeWork: (store) => beginStore(workspace, store, now, log),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(dataDir !== undefined || config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
    ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
  });
  return {
    send: (signals) => service.ingest.take([signals].flat().map((signal) => notInOperatorsName(readingOf(signal)))),
    settled: ({ signal } = {}) => settled(service, signal),
    decisions: ({ limit = 100, ...of } = {}) => service.store.read.decisions({ ...of, limit }),
    customer: (customerId) => customerProfile(customerId, service, now()),
    operations: service.operations,
    stop: service.close,
    [Symbol.asyncDispose]: service.close,
  };
}

// --- internal ---

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

/** A signal of a program has the same limits as one that arrives as text. */
function readingOf(signal: SignalEvent): ReadSignal {
  try {
    return readSignal(JSON.stringify(signal) ?? "");
  } catch (error) {
    return { ok: false, problem: `cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
