import type { OwnServers } from "./servers.ts";

export interface CrashOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  readonly signals: number;
  readonly kills: number;
  readonly postgresRestarts: number;
  readonly redisRestarts: number;
  /** A file for the logs of all processes. */
  readonly logs: string | undefined;
}
