import { readConfig } from "../../config/config.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Io } from "../io.ts";
import { announce, BATCHES_AT_ONCE, type Listens, type Publishes, runUntilStopped, serveApi, startService } from "../start-service.ts";

/**
 * Accepts signals and serves operators; workers decide. On the embedded store, which no other process can open, it decides
 * itself.
 */
export async function run(args: Listens & Publishes & { readonly data: string | undefined }, io: Io): Promise<number> {
  const { writeKeys, operatorKeys, consoleKeys, publishes } = readConfig(io.environment);
  const missing = [
    writeKeys.length === 0 && "SENTIENT_WRITE_KEYS",
    operatorKeys.length + consoleKeys.length === 0 && "SENTIENT_OPERATOR_KEYS or SENTIENT_CONSOLE_KEYS",
  ].filter(Boolean);
  if (missing.length > 0)
    throw new SentientError(
      "BAD_CONFIG",
      `serve does not start without keys: set ${missing.join(" and ")} (several with commas between them)`,
    );
  const keys = { writeKeys, operatorKeys, consoleKeys };
  const started = await startService(args, io, {
    concurrencyOn: (isEmbedded) => (isEmbedded ? BATCHES_AT_ONCE : 0),
    ...{ mayStandIn: false, rehearses: true, publishes: args.publish || publishes ? "new" : "first", codeFrom: args.code },
  });
  const { service, log } = started;
  try {
    const listening = await serveApi(args, started, keys);
    const { url } = listening;
    announce(started, url, keys);
    log.info("listening", { url });
    if (args.json) io.out(JSON.stringify({ url }));
    else io.out(`listening at ${url}`);
    return await runUntilStopped(started, listening);
  } catch (error) {
    await service.close();
    throw error;
  }
}
