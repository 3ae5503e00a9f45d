// The benchmarks behind our performance claims: npm run bench [-- NAME...]
import { benchConsole } from "./console.ts";
import { benchCustomers } from "./customers.ts";
import { benchGraph } from "./graph.ts";
import { benchGrowth } from "./growth.ts";
import { benchNext } from "./load/next.ts";
import { benchProfile } from "./load/profile.ts";
import { benchRounds } from "./load/rounds.ts";
import { benchService } from "./load/service.ts";
import { machineFacts, printTable } from "./machine.ts";
import { benchRehearse } from "./rehearse.ts";
import { benchRun } from "./run.ts";
import { benchStart } from "./start.ts";

interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  /** Printed after everything else. */
  readonly last?: string;
}

interface Bench {
  /** Whether `npm run bench` without names includes it. */
  readonly isDefault: boolean;
  run(): Promise<Table | readonly Table[]>;
}

const benches: Readonly<Record<string, Bench>> = {
  start: { isDefault: true, run: benchStart },
  run: { isDefault: true, run: benchRun },
  graph: { isDefault: true, run: benchGraph },
  customers: { isDefault: false, run: benchCustomers },
  growth: { isDefault: false, run: benchGrowth },
  console: { isDefault: true, run: benchConsole },
  rehearse: { isDefault: false, run: benchRehearse },
  profile: { isDefault: false, run: benchProfile },
  next: { isDefault: false, run: benchNext },
  rounds: { isDefault: false, run: benchRounds },
  service: { isDefault: true, run: benchService },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${machineFacts()}\n`);
  const last: string[] = [];
  for (const [name, { isDefault, run }] of Object.entries(benches)) {
    if (asked.length > 0 ? !asked.includes(name) : !isDefault) continue;
    for (const table of [await run()].flat()) {
      printTable(table.title, table.rows);
      if (table.last !== undefined) last.push(table.last);
    }
  }
  for (const line of last) process.stdout.write(`\n${line}\n`);
}
