import type { Agent, AgentContext, AgentStep, ExecutorContext } from "../agents/agent.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import type { ClaimAhead } from "../agents/claim-ahead.ts";
import { contentGenerator } from "../agents/content-generator.ts";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import type { KnownThen } from "../agents/known-then.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";
import { type Batch, deliveryOf, draftOf, isRefused, type WakeRun } from "../agents/wake-run.ts";
import { callTool, dispatchCalls } from "../delivery/call-tool.ts";
import type { Catalogue } from "../delivery/catalogue.ts";
import { actionsInPlace } from "../delivery/preview-action.ts";
import { deferQuietHours } from "../delivery/quiet-deferral.ts";
import { takeBack } from "../delivery/take-back.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { type Canaries, NO_NEWS, policyFor } from "../domain/canary/cohort.ts";
import { identityKey } from "../domain/entities/address.ts";
import type { AskAnswer, AskBody, PlaceAnswer } from "../domain/entities/ask.ts";
import { unknownInAsk } from "../domain/entities/ask-names.ts";
import type { NewDelivery } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Decision, DeliveryRecord } from "../domain/entities/decision.ts";
import { everyExperience, type Policy } from "../domain/entities/policy.ts";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import { type AskWake, customerOf, wakeRecord } from "../domain/entities/wake.ts";
import { need, SentientError } from "../domain/errors.ts";
import { addressesIn } from "../domain/identity/addresses.ts";
import { armOf, EVERYONE } from "../domain/learning/lessons.ts";
import { aboutWakes } from "../domain/moments/look-back.ts";
import { announcedStatuses } from "../domain/record/delivery-events.ts";
import { OPERATORS } from "../domain/record/merge.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import type { Mutable } from "../domain/values/mutable.ts";
import { iso } from "../domain/values/time.ts";
import { decisioningGraph } from "../graphs/decisioning.ts";
import { erasedAmong } from "../intake/erasure.ts";
import type { ComingAsk } from "../store/asks.ts";
import type { CustomerCommit, Held, KeptDelivery, NextWake, SharedState, Store } from "../store/store.ts";
import { exportedTraceId, type Tracing, traced } from "../telemetry/trace.ts";
import { getCustomer } from "../tools/get-customer.ts";
import { languageModel } from "./ask-model.ts";
import { claimFor, committing } from "./claim-with-commit.ts";
import { conversationContext } from "./converse.ts";
import type { DueWake } from "./due-wake.ts";
import { embeddingsOf } from "./embed-texts.ts";
import { newRun, runOf, wakeIdOf } from "./new-run.ts";
import { canCarryOut } from "./process-registry.ts";
import { type AskLease, type ComingWakes, followShared, type OpenedAsks, openAsks, type ReadAhead, readAhead } from "./read-ahead.ts";
import { endResponses } from "./response-ends.ts";
import { withToolsOf } from "./tools-of-agent.ts";
import { inTraces, type WakeTraces } from "./wake-traces.ts";

/** Length of the prefix of runs that may be committed now. */
export type MayCommit = (runs: readonly WakeRun[], policy: Policy, tools: ToolDeps["tools"]) => number;

/** How the runs of a batch are committed. */
export interface Writing {
  readonly mayCommit: MayCommit;
  /** Settings written with the batch, given its last wake. */
  readonly settings: (last: DueWake) => Readonly<Record<string, Json>>;
  /** What became of canaries, where the stream keeps it itself; by default as the service knows it. */
  readonly canaries?: Canaries;
  /** Called with the committed runs. */
  readonly onWritten: (runs: readonly WakeRun[]) => void;
  /** Asks that somebody waits for: they are flushed before the answer, which is kept for repeated ones. */
  readonly isAnswer?: boolean;
  /** Leases that end where anything is written, in its transaction. */
  readonly held?: Held | undefined;
}

