import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { Instant } from "../domain/values/time.ts";
import { type RunStreamOptions, runStream, type StreamResult } from "../engine/run-stream.ts";
import { type ImportResult, importCustomers } from "../intake/import-customers.ts";
import type { ImportLine } from "../intake/read-customers.ts";
import type { SignalLine } from "../intake/read-signals.ts";
import { type CarryOutDeps, judgeWokenCustomers, sendReserved } from "../operations/carry-out.ts";
import { storeTime } from "../operations/deps.ts";
import { createImporting, type Importing } from "../operations/importing.ts";
import { createLookUps, type LookUps } from "../operations/look-ups.ts";
import type { Operations } from "../operations/operation.ts";
import { createOperations } from "../operations/operations.ts";
import type { TaskRecord } from "../store/reading/readings.ts";
import { WORKSPACE_SETTING } from "./begin-store.ts";
import type { Runtime } from "./create-runtime.ts";
import { openStore, type StoreOptions } from "./open-store.ts";
import { decideUnder, type ReplayOptions, replay } from "./replay.ts";

/** What is done in a store that no service runs on, without the store itself: operations, look-ups, imports and replays. */
export interface OpenedStore {
  /** The folder of the workspace that it was filled under, where it says so. */
  workspaceDir(): Promise<string | undefined>;
  operations(policy: Policy): Operations;
  /** @param policy asked for only where a look-up needs it */
  lookUps(policy: () => Policy | Promise<Policy>): LookUps;
  importing(policy: Policy): Importing;
  /** Whether a replay has filled it, so that nobody else moves its clock. */
  isReplay(): Promise<boolean>;
  /** Up to when its signals are forgotten; undefined where all of them are there. */
  prunedUntil(): Promise<Instant | undefined>;
  /** Replays its whole stream in another runtime, and compares. */
  replay(options: Omit<ReplayOptions, "source">): ReturnType<typeof replay>;
  /** Decides the wake behind one of its decisions under another policy. */
  decideUnder(decision: Decision, other: Policy, options: Omit<ReplayOptions, "source">): ReturnType<typeof decideUnder>;
  close(): Promise<void>;
}

/** Opens a store alone: nothing is decided and no queue is worked on. */
export async function openStoreAlone(options: Omit<StoreOptions, "newId">): Promise<OpenedStore> {
  const store = await openStore(options);
  const { now } = options;
  return {
    async workspaceDir() {
      const remembered = await store.setting(WORKSPACE_SETTING);
      return typeof remembered === "string" ? remembered : undefined;
    },
    operations: (policy) => createOperations({ store, policy, now }),
    lookUps: (policy) => createLookUps({ store, policy, now }),
    importing: (policy) => createImporting({ store, policy, now }),
    isReplay: async () => (await storeTime({ store, now })).isReplay,
    prunedUntil: () => store.pruning.prunedUntil(),
    replay: (more) => replay({ source: store, ...more }),
    decideUnder: (decision, other, more) => decideUnder(decision, other, { source: store, ...more }),
    close: () => store.close(),
  };
}

/** What a command does that runs a recorded stream into the store of a runtime. */
export interface Replaying {
  /** Later commands on the store find its workspace. */
  rememberWorkspace(dir: string): Promise<void>;
  /** @param at when records date from that carry no time of their own */
  importCustomers(lines: readonly ImportLine[], at: Instant): Promise<ImportResult>;
  runStream(lines: AsyncIterable<SignalLine>, options: Omit<RunStreamOptions, "store" | "decider">): Promise<StreamResult>;
  /** The latest pieces of work for humans. */
  tasks(page: { readonly limit: number }): Promise<TaskRecord[]>;
}

export const replayingOn = ({ store, decider }: Runtime, policy: Policy): Replaying => ({
  rememberWorkspace: async (dir) => void (await store.commit([], { [WORKSPACE_SETTING]: dir })),
  importCustomers: (lines, at) => importCustomers(lines, at, store, policy),
  runStream: (lines, options) => runStream(lines, { ...options, store, decider }),
  tasks: (page) => store.read.tasks(page),
});

/** What follows from an operation on a replayed store, carried out by a runtime on it. */
export function carryingOut({ store, decider }: Runtime, policy: Policy, now: () => Instant) {
  const deps: CarryOutDeps = { store, decider, policy, now };
  return {
    judge: (customerIds: readonly string[]): Promise<Decision[]> => judgeWokenCustomers(customerIds, deps),
    release: () => sendReserved(deps),
  };
}
