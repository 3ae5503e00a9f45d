import type { z } from "zod";
import type { ToolCall } from "../agents/agent.ts";
import { PAUSED } from "../domain/deciding/pause.ts";
import type { CallOutcome, CallResult } from "../domain/entities/call-outcome.ts";
import { lastSeq } from "../domain/entities/customer.ts";
import { SentientError } from "../domain/errors.ts";
import { goldenRecord } from "../domain/record/record.ts";
import type { Json } from "../domain/values/json.ts";
import { isOutage } from "../health/outage.ts";
import { type CallRef, callTools } from "../queue/jobs.ts";
import type { JobStart } from "../queue/queue.ts";
import type { KeptCall } from "../store/store.ts";
import { noTracing, type TraceParent, type Tracing, traced, traceParentOf } from "../telemetry/trace.ts";
import type { AnyTool, ReadTool } from "../tools/tool.ts";
import { changeCustomer } from "./change-customer.ts";
import { checkStays } from "./check-stays.ts";
import { fail, keepable, runOutside, settle, UNKNOWN_HERE, waits } from "./run-outside.ts";
import { type Sending, sendDeliveries } from "./send-deliveries.ts";
import { takeBack } from "./take-back.ts";
import { type ToolDeps, toolAttributes } from "./tool-deps.ts";

/** How long a batch of calls may take in all, queueing included, before the caller stops waiting for it. */
const ANSWER_MS = 90_000;

/** Calls a tool that only reads, in place, with input and output checked. */
export async function callTool<Input, Output>(
  tool: ReadTool<Input, Output, never>,
  input: Input,
  deps: unknown,
  tracing: Tracing = noTracing,
): Promise<Output> {
  const given = tool.input.parse(input);
  const run = async (): Promise<Output> => tool.output.parse(await tool.run(given, deps as never));
  return tracing.isOn ? traced(tracing, `execute_tool ${tool.name}`, { attributes: toolAttributes(tool) }, run) : run();
}

/**
 * Calls tools with a side effect: each call gets its row, then all of them travel as one job to a worker of the queue. A call whose
 * row says that it is done is not done again.
 */
export async function dispatchCalls(calls: readonly ToolCall[], deps: ToolDeps): Promise<readonly CallResult[]> {
  const own = calls.filter(({ tool }) => !isSend(tool, deps));
  await deps.store.calls.plan(
    own.map(({ key, tool, input, delivery: { customerId, runId, deliveryId, at } }) => ({
      key,
      tool,
      customerId,
      runId,
      deliveryId,
      input,
      at,
    })),
  );
  const refs = calls.map(({ tool, key, delivery: { runId, claim } }) => ({
    tool,
    key,
    version: deps.policy.version,
    ...traceOfCall(runId, deps),
    ...(claim ? { claim: claim.name } : {}),
  }));
  const forget = deps.handedOver.give(calls.filter(({ tool }) => isSend(tool, deps)).map(({ delivery }) => delivery));
  const { outcomes } = await deps.queue.ask(callTools, { calls: refs }, { timeoutMs: ANSWER_MS }).finally(forget);
  const reported = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  // A worker of another version has taken calls that it does not know; this process planned them, so it knows them.
  const unknown = refs.filter(({ key }) => reported.get(key)?.code === UNKNOWN_HERE);
  if (unknown.length > 0) for (const outcome of await workHere(unknown, calls, deps)) reported.set(outcome.key, outcome);
  const rows = own.length > 0 ? await deps.store.calls.get(own.map(({ key }) => key)) : [];
  const kept = new Map(rows.map((row) => [row.key, row]));
  return calls.map(({ key, tool }) =>
    isSend(tool, deps) ? (reported.get(key) ?? waits(key)) : outcomeIn(kept.get(key), reported.get(key), key),
  );
}

/** Works on the calls of a job. Each ends in an outcome; only an outage of the store makes the job itself fail. */
export async function workCalls(calls: readonly CallRef[], deps: ToolDeps, { isFirst }: JobStart = AGAIN): Promise<CallOutcome[]> {
  const sending = calls
    .filter(({ tool }) => isSend(tool, deps))
    .map(({ key, claim }): Sending => ({ deliveryId: key, claim: isFirst ? claim : undefined }));
  const others = calls.filter(({ tool }) => !isSend(tool, deps)).map(({ key }) => key);
  const traces = new Map(calls.map(({ key, trace }) => [key, traceParentOf(trace)]));
  const sent = sending.length > 0 ? await sendDeliveries(sending, deps, traces) : [];
  const kept = others.length > 0 ? await deps.store.calls.due(others, deps.live ? deps.now() : undefined) : [];
  const versions = new Map(calls.map(({ key, version }) => [key, version]));
  const done = await Promise.all(kept.map((call) => callInTrace({ ...call, version: versions.get(call.key) }, deps, traces.get(call.key))));
  return [...sent, ...done];
}

// --- internal ---

/** A start that may follow another one. */
const AGAIN: JobStart = { isFirst: false };

/**
 * Works on calls of this process whose job another one could not do. An earlier start of the job may be sending what was claimed with its
 * commit: the rows tell, once this process has taken back its claim.
 */
async function workHere(refs: readonly CallRef[], calls: readonly ToolCall[], deps: ToolDeps): Promise<CallOutcome[]> {
  for (const claim of new Set(calls.map(({ delivery }) => delivery.claim))) if (claim) await takeBack(claim, deps);
  return workCalls(refs, deps);
}