export interface Decider {
  /** Decides wakes of different customers in one execution of the graph. Returns the committed ones. */
  decide(wakes: readonly DueWake[], options?: Partial<Writing>): Promise<readonly DueWake[]>;
  /**
   * Begins asks and leases their customers, and begins to read meanwhile what their answers need. What of it changes until the answers
   * are written makes their commit fail, as any change of a customer does.
   */
  openAsks(asks: readonly ComingAsk[], lease: AskLease): Promise<OpenedAsks>;
  /**
   * Decides asks of different customers at once and writes them, flushed, without the graph: nothing follows an answer. Those that
   * were not written, because their customers or the asks have changed meanwhile, are undefined.
   *
   * @param held leases that end where anything is written, in its transaction
   */
  answer(asks: readonly DueWake[], ahead: ReadAhead, held: Held): Promise<readonly (AskAnswer | undefined)[]>;
  /**
   * Ends the waits for responses that are among some wakes and of which nobody hears. Returns their customers; the wakes of the others are
   * to be decided.
   */
  endResponses(wakes: readonly NextWake[]): Promise<ReadonlySet<string>>;
  /**
   * What a wake would be decided as, from the record as it stands: nothing is written, called or sent. One decision, of an ask one a
   * place; empty where nothing is decided. `supposing` changes the customer, before and after what the wake itself says.
   */
  consider(due: DueWake, supposing?: (customer: Customer) => Customer): Promise<readonly Decision[]>;
  /** Carries out deliveries that earlier decisions reserved and a crash left open. */
  resume(deliveries: readonly KeptDelivery[]): Promise<void>;
  /** Channels of the version that is decided by now. */
  channels(): Policy["channels"];
  /** The policy that is decided by now. */
  policy(): Policy;
  /** Why nothing is decided here now; undefined where it is. */
  whyNot(): string | undefined;
  /** What an ask names that the policy does not have, in words; undefined where it has everything. */
  unknownIn(body: AskBody): string | undefined;
  /** The graph, for tools that draw or step through it. */
  readonly graph: ReturnType<typeof decisioningGraph>;
}

export interface DeciderOptions {
  /**
   * Wakes for ids in the state of a graph that was started from outside, as by a graphical studio. Without it such a start
   * is refused.
   */
  readonly wakesFor?: (ids: readonly string[]) => readonly DueWake[];
  /** Whether any source may merge customers when the workspace names none. Default: true. */
  readonly believesMerges?: boolean;
  /** What a wake knew, for wakes that are considered again one by one. */
  readonly knownThen?: (due: DueWake) => KnownThen | undefined;
  /** The store that learning is read from. Default: the own one, which is also that of asks that are opened. */
  readonly learnedIn?: Store;
}

/** Runs the decisioning graph over batches of wakes. A batch ends under the version of the catalogue with which it began. */
export function createDecider(
  catalogue: Catalogue,
  { wakesFor, believesMerges = true, knownThen, learnedIn = catalogue.current().store }: DeciderOptions = {},
): Decider {
  const shared = followShared(learnedIn);
  const more = { believesMerges, shared: shared.read, ...(knownThen ? { knownThen } : {}) };
  const depsOf = (deps: ToolDeps): DecideDeps => ({ ...deps, ...more });
  const underVersion = <T>(work: (deps: DecideDeps) => Promise<T>): Promise<T> => catalogue.using((deps) => work(depsOf(deps)));
  const openFor = (
    wakes: readonly DueWake[],
    writing: Writing,
    deps: DecideDeps,
    { traces, ahead }: Opening = {},
  ): Promise<BatchContext> => {
    const runs = new Map(wakes.map(newRun).map((run) => [run.wakeId, run]));
    const traced = { ...deps, ...(traces ? { traces, traceOf: traces.of } : {}) };
    return openBatch({ runs, deliveries: new Map() }, wakes, writing, traced, ahead);
  };
  const adopted = adoptedBatches((ids) => {
    if (!wakesFor)
      throw new SentientError(
        "BAD_INPUT",
        "the graph was started without a batch; start it with `npx sentient run` or `npx sentient demo`",
      );
    return openFor(wakesFor(ids), WRITE_ALL, depsOf(catalogue.current()));
  });
  const graph = decisioningGraph<BatchContext>(async (agent, step, { runs }, { context, configurable = {} }) => {
    if (context?.batch) return runStep(agent, step, context.batch);
    const isFirst = step === signalInterpreter.steps.interpret;
    return runStep(agent, step, await adopted(configurable.run_id ?? configurable.thread_id, runs, isFirst));
  });

  const execute = async (batch: BatchContext): Promise<void> => {
    const state = { runs: [...batch.batch.runs.keys()], deliveries: [...batch.batch.deliveries.keys()] };
    // What `invoke` reads to its end, without the web streams and abort signals around it: nothing is streamed, and nobody aborts it.
    const streamed = graph._streamIterator(state, { context: { batch }, recursionLimit: RECURSION_LIMIT, streamMode: "custom" });
    try {
      while (!(await streamed.next()).done);
    } finally {
      await batch.end();
    }
  };

  return {
    graph,
    channels: () => catalogue.current().policy.channels,
    policy: () => catalogue.current().policy,
    whyNot: () => catalogue.whyNot(),
    unknownIn: (body) => unknownInAsk(body, catalogue.current().policy),
    decide: (wakes, writing = {}) =>
      underVersion((deps) =>
        inTraces(
          wakes,
          ({ wake }) => runOf(wake),
          deps.tracing,
          async (traces) => {
            const batch = await openFor(wakes, { ...WRITE_ALL, ...writing }, deps, { traces });
            await execute(batch);
            return batch.written;
          },
        ),
      ),
    endResponses: (wakes) => underVersion((deps) => endResponses(wakes, deps)),
    openAsks: (asks, lease) => openAsks(asks, lease, catalogue.current(), shared),
    answer: (asks, read, held) =>
      underVersion((deps) => {
        const ahead = read.version === deps.policy.version ? read : undefined;
        return inTraces(
          asks,
          ({ wake }) => runOf(wake),
          deps.tracing,
          async (traces) => answerAll(asks, await openFor(asks, { ...WRITE_ALL, isAnswer: true, held }, deps, { traces, ahead }), deps),
        );
      }),
    consider: (due, supposing) => underVersion(async (deps) => considered(await openFor([due], WRITE_ALL, deps), supposing)),
    resume: (given) => underVersion((deps) => resumeAll(given, execute, deps)),
  };
}

