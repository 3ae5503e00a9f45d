import { SentientError } from "../../domain/errors.ts";
import { RIGHTS } from "../../domain/identity/key-rights.ts";
import { Codes } from "../../server/access/codes.ts";
import { workspaceOf } from "../command.ts";
import { makeKeys } from "../folder-keys.ts";
import type { Io } from "../io.ts";
import { followSaves } from "../saves/follow-saves.ts";
import { signInLink } from "../sign-in-link.ts";
import { announce, BATCHES_AT_ONCE, hasConsole, type Listens, runUntilStopped, serveApi, startService } from "../start-service.ts";

/** Everything in one process, with its own keys. */
export async function run(args: Listens & { readonly data: string | undefined }, io: Io): Promise<number> {
  const started = await startService(args, io, {
    concurrencyOn: () => BATCHES_AT_ONCE,
    mayStandIn: true,
    rehearses: true,
    publishes: "always",
  });
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
    const codes = new Codes(service.now);
    const listening = await serveApi(args, started, keys, codes);
    const { url } = listening;
    announce(started, url, keys);
    const console = hasConsole(args, config) ? signInLink(url, operatorKey, codes) : undefined;
    if (args.json) io.out(JSON.stringify({ url, writeKey, operatorKey, ...(console === undefined ? {} : { console }) }));
    else for (const line of shownLines(url, { writeKey, operatorKey, console })) io.out(line);
    const following = followSaves(workspaceOf(args), io, started.publishAgain);
    return await runUntilStopped(started, listening).finally(() => following.stop());
  } catch (error) {
    log.error("could not start");
    await service.close();
    throw error;
  }
}

// --- internal ---

interface ShownKeys {
  readonly writeKey: string;
  readonly operatorKey: string;
  readonly console: string | undefined;
}

/** The keys, and the line by which the commands of another shell go to this server. */
const shownLines = (url: string, { writeKey, operatorKey, console }: ShownKeys): string[] => [
  ...(console === undefined ? [] : [`console       ${console}`]),
  `listening at  ${url}`,
  `write key     ${writeKey}`,
  `operator key  ${operatorKey}`,
  "",
  "to use this server from another folder, paste there:",
  `export SENTIENT_URL=${url} SENTIENT_WRITE_KEYS=${writeKey} SENTIENT_OPERATOR_KEYS=${operatorKey}`,
];
