import type { CallOutcome, ToolCall } from "../agents/agent.ts";
import { lastSeq } from "../domain/customer.ts";
import { cut } from "../domain/cut.ts";
import { SentientError } from "../domain/errors.ts";
import { inexact, type Json, type JsonObject, unstorable } from "../domain/json.ts";
import { goldenRecord } from "../domain/record.ts";
import { noTracing, type TraceParent, type Tracing, traced, traceParentOf } from "../domain/trace.ts";
import { type CallRef, callTools } from "../queue/jobs.ts";
import type { KeptCall, SettledCall } from "../store/store.ts";
import { sendMessage } from "../tools/send-message.ts";
import type { AnyTool, ReadTool } from "../tools/tool.ts";
import { changeCustomer } from "./change-customer.ts";
import { handOver } from "./hand-over.ts";
import { insistently } from "./settling.ts";
import { type ToolDeps, timedOut, toolAttributes } from "./tool-deps.ts";
import { isTrouble } from "./trouble.ts";

/** How long a batch of calls may take in all, queueing included, before whoever asked stops waiting for it. */
const ANSWER_MS = 90_000;

/** The door to tools that only read: they run in place, with input and output checked. */
export async function callTool<Input, Output>(
  tool: ReadTool<Input, Output, never>,
  input: Input,
  deps: unknown,
  tracing: Tracing = noTracing,
): Promise<Output> {
  const given = tool.input.parse(input);
  return traced(tracing, `execute_tool ${tool.name}`, { attributes: toolAttributes(tool.name) }, async () =>
    tool.output.parse(await tool.run(given, deps as never)),
  );
}

/**
 * The door to tools that do something: each call gets its row, then all of them travel as one job, and whoever works on
 * the queue does them. Calls whose rows say that they are done are not done again.
 */
export async function dispatchCalls(calls: readonly ToolCall[], deps: ToolDeps): Promise<readonly CallOutcome[]> {
  const own = calls.filter(({ tool }) => tool !== sendMessage.name);
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
  const refs = calls.map(({ tool, key, delivery: { runId } }) => ({ tool, key, ...traceOfCall(runId, deps) }));
  const { outcomes } = await deps.queue.ask(callTools, { calls: refs }, { timeoutMs: ANSWER_MS });
  const kept = own.length > 0 ? await deps.store.calls.get(own.map(({ key }) => key)) : [];
  return outcomes.map((outcome) => ({ ...outcome, output: kept.find(({ key }) => key === outcome.key)?.output }));
}

/** Does the calls of a job. Every one ends in an outcome; only trouble with the store makes the job itself fail. */
export async function workCalls(calls: readonly CallRef[], deps: ToolDeps): Promise<CallOutcome[]> {
  const sending = calls.filter(({ tool }) => tool === sendMessage.name).map(({ key }) => key);
  const others = calls.filter(({ tool }) => tool !== sendMessage.name).map(({ key }) => key);
  const traces = new Map(calls.map(({ key, trace }) => [key, traceParentOf(trace)]));
  const sent = sending.length > 0 ? await handOver(sending, deps, traces) : [];
  const kept = others.length > 0 ? await deps.store.calls.get(others) : [];
  const done = await Promise.all(kept.map((call) => callInTrace(call, deps, traces.get(call.key))));
  return [...sent, ...done];
}

// --- internal ---

/** What a tool of others says when it fails may be a page of HTML. */
const LONGEST_MESSAGE = 2_000;

const traceOfCall = (runId: string, { tracing, traceOf }: ToolDeps): Pick<CallRef, "trace"> => {
  const trace = traceOf?.(runId) ?? tracing.current();
  return trace === undefined ? {} : { trace };
};

async function callInTrace(call: KeptCall, deps: ToolDeps, parent: TraceParent | undefined): Promise<CallOutcome> {
  return traced(deps.tracing, `execute_tool ${call.tool}`, { attributes: toolAttributes(call.tool), parent }, async (span) => {
    const outcome = await doCall(call, deps);
    span.set({ "sentient.outcome": outcome.status });
    if (outcome.status !== "done") span.fail(outcome.code ?? outcome.status);
    return outcome;
  });
}

