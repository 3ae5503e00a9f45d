import type { z } from "zod";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";

/** A received webhook. Signatures cover these exact bytes: nothing may be parsed and serialised before. */
export interface WebhookRequest {
  /** Names in lower case, as in Node. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawBody: Uint8Array;
  /** The URL that the provider called, with its query: behind a proxy the public one, not ours. */
  readonly url: string;
}

/** Why a webhook was refused. The caller counts refusals by this name; the 401 response is the same for all. */
export type Refusal = "signature_missing" | "signature_wrong" | "stale" | "replayed";

/** The signals of a webhook, or why it is refused. */
export type WebhookReading =
  /**
   * The sender is authenticated. `signals` may be empty: not every event is a signal.
   * A signal whose `data.deliveryId` (or else `data.providerId`) is one of our deliveries belongs to that delivery's customer,
   * whatever identities it names; the runtime looks that up and sets `subject`.
   */
  | {
      readonly kind: "signals";
      readonly signals: readonly SignalEvent[];
      readonly answer?: WebhookAnswer;
      /**
       * Of a customer's message: the same signals, read again with the contents that were sent to the writer. The customers and
       * deliveries they name do not change.
       */
      readonly knowing?: (sent: readonly Json[]) => readonly SignalEvent[];
    }
  /** Answered with 401. */
  | { readonly kind: "refused"; readonly reason: Refusal }
  /** Authenticated, but not what this provider sends: answered with 400. */
  | { readonly kind: "bad_request"; readonly problem: string };

/** The response that the provider expects; default: an empty 200. */
export interface WebhookAnswer {
  readonly contentType: string;
  readonly body: string;
}

type ReadWebhook = (request: WebhookRequest, now: Instant) => WebhookReading | Promise<WebhookReading>;

/** How a provider's webhooks are verified and read. */
export interface Inbound<Options> {
  /** Validates the channel's options and those under `inbound`. Where they are invalid, no webhooks are accepted. */
  readonly options: z.ZodType<Options>;
  /** @param channel the channel's name: signals come from `channel/<name>` */
  open(options: Options, channel: string): ReadWebhook;
}

/** An inbound reader with its option type erased: only its own schema knows that type. */
export interface AnyInbound {
  readonly options: z.ZodType;
  open(options: never, channel: string): ReadWebhook;
}
