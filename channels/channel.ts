import type { z } from "zod";
import type { ChannelKind } from "../domain/entities/policy.ts";
import type { JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Tracing } from "../telemetry/trace.ts";

/** A message as a channel gets it: everything about it is settled. */
export interface OutgoingMessage {
  /** Names the hand-over: a provider that knows it sends it once. */
  readonly deliveryId: string;
  readonly customerId: string;
  readonly channel: string;
  readonly to?: string;
  readonly content: JsonObject;
  readonly at: Instant;
  /** Where the customer ends messages on this channel with one click, where there is such an address. */
  readonly unsubscribeUrl?: string;
}

export interface Receipt {
  /** What the provider calls the message, where it says. */
  readonly providerId?: string;
}

/**
 * A channel that is connected. `send` resolves once the provider has taken the message. It throws `notTaken` only where
 * that is certain; everything else it throws leaves open whether the message went out, and it is not sent again.
 */
export interface OpenChannel {
  /** What its provider is handed at the same time at most; more wait, and may still be stopped. */
  readonly atOnce?: number;
  send(message: OutgoingMessage, options: { readonly signal: AbortSignal }): Promise<Receipt>;
  close?(): Promise<void>;
}

export interface ChannelDeps {
  /** Folder for what stays on this machine. */
  readonly dataDir: string;
  /** Milliseconds that a provider is given for its answer. */
  readonly timeoutMs?: number;
  readonly now?: () => Instant;
  /** Tells others what is sent, and what is sent where it belongs. */
  readonly tracing?: Tracing;
  /** Resolves after some milliseconds; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** One way to reach a customer. */
export interface Channel<Options> {
  readonly kind: ChannelKind;
  /** What `sentient.yaml` must say for it to be used live. */
  readonly options: z.ZodType<Options>;
  connect(options: Options, deps: ChannelDeps): Promise<OpenChannel>;
}

/** A channel among others: what it takes as options only its own schema knows. */
export interface AnyChannel {
  readonly kind: ChannelKind;
  readonly options: z.ZodType;
  connect(options: never, deps: ChannelDeps): Promise<OpenChannel>;
}

/**
 * Defines a channel.
 *
 * @example
 * export const chat = defineChannel({
 *   kind: "chat",
 *   options: z.object({ url: z.url() }),
 *   connect: async ({ url }) => ({ send: async ({ content }) => post(url, content) }),
 * });
 */
export const defineChannel = <Options>(channel: Channel<Options>): Channel<Options> => channel;
