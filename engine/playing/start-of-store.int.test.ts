import { join } from "node:path";
import { expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { FutureSignal } from "../../rehearsal/future.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../runtime/load-tools.ts";
import { tools } from "../../tools/index.ts";
import { loadWorkspace } from "../../workspace/load.ts";
import { runStream } from "../run-stream.ts";
import { playFuture } from "./play-future.ts";
import { playStream } from "./play-stream.ts";
import { Population } from "./population.ts";
import { startOfStore } from "./start-of-store.ts";

const ALL = new Map(tools.map((tool) => [tool.name, tool]));

test("a play that begins with the customers of a store goes on as the recorded stream does", async () => {
  const {
    policy,
    signalsFile = "",
    customersFile = "",
  } = loadWorkspace(join(import.meta.dirname, "../../examples/telecom"), {
    ...{ environment: {}, channels: channelsOf(), tools: actionTools },
  });
  const stream = () => readSignalLines(openSignals(signalsFile, process.stdin));
  const customers = readCustomers(customersFile).lines;
  const whole: { readonly signal: FutureSignal | undefined; readonly changes: readonly Change[] }[] = [];
  const { clock } = await playStream(stream(), {
    ...{ population: new Population(policy), tools: ALL, customers },
    onDecision: () => {},
    onPlayed: ({ run: { wake }, committed }) =>
      void whole.push({ signal: wake.kind === "signal" ? wake.signal : undefined, changes: committed.flatMap((one) => one.changes) }),
  });
  const signals = whole.flatMap(({ signal }) => signal ?? []);
  const at = signals[Math.floor(signals.length / 2)]?.time ?? 0;

  await using runtime = await createRuntime({ policy, live: false, now: Date.now });
  const { store } = runtime;
  await runStream(stream(), {
    ...runtime,
    until: at,
    onDecision: () => {},
    beforeFirst: async (first) => void (await importCustomers(customers, first, store, policy)),
  });
  const { decisions: before } = await store.read.decisionsAfter(0);
  const start = await startOfStore(store, policy, { customerIds: customers.map(({ customer }) => customer.id), at });
  const later: Change[] = [];
  await playFuture(
    start,
    policy,
    { days: () => [signals.filter(({ time }) => time > at)], answersTo: () => [] },
    { tools: ALL, until: clock, onCommitted: ({ changes }) => void later.push(...changes) },
  );
  const made = decisionsIn(whole.flatMap(({ changes }) => changes));
  expect(decisionsIn(later)).toEqual(made.slice(before.length));
  expect(decisionsIn(later).length).toBeGreaterThan(5);
});

// --- internal ---

const decisionsIn = (changes: readonly Change[]) => changes.flatMap((change) => (change.type === "decided" ? [change.decision] : []));
