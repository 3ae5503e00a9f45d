import { readConfig } from "../../config/config.ts";
import { SentientError } from "../../domain/errors.ts";
import { type Arguments, type Command, text } from "../command.ts";
import { BATCHES_AT_ONCE, runUntilStopped, startService } from "../start-service.ts";

/** Decides what `serve` takes in; any number of these may run. */
export const command: Command = {
  async run(args, io) {
    const concurrency = concurrencyOf(args);
    if (readConfig(io.environment).databaseUrl === undefined)
      throw new SentientError("BAD_CONFIG", "worker needs DATABASE_URL; the embedded store belongs to one process: use `sentient dev`");
    const started = await startService(args, io, { concurrencyOn: () => concurrency, mayStandIn: false });
    started.log.info("working", { concurrency });
    return runUntilStopped(started);
  },
};

// --- internal ---

function concurrencyOf({ options }: Arguments): number {
  const given = text(options.concurrency);
  if (given === undefined) return BATCHES_AT_ONCE;
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new SentientError("BAD_INPUT", `--concurrency ${given}: expected a whole number from 1 to 64`);
  return count;
}
