// Random rules, many concurrent customers and departments, then asks and holds, on every engine: npm run races -- --rounds 10 --seed S
import { parseArgs } from "node:util";
import { table } from "../cli/views/table.ts";
import { raceAsks } from "../testing/races/ask-race.ts";
import { race } from "../testing/races/races.ts";
import { engines } from "../testing/service.ts";
import { machineFacts } from "./machine.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    seed: { type: "string", default: "races" },
    customers: { type: "string", default: "50" },
    signals: { type: "string", default: "50" },
    processes: { type: "string", default: "2" },
  },
});
const rows: string[][] = [["engine", "rounds", "signals", "deliveries", "held back", "revocations", "violations"]];
let broken = 0;
process.stdout.write(
  `${machineFacts()}\nseed ${values.seed}: ${values.customers} customers, ${values.signals} signals each, all at once\n`,
);
for (const engine of engines) {
  const total = { signals: 0, deliveries: 0, heldBack: 0, revocations: 0, violations: 0 };
  const rounds = Number(values.rounds);
  // The last round is the simplest: a cap of two for all messages to a customer.
  for (let round = 0; round <= rounds; round++) {
    const place = await engine.place();
    const report = await race({
      ...{ seed: `${values.seed} ${round}`, place, customers: Number(values.customers), signals: Number(values.signals) },
      ...(round === rounds ? { cap: 2 } : {}),
      processes: engine.name === "embedded" ? 0 : Number(values.processes),
    });
    await place.remove();
    for (const violation of report.violations) process.stdout.write(`${engine.name}, round ${round}: ${violation}\n`);
    for (const key of ["signals", "deliveries", "heldBack", "revocations"] as const) total[key] += report[key];
    total.violations += report.violations.length;
  }
  broken += total.violations;
  rows.push([engine.name, `${rounds} and the cap of two`, ...Object.values(total).map(String)]);
}
const asks: string[][] = [
  ["engine", "asks", "late", "given", "holds", "confirmed late", "deferred mails", "asks beside them", "violations"],
];
for (const engine of engines) {
  const place = await engine.place();
  const processes = engine.name === "embedded" ? 0 : 1;
  const report = await raceAsks({ seed: values.seed, place, customers: Number(values.customers), asks: 8, processes });
  await place.remove();
  const { violations, ...counts } = report;
  for (const violation of violations) process.stdout.write(`${engine.name}, asks: ${violation}\n`);
  broken += violations.length;
  asks.push([engine.name, ...Object.values(counts).map(String), String(violations.length)]);
}
for (const one of [rows, asks]) process.stdout.write(`${table(one, { indent: 2 }).join("\n")}\n`);
process.stdout.write(`${broken} violations\n`);
process.exitCode = broken > 0 ? 1 : 0;
