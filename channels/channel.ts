import type { z } from "zod";
import type { AddressType, ConsentDefault, ContentField } from "../domain/entities/policy.ts";
import type { JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Tracing } from "../telemetry/trace.ts";
import type { AnyInbound, Inbound } from "./inbound/webhook.ts";

/** A message, rendered and addressed. */
export interface OutgoingMessage {
  /** Idempotency key of the send, for providers that support one. */
  readonly deliveryId: string;
  readonly customerId: string;
  readonly channel: string;
  readonly to?: string;
  readonly content: JsonObject;
  readonly at: Instant;
  /** One-click unsubscribe URL of this channel (RFC 8058), where the server has a public address. */
  readonly unsubscribeUrl?: string;
}

/** What `send` returns for an accepted message. */
export interface SendResult {
  /** The provider's id of the message, where it returns one. */
  readonly providerId?: string;
}

/**
 * A connected channel. `send` resolves when the provider has accepted the message. It throws `rejected` only where the message
 * was certainly not sent; any other error leaves the outcome unknown, and the message is not sent again.
 */
export interface OpenChannel {
  /** Maximum sends in flight. Further messages wait in the channel's queue, where they can still be cancelled. */
  readonly atOnce?: number;
  send(message: OutgoingMessage, options: { readonly signal: AbortSignal }): Promise<SendResult>;
  close?(): Promise<void>;
}

/** What a channel may use when it connects. */
export interface ChannelDeps {
  /** Folder for files that stay on this machine. */
  readonly dataDir: string;
  /** Timeout for the provider's answer, in milliseconds. */
  readonly timeoutMs?: number;
  readonly now?: () => Instant;
  /** The channel's outgoing requests: carries the trace to the provider. */
  readonly tracing?: Tracing;
  /** Resolves after the given milliseconds; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The parts of a declaration that do not depend on the type of its options. */
interface Declared {
  /** The name after `kind:` in `sentient.yaml`. */
  readonly kind: string;
  /**
   * The schema of an experience's content for this channel, before values are filled in. A field `body` may also come from
   * `template`, and every channel takes a `brief`.
   */
  readonly content: z.ZodObject;
  /** The content fields that are more than the author's plain text. */
  readonly text?: Readonly<Record<string, ContentField>>;
  /** The kind of address it needs. Default: by the channel's name (`email`; `sms`, `call`; `push`), otherwise none. */
  readonly address?: AddressType;
  /** Whether it needs prior consent, where `governance.consent` does not say. Default: `opt_in`. */
  readonly consent?: ConsentDefault;
  /** With true, `inbound: {provider: …}` in `sentient.yaml` may name a service (`providers`) whose webhooks are read here. */
  readonly services?: boolean;
}

/** The complete declaration of one channel. */
export interface Channel<Shape extends z.ZodRawShape, InboundOptions = unknown> extends Declared {
  /**
   * The options in `sentient.yaml`. `check` validates the given ones individually; the whole schema applies where the channel
   * is used live. A refinement that only matters live takes its message from `whenLive`.
   */
  readonly options: z.ZodObject<Shape>;
  connect(options: z.infer<z.ZodObject<Shape>>, deps: ChannelDeps): Promise<OpenChannel>;
  /** Reads the provider's webhooks where `inbound` in `sentient.yaml` names no service. */
  readonly inbound?: Inbound<InboundOptions>;
}

/** A channel with its option type erased: only its own schema knows that type. */
export interface AnyChannel extends Declared {
  readonly options: z.ZodObject;
  /** Undefined where deliveries are tasks or answers. */
  connect?(options: never, deps: ChannelDeps): Promise<OpenChannel>;
  readonly inbound?: AnyInbound;
  /** With true, a delivery is a task for people, and nothing is sent. */
  readonly makesTask?: boolean;
  /** With true, the channel is asked and sends nothing: the answer to an ask is the hand-over. */
  readonly isAsked?: boolean;
}

/**
 * Declares a channel.
 *
 * @example
 * export const pager = defineChannel({
 *   kind: "pager",
 *   options: z.object({ url: z.url() }),
 *   content: z.object({ text: z.string() }),
 *   text: { text: { most: 200 } },
 *   address: "phone",
 *   connect: async ({ url }) => ({ send: async ({ to, content }) => page(url, to, content.text) }),
 * });
 */
export const defineChannel = <Shape extends z.ZodRawShape, InboundOptions>(
  channel: Channel<Shape, InboundOptions>,
): Channel<Shape, InboundOptions> => channel;
