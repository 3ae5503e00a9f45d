// What performance claims rest on: npm run bench [-- NAME...]
import { benchGraph } from "./graph.ts";
import { machineFacts, printTable } from "./machine.ts";
import { benchRun } from "./run.ts";
import { benchService } from "./service.ts";
import { benchStart } from "./start.ts";

type Bench = () => Promise<{ readonly title: string; readonly rows: readonly (readonly string[])[] }>;

const benches: Readonly<Record<string, Bench>> = { start: benchStart, run: benchRun, graph: benchGraph, service: benchService };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${machineFacts()}\n`);
  for (const [name, bench] of Object.entries(benches)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const { title, rows } = await bench();
    printTable(title, rows);
  }
}