// --- internal ---

const WRITE_ALL: Writing = { mayCommit: (runs) => runs.length, settings: () => ({}), onWritten: () => {} };

async function resumeAll(given: readonly KeptDelivery[], execute: (batch: BatchContext) => Promise<void>, deps: DecideDeps): Promise<void> {
  // Before anything is done for them: what an action promises should not run out while its message is deferred.
  const deliveries = await deferQuietHours(
    given.filter((one) => canCarryOut(one, deps.policy)),
    deps,
  );
  if (deliveries.length === 0) return;
  const batch: Batch = {
    runs: new Map(),
    deliveries: new Map(deliveries.map((delivery) => [delivery.deliveryId, { ...delivery }])),
  };
  const counted = { "sentient.deliveries": deliveries.length };
  await traced(deps.tracing, "resume", { parent: null, attributes: counted }, async () =>
    execute(await openBatch(batch, [], WRITE_ALL, deps)),
  );
}

/** Each rejected text costs two steps, and a decision has at most a few dozen candidates. */
const RECURSION_LIMIT = 200;

/** Executions of other programs whose batches are kept: nothing says when one of them has ended. */
const MAX_ADOPTED = 100;

/**
 * Batches of executions that another program started, by run or thread and by what they decide. Each start opens a new one at the
 * first node, as a thread may be started again.
 */
function adoptedBatches(open: (ids: readonly string[]) => Promise<BatchContext>) {
  const batches = new Map<string, BatchContext>();
  return async (id: unknown, ids: readonly string[], isFirst: boolean): Promise<BatchContext> => {
    const key = JSON.stringify([id ?? null, ids]);
    const known = isFirst ? undefined : batches.get(key);
    if (known) return known;
    const batch = await open(ids);
    batches.delete(key);
    batches.set(key, batch);
    for (const oldest of batches.keys()) if (batches.size > MAX_ADOPTED) batches.delete(oldest);
    return batch;
  };
}

interface Opening {
  readonly traces?: WakeTraces | undefined;
  readonly ahead?: ReadAhead | undefined;
}

interface DecideDeps extends ToolDeps {
  readonly believesMerges: boolean;
  /** Posteriors of the arms, and pauses, as they are now. */
  shared(): Promise<SharedState>;
  readonly knownThen?: DeciderOptions["knownThen"];
  /** Spans of the wakes in this batch. */
  readonly traces?: WakeTraces;
}

/** Batch and dependencies of one execution of the graph. */
interface BatchContext {
  readonly batch: Batch;
  readonly context: ExecutorContext;
  readonly tracing: Tracing;
  readonly written: DueWake[];
  /** After the last step: takes back what was claimed and has not begun to be sent. */
  end(): Promise<void>;
}

async function runStep(agent: Agent, step: AgentStep<never>, { batch, context, tracing }: BatchContext): Promise<Batch> {
  const began = performance.now();
  const attributes = {
    ...{ "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": agent.name, "gen_ai.agent.description": agent.purpose },
    "sentient.wakes": batch.runs.size,
  };
  await traced(tracing, `invoke_agent ${agent.name}`, { attributes }, () =>
    (step as AgentStep<ExecutorContext>)(batch, withToolsOf(agent, context)),
  );
  // The time of a step is divided evenly among the runs of the batch.
  const ms = Math.round(((performance.now() - began) / Math.max(1, batch.runs.size)) * 1000) / 1000;
  for (const one of batch.runs.values()) one.steps.push({ agent: agent.name, ms });
  return batch;
}

