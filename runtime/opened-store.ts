import { randomUUID } from "node:crypto";
import { actionOutputs } from "../delivery/preview-action.ts";
import type { AskAnswer } from "../domain/entities/ask.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import { createAsking } from "../engine/asking/asking.ts";
import type { WhatIf } from "../engine/considering/consider-again.ts";
import { type RunStreamOptions, runStream, type StreamResult } from "../engine/run-stream.ts";
import { createTextReader } from "../engine/try-text.ts";
import { createOutageMonitor } from "../health/outage.ts";
import { type ImportResult, importCustomers } from "../intake/import-customers.ts";
import type { ImportLine } from "../intake/read-customers.ts";
import type { SignalLine } from "../intake/read-signals.ts";
import { type CanaryOperations, canaryOperations } from "../operations/canaries/canaries.ts";
import { type CarryOutDeps, judgeWokenCustomers, sendReserved } from "../operations/carry-out.ts";
import { type EarnedDecision, earnedDecisions } from "../operations/decisions/earned-decisions.ts";
import { storeTime } from "../operations/deps.ts";
import { createImporting, type Importing } from "../operations/importing.ts";
import { createLookUps, type LookUps } from "../operations/look-ups.ts";
import type { Operations } from "../operations/operation.ts";
import { createOperations } from "../operations/operations.ts";
import { type ProposalDeps, type ProposalOperations, proposalOperations } from "../operations/proposals/proposals.ts";
import { type RehearsalOperations, rehearsalOperations } from "../operations/rehearsals/rehearsals.ts";
import { type VersionDeps, type VersionOperations, versionOperations } from "../operations/versions/versions.ts";
import type { TaskRecord } from "../store/reading/readings.ts";
import type { Bundle, Publication } from "../store/versions.ts";
import { silentLog } from "../telemetry/log.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import type { AnyTool } from "../tools/tool.ts";
import type { Workspace } from "../workspace/load.ts";
import { type PackedFiles, packFiles, unpackFiles } from "../workspace/versions/version-files.ts";
import { WORKSPACE_SETTING } from "./begin-store.ts";
import type { ConnectModel } from "./connect-model.ts";
import type { Runtime } from "./create-runtime.ts";
import type { ConnectEmbeddings } from "./embeddings/connect-embeddings.ts";
import { inputsOf } from "./load-tools.ts";
import { openStore, type StoreOptions } from "./open-store.ts";
import type { KeptVersion } from "./open-workspace.ts";
import type { PlayRehearsal } from "./rehearsals/play-rehearsal.ts";
import { createRehearsing, type Rehearsing } from "./rehearsals/rehearsing.ts";
import type { Side, Source } from "./rehearsing/source.ts";
import { sourceOfStore } from "./rehearsing/source-of-store.ts";
import { decideUnder, type ReplayOptions, replay } from "./replay.ts";
import { createWhatIf, type WhatIfRequest } from "./what-if.ts";

/** The workspace that look-ups read. */
export interface LookedUpIn {
  readonly policy: Policy;
  readonly tools: readonly AnyTool[];
  /** Connects its language model, if it has one. */
  readonly model?: ConnectModel | undefined;
  /** Connects its embeddings model, if it has one. */
  readonly embeddings?: ConnectEmbeddings | undefined;
  /** Compiles other versions with the code of this process. */
  readonly compile?: VersionDeps["compile"] | undefined;
}

