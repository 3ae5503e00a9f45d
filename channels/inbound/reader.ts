import type { z } from "zod";
import type { IdentityClaim, SignalEvent } from "../../domain/entities/signal.ts";
import { cut } from "../../domain/values/cut.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import { sha256 } from "../signature.ts";
import { consentWordIn } from "./opt-words.ts";
import type { AnyInbound, Inbound, WebhookAnswer, WebhookReading, WebhookRequest } from "./webhook.ts";

/** The webhooks of one provider, by its name in `inbound.provider`. */
export interface Provider<Options> extends Inbound<Options> {
  readonly provider: string;
}

/** A provider with its option type erased: only its own schema knows that type. */
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

/** The header, where it occurs exactly once: a repeated signature proves nothing. */
export function headerOf({ headers }: WebhookRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Refuses an unauthenticated webhook: 401, with the same body for every reason. */
export const refused = (reason: "signature_missing" | "signature_wrong" | "stale" | "replayed"): WebhookReading => ({
  kind: "refused",
  reason,
});
/** Refuses an authenticated webhook of an unknown format: 400. */
export const badRequest = (problem: string): WebhookReading => ({ kind: "bad_request", problem });
/** The subject of an event that names no customer and no delivery of ours. */
export const accepted = (signals: readonly SignalEvent[], answer?: WebhookAnswer): Extract<WebhookReading, { kind: "signals" }> => ({
  kind: "signals",
  signals: signals.filter(({ data, subject = data?.deliveryId ?? data?.providerId ?? data?.identities }) => subject !== undefined),
  ...(answer ? { answer } : {}),
});

/** One event of a provider about a customer. */
export interface News {
  readonly channel: string;
  /** The provider's id of the event: a repeated id is a duplicate. */
  readonly id: string;
  readonly type: string;
  readonly at?: Instant | undefined;
  readonly who: readonly IdentityClaim[];
  readonly data?: Readonly<Record<string, string | undefined>>;
  /** Of a bounce: the address is permanently undeliverable. */
  readonly permanent?: boolean;
}

/** Maximum length of a message's text, since signals have limits; longer texts are truncated. */
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
 * What a customer wrote: an opt-out or opt-in keyword is consent, everything else a message that is owed an answer. Opt-in
 * keywords count only with `mayStart`, where they are the custom of the channel.
 */
export function messageSignals(news: Omit<News, "type">, { mayStart = false }: { mayStart?: boolean } = {}): SignalEvent[] {
  const word = consentWordIn(news.data?.text ?? "");
  if (word === "stop") return [consentSignal(news, "revoked")];
  if (word === "start" && mayStart) return [consentSignal(news, "granted")];
  return [signalOf({ ...news, type: "message.received" })];
}

/**
 * A consent signal. It still names the delivery, which finds the customer where an address does not. `reason` where the
 * customer did not say so to us directly.
 */
export function consentSignal(
  { id, data: { deliveryId, providerId } = {}, permanent: _, ...news }: Omit<News, "type">,
  status: "granted" | "revoked",
  reason?: string,
): SignalEvent {
  return signalOf({ ...news, id: `${id}:consent`, type: "customer.consent", data: { status, deliveryId, providerId, reason } });
}

/** A message that the provider suppressed because of an earlier opt-out. */
export const suppressedBy = (provider: string, why: string): string => `${provider} suppresses this address: ${why}`;

/** A delivery receipt. An opt-out also revokes the channel's consent, which takes effect before the receipt is processed. */
export function receiptSignals(news: Omit<News, "type">, outcome: string): SignalEvent[] {
  const receipt = signalOf({ ...news, type: `delivery.${outcome}` });
  return outcome === "unsubscribed" ? [consentSignal(news, "revoked"), receipt] : [receipt];
}

/** Seconds since 1970, possibly with a fraction. */
export function instantOf(seconds: unknown): Instant | undefined {
  const value = Number(seconds);
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : undefined;
}

export const email = (value: string): IdentityClaim => ({ type: "email", value });

/** `Ann <ann@example.com>` and `<id@example.com>` reduced to the part in brackets. */
export const inner = (text: string): string => (/<([^<>]+)>/.exec(text)?.[1] ?? text).trim();

// --- internal ---

/** Removes characters that databases reject, so that the message is not lost. */
const storable = (text: string): string => Buffer.from(text.replaceAll("\u0000", "")).toString();