async function answerAll(asks: readonly DueWake[], batch: BatchContext, deps: DecideDeps): Promise<(AskAnswer | undefined)[]> {
  await runStep(signalInterpreter, signalInterpreter.steps.interpret, batch);
  await runStep(eligibilityJudge, eligibilityJudge.steps.judge, batch);
  await repeatContents(batch.batch, deps);
  await runStep(channelExecutor, channelExecutor.steps.reserve, batch);
  return asks.map((due) => {
    const one = batch.batch.runs.get(wakeIdOf(due));
    return one && batch.written.includes(due) ? answerOf(one) : undefined;
  });
}

async function openBatch(
  batch: Batch,
  wakes: readonly DueWake[],
  writing: Writing,
  deps: DecideDeps,
  ahead = readAhead(
    wakes.map(({ wake }) => customerOf(wake)),
    comingWakes(wakes, deps.policy),
    deps,
    deps.shared(),
  ),
): Promise<BatchContext> {
  const { store, policy } = deps;
  const [{ owners, refusals }, totals, { arms, pauses }, isErased, takenOver] = await Promise.all([
    store.customers.byIdentity(wakes.flatMap(addressesOf)),
    ahead.totals,
    ahead.shared,
    erasedAmong(wakes.flatMap(addressesOf), store),
    takenOverAmong(wakes, deps),
  ]);
  const then = wakes[0] && deps.knownThen?.(wakes[0]);
  const written: DueWake[] = [];
  const claims: ClaimAhead[] = [];
  const agentContext: AgentContext = {
    policy,
    policyFor: (customerId, at) => policyFor(policy, customerId, writing.canaries ?? deps.canaries ?? NO_NEWS, at),
    isTakenOver: (customerId) => then?.isTakenOver ?? takenOver.has(customerId),
    learnedBy: (arm) => arms.get(arm)?.learned,
    habitOn: (channel) => arms.get(armOf(EVERYONE, channel))?.habit,
    pauses: then?.pauses ?? pauses,
    totals: then?.totals ?? totals,
    ...(then ? { knownThen: then } : {}),
    isErased,
    refusalsOf: (address) => refusals.get(identityKey(address)) ?? [],
    mayMerge: (source) => source === OPERATORS || (policy.record.mergeFrom?.includes(source) ?? deps.believesMerges),
    isTaken: (identity, customerId) => (owners.get(identityKey(identity)) ?? customerId) !== customerId,
    ...(deps.model ? { model: languageModel(deps.model.model, deps.model.memory, deps) } : {}),
    ...(deps.embeddings ? { embeddings: embeddingsOf(deps.embeddings, deps) } : {}),
    isRecordedOnly: !deps.live,
    applyAction: actionsInPlace(deps.tools),
    call: (tool, input) => callTool(tool, input, { customers: { load: ahead.customer } }, deps.tracing),
  };
  // The ids are those of the runs: each is a hash.
  const idOf = new Map([...batch.runs].map(([id, { wake }]) => [wake, id]));
  const dueById = new Map(wakes.map((due) => [idOf.get(due.wake) ?? wakeIdOf(due), due]));
  const context: ExecutorContext = {
    ...agentContext,
    commit: async (runs) => {
      const claim = writing.isAnswer ? undefined : claimFor(runs, agentContext, deps);
      if (claim) claims.push(claim);
      const done = await commitRuns(runs, dueById, writing, claim, deps);
      written.push(...done.flatMap(({ wakeId }) => dueById.get(wakeId) ?? []));
      return done;
    },
    dispatch: (calls) => dispatchCalls(calls, deps),
    isOnlyRecorded: (tool) => !deps.live && deps.tools.get(tool)?.effect === "write",
    noteSteps: (steps) => store.addSteps(steps.map(({ runId, step }) => ({ runId, step: step as unknown as Json }))),
    conversations: conversationContext(deps),
    keepContents: (contents) => store.deliveries.keepContents(contents),
    stopDeliveries: async (stopped) => {
      for (const { deliveryId, stopped: reason = "", at } of stopped)
        await store.deliveries.fail(deliveryId, reason, deps.live ? deps.now() : at, announcedStatuses(policy));
    },
  };
  return {
    batch,
    context,
    written,
    tracing: deps.tracing,
    end: async () => void (await Promise.all(claims.map((one) => takeBack(one, deps)))),
  };
}

