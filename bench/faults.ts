// Fault injection: breaks the dependencies of a running service, and checks afterwards that every promise held. Starts its own PostgreSQL
// and Redis: npm run faults [-- --short] [--seed 1] [--only crashes,misbehaviour,repeats,optouts,caps,asks,trouble] [--logs FILE]
import { parseArgs } from "node:util";
import { asks } from "./faults/asks.ts";
import { caps } from "./faults/caps.ts";
import { crashes } from "./faults/crashes.ts";
import { misbehaviour } from "./faults/misbehaviour.ts";
import { optOuts } from "./faults/opt-outs.ts";
import { outages } from "./faults/outages.ts";
import type { Round } from "./faults/promise.ts";
import { repeats } from "./faults/repeats.ts";
import { startOwnServers } from "./faults/servers.ts";
import { machineFacts, printTable } from "./machine.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
    only: { type: "string" },
    logs: { type: "string" },
  },
});
const { seed, short } = values;
const began = performance.now();
process.stdout.write(`${machineFacts()}\nseed ${seed}${short ? ", the short form" : ""}\n`);
const servers = await startOwnServers();
const rounds: Readonly<Record<string, () => Promise<Round>>> = {
  crashes: () =>
    crashes({
      ...{ servers, seed, logs: values.logs },
      ...(short
        ? { signals: 1_000, kills: 4, deploys: 2, postgresRestarts: 1, redisRestarts: 1 }
        : { signals: 10_000, kills: 20, deploys: 8, postgresRestarts: 5, redisRestarts: 3 }),
    }),
  misbehaviour: () =>
    misbehaviour({ servers, seed, ...(short ? { mixed: 150, hanging: 300, good: 30 } : { mixed: 1_400, hanging: 600, good: 200 }) }),
  repeats: () => repeats({ servers, seed, signals: short ? 200 : 500 }),
  optouts: () => optOuts({ servers, seed, customers: short ? 50 : 200 }),
  caps: () => caps({ servers, seed }),
  asks: () => asks({ servers, seed, ...(short ? { customers: 12, kills: 3 } : { customers: 60, kills: 10 }) }),
  trouble: () =>
    outages({
      servers,
      ...(short
        ? {
            ms: 17_000,
            signals: 20,
            atOnce: 4,
            only: ["full disk", "customers locked, lock_timeout", "tasks locked, lock_timeout", "serialization failures"],
          }
        : { ms: 25_000, signals: 60, atOnce: 3 }),
    }),
};
const done: Round[] = [];
try {
  for (const [name, run] of Object.entries(rounds)) {
    if (values.only !== undefined && !values.only.split(",").includes(name)) continue;
    const from = performance.now();
    const round = await run();
    printTable(`${round.name}, ${((performance.now() - from) / 1000).toFixed(0)} s`, round.counts);
    printTable(
      `${round.name}: promises`,
      round.promises.map(({ promise, held, detail }) => [held ? "held" : "BROKEN", promise, detail]),
    );
    done.push(round);
  }
} finally {
  await servers.stop();
}
const promises = done.flatMap((round) => round.promises);
const held = promises.filter((one) => one.held).length;
const faults = done.reduce((sum, round) => sum + round.faults, 0);
process.stdout.write(
  `\n${((performance.now() - began) / 1000).toFixed(0)} s\n${held} of ${promises.length} promises held, ${faults} faults\n`,
);
process.exitCode = held === promises.length ? 0 : 1;
