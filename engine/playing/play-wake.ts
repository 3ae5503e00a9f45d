import type { Agent, AgentStep, ConversationContext, ExecutorContext, ToolCall } from "../../agents/agent.ts";
import { channelExecutor } from "../../agents/channel-executor.ts";
import { contentGenerator } from "../../agents/content-generator.ts";
import { conversationalist } from "../../agents/conversationalist.ts";
import { eligibilityJudge } from "../../agents/eligibility-judge.ts";
import { outcomesOf } from "../../agents/every-outcome.ts";
import { signalInterpreter } from "../../agents/signal-interpreter.ts";
import { type Batch, deliveryOf, draftOf, going, isAnswer, isRefused, type OpenDelivery, type WakeRun } from "../../agents/wake-run.ts";
import { checkStays } from "../../delivery/check-stays.ts";
import { actionsInPlace, applied } from "../../delivery/preview-action.ts";
import { taskOfDelivery } from "../../delivery/task-of-delivery.ts";
import { type Canaries, NO_NEWS, policyFor } from "../../domain/canary/cohort.ts";
import type { AskedFor } from "../../domain/deciding/arbitration.ts";
import { CARRIES_OUT, type Pause } from "../../domain/deciding/pause.ts";
import type { Outcome } from "../../domain/deciding/verdict.ts";
import type { CallResult } from "../../domain/entities/call-outcome.ts";
import type { Change, NewDelivery } from "../../domain/entities/change.ts";
import { type Customer, lastSeq } from "../../domain/entities/customer.ts";
import type { Decision, DeliveryRecord } from "../../domain/entities/decision.ts";
import { everyExperience, type Policy } from "../../domain/entities/policy.ts";
import { signalKey } from "../../domain/entities/signal.ts";
import { customerOf } from "../../domain/entities/wake.ts";
import { need, SentientError } from "../../domain/errors.ts";
import { consentKey } from "../../domain/identity/consent.ts";
import type { CommonHabit } from "../../domain/learning/common-habit.ts";
import type { Learned } from "../../domain/learning/learning.ts";
import { armOf, EVERYONE, heirsOf } from "../../domain/learning/lessons.ts";
import { promisesAfterSending } from "../../domain/moments/promises.ts";
import { announcedStatuses, handOverTimer } from "../../domain/record/delivery-events.ts";
import { OPERATORS } from "../../domain/record/merge.ts";
import { goldenRecord } from "../../domain/record/record.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import { getCustomer } from "../../tools/get-customer.ts";
import { sendMessage } from "../../tools/send-message.ts";
import type { AnyTool } from "../../tools/tool.ts";
import type { DueWake } from "../due-wake.ts";
import { runOf } from "../new-run.ts";
import { withToolsOf } from "../tools-of-agent.ts";
import type { Population } from "./population.ts";

export interface PlayerOptions {
  readonly population: Population;
  /** Decides instead of the policy of the population, on its customers as they are: then wakes can be considered, and not played. */
  readonly under?: Policy;
  /** Tools by name. Those that change the record are applied; of the others none is ever run. */
  readonly tools: ReadonlyMap<string, AnyTool>;
  readonly pauses?: readonly Pause[];
  /** Whether any source may merge customers when the workspace names none. Default: true. */
  readonly believesMerges?: boolean;
}

/** What one wake came to. */
export interface PlayedWake {
  readonly run: WakeRun;
  /** False where its customer was merged meanwhile: then nothing came of it. */
  readonly isWritten: boolean;
  /** Its decisions, as the store would keep them once its messages are handed over. Asked for before the next wake. */
  readonly decisions: () => readonly Decision[];
  /** Everything that it changed, in order: hand-overs as moves to `sent`, tasks of deliveries as `task_added`. */
  readonly committed: readonly PlayedChanges[];
}

export interface PlayedChanges {
  readonly customerId: string;
  readonly at: Instant;
  readonly changes: readonly Change[];
}

export interface Player {
  /** Decides a wake and writes what follows to the population. */
  play(due: DueWake, canaries?: Canaries): Promise<PlayedWake>;
  /**
   * Everything that may be done at a wake, each with its probability (`agents/every-outcome.ts`). Nothing is written.
   *
   * @param isAskedFor whose probability is exact in any case
   */
  consider(due: DueWake, canaries: Canaries | undefined, isAskedFor: AskedFor): Promise<Outcome[]>;
}

