import { readConfig } from "../config/config.ts";
import { modelOf } from "../runtime/connect-model.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "../runtime/create-runtime.ts";
import { embeddingsFor } from "../runtime/embeddings/connect-embeddings.ts";
import type { OpenWorkspace } from "../runtime/open-workspace.ts";
import type { Io } from "./io.ts";

/** Location of the store: a folder, the server's own schema or a new one, or memory when neither is given. */
export type Place = Pick<RuntimeOptions, "dataDir" | "databaseUrl" | "temporary">;

interface Carrying {
  /** Messages are sent for real; without it they are recorded. */
  readonly live?: boolean;
  /** False: nothing is handed over by this process. */
  readonly works?: boolean;
}

/**
 * Opens a workspace for one command, with the model, the Redis and the hosts of the environment. Without a location the store
 * is temporary: on the PostgreSQL server where there is one, otherwise in memory.
 */
export function openRuntime(
  { workspace, tools, channels }: OpenWorkspace,
  io: Io,
  place?: Place,
  { live = false, works = true }: Carrying = {},
): Promise<Runtime> {
  const { redisUrl, httpHosts, databaseUrl, model } = readConfig(io.environment);
  return createRuntime({
    ...{ policy: workspace.policy, tools, channels, httpHosts, live, works, now: io.now },
    model: modelOf(workspace.settings.model, model, io.note),
    embeddings: embeddingsFor(workspace.settings.embeddings, model, io.note),
    onWarning: io.warn,
    onUpgrade: io.note,
    onPrepare: () => io.note("preparing the embedded store (once) …"),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(place ?? (databaseUrl === undefined ? {} : { databaseUrl, temporary: true })),
  });
}
