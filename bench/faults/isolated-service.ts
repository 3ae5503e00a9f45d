import { KEYS } from "../load/keys.ts";
import { Processes } from "./processes.ts";
import { Recorded } from "./record.ts";
import type { OwnServers } from "./servers.ts";
import { writeWorkspace } from "./workspace.ts";

export interface IsolatedService {
  readonly databaseUrl: string;
  readonly recorded: Recorded;
  readonly processes: Processes;
}

export interface IsolatedServiceOptions {
  readonly servers: OwnServers;
  /** Names its database. */
  readonly name: string;
  /** Makes its database where it has to be a special one. */
  readonly database?: () => Promise<string>;
  readonly settings: string;
  readonly experiences: Readonly<Record<string, string>>;
  readonly workers: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs something on a server and workers of its own, on an empty database and an empty Redis. */
export async function withIsolatedService<T>(options: IsolatedServiceOptions, run: (service: IsolatedService) => Promise<T>): Promise<T> {
  const { servers, name, database, settings, experiences, workers, environment = {} } = options;
  await servers.flushRedis();
  const databaseUrl = await (database ?? (() => servers.database(name)))();
  const recorded = new Recorded(databaseUrl);
  const workspace = writeWorkspace(settings, experiences);
  const processes = new Processes({ ...KEYS, ...environment, DATABASE_URL: databaseUrl, REDIS_URL: servers.redisUrl }, workspace.dir);
  try {
    await processes.start(workers);
    return await run({ databaseUrl, recorded, processes });
  } finally {
    await processes.stop();
    await recorded.close();
    workspace.remove();
  }
}