async function doCall(call: KeptCall, deps: ToolDeps): Promise<CallOutcome> {
  if (call.status === "done") return { key: call.key, status: "done" };
  if (call.status === "failed" || call.status === "uncertain") return { key: call.key, status: call.status, code: call.error?.code };
  const tool = deps.tools.get(call.tool);
  if (!tool) return fail(call, deps, new SentientError("BAD_CONFIG", `no tool ${call.tool}`));
  const input = tool.input.safeParse(call.input);
  if (!input.success) {
    const where = input.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    return fail(call, deps, new SentientError("BAD_INPUT", `${call.tool} was called with an input it does not take: ${where}`));
  }
  if (tool.effect === "record") return applyToRecord(call, tool, input.data, deps);
  if (tool.effect === "write") return deps.live ? runOutside(call, tool, input.data, deps) : recordOnly(call, deps);
  return fail(call, deps, new SentientError("BAD_CONFIG", `${call.tool} only reads and cannot be an action`));
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
        const { changes, output } = tool.apply(input as never, { customer, golden, now: at, seq: lastSeq(customer), key });
        done.output = keepable(tool.output.parse(output), call.tool);
        return changes;
      },
      { call: done },
    );
    if (isKnown) return { key, status: "done" };
  } catch (error) {
    if (!(error instanceof SentientError) || isTrouble(error)) throw error;
    return fail(call, deps, error);
  }
  return fail(call, deps, new SentientError("NOT_FOUND", `no customer ${customerId}`));
}

/** Runs a tool that acts outside. If its answer never comes, nobody knows whether it did; it is not tried again. */
async function runOutside(
  call: KeptCall,
  tool: Extract<AnyTool, { effect: "write" }>,
  input: unknown,
  deps: ToolDeps,
): Promise<CallOutcome> {
  if (!(await deps.store.calls.start(call.key))) return { key: call.key, status: "uncertain" };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), tool.timeoutMs);
  let output: unknown;
  try {
    const answer = tool.run(input as never, { signal: abort.signal, idempotencyKey: call.key, request: deps.request } as never);
    output = keepable(tool.output.parse(await Promise.race([answer, timedOut(abort.signal, call.tool, tool.timeoutMs)])), call.tool);
  } catch (error) {
    const status = error instanceof SentientError && error.code === "TOOL_TIMED_OUT" ? "uncertain" : "failed";
    return fail(call, deps, error, status);
  } finally {
    clearTimeout(timer);
  }
  // It is done, whatever the store says to that.
  await settle(deps, { key: call.key, status: "done", output: (output ?? {}) as Json, at: deps.now() });
  return { key: call.key, status: "done" };
}

/** What a tool gave back, to be stated by texts: as it is, or not at all. */
function keepable(output: unknown, tool: string): Json {
  const problem = unstorable(output, "") ?? inexact(output, "");
  if (problem !== undefined) throw new SentientError("TOOL_FAILED", `${tool} gave back what cannot be kept: ${problem}`);
  return output as Json;
}

async function recordOnly(call: KeptCall, deps: ToolDeps): Promise<CallOutcome> {
  await settle(deps, { key: call.key, status: "done", output: {}, at: call.at });
  return { key: call.key, status: "done" };
}

/** Writes down what came of a call for as long as the store refuses to: what is known must not be lost to its trouble. */
const settle = (deps: ToolDeps, settled: SettledCall): Promise<void> => insistently(() => deps.store.calls.settle(settled));

async function fail(call: KeptCall, deps: ToolDeps, error: unknown, status: "failed" | "uncertain" = "failed"): Promise<CallOutcome> {
  const code = error instanceof SentientError ? error.code : "TOOL_FAILED";
  const message = cut(error instanceof Error ? error.message : String(error), LONGEST_MESSAGE);
  await settle(deps, {
    key: call.key,
    status,
    error: { code, message } satisfies JsonObject,
    at: deps.live ? deps.now() : call.at,
  });
  return { key: call.key, status, code, message };
}