/**
 * Decides wakes in memory, one after the other, through the steps of the agents in the order of the graph (`graphs/decisioning.ts`). As in
 * a recorded stream nothing leaves the machine; no language model is asked.
 */
export function createPlayer(options: PlayerOptions): Player {
  return new MemoryPlayer(options);
}

// --- internal ---

/** A wake before the first agent. The ids of a run are hashes, and few are asked for. */
class PlayedRun implements WakeRun {
  readonly wakeId = "played";
  readonly wake: WakeRun["wake"];
  readonly now: Instant;
  readonly asked: WakeRun["asked"] = [];
  readonly rejected: WakeRun["rejected"] = [];
  readonly steps: WakeRun["steps"] = [];

  constructor({ wake, now }: DueWake) {
    this.wake = wake;
    this.now = now;
  }

  get runId(): string {
    return runOf(this.wake);
  }
}

/** What becomes of the deliveries of the wake that is played. */
interface Fate {
  readonly delivery: NewDelivery;
  readonly decisionId: string;
  keeps: readonly string[];
  status?: DeliveryRecord["status"];
  reason?: string;
  isRecorded?: boolean;
  result?: JsonObject;
}

class MemoryPlayer implements Player {
  private readonly options: PlayerOptions;
  private readonly policy: Policy;
  private readonly population: Population;
  private readonly hasAssistant: boolean;
  private readonly announces: boolean;
  private readonly contexts = new Map<Agent, ExecutorContext>();
  /** Arms of first variants, and those that they take over: the population has taken over those of its own policy. */
  private readonly heirs: ReadonlyMap<string, string>;
  private canaries: Canaries = NO_NEWS;
  private now: Instant = 0;
  private fates = new Map<string, Fate>();
  private committed: PlayedChanges[] = [];
  private isWritten = false;

  constructor(options: PlayerOptions) {
    this.options = options;
    this.population = options.population;
    this.policy = options.under ?? options.population.policy;
    this.heirs = new Map(
      (options.under ? heirsOf(options.under) : []).map(({ experienceId, channel, variant }) => [
        armOf(experienceId, channel, variant),
        armOf(experienceId, channel),
      ]),
    );
    this.hasAssistant = everyExperience(this.policy).some((experience) => experience.converse !== undefined);
    this.announces = announcedStatuses(this.policy).length > 0;
    const context = this.context();
    for (const agent of [signalInterpreter, eligibilityJudge, contentGenerator, channelExecutor, conversationalist])
      this.contexts.set(agent, withToolsOf(agent, context));
  }

  async play(due: DueWake, canaries: Canaries = NO_NEWS): Promise<PlayedWake> {
    const run: WakeRun = new PlayedRun(due);
    const batch: Batch = { runs: new Map([[run.wakeId, run]]), deliveries: new Map() };
    this.canaries = canaries;
    this.now = due.now;
    this.fates = new Map();
    this.committed = [];
    this.isWritten = false;
    await this.step(signalInterpreter, signalInterpreter.steps.interpret, batch);
    do {
      await this.step(eligibilityJudge, eligibilityJudge.steps.judge, batch);
      if (deliveryOf(run)) await this.step(contentGenerator, contentGenerator.steps.write, batch);
    } while (isRefused(run));
    await this.step(channelExecutor, channelExecutor.steps.reserve, batch);
    this.noteMessage(due, run);
    if (batch.deliveries.size > 0) await this.carryOut(batch);
    const { committed, isWritten } = this;
    return { run, isWritten, committed, decisions: () => (isWritten ? this.decisionsOf(run, batch) : []) };
  }

  async consider(due: DueWake, canaries: Canaries = NO_NEWS, isAskedFor: AskedFor): Promise<Outcome[]> {
    const run: WakeRun = new PlayedRun(due);
    this.canaries = canaries;
    this.now = due.now;
    await this.step(signalInterpreter, signalInterpreter.steps.interpret, { runs: new Map([[run.wakeId, run]]), deliveries: new Map() });
    return outcomesOf(run, need(this.contexts.get(eligibilityJudge), "a context"), isAskedFor);
  }

