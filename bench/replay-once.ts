import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySaver } from "@langchain/langgraph";
import { runStream } from "../engine/run-stream.ts";
import { importCustomers, readCustomers } from "../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../intake/read-signals.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { channelsOf } from "../runtime/load-channels.ts";
import { actionTools } from "../runtime/load-tools.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { type Story, writeKillsWorkspace, writeSignals } from "./kills-workspace.ts";

export interface Replayed {
  readonly wakes: number;
  readonly decisions: number;
  readonly seconds: number;
  /** CPU seconds of this process, independent of other load. */
  readonly cpuSeconds: number;
  /** Number of graph executions. */
  readonly executions: number;
}

export interface ReplayShape {
  /** Maximum number of wakes in one graph execution. */
  readonly batch?: number;
  readonly checkpointed?: boolean;
}

/** Replays a workspace's stream on a new in-memory store. The time excludes opening the store and the import. */
export async function replayOnce(dir: string, { batch, checkpointed = false }: ReplayShape = {}): Promise<Replayed> {
  const {
    policy,
    signalsFile = "",
    customersFile = "",
  } = loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: actionTools });
  await using runtime = await createRuntime({ policy, live: false, now: Date.now });
  const executions = countExecutions(runtime, checkpointed);
  let began = performance.now();
  let cpuBegan = process.cpuUsage();
  const { signals, timers, decisions } = await runStream(readSignalLines(openSignals(signalsFile, process.stdin)), {
    ...runtime,
    ...(batch === undefined ? {} : { batch }),
    onDecision: () => {},
    beforeFirst: async (at) => {
      await importCustomers(readCustomers(customersFile).lines, at, runtime.store, policy);
      began = performance.now();
      cpuBegan = process.cpuUsage();
    },
  });
  const { user, system } = process.cpuUsage(cpuBegan);
  const seconds = (performance.now() - began) / 1000;
  return { wakes: signals + timers, decisions, seconds, cpuSeconds: (user + system) / 1e6, executions: executions() };
}

/** A seeded workspace with a stream, reproducible for the same size. */
export function seededStory(size: Pick<Story, "customers" | "signals">): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "sentient-bench-"));
  writeSignals(dir, writeKillsWorkspace(dir, { ...size, seed: "bench", from: Date.UTC(2026, 2, 2, 8) }));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

// --- internal ---

/** Counts graph executions; optionally adds a checkpointer, with a thread for every execution, as it requires. */
function countExecutions({ decider: { graph } }: Runtime, checkpointed: boolean): () => number {
  let count = 0;
  const invoke = graph.invoke.bind(graph);
  if (checkpointed) graph.checkpointer = new MemorySaver();
  graph.invoke = (async (state: Parameters<typeof invoke>[0], options: Parameters<typeof invoke>[1]) => {
    count++;
    return invoke(state, { ...options, configurable: { ...options?.configurable, thread_id: String(count) } });
  }) as typeof invoke;
  return () => count;
}
