import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AnyChannel } from "../../channels/channel.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools, inputsOf } from "../../runtime/load-tools.ts";
import { tools } from "../../tools/index.ts";
import type { AnyTool } from "../../tools/tool.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { runStream } from "../run-stream.ts";
import { playStream } from "./play-stream.ts";
import { Population } from "./population.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const examples = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test.each(examples.map(({ name }) => name))("the decisions of %s are the same in memory as on a store", async (name) => {
  const example = await openExample(join(EXAMPLES, name));
  const [kept, played] = [await onAStore(example), await inMemory(example)];
  expect(played.decisions).toEqual(kept.decisions);
  expect(played.result).toEqual(kept.result);
  expect(played.decisions.length).toBeGreaterThan(0);
});

// --- internal ---

interface Example {
  readonly workspace: Workspace;
  readonly tools: readonly AnyTool[];
  readonly channels: readonly AnyChannel[];
}

/** The code of an example imports the package by its name, which leads to its sources in tests only. */
async function openExample(dir: string): Promise<Example> {
  const [own, channels] = [await exportedBy<AnyTool>(join(dir, "tools")), await exportedBy<AnyChannel>(join(dir, "channels"))];
  const options = {
    environment: {},
    channels: channelsOf(channels),
    tools: [...actionTools, ...own.map(({ name }) => name)],
    inputs: inputsOf(own),
  };
  return { workspace: loadWorkspace(dir, options), tools: own, channels };
}

async function exportedBy<T>(folder: string): Promise<T[]> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts")) : [];
  const modules = await Promise.all(files.map((file) => import(join(folder, file))));
  return modules.flatMap((found) => Object.values(found as object).filter((value) => typeof value === "object")) as T[];
}

const linesOf = ({ workspace: { customersFile } }: Example) => (customersFile === undefined ? [] : readCustomers(customersFile).lines);

const signalsOf = ({ workspace: { signalsFile = "" } }: Example) => readSignalLines(openSignals(signalsFile, process.stdin));

async function onAStore(example: Example) {
  const { policy } = example.workspace;
  await using runtime = await createRuntime({ policy, live: false, now: Date.now, tools: example.tools, channels: example.channels });
  const decisions: Decision[] = [];
  const result = await runStream(signalsOf(example), {
    ...runtime,
    onDecision: (decision) => void decisions.push(decision),
    beforeFirst: async (at) => void (await importCustomers(linesOf(example), at, runtime.store, policy)),
  });
  return { decisions, result };
}

async function inMemory(example: Example) {
  const decisions: Decision[] = [];
  const population = new Population(example.workspace.policy);
  const result = await playStream(signalsOf(example), {
    population,
    tools: new Map([...tools, ...example.tools].map((tool) => [tool.name, tool])),
    customers: linesOf(example),
    onDecision: (decision) => void decisions.push(decision),
  });
  return { decisions, result };
}
