import { SentientError } from "../../domain/errors.ts";
import { RIGHTS } from "../../domain/identity/key-rights.ts";
import { makeKeys } from "../folder-keys.ts";
import type { Io } from "../io.ts";
import { announce, BATCHES_AT_ONCE, type Listens, runUntilStopped, serveApi, startService } from "../start-service.ts";

/** Everything in one process, with its own keys. */
export async function run(args: Listens & { readonly data: string | undefined }, io: Io): Promise<number> {
  const started = await startService(args, io, { concurrencyOn: () => BATCHES_AT_ONCE, mayStandIn: true });
  const { service, config, dataDir, log } = started;
  try {
    const { writeKey, operatorKey } = makeKeys(dataDir, log.warn);
    // Its own key has all rights, even if the environment lists it with fewer.
    const keys = {
      writeKeys: [...config.writeKeys, { key: writeKey, rights: RIGHTS }],
      operatorKeys: [...config.operatorKeys, operatorKey],
      consoleKeys: config.consoleKeys,
    };
    const isTwice = config.operatorKeys.includes(writeKey) || config.writeKeys.some(({ key }) => key === operatorKey);
    if (isTwice)
      throw new SentientError(
        "BAD_CONFIG",
        `a key of ${dataDir} is given for the other purpose by SENTIENT_WRITE_KEYS or SENTIENT_OPERATOR_KEYS`,
      );
    const listening = await serveApi(args, started, keys);
    const { url } = listening;
    announce(started, url, keys);
    if (args.json) io.out(JSON.stringify({ url, writeKey, operatorKey }));
    else for (const line of shownLines(url, writeKey, operatorKey)) io.out(line);
    return await runUntilStopped(started, listening);
  } catch (error) {
    log.error("could not start");
    await service.close();
    throw error;
  }
}

// --- internal ---

/** The keys, and the line by which the commands of another shell go to this server. */
const shownLines = (url: string, writeKey: string, operatorKey: string): string[] => [
  `listening at  ${url}`,
  `write key     ${writeKey}`,
  `operator key  ${operatorKey}`,
  "",
  "to use this server from another folder, paste there:",
  `export SENTIENT_URL=${url} SENTIENT_WRITE_KEYS=${writeKey} SENTIENT_OPERATOR_KEYS=${operatorKey}`,
];
