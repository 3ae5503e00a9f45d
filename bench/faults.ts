// Kills processes and cuts connections of a running service while signals come in, and looks afterwards whether every
// promise held: npm run faults -- --signals 3000 --faults 12 --seed 1 (needs DATABASE_URL and REDIS_URL)
import { parseArgs } from "node:util";
import { engines } from "../testing/service.ts";
import { FaultRun } from "./fault-run.ts";
import { machineFacts, printTable } from "./machine.ts";

const { values } = parseArgs({
  options: {
    signals: { type: "string", default: "3000" },
    customers: { type: "string", default: "300" },
    faults: { type: "string", default: "12" },
    seed: { type: "string", default: "1" },
  },
});

const engine = engines.find(({ name }) => name === "PostgreSQL and Redis");
if (!engine) {
  process.stderr.write("faults needs DATABASE_URL and REDIS_URL\n");
  process.exitCode = 2;
} else {
  process.stdout.write(`${machineFacts()}\nseed ${values.seed}\n`);
  const place = await engine.place();
  const run = new FaultRun({
    ...{ databaseUrl: place.databaseUrl ?? "", redisUrl: place.redisUrl ?? "", seed: values.seed },
    ...{ signals: Number(values.signals), customers: Number(values.customers), faults: Number(values.faults) },
  });
  try {
    await run.run();
    printTable("faults", run.faults);
    const promises = await run.promises();
    printTable(
      "promises",
      promises.map(({ promise, held, detail }) => [held ? "held" : "BROKEN", promise, detail]),
    );
    const held = promises.filter((one) => one.held).length;
    process.stdout.write(`\n${held} of ${promises.length} promises held, ${run.landed} faults\n`);
    process.exitCode = held === promises.length ? 0 : 1;
  } finally {
    await run.close();
    await place.remove();
  }
}
