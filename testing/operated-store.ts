import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { actionOutputs } from "../delivery/preview-action.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { Json } from "../domain/values/json.ts";
import { runStream } from "../engine/run-stream.ts";
import { createTextReader } from "../engine/try-text.ts";
import { importCustomers, readCustomerText } from "../intake/import-customers.ts";
import { readSignalLines } from "../intake/read-signals.ts";
import { judgeWokenCustomers } from "../operations/carry-out.ts";
import { createLookUps, type LookUps } from "../operations/look-ups.ts";
import type { Operations } from "../operations/operation.ts";
import { createOperations } from "../operations/operations.ts";
import type { ConnectModel } from "../runtime/connect-model.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import type { ConnectEmbeddings } from "../runtime/embeddings/connect-embeddings.ts";
import { createWhatIf } from "../runtime/what-if.ts";
import { at, NOW } from "./builders.ts";
import { testsEmbedded } from "./test-files.ts";

/** A replayed store with operators at work on it. */
export interface OperatedStore {
  readonly runtime: Runtime;
  readonly operations: Operations;
  readonly lookUps: LookUps;
  /** Replays more signals (time, type and data), of `c-1` unless the data names a `subject`. Returns their decisions. */
  play(signals: readonly GivenSignal[], until?: string): Promise<Decision[]>;
  customers(...lines: readonly Json[]): Promise<void>;
  /** Judges the customers that an operation has woken. */
  judge(outcome: { readonly wakes?: string | readonly string[] | undefined }): Promise<Decision[]>;
  /** Returns the rows of a query. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

export type GivenSignal = readonly [
  time: string,
  type: string,
  data?: { readonly subject?: string; readonly [field: string]: Json | undefined },
];

export interface EngineOptions {
  readonly databaseUrl?: string;
}

/** The available engines: a PostgreSQL server if given, and the embedded one unless it is left out. */
export const enginesAt = (databaseUrl: string | undefined): readonly (readonly [string, EngineOptions])[] => [
  ...(testsEmbedded ? [["embedded", {}] as const] : []),
  ...(databaseUrl ? [["postgres", { databaseUrl }] as const] : []),
];

/** Opens an empty store in memory, or its own on a server. */
export async function openOperated(
  policy: Policy,
  { databaseUrl }: EngineOptions = {},
  model?: ConnectModel,
  embeddings?: ConnectEmbeddings,
): Promise<OperatedStore> {
  const place = databaseUrl === undefined ? {} : { databaseUrl, temporary: true };
  const runtime = await createRuntime({ policy, live: false, now: () => NOW, model, embeddings, ...place });
  const { store, decider } = runtime;
  const outputOf = actionOutputs(runtime.deps.tools);
  let played = 0;
  return {
    runtime,
    operations: createOperations({ store, policy, now: () => NOW, outputOf }),
    lookUps: createLookUps({
      ...{ store, policy: () => policy, outputOf: () => outputOf, now: () => NOW },
      tryText: () => createTextReader(runtime.deps.model?.model, () => NOW, runtime.deps.embeddings),
      whatIf: () => createWhatIf({ store, policy, now: () => NOW }),
      modelName: () => runtime.deps.model?.model.name,
    }),
    async play(signals, until) {
      const decisions: Decision[] = [];
      const lines = signals.map(([time, type, { subject = "c-1", ...data } = {}]) =>
        JSON.stringify({
          specversion: "1.0",
          id: `s-${++played}`,
          source: "test",
          type,
          ...(isNamedIn(data) ? {} : { subject }),
          time,
          data,
        }),
      );
      await runStream(readSignalLines(Readable.from(lines.join("\n"))), {
        ...{ store, decider },
        onDecision: (decision) => void decisions.push(decision),
        ...(until === undefined ? {} : { until: at(until) }),
      });
      return decisions;
    },
    async customers(...lines) {
      const { lines: read, problems } = readCustomerText(lines.map((line) => JSON.stringify(line)).join("\n"));
      if (problems[0]) throw new Error(problems[0].problem);
      await importCustomers(read, at("2026-06-01"), store, policy);
    },
    judge: ({ wakes = [] }) => judgeWokenCustomers([wakes].flat(), { store, decider, policy, now: () => NOW }),
    rows: async (sql) => (await store.database.pool.query(sql)).rows,
  };
}

/** Whether the data of an ask names its customer. */
const isNamedIn = ({ channel, customer, identities }: Readonly<Record<string, Json | undefined>>): boolean =>
  channel !== undefined && (customer !== undefined || identities !== undefined);

/** For the tests of one `describe`: a store that is opened once and reset to exactly these customers before each test. */
export function useOperated(policy: Policy, options: EngineOptions, customers: readonly Json[] = [{ id: "c-1" }]): OperatedStore {
  let opened: OperatedStore | undefined;
  const store = (): OperatedStore => {
    if (!opened) throw new Error("the store is open within tests only");
    return opened;
  };
  beforeAll(async () => {
    opened = await openOperated(policy, options);
  });
  beforeEach(async () => {
    await store().runtime.store.clear();
    await store().customers(...customers);
  });
  afterAll(() => opened?.runtime.close());
  return {
    get runtime() {
      return store().runtime;
    },
    get operations() {
      return store().operations;
    },
    get lookUps() {
      return store().lookUps;
    },
    play: (...given) => store().play(...given),
    customers: (...lines) => store().customers(...lines),
    judge: (outcome) => store().judge(outcome),
    rows: (sql) => store().rows(sql),
  };
}