  private load(customerId: string): Customer | undefined {
    const { population } = this.options;
    return this.options.under ? population.loadUnder(this.policy, customerId, this.now) : population.load(customerId, this.now);
  }

  private learnedBy(arm: string): Learned | undefined {
    const { arms } = this.population;
    const heir = this.heirs.get(arm);
    return (arms.get(arm) ?? (heir === undefined ? undefined : arms.get(heir))) as Learned | undefined;
  }

  private step(agent: Agent, step: AgentStep<never>, batch: Batch): Promise<void> {
    return (step as AgentStep<ExecutorContext>)(batch, need(this.contexts.get(agent), agent.name));
  }

  private async carryOut(batch: Batch): Promise<void> {
    const open = [...batch.deliveries.values()];
    if (!open.every(({ isReady }) => isReady)) {
      await this.step(channelExecutor, channelExecutor.steps.act, batch);
      if (going(batch.deliveries).some(isAnswer)) await this.converse(batch);
      await this.step(contentGenerator, contentGenerator.steps.complete, batch);
    }
    await this.step(channelExecutor, channelExecutor.steps.deliver, batch);
  }

  /** Loaded where it is needed: importing its graph takes longer than a thousand decisions. */
  private async converse(batch: Batch): Promise<void> {
    const { converse } = await import("../../graphs/conversation.ts");
    await converse(batch, need(this.contexts.get(conversationalist), "a context"));
  }

  private context(): ExecutorContext {
    const { population, policy } = this;
    const { tools, pauses = [], believesMerges = true } = this.options;
    const { addresses, arms, conversations, deliveries } = population;
    return {
      policy,
      policyFor: (customerId, at) => policyFor(policy, customerId, this.canaries, at),
      isTakenOver: (customerId) => this.hasAssistant && conversations.isTakenOver(customerId),
      learnedBy: (arm) => this.learnedBy(arm),
      habitOn: (channel) => arms.get(armOf(EVERYONE, channel)) as CommonHabit | undefined,
      pauses,
      totals: deliveries.totals,
      isErased: () => false,
      refusalsOf: (address) => addresses.refusalsOf(address),
      mayMerge: (source) => source === OPERATORS || (policy.record.mergeFrom?.includes(source) ?? believesMerges),
      isTaken: (identity, customerId) => (addresses.ownerOf(identity) ?? customerId) !== customerId,
      isRecordedOnly: true,
      applyAction: actionsInPlace(tools),
      call: async (tool, input) => {
        if (tool.name !== getCustomer.name) throw new Error(`a play looks nothing up but customers, and ${tool.name} was called`);
        return this.load((input as { readonly customerId: string }).customerId) as never;
      },
      commit: async (runs) => runs.filter((run) => this.commit(run)),
      dispatch: async (calls) => calls.map((call) => this.dispatch(call)),
      isOnlyRecorded: (tool) => tools.get(tool)?.effect === "write",
      noteSteps: async () => {},
      keepContents: async () => {},
      stopDeliveries: async (stopped) => {
        for (const delivery of stopped) this.fail(delivery);
      },
      conversations: this.conversations(),
    };
  }

  private conversations(): ConversationContext {
    const { population } = this;
    return {
      linesOf: async (customerId, upTo) => population.conversations.linesOf(population.idsOf(customerId), upTo),
      customerAt: async (customerId, at) => population.load(customerId, at),
      isTakenOver: async (customerId) => population.conversations.isTakenOver(customerId),
      toolNamed: (name) => this.options.tools.get(name),
      lookUp: async ({ key }) => ({ key, status: "done", output: {} }),
      lastCall: async () => undefined,
      change: async ({ customerId, at }, changesFor) => void this.change(customerId, at, changesFor),
      keepOpen: async (deliveryId) => {
        const fate = this.fates.get(deliveryId);
        if (fate) fate.keeps = [];
      },
      keepActions: async (actions) => {
        for (const { deliveryId, action } of actions) {
          const fate = this.fates.get(deliveryId);
          if (fate) fate.result = action;
        }
      },
    };
  }

