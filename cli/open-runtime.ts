import { readConfig } from "../config/config.ts";
import { modelOf } from "../runtime/connect-model.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "../runtime/create-runtime.ts";
import type { OpenWorkspace } from "../runtime/open-workspace.ts";
import type { Io } from "./io.ts";

/** Where the store lies: a folder, the server's own or a new schema of it, or memory when neither is given. */
export type Place = Pick<RuntimeOptions, "dataDir" | "databaseUrl" | "temporary">;

/**
 * Puts a workspace together for one command: with the model, the Redis and the hosts that the environment gives.
 * Without a place the store is fresh and goes away afterwards: on the PostgreSQL server where there is one, otherwise in memory.
 */
export function openRuntime({ workspace, tools, channels }: OpenWorkspace, io: Io, place?: Place, live = false): Promise<Runtime> {
  const { redisUrl, httpHosts, databaseUrl, model } = readConfig(io.environment);
  return createRuntime({
    ...{ policy: workspace.policy, tools, channels, httpHosts, live, now: io.now },
    model: modelOf(workspace.settings.model, model, io.note),
    onWarning: io.warn,
    onPrepare: () => io.note("preparing the embedded store (once) …"),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(place ?? (databaseUrl === undefined ? {} : { databaseUrl, temporary: true })),
  });
}
