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
  /** Name of its database. */
  readonly name: string;
  /** Creates a special database. */
  readonly database?: () => Promise<string>;
  readonly settings: string;
  readonly experiences: Readonly<Record<string, string>>;
  readonly workers: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a function with its own server and workers, an empty database and an empty Redis. */
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