function comingWakes(wakes: readonly DueWake[], policy: Policy): ComingWakes {
  const times = wakes.map(({ now }) => now);
  return { earliest: Math.min(...times), latest: Math.max(...times), about: aboutWakes(wakes, policy) };
}

/** Customers handed off to a human. Queried only if the policy has an assistant, which must be silent then. */
async function takenOverAmong(wakes: readonly DueWake[], { store, policy }: ToolDeps): Promise<ReadonlySet<string>> {
  const hasAssistant = everyExperience(policy).some((experience) => experience.converse !== undefined);
  return hasAssistant ? store.conversations.takenOver(wakes.map(({ wake }) => customerOf(wake))) : new Set();
}

async function commitRuns(
  runs: readonly WakeRun[],
  dueById: ReadonlyMap<string, DueWake>,
  { mayCommit, settings, onWritten, isAnswer = false, held }: Writing,
  claim: ClaimAhead | undefined,
  deps: DecideDeps,
): Promise<readonly WakeRun[]> {
  const { store, policy, tools, live, traces } = deps;
  const ready = runs.slice(0, mayCommit(runs, policy, tools));
  const last = dueById.get(ready.at(-1)?.wakeId ?? "");
  if (!last) return [];
  const isOver = ({ wakeId }: WakeRun): boolean => dueById.get(wakeId)?.isOver?.() === true;
  const commits = eachOnce(ready.filter((one) => !isOver(one))).flatMap(
    (one) => commitOf(one, dueById.get(one.wakeId), { policyVersion: policy.version, isAnswer, ...(traces ? { traces } : {}) }) ?? [],
  );
  // A live commit may be unflushed: effects follow only after a later, flushed commit, and a server that loses this one still has
  // the wakes. The embedded engine has no background writer that would flush it meanwhile.
  const flush = isAnswer || !live || store.database.kind === "embedded";
  const { committed, isClaimed } = await committing(claim, deps, (wanted) =>
    store.commit(commits, settings(last), { flush, held, claim: wanted }),
  );
  if (claim && isClaimed) for (const one of ready) one.claim = claim;
  const written = ready.filter((one) => committed.has(customerOf(one.wake)));
  traces?.written(written);
  onWritten(written);
  return written;
}

/** A merge changes two customers; it is deferred if the other one has a run in this batch. */
function eachOnce(runs: readonly WakeRun[]): WakeRun[] {
  const taken = new Set(runs.map(({ wake }) => customerOf(wake)));
  return runs.filter(({ into }) => {
    const other = into?.before.customerId;
    return other === undefined || (!taken.has(other) && taken.add(other));
  });
}

interface CommitContext {
  readonly policyVersion: string;
  readonly isAnswer: boolean;
  readonly traces?: WakeTraces;
}

function commitOf(one: WakeRun, due: DueWake | undefined, context: CommitContext): CustomerCommit | undefined {
  const { policyVersion, traces, isAnswer } = context;
  const draft = draftOf(one);
  // A customer merged meanwhile is loaded as the surviving one, which takes over the wake.
  if (!one.before || !draft || one.before.customerId !== customerOf(one.wake)) return undefined;
  const delivery = deliveryOf(one);
  const isWorthARun =
    one.wake.kind !== "timer" ||
    draft.changes.some(({ type }) => ["decided", "moment_opened", "moment_ended", "stage_changed", "task_added"].includes(type));
  const commit: Mutable<CustomerCommit> = { before: one.before, after: draft.customer, changes: draft.changes };
  if (traces) commit.trace = traces.of(one.runId);
  if (due?.signal) commit.signal = due.signal;
  if (one.wake.kind === "ask" && due?.signal) commit.ask = askRow(one, one.wake, due, isAnswer);
  if (one.into) commit.along = { before: one.into.before, after: one.into.draft.customer, changes: one.into.draft.changes };
  if (delivery && one.content) commit.contents = new Map([[delivery.deliveryId, one.content as Json]]);
  if (one.contents) commit.contents = one.contents;
  // A daily timer without effect leaves no run: there would be one per customer and day.
  if (isWorthARun) commit.run = runRow(one, policyVersion, exportedTraceId(traces?.of(one.runId)));
  return commit;
}