/** Operations, look-ups, imports and replays on a store without a running service; hides the store itself. */
export interface OpenedStore {
  /** The workspace folder that the store was filled under, if recorded. */
  workspaceDir(): Promise<string | undefined>;
  /** The version in force, or the one that is named, as it was in force at a time; undefined where it is not kept. */
  version(policyVersion?: string, at?: Instant): Promise<KeptVersion | undefined>;
  operations(workspace: LookedUpIn): Operations;
  /** @param workspace called only if a look-up needs it, and then once */
  lookUps(workspace: () => Promise<LookedUpIn>): LookUps;
  /** Versions of the workspace; tools and channels may change too. */
  versions(code: Pick<VersionDeps, "compile" | "bundle">): VersionOperations["versions"];
  /** Canaries of a policy. */
  canaries(policy: Policy, code: Pick<VersionDeps, "compile">): CanaryOperations["canaries"];
  /** Proposals; problems and golden decisions are found as `assess` finds them. */
  proposals(code: Pick<ProposalDeps, "assess" | "rehearse">): ProposalOperations["proposals"];
  importing(policy: Policy): Importing;
  /** Every decision, the oldest first, with what it has earned; read page by page. */
  decisionLog(policy: Policy): AsyncIterable<EarnedDecision>;
  /** Whether a replay filled it, so that no other process advances its clock. */
  isReplay(): Promise<boolean>;
  /** Time up to which its signals were pruned; undefined if all are present. */
  prunedUntil(): Promise<Instant | undefined>;
  /** Replays the whole stream in another runtime and compares the decisions. */
  replay(options: Omit<ReplayOptions, "source">): ReturnType<typeof replay>;
  /** Rehearsals of this store, which this process plays in its turn. */
  rehearsals(play: PlayRehearsal): OpenedRehearsals;
  /** The number of the last signal; some numbers before it may be free. */
  lastSignal(): Promise<number>;
  /** What a rehearsal is made from, as the store stands; of more customers than `most`, a share. */
  rehearsalSource(against: Side, options: { readonly most: number }): Promise<Source>;
  /** Decides one of its decisions again with something changed, or under another workspace. */
  whatIf(workspace: LookedUpIn, decision: Decision, changed: WhatIfRequest, other?: Policy): Promise<WhatIf>;
  /** Decides the wake of one of its decisions under another policy. */
  decideUnder(decision: Decision, other: Policy, options: Omit<ReplayOptions, "source">): ReturnType<typeof decideUnder>;
  close(): Promise<void>;
}

export interface OpenedRehearsals extends Pick<Rehearsing, "played" | "stop"> {
  readonly operations: RehearsalOperations["rehearsals"];
}

/** Opens a store alone: no decisions, no queue jobs. */
export async function openStoreAlone(options: Omit<StoreOptions, "newId">): Promise<OpenedStore> {
  const store = await openStore(options);
  const { now } = options;
  return {
    async workspaceDir() {
      const remembered = await store.setting(WORKSPACE_SETTING);
      return typeof remembered === "string" ? remembered : undefined;
    },
    async version(given, at) {
      const policyVersion = given ?? (await store.versions.inForce());
      const files = policyVersion === undefined ? undefined : await store.versions.files(policyVersion);
      if (policyVersion === undefined || !files) return undefined;
      const replaced = await store.versions.replaced(policyVersion, at);
      return { policyVersion, files: unpackFiles(files as PackedFiles), replaced }; // written by `packFiles`
    },
    operations: ({ policy, tools }) => createOperations({ store, policy, now, outputOf: actionOutputs(inputsOf(tools)) }),
    lookUps(workspace) {
      let opened: Promise<LookedUpIn> | undefined;
      const once = () => (opened ??= workspace());
      return createLookUps({
        ...{ store, now },
        policy: async () => (await once()).policy,
        outputOf: async () => actionOutputs(inputsOf((await once()).tools)),
        tryText: async () => {
          const { model, embeddings } = await once();
          const connecting = { ledger: store.embeddingSpending, kept: store.exampleVectors };
          return createTextReader(await model?.(store.spending), now, await embeddings?.(connecting));
        },
        whatIf: async () => {
          const { policy, tools, compile } = await once();
          return createWhatIf({ store, policy, tools, now, compile });
        },
        modelName: async () => (await (await once()).model?.(store.spending))?.name,
      });
    },
    versions: (code) => versionOperations({ ...code, store, now, takesCode: true }),
    canaries: (policy, code) =>
      canaryOperations({ store, now, policy: () => policy, versions: versionOperations({ ...code, store, now, takesCode: true }) }),
    proposals: (code) => proposalOperations({ ...code, store, now, newId: randomUUID }),
    decisionLog: (policy) => earnedDecisions(store, policy),
    importing: (policy) => createImporting({ store, policy, now }),
    isReplay: async () => (await storeTime({ store, now })).isReplay,
    prunedUntil: () => store.pruning.prunedUntil(),
    replay: (more) => replay({ source: store, ...more }),
    rehearsals(play) {
      const outages = createOutageMonitor({ log: silentLog });
      const { played, stop } = createRehearsing({ store, play, owner: randomUUID(), now, log: silentLog, outages });
      return { operations: rehearsalOperations({ store, now, newId: randomUUID, onChanged: () => {} }), played, stop };
    },
    lastSignal: () => store.signals.lastSeq(),
    rehearsalSource: (against, options) => sourceOfStore(store, against, options),
    whatIf: ({ policy, tools, compile }, ...asked) => createWhatIf({ store, policy, tools, now, compile })(...asked),
    decideUnder: (decision, other, more) => decideUnder(decision, other, { source: store, ...more }),
    close: () => store.close(),
  };
}

