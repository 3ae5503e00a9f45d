import type { OwnServers } from "./servers.ts";

export interface CrashOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  readonly signals: number;
  readonly kills: number;
  /** Times that a version is published and another one restored; half of them with a kill in the middle. */
  readonly deploys: number;
  readonly postgresRestarts: number;
  readonly redisRestarts: number;
  /** A file for the logs of all processes. */
  readonly logs: string | undefined;
}