  /** Writes a run; false for one whose customer was merged meanwhile: the surviving one takes over the wake. */
  private commit(run: WakeRun): boolean {
    const draft = draftOf(run);
    const { before, into } = run;
    if (!before || !draft || before.customerId !== customerOf(run.wake)) return false;
    const along = into ? { before: into.before, after: into.draft.customer, changes: into.draft.changes } : undefined;
    this.population.commit({ before, after: draft.customer, changes: draft.changes, ...(along ? { along } : {}) }, run.now);
    this.isWritten = true;
    this.note(before.customerId, run.now, draft.changes);
    if (along) this.note(along.before.customerId, run.now, along.changes);
    for (const change of draft.changes)
      if (change.type === "decided" && change.delivery) {
        const { deliveryId, keeps } = change.delivery;
        this.fates.set(deliveryId, { delivery: change.delivery, decisionId: change.decision.decisionId, keeps });
      }
    return true;
  }

  private note(customerId: string, at: Instant, changes: readonly Change[]): void {
    if (changes.length > 0) this.committed.push({ customerId, at, changes });
  }

  private change(customerId: string, at: Instant, changesFor: (customer: Customer) => readonly Change[]): boolean {
    const changes = this.population.change(customerId, at, changesFor);
    if (changes) this.note(customerId, at, changes);
    return changes !== undefined;
  }

  private dispatch(call: ToolCall): CallResult {
    return call.tool === sendMessage.name ? this.send(call.delivery) : this.act(call);
  }

  private act({ tool: name, key, input, delivery: { customerId, at } }: ToolCall): CallResult {
    const tool = this.options.tools.get(name);
    if (!tool) return { key, status: "cancelled", code: "not_applicable" };
    if (tool.effect === "read" || tool.effect === "send") return { key, status: "failed", code: "BAD_CONFIG" };
    if (tool.effect === "write")
      return this.takes(tool, input) ? { key, status: "done", output: {} } : { key, status: "failed", code: "BAD_INPUT" };
    try {
      let output: JsonObject = {};
      const isKnown = this.change(customerId, at, (customer) => {
        const golden = goldenRecord(customer.claims, this.policy.record, at);
        const context = { customer, golden, now: at, ceilings: this.policy.governance, seq: lastSeq(customer), key };
        const { changes, action } = need(applied(this.options.tools, name, input, context), "a tool on the record");
        checkStays(tool, changes);
        output = action;
        return changes;
      });
      return isKnown ? { key, status: "done", output } : { key, status: "failed", code: "NOT_FOUND" };
    } catch (error) {
      if (!(error instanceof SentientError)) throw error;
      return { key, status: "failed", code: error.code };
    }
  }

  private takes(tool: Extract<AnyTool, { effect: "write" }>, input: JsonObject): boolean {
    return tool.input.safeParse(input).success;
  }

  /** Hands a delivery over: in a play it is recorded, at the time of its decision. */
  private send(open: OpenDelivery): CallResult {
    const { deliveryId: key, customerId, at, content } = open;
    const fate = this.fates.get(key);
    const customer = this.population.load(customerId, at);
    if (!fate || !customer || content === undefined) return { key, status: "waiting" };
    const reason = this.holdReason(fate.delivery, customer);
    if (reason === "paused") return { key, status: "waiting" };
    if (reason !== undefined) {
      this.move(open, "cancelled", reason);
      return { key, status: "cancelled", code: reason };
    }
    fate.isRecorded = true;
    this.move(open, "sent");
    this.makeTask(open, fate);
    this.keepPromises(open, fate);
    this.noteAnswer(open, fate, customer);
    return { key, status: "done" };
  }

  /** Moves a delivery outside of a wake, which is announced by a timer where a rule listens. */
  private move({ deliveryId, customerId, at }: OpenDelivery, to: "sent" | "failed" | "cancelled", reason?: string): void {
    const fate = this.fates.get(deliveryId);
    if (fate) fate.status = to;
    if (fate && reason !== undefined) fate.reason = reason;
    const key =
      to === "cancelled" || !this.announces || !announcedStatuses(this.policy).includes(to) ? undefined : handOverTimer(to, deliveryId);
    this.change(customerId, at, ({ timers }) => [
      { type: "delivery_moved", deliveryId, to, at, ...(reason === undefined ? {} : { reason }) },
      ...(key === undefined || timers[key] ? [] : [{ type: "timer_set", key, timer: { name: key, due: at } } as const]),
    ]);
  }

  private fail(open: OpenDelivery): void {
    if (this.population.deliveries.get(open.deliveryId)?.status === "reserved") this.move(open, "failed", open.stopped ?? "");
  }

