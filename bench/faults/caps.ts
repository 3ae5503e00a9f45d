import { race } from "../../testing/races/races.ts";
import { noneOf, type Round } from "./promise.ts";
import type { OwnServers } from "./servers.ts";

/** Fifty concurrent signals for each of fifty customers, for two departments in three processes, under a cap of two. */
export async function caps({ servers, seed }: { readonly servers: OwnServers; readonly seed: string }): Promise<Round> {
  await servers.flushRedis();
  const place = { databaseUrl: await servers.database("caps"), redisUrl: servers.redisUrl, remove: async () => {} };
  const report = await race({ seed: `faults ${seed}`, place, customers: 50, signals: 50, cap: 2, processes: 2 });
  return {
    name: "caps",
    faults: 0,
    counts: [
      ["signals", String(report.signals)],
      ["deliveries, decisions that held back, revocations", `${report.deliveries}, ${report.heldBack}, ${report.revocations}`],
    ],
    promises: [
      noneOf(
        "under fifty concurrent signals no customer gets more than a cap of two allows",
        report.violations,
        `${report.deliveries} deliveries`,
      ),
    ],
  };
}
