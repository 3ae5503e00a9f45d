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

/** The code of a call that this process does not know and another version may: the process that planned it runs it. */
export const UNKNOWN_HERE = "unknown_here";

/** It has no outcome yet. The process that finds its row later continues it. */
export const waits = (key: string, code?: string): CallOutcome => ({ key, status: "waiting", code });

/**
 * Runs a tool that acts outside, at most once: where a call with the same `idempotencyKey` runs or has run, its outcome is this
 * call's too. Without an answer the outcome is `uncertain`, and the call is not retried.
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
    const status = error instanceof SentientError && UNCERTAIN.includes(error.code) ? "uncertain" : "failed";
    return fail(call, deps, error, status);
  } finally {
    clearTimeout(timer);
  }
  // The effect has happened, whatever the store answers.
  await settle(deps, { key: call.key, status: "done", output: (output ?? {}) as Json, at: deps.now() });
  return { key: call.key, status: "done" };
}

/** Records the outcome of a call, through outages of the store: a known outcome must not become uncertain. */
export const settle = (deps: ToolDeps, settled: SettledCall): Promise<void> => retryWrite(() => deps.store.calls.settle(settled));

/** Records that a call has failed, or that its outcome is uncertain. */
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

/** The output of a tool, which texts may state: it must match the schema exactly, or the call fails. */
export function keepable(output: unknown, tool: string): Json {
  const problem = unstorable(output, "") ?? inexact(output, "");
  if (problem !== undefined) throw new SentientError("TOOL_FAILED", `${tool} returned a value that cannot be stored: ${problem}`);
  return output as Json;
}

// --- internal ---

/** It is unknown whether the tool did its work. */
const UNCERTAIN: readonly string[] = ["TOOL_TIMED_OUT", "OUTCOME_UNKNOWN"];

/** The error of a third-party tool may be a page of HTML. */
const LONGEST_MESSAGE = 2_000;

/** The key of the call by the tool's own `idempotencyKey`, or why there is none. */
function sameAs({ key, customerId }: KeptCall, tool: WriteTool, input: unknown): string | Error {
  try {
    const same: unknown = tool.idempotencyKey(input as never, { key, customerId });
    return typeof same === "string"
      ? same
      : new SentientError("TOOL_FAILED", `idempotencyKey of ${tool.name} returned no text; expected one`);
  } catch (error) {
    return new SentientError("TOOL_FAILED", `idempotencyKey of ${tool.name} failed`, { cause: error });
  }
}

/** Polling interval of a call that waits for the same call. */
const SAME_AGAIN_MS = 25;

/**
 * Starts a call, or ends it with the outcome of the same call; while that one runs, waits for it, up to the time limit of a
 * call.
 */
async function startOrWait(call: KeptCall, { timeoutMs }: WriteTool, same: string, deps: ToolDeps): Promise<"started" | CallOutcome> {
  const until = performance.now() + timeoutMs;
  do {
    const started = await deps.store.calls.start(call.key, same, deps.now);
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