interface KeptBy extends Pick<Publication, "at" | "by" | "from"> {
  readonly bundles: readonly Bundle[];
}

/** What a command needs to run a recorded stream into the store of a runtime. */
export interface Replaying {
  /** Records the workspace folder, so that later commands on the store find it. */
  rememberWorkspace(dir: string): Promise<void>;
  /** Keeps the workspace as a version of the store, not in force. */
  keepVersion(workspace: Pick<Workspace, "policy" | "files">, kept: KeptBy): Promise<void>;
  /** @param at time of records that carry none of their own */
  importCustomers(lines: readonly ImportLine[], at: Instant): Promise<ImportResult>;
  runStream(lines: AsyncIterable<SignalLine>, options: Omit<RunStreamOptions, "store" | "decider">): Promise<StreamResult>;
  /** The latest tasks for humans. */
  tasks(page: { readonly limit: number }): Promise<TaskRecord[]>;
}

export const replayingOn = ({ store, decider }: Runtime, policy: Policy): Replaying => ({
  rememberWorkspace: async (dir) => void (await store.commit([], { [WORKSPACE_SETTING]: dir })),
  keepVersion: ({ policy: { version }, files }, kept) =>
    store.versions.keep({ ...kept, policyVersion: version, files: packFiles(files) as JsonObject }),
  importCustomers: (lines, at) => importCustomers(lines, at, store, policy),
  runStream: (lines, options) => runStream(lines, { ...options, store, decider }),
  tasks: (page) => store.read.tasks(page),
});

/** Carries out the follow-up of an operation on a replayed store, with a runtime on it. */
export function carryingOut({ store, decider }: Runtime, policy: Policy, now: () => Instant) {
  const deps: CarryOutDeps = { store, decider, policy, now };
  return {
    judge: (customerIds: readonly string[]): Promise<Decision[]> => judgeWokenCustomers(customerIds, deps),
    release: () => sendReserved(deps),
  };
}

/** The answer to an ask on a store that no service owns, at the time of the store. */
export async function askOn({ store, decider, deps }: Runtime, body: JsonObject, now: () => Instant): Promise<AskAnswer> {
  const { at, isReplay } = await storeTime({ store, now });
  // A stream gives out places of its own in the order of arrival.
  await store.inbox.catchUp();
  const asking = createAsking({
    ...{ store, decider, newId: deps.newId, log: silentLog, metrics: createMetrics() },
    now: isReplay ? () => at : now,
    outages: createOutageMonitor({ log: silentLog }),
  });
  const answer = await asking.next(body, { source: "cli" });
  await asking.settled();
  return answer;
}
