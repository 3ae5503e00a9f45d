// What performance claims rest on: npm run bench [-- NAME...]
import { benchCustomers } from "./customers.ts";
import { benchGraph } from "./graph.ts";
import { benchProfile } from "./load/profile.ts";
import { benchService } from "./load/service.ts";
import { machineFacts, printTable } from "./machine.ts";
import { benchRun } from "./run.ts";
import { benchStart } from "./start.ts";

interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  /** Printed after everything else. */
  readonly last?: string;
}

interface Bench {
  /** Part of `npm run bench` without names. */
  readonly isUsual: boolean;
  run(): Promise<Table | readonly Table[]>;
}

const benches: Readonly<Record<string, Bench>> = {
  start: { isUsual: true, run: benchStart },
  run: { isUsual: true, run: benchRun },
  graph: { isUsual: true, run: benchGraph },
  customers: { isUsual: false, run: benchCustomers },
  profile: { isUsual: false, run: benchProfile },
  service: { isUsual: true, run: benchService },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${machineFacts()}\n`);
  const last: string[] = [];
  for (const [name, { isUsual, run }] of Object.entries(benches)) {
    if (asked.length > 0 ? !asked.includes(name) : !isUsual) continue;
    for (const table of [await run()].flat()) {
      printTable(table.title, table.rows);
      if (table.last !== undefined) last.push(table.last);
    }
  }
  for (const line of last) process.stdout.write(`\n${line}\n`);
}
