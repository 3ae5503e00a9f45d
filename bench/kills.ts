// Kills `sentient run --data DIR` at random points, restarts it with the same signals, and compares the result with an unbroken run:
// npm run kills -- --kills 50 --seed 1
import { parseArgs } from "node:util";
import { withoutServers } from "../testing/command-line.ts";
import { type KillReport, killRuns } from "./kill-runs.ts";
import { machineFacts, printTable } from "./machine.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    customers: { type: "string", default: "40" },
    signals: { type: "string", default: "1500" },
    redis: { type: "string" },
  },
});

process.stdout.write(`${machineFacts()}\nseed ${values.seed}\n`);
const recorded = await round("recorded", false, Number(values.kills));
const live = await round("live", true, Math.ceil(Number(values.kills) / 2));
process.exitCode = recorded.differences.length + recorded.twice.length + live.twice.length > 0 ? 1 : 0;

async function round(name: string, isLive: boolean, kills: number): Promise<KillReport> {
  const began = performance.now();
  const report = await killRuns({
    seed: values.seed,
    kills,
    customers: Number(values.customers),
    signals: Number(values.signals),
    live: isLive,
    environment: { ...withoutServers(), ...(values.redis === undefined ? {} : { REDIS_URL: values.redis }) },
    onKill: (done) => void (process.stderr.isTTY && process.stderr.write(`\r${name}: ${done} kills`)),
  });
  const { inFlight, opening, decisions, deliveries, rows, differences, sentCount, twice, uncertain } = report;
  printTable(name, [
    ["kills while work was in flight", String(inFlight)],
    ["kills while the store was opened", String(opening)],
    ["decisions, deliveries, rows in all tables", `${decisions}, ${deliveries}, ${rows}`],
    ...(isLive
      ? [
          ["messages sent", String(sentCount)],
          ["  of them twice", String(twice.length)],
          ["sends without an answer (uncertain)", String(uncertain)],
        ]
      : [["rows that differ from the unbroken run", String(differences.length)]]),
    ["seconds", ((performance.now() - began) / 1000).toFixed(0)],
  ]);
  for (const difference of differences) process.stdout.write(`${difference}\n`);
  return report;
}