/** What the version in force no longer has. */
const NOT_APPLICABLE = "not_applicable";

/** Whether the tool's calls are stored as deliveries. */
const isSend = (tool: string, { tools }: ToolDeps): boolean => tools.get(tool)?.effect === "send";

/** The outcome of a call: its row is the source of truth, whatever the answer of a job says. */
function outcomeIn(row: KeptCall | undefined, reported: CallOutcome | undefined, key: string): CallResult {
  if (row === undefined || row.status === "planned" || row.status === "running") return waits(key, reported?.code);
  const { status, error, output } = row;
  return { key, status, code: error?.code, message: error?.message, output };
}

const traceOfCall = (runId: string, { tracing, traceOf }: ToolDeps): Pick<CallRef, "trace"> => {
  const trace = traceOf?.(runId) ?? tracing.current();
  return trace === undefined ? {} : { trace };
};

/** A call with the version of the policy that it was planned under, where that is known. */
type DueCall = KeptCall & { readonly version: string | undefined };

async function callInTrace(call: DueCall, deps: ToolDeps, parent: TraceParent | undefined): Promise<CallOutcome> {
  const attributes = toolAttributes(deps.tools.get(call.tool) ?? { name: call.tool });
  return traced(deps.tracing, `execute_tool ${call.tool}`, { attributes, parent }, async (span) => {
    const outcome = await doCall(call, deps);
    span.set({ "sentient.outcome": outcome.status });
    if (outcome.status !== "done") span.fail(outcome.code ?? outcome.status);
    return outcome;
  });
}

async function doCall(call: DueCall, deps: ToolDeps): Promise<CallOutcome> {
  if (call.status === "done") return { key: call.key, status: "done" };
  if (call.status !== "planned" && call.status !== "running") return { key: call.key, status: call.status, code: call.error?.code };
  if (call.status === "planned" && call.hold !== undefined) return heldBack(call, call.hold, deps);
  const tool = deps.tools.get(call.tool);
  if (!tool) return toolIsGone(call, deps);
  if (tool.effect === "read" || tool.effect === "send")
    return fail(call, deps, new SentientError("BAD_CONFIG", `${call.tool} cannot be an action: its effect is ${tool.effect}`));
  const input = tool.input.safeParse(call.input);
  if (!input.success) return refused(call, input.error, deps);
  if (tool.effect === "record") return applyToRecord(call, tool, input.data, deps);
  return deps.live ? runOutside(call, tool, input.data, deps) : recordOnly(call, deps);
}

/** A call that is asked for under this version, and was planned under an older one that had its tool, is over. */
const toolIsGone = async (call: DueCall, deps: ToolDeps): Promise<CallOutcome> =>
  call.version === deps.policy.version ? heldBack(call, NOT_APPLICABLE, deps) : waits(call.key, UNKNOWN_HERE);

/** An input that the tool of another version may take is left to that version. */
async function refused(call: DueCall, { issues }: z.ZodError, deps: ToolDeps): Promise<CallOutcome> {
  if (call.version !== undefined && call.version !== deps.policy.version) return waits(call.key, UNKNOWN_HERE);
  const where = issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return fail(call, deps, new SentientError("BAD_INPUT", `${call.tool} was called with an input it does not take: ${where}`));
}

/** A call of a delivery that is over is cancelled; a call of a paused one waits. */
async function heldBack(call: KeptCall, code: string, deps: ToolDeps): Promise<CallOutcome> {
  if (code === PAUSED) return waits(call.key, code);
  const { key, deliveryId, at } = call;
  const now = deps.live ? deps.now() : undefined;
  await deps.store.deliveries.cancel([{ deliveryId, reason: code, at: now }]);
  const error = { code, message: "its delivery was over before it was done" };
  await settle(deps, { key, status: "cancelled", error, at: now ?? at });
  return { key, status: "cancelled", code };
}

/** Applies a record tool and marks the call as done, in one transaction. */
async function applyToRecord(
  call: KeptCall,
  tool: Extract<AnyTool, { effect: "record" }>,
  input: unknown,
  deps: ToolDeps,
): Promise<CallOutcome> {
  const { key, customerId, at } = call;
  const done = { key, at, output: {} as Json };
  try {
    const isKnown = await changeCustomer(
      customerId,
      deps,
      at,
      (customer) => {
        const golden = goldenRecord(customer.claims, deps.policy.record, at);
        const { changes, output } = tool.apply(input as never, {
          customer,
          golden,
          now: at,
          ceilings: deps.policy.governance,
          seq: lastSeq(customer),
          key,
        });
        checkStays(tool, changes);
        done.output = keepable(tool.output.parse(output), call.tool);
        return changes;
      },
      { call: done },
    );
    if (isKnown) return { key, status: "done" };
  } catch (error) {
    if (!(error instanceof SentientError) || isOutage(error)) throw error;
    return fail(call, deps, error);
  }
  return fail(call, deps, new SentientError("NOT_FOUND", `no customer ${customerId}`));
}

async function recordOnly(call: KeptCall, deps: ToolDeps): Promise<CallOutcome> {
  await settle(deps, { key: call.key, status: "done", output: {}, at: call.at });
  return { key: call.key, status: "done" };
}
