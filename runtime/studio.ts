import { join } from "node:path";
import { packageRoot } from "../config/package-root.ts";
import { DAY } from "../domain/values/time.ts";
import { CLOCK, runStream } from "../engine/run-stream.ts";
import { importCustomers, readCustomers } from "../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../intake/read-signals.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { createRuntime } from "./create-runtime.ts";
import { channelsOf } from "./load-channels.ts";
import { actionTools } from "./load-tools.ts";

const EXAMPLE = join(packageRoot, "examples", "dealership");

/**
 * The decisioning graph for LangGraph's studio, over the bundled dealership at the end of its story. Started there with `{ "runs": ["dana"]
 * }`, it judges Dana's open moments again, a day later, with every step of the runtime.
 */
export async function decisioning() {
  const workspace = loadWorkspace(EXAMPLE, { environment: {}, channels: channelsOf(), tools: actionTools });
  let clock = 0;
  const runtime = await createRuntime({
    policy: workspace.policy,
    live: false,
    now: Date.now,
    wakesFor: (ids) =>
      ids.map((customerId) => ({ wake: { kind: "timer", customerId, key: "judge", name: "studio", due: clock + DAY }, now: clock + DAY })),
  });
  const { customersFile = "", signalsFile = "" } = workspace;
  await runStream(readSignalLines(openSignals(signalsFile, process.stdin)), {
    ...runtime,
    onDecision: () => {},
    beforeFirst: async (at) => void (await importCustomers(readCustomers(customersFile).lines, at, runtime.store, workspace.policy)),
  });
  clock = Number(await runtime.store.setting(CLOCK));
  return runtime.decider.graph;
}
