import type { z } from "zod";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";

/** A webhook as it came in. Signatures are over these very bytes: nothing may be parsed and written again before. */
export interface WebhookRequest {
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawBody: Uint8Array;
  /** The address as the provider called it, with its query: behind a proxy the public one, not ours. */
  readonly url: string;
}

/** Why a webhook was turned away. The caller counts them by this name and answers 401 the same for all. */
export type Refusal = "signature_missing" | "signature_wrong" | "stale" | "replayed";

/** What a webhook says, or why it is refused. */
export type WebhookReading =
  /**
   * Who sent it is proved. `signals` may be empty: not everything a provider tells is news.
   * A signal whose `data.deliveryId` (or else `data.providerId`) is one of our deliveries belongs to that delivery's
   * customer, whatever identities it names; the runtime looks that up and sets `subject`.
   */
  | {
      readonly kind: "signals";
      readonly signals: readonly SignalEvent[];
      readonly answer?: WebhookAnswer;
      /**
       * Of what somebody wrote: the same signals, read by somebody who knows the contents that went out to the writer. They are
       * about the same people and deliveries, whatever is known.
       */
      readonly knowing?: (sent: readonly Json[]) => readonly SignalEvent[];
    }
  /** Answered with 401. */
  | { readonly kind: "refused"; readonly reason: Refusal }
  /** Proved, but not what this provider sends: answered with 400. */
  | { readonly kind: "bad_request"; readonly problem: string };

/** What the provider wants to read in our answer; without it an empty 200 will do. */
export interface WebhookAnswer {
  readonly contentType: string;
  readonly body: string;
}

type ReadWebhook = (request: WebhookRequest, now: Instant) => WebhookReading | Promise<WebhookReading>;

/** How webhooks of a provider are verified and read. */
export interface Inbound<Options> {
  /** Checked against the channel's options and what stands under `inbound`. Where it does not hold, no webhooks are accepted. */
  readonly options: z.ZodType<Options>;
  /** @param channel the channel's name: signals come from `channel/<name>` */
  open(options: Options, channel: string): ReadWebhook;
}

/** An inbound reader among others: only its own schema knows the type of its options. */
export interface AnyInbound {
  readonly options: z.ZodType;
  open(options: never, channel: string): ReadWebhook;
}