function askRow(
  one: WakeRun,
  { ask }: AskWake,
  { signal, isOver, onCommit }: DueWake,
  isAnswer: boolean,
): NonNullable<CustomerCommit["ask"]> {
  const { bodyHash } = need(signal, "the signal of an ask");
  const { source, id, customerId, channel, at } = ask;
  const gave = Object.values(one.places ?? {}).some(({ action }) => action === "deliver");
  const answer = isAnswer ? { answer: answerOf(one) as unknown as Json } : {};
  return {
    source,
    id,
    customerId,
    channel,
    at,
    bodyHash,
    gave,
    isLate: ask.isLate === true,
    ...answer,
    ...(isOver ? { isOver } : {}),
    ...(onCommit ? { onCommit } : {}),
  };
}

const answerOf = ({ wake, now, places = {} }: WakeRun): AskAnswer => ({
  customerId: customerOf(wake),
  decidedAt: iso(now),
  late: false,
  places,
});

/** A delivery that is given again has the content and the language of its first answer. */
async function repeatContents({ runs }: Batch, { store }: ToolDeps): Promise<void> {
  const again = [...runs.values()].flatMap(({ places = {} }) => Object.values(places).filter((place) => place.again));
  if (again.length === 0) return;
  const contents = await store.asks.contentsOf(again.flatMap(({ deliveryId }) => deliveryId ?? []));
  for (const one of runs.values()) {
    const filled = Object.entries(one.places ?? {}).map(([name, place]): [string, PlaceAnswer] => {
      return [name, place.again ? { ...place, ...contents.get(place.deliveryId ?? "") } : place];
    });
    one.places = Object.fromEntries(filled);
  }
}

const runRow = (
  { runId, wake, now, steps }: WakeRun,
  policyVersion: string,
  traceId: string | undefined,
): NonNullable<CustomerCommit["run"]> => ({
  runId,
  customerId: customerOf(wake),
  wake: { ...wakeRecord(wake), ...(traceId === undefined ? {} : { traceId }) },
  policyVersion,
  startedAt: now,
  finishedAt: now,
  steps: steps as unknown as Json,
});

/** Decides the one run of a batch as the graph does, up to the writing. */
async function considered(
  opened: BatchContext,
  supposing: (customer: Customer) => Customer = (customer) => customer,
): Promise<readonly Decision[]> {
  const batch = { ...opened, context: supposedIn(opened.context, supposing) };
  const [one] = batch.batch.runs.values();
  if (!one) return [];
  await runStep(signalInterpreter, signalInterpreter.steps.interpret, batch);
  if (one.interpreted) one.interpreted = { ...one.interpreted, customer: supposing(one.interpreted.customer) };
  do {
    await runStep(eligibilityJudge, eligibilityJudge.steps.judge, batch);
    if (deliveryOf(one)) await runStep(contentGenerator, contentGenerator.steps.write, batch);
  } while (isRefused(one));
  return consideredDecisions(one);
}

/** The context of a wake whose customer is supposed to be otherwise. */
const supposedIn = (context: ExecutorContext, supposing: (customer: Customer) => Customer): ExecutorContext => ({
  ...context,
  async call(tool, input) {
    const found = await context.call(tool, input);
    return tool.name === getCustomer.name && found ? (supposing(found as unknown as Customer) as unknown as typeof found) : found;
  },
});

/** The decisions of a run that is not written, with their deliveries as they would be reserved. */
const consideredDecisions = ({ judged, runId, content, contents }: WakeRun): Decision[] =>
  (judged?.changes ?? []).flatMap((change) => {
    if (change.type !== "decided") return [];
    const { decision, delivery } = change;
    return [{ ...decision, runId, deliveries: delivery ? [plannedDelivery(delivery, contents?.get(delivery.deliveryId) ?? content)] : [] }];
  });

const plannedDelivery = (delivery: NewDelivery, content: JsonObject | undefined): DeliveryRecord => {
  const { deliveryId, channel, variant, locale, to, facts } = delivery;
  return {
    ...{ deliveryId, channel, status: "reserved", facts },
    ...(variant === undefined ? {} : { variant }),
    ...(locale === undefined ? {} : { locale }),
    ...(to === undefined ? {} : { to }),
    ...(content ? { content } : {}),
  };
};

/** Addresses that a wake adds to the record. */
function addressesOf({ wake, identities = [] }: DueWake): IdentityClaim[] {
  if (wake.kind === "ask") return [...(wake.ask.identities ?? [])];
  return wake.kind === "signal" ? addressesIn(wake.signal.data.traits, identities) : [];
}
