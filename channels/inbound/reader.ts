import type { z } from "zod";
import type { IdentityClaim, SignalEvent } from "../../domain/entities/signal.ts";
import { cut } from "../../domain/values/cut.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import { sha256 } from "../signature.ts";
import { consentWordIn } from "./opt-words.ts";
import type { AnyInbound, Inbound, WebhookAnswer, WebhookReading, WebhookRequest } from "./webhook.ts";

/** The webhooks of one provider, by the name that `inbound.provider` gives it. */
export interface Provider<Options> extends Inbound<Options> {
  readonly provider: string;
}

/** A provider among others: only its own schema knows the type of its options. */
export interface AnyProvider extends AnyInbound {
  readonly provider: string;
  readonly options: z.ZodObject;
}

/**
 * Declares how the webhooks of a provider are read.
 *
 * @example
 * export const echo = defineProvider({
 *   provider: "echo",
 *   options: z.object({ secret: z.string() }),
 *   open: ({ secret }, channel) => (request) => (isFrom(secret, request) ? accepted([newsOf(channel, request)]) : refused("signature_wrong")),
 * });
 */
export const defineProvider = <Shape extends z.ZodRawShape>(
  provider: Provider<z.infer<z.ZodObject<Shape>>> & { readonly options: z.ZodObject<Shape> },
): Provider<z.infer<z.ZodObject<Shape>>> & { readonly options: z.ZodObject<Shape> } => provider;

/** The header, where it came exactly once: a signature that comes twice proves nothing. */
export function headerOf({ headers }: WebhookRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The webhook is not proved: answered with 401, the same for every reason. */
export const refused = (reason: "signature_missing" | "signature_wrong" | "stale" | "replayed"): WebhookReading => ({
  kind: "refused",
  reason,
});
/** Proved, but not what this provider sends: answered with 400. */
export const badRequest = (problem: string): WebhookReading => ({ kind: "bad_request", problem });
/** What names nobody and none of our deliveries is news about nobody. */
export const accepted = (signals: readonly SignalEvent[], answer?: WebhookAnswer): Extract<WebhookReading, { kind: "signals" }> => ({
  kind: "signals",
  signals: signals.filter(({ data, subject = data?.deliveryId ?? data?.providerId ?? data?.identities }) => subject !== undefined),
  ...(answer ? { answer } : {}),
});

/** What a provider tells about somebody. */
export interface News {
  readonly channel: string;
  /** The provider's own name for the event: the same one again is a duplicate. */
  readonly id: string;
  readonly type: string;
  readonly at?: Instant | undefined;
  readonly who: readonly IdentityClaim[];
  readonly data?: Readonly<Record<string, string | undefined>>;
  /** Of a bounce: there is nobody at this address, and trying again is no use. */
  readonly permanent?: boolean;
}

/** Texts of a message beyond this are cut: a signal has its limits, and nobody reads on. */
const LONGEST_TEXT = 8_000;
const LONGEST_FIELD = 500;
const LONGEST_ID = 200;

export function signalOf({ channel, id, type, at, who, data = {}, permanent = false }: News): SignalEvent {
  const fields: JsonObject = { channel, ...(permanent ? { permanent } : {}) };
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined && value !== "") fields[name] = cut(storable(value), name === "text" ? LONGEST_TEXT : LONGEST_FIELD);
  }
  const identities = who.filter(({ value }) => value !== "" && value.length <= LONGEST_FIELD);
  return {
    specversion: "1.0",
    id: id.length <= LONGEST_ID ? storable(id) : sha256(id).toString("base64url"),
    source: `channel/${channel}`,
    type,
    ...(at === undefined ? {} : { time: iso(at) }),
    data: {
      ...fields,
      ...(identities.length === 0 ? {} : { identities: identities.map(({ type, value }) => ({ type, value: storable(value) })) }),
    },
  };
}

/**
 * What a customer wrote: a word that ends or begins messages is consent, everything else is a message that somebody
 * owes an answer. Beginning counts only where `mayStart` says that the word is the custom of the channel.
 */
export function messageSignals(news: Omit<News, "type">, { mayStart = false }: { mayStart?: boolean } = {}): SignalEvent[] {
  const word = consentWordIn(news.data?.text ?? "");
  if (word === "stop") return [consentSignal(news, "revoked")];
  if (word === "start" && mayStart) return [consentSignal(news, "granted")];
  return [signalOf({ ...news, type: "message.received" })];
}

/**
 * The delivery that it is about stays named: by that the customer is found where an address does not do. `reason` where it
 * was not she herself who said so to us.
 */
export function consentSignal(
  { id, data: { deliveryId, providerId } = {}, permanent: _, ...news }: Omit<News, "type">,
  status: "granted" | "revoked",
  reason?: string,
): SignalEvent {
  return signalOf({ ...news, id: `${id}:consent`, type: "customer.consent", data: { status, deliveryId, providerId, reason } });
}

/** A provider that sends nothing to somebody because of what she has said before. */
export const suppressedBy = (provider: string, why: string): string => `${provider} holds her back: ${why}`;

/** A receipt. Who ends messages has said so about the channel too, which takes effect before the receipt is worked on. */
export function receiptSignals(news: Omit<News, "type">, outcome: string): SignalEvent[] {
  const receipt = signalOf({ ...news, type: `delivery.${outcome}` });
  return outcome === "unsubscribed" ? [consentSignal(news, "revoked"), receipt] : [receipt];
}

/** Seconds since 1970, as providers give them, also with a fraction. */
export function instantOf(seconds: unknown): Instant | undefined {
  const value = Number(seconds);
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : undefined;
}

export const email = (value: string): IdentityClaim => ({ type: "email", value });

/** `Ann <ann@example.com>` and `<id@example.com>` without what is around. */
export const inner = (text: string): string => (/<([^<>]+)>/.exec(text)?.[1] ?? text).trim();

// --- internal ---

/** What no database takes is left out; a message is not lost over it. */
const storable = (text: string): string => Buffer.from(text.replaceAll("\u0000", "")).toString();
