import type { Memory } from "../agents/agent.ts";
import type { ClaimAhead } from "../agents/claim-ahead.ts";
import type { OpenChannel } from "../channels/channel.ts";
import type { GuardedFetch } from "../channels/http/guarded-fetch.ts";
import type { Canaries } from "../domain/canary/cohort.ts";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Model } from "../models/model.ts";
import type { TextMeanings } from "../models/text-meanings.ts";
import type { Queue } from "../queue/queue.ts";
import type { KeptDelivery, Store } from "../store/store.ts";
import type { Attributes, TraceParent, Tracing } from "../telemetry/trace.ts";
import type { AnyTool } from "../tools/tool.ts";
import type { DueDelivery, HandedOver } from "./handed-over.ts";

/** Dependencies of tool calls and sends. Every file of this folder imports it, and it imports none of them. */
export interface ToolDeps {
  readonly store: Store;
  readonly queue: Queue;
  readonly policy: Policy;
  /** What became of the canaries of the policy; without it, nothing has. */
  readonly canaries?: Canaries;
  readonly tools: ReadonlyMap<string, AnyTool>;
  readonly channels: ReadonlyMap<string, OpenChannel>;
  /** The send queues of those channels. */
  readonly sendQueues: SendQueues;
  /** What this process has just committed and not sent yet. */
  readonly handedOver: HandedOver;
  /** The language model, where one is configured, with its earlier answers. */
  readonly model?: { readonly model: Model; readonly memory: Memory };
  /** The embeddings model, where one is configured. */
  readonly embeddings?: TextMeanings;
  /** The guarded fetch, for tools that act outside. */
  readonly request: GuardedFetch;
  /** False: nothing leaves the machine; messages are recorded and outside calls have no output. */
  readonly live: boolean;
  readonly tracing: Tracing;
  /** The trace context of a run in progress. */
  readonly traceOf?: (runId: string) => TraceParent | undefined;
  /**
   * True where the clock is the machine's, as in a service; a recorded stream has its own clock, even where messages are sent.
   */
  readonly onWallClock?: boolean | undefined;
  /** The one-click unsubscribe link of a delivery; undefined without a public address of the server. */
  readonly unsubscribeUrlOf?: (delivery: { readonly customerId: string; readonly channel: string; readonly deliveryId: string }) => string;
  readonly now: () => Instant;
  readonly newId: () => string;
}

/**
 * Sends deliveries to their providers: a bounded queue for each channel, each delivery claimed just before it is sent and its
 * outcome recorded as soon as it is known. So a provider that hangs delays only its own deliveries.
 */
export interface SendQueues {
  /** The outcome of each; `waiting` where it is not known yet. Rejects after a failure of the store. */
  send(deliveries: readonly DueDelivery[], traces?: Traces): Promise<CallOutcome[]>;
  /** Holds places for deliveries that are about to be committed, to claim them with that; undefined unless there is room for all. */
  hold(deliveries: readonly Pick<KeptDelivery, "deliveryId" | "channel">[]): ClaimAhead | undefined;
  /** Deliveries queued here and not yet claimed, and the channels whose queues are full. */
  congestion(): { readonly deliveryIds: readonly string[]; readonly channels: readonly string[] };
  /**
   * Drains the queues: accepts no more, and resolves when every send in flight has been answered. Unclaimed deliveries stay
   * reserved.
   */
  close(): Promise<void>;
}

/** The trace context in which each delivery is sent. */
export type Traces = ReadonlyMap<string, TraceParent | undefined>;

/**
 * Rejects with `TOOL_TIMED_OUT` when the signal aborts. A callee that observes the signal itself settles first: it may know
 * that nothing was started.
 */
export function timedOut(signal: AbortSignal, what: string, ms: number): Promise<never> {
  return new Promise((_, reject) => {
    const tooLate = () => reject(new SentientError("TOOL_TIMED_OUT", `${what} did not answer within ${ms} ms`));
    signal.addEventListener("abort", () => setImmediate(tooLate), { once: true });
  });
}

/** The attributes of a call's span, by the OpenTelemetry conventions for generative AI. */
export const toolAttributes = ({ name, description }: { readonly name: string; readonly description?: string }): Attributes => ({
  ...{ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, "gen_ai.tool.type": "function" },
  ...(description === undefined ? {} : { "gen_ai.tool.description": description }),
});