  /** Why a delivery may not be sent, as `store/holds.ts` has it. */
  private holdReason({ deliveryId, expiresAt, at, channel, to, frozen, department }: NewDelivery, customer: Customer): string | undefined {
    const consent = customer.consents[consentKey(channel)];
    if (expiresAt <= at) return "moment_expired";
    if (consent && consent.status !== "granted") return "consent_revoked";
    if (to !== undefined && customer.gone.some(({ value }) => value === to)) return "no_channel";
    if ("conversation" in frozen && this.population.conversations.isTakenOver(customer.customerId, deliveryId)) return "human_takeover";
    return this.isPaused(channel, department) ? "paused" : undefined;
  }

  private isPaused(channel: string, department: string | undefined): boolean {
    return (this.options.pauses ?? []).some((pause) => {
      if (pause.scope === "all") return true;
      if (pause.scope === "agent") return pause.name === CARRIES_OUT;
      return pause.name === (pause.scope === "channel" ? channel : department);
    });
  }

  private makeTask({ deliveryId, customerId, channel, at, content = {} }: OpenDelivery, { delivery: { facts } }: Fate): void {
    const rule = this.policy.channels[channel];
    if (!rule?.makesTask) return;
    const task = taskOfDelivery({ deliveryId, at, content, facts }, rule, at);
    this.note(customerId, at, [{ type: "task_added", task }]);
  }

  private keepPromises({ customerId, at }: OpenDelivery, { keeps, delivery: { makes } }: Fate): void {
    if (keeps.length > 0 || makes !== undefined)
      this.change(customerId, at, (customer) => promisesAfterSending(customer, keeps, makes, at));
  }

  private noteMessage({ wake }: DueWake, { before }: WakeRun): void {
    if (!this.hasAssistant || wake.kind !== "signal" || wake.signal.type !== "message.received" || !before) return;
    const { data, seq } = wake.signal;
    const line = {
      by: "customer",
      text: String(data.text ?? ""),
      channel: String(data.channel ?? ""),
      key: signalKey(wake.signal),
    } as const;
    this.population.conversations.addLine(before.customerId, { ...line, place: seq });
  }

  private noteAnswer({ deliveryId, customerId, channel, content = {}, frozen }: OpenDelivery, { result }: Fate, customer: Customer): void {
    if (!this.hasAssistant || (content.summary !== undefined && content.summary !== null)) return;
    const { upTo } = (frozen.conversation ?? {}) as JsonObject;
    const place = (typeof upTo === "number" ? upTo : lastSeq(customer)) + 0.5;
    const line = {
      by: "us",
      text: String(content.text ?? content.body ?? ""),
      channel,
      deliveryId,
      ...(result ? { result } : {}),
    } as const;
    this.population.conversations.addLine(customerId, { ...line, place });
  }

  private decisionsOf(run: WakeRun, batch: Batch): Decision[] {
    const changes = draftOf(run)?.changes ?? [];
    return changes.flatMap((change) => {
      if (change.type !== "decided") return [];
      const { policyVersion, ...decision } = change.decision;
      const deliveries = change.delivery ? [this.deliveryRecord(change.delivery, run, batch)] : [];
      return [{ ...decision, runId: run.runId, deliveries, policyVersion }];
    });
  }

  private deliveryRecord(delivery: NewDelivery, run: WakeRun, { deliveries }: Batch): DeliveryRecord {
    const { deliveryId, channel, variant, locale, to, facts, action, recorded } = delivery;
    const fate = this.fates.get(deliveryId);
    const content = deliveries.get(deliveryId)?.content ?? run.contents?.get(deliveryId) ?? run.content;
    const isRecorded = fate?.isRecorded ?? recorded;
    const result = fate?.result ?? action;
    return {
      ...{ deliveryId, channel, status: this.population.deliveries.get(deliveryId)?.status ?? "reserved", facts },
      ...(variant === undefined ? {} : { variant }),
      ...(locale === undefined ? {} : { locale }),
      ...(to === undefined ? {} : { to }),
      ...(fate?.reason === undefined ? {} : { reason: fate.reason }),
      ...(isRecorded ? { recorded: isRecorded } : {}),
      ...(content ? { content } : {}),
      ...(result ? { action: result } : {}),
    };
  }
}
