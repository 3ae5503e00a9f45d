import { RIGHTS } from "../../domain/key-rights.ts";
import type { Command } from "../command.ts";
import { makeKeys } from "../local-server.ts";
import { BATCHES_AT_ONCE, runUntilStopped, serveApi, startService } from "../start-service.ts";

/** Everything in one process, with keys of its own. */
export const command: Command = {
  async run(args, io) {
    const started = await startService(args, io, { concurrencyOn: () => BATCHES_AT_ONCE, mayStandIn: true });
    const { service, config, dataDir, log } = started;
    try {
      const { writeKey, operatorKey } = makeKeys(dataDir);
      // Its own key may do everything, also where the environment names it again.
      const listening = await serveApi(args, started, {
        writeKeys: [...config.writeKeys, { key: writeKey, rights: RIGHTS }],
        operatorKeys: [...config.operatorKeys, operatorKey],
      });
      const { url } = listening;
      service.store.database.announce?.(url);
      if (args.options.json === true) io.out(JSON.stringify({ url, writeKey, operatorKey }));
      else for (const line of [`listening at  ${url}`, `write key     ${writeKey}`, `operator key  ${operatorKey}`]) io.out(line);
      return await runUntilStopped(started, listening);
    } catch (error) {
      log.error("could not start");
      await service.close();
      throw error;
    }
  },
};
