import { readConfig } from "../../config/config.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Common } from "../command.ts";
import type { Io } from "../io.ts";
import { type Publishes, runUntilStopped, startService } from "../start-service.ts";

interface Work extends Pick<Common, "workspace">, Publishes {
  readonly dir: string | undefined;
  readonly concurrency: number;
}

/** Decides the signals that `serve` accepts; any number of workers may run. */
export async function run({ concurrency, publish, code, ...where }: Work, io: Io): Promise<number> {
  const { databaseUrl, publishes } = readConfig(io.environment);
  if (databaseUrl === undefined)
    throw new SentientError("BAD_CONFIG", "worker needs DATABASE_URL; the embedded store belongs to one process: use `npx sentient dev`");
  const started = await startService(where, io, {
    concurrencyOn: () => concurrency,
    mayStandIn: false,
    rehearses: false,
    publishes: publish || publishes ? "new" : "first",
    codeFrom: code,
  });
  started.log.info("working", { concurrency });
  return runUntilStopped(started);
}
