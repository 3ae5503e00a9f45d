import { setTimeout as sleep } from "node:timers/promises";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { cut } from "../domain/values/cut.ts";
import { inexact, type Json, type JsonObject, unstorable } from "../domain/values/json.ts";
import type { KeptCall, SettledCall } from "../store/store.ts";
import type { AnyTool } from "../tools/tool.ts";
import { retryWrite } from "./record-outcomes.ts";
import { type ToolDeps, timedOut } from "./tool-deps.ts";

type WriteTool = Extract<AnyTool, { effect: "write" }>;

/** Of what this process does not know and another version may: whoever asked for it does it. */
export const UNKNOWN_HERE = "unknown_here";

/** It has not come to anything yet. Who finds its row later carries on with it. */
export const waits = (key: string, code?: string): CallOutcome => ({ key, status: "waiting", code });

/**
 * Runs a tool that acts outside, unless a call that is the same by the tool's `idempotencyKey` runs or has run: then that one's
 * outcome is this one's too. If its answer never comes, nobody knows whether it did; it is not tried again.
 */
export async function runOutside(call: KeptCall, tool: WriteTool, input: unknown, deps: ToolDeps): Promise<CallOutcome> {
  const same = sameAs(call, tool, input);
  if (typeof same !== "string") return fail(call, deps, same);
  const started = await startOrWait(call, tool, same, deps);
  if (started !== "started") return started;
  const idempotencyKey = same === call.key ? same : idFrom("i", call.tool, same);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), tool.timeoutMs);
  let output: unknown;
  try {
    const answer = tool.run(input as never, { signal: abort.signal, idempotencyKey, request: deps.request } as never);
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

/** Writes down what came of a call for as long as the store refuses to: what is known must not be lost to its trouble. */
export const settle = (deps: ToolDeps, settled: SettledCall): Promise<void> => retryWrite(() => deps.store.calls.settle(settled));

/** Writes down that a call has failed, or that nobody knows whether it did what it does. */
export async function fail(
  call: KeptCall,
  deps: ToolDeps,
  error: unknown,
  status: "failed" | "uncertain" = "failed",
): Promise<CallOutcome> {
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

/** What a tool gave back, to be stated by texts: as it is, or not at all. */
export function keepable(output: unknown, tool: string): Json {
  const problem = unstorable(output, "") ?? inexact(output, "");
  if (problem !== undefined) throw new SentientError("TOOL_FAILED", `${tool} gave back what cannot be kept: ${problem}`);
  return output as Json;
}

// --- internal ---

/** What a tool of others says when it fails may be a page of HTML. */
const LONGEST_MESSAGE = 2_000;

/** What the tool says makes calls the same as this one, or why that is not known. */
function sameAs({ key, customerId }: KeptCall, tool: WriteTool, input: unknown): string | Error {
  try {
    const same: unknown = tool.idempotencyKey(input as never, { key, customerId });
    return typeof same === "string" ? same : new SentientError("TOOL_FAILED", `idempotencyKey of ${tool.name} gave no text; expected one`);
  } catch (error) {
    return new SentientError("TOOL_FAILED", `idempotencyKey of ${tool.name} failed`, { cause: error });
  }
}

/** How often it is looked whether the call is over that another one waits for. */
const SAME_AGAIN_MS = 25;

/** Starts a call, or has it end as the one did that is the same: while that runs it is waited for, as long as it may take. */
async function startOrWait(call: KeptCall, { timeoutMs }: WriteTool, same: string, deps: ToolDeps): Promise<"started" | CallOutcome> {
  const until = performance.now() + timeoutMs;
  do {
    const started = await deps.store.calls.start(call.key, same, deps.now());
    if (started === "started") return started;
    if (started === "taken") return waits(call.key);
    if (started.status !== "running") return endLike(call, started, deps);
    await sleep(SAME_AGAIN_MS);
  } while (performance.now() < until);
  return waits(call.key);
}

async function endLike({ key, at }: KeptCall, other: KeptCall, deps: ToolDeps): Promise<CallOutcome> {
  const isDone = other.status === "done";
  const error = isDone
    ? undefined
    : { code: other.error?.code ?? "TOOL_FAILED", message: `the same call, ${other.key}, is ${other.status}` };
  await settle(deps, {
    key,
    status: isDone ? "done" : "uncertain",
    ...(isDone ? { output: other.output ?? {} } : { error: error as JsonObject }),
    at: deps.live ? deps.now() : at,
  });
  return { key, status: isDone ? "done" : "uncertain", code: error?.code };
}
