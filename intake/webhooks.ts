import type { AnyChannel } from "../channels/channel.ts";
import type { WebhookAnswer, WebhookReading, WebhookRequest } from "../channels/inbound/webhook.ts";
import { channels as product, providers } from "../channels/index.ts";
import type { ChannelRule, Policy } from "../domain/entities/policy.ts";
import { checkSignal, identitiesOf, type ReadSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject, type Json } from "../domain/values/json.ts";
import { parseBy } from "../domain/values/parse-by.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Store } from "../store/store.ts";

export type WebhookResult =
  | { readonly kind: "signals"; readonly readings: readonly ReadSignal[]; readonly answer?: WebhookAnswer }
  | Exclude<WebhookReading, { kind: "signals" }>;

/** Webhooks of the channels' providers. */
export interface Webhooks {
  /** Reads a provider's request to a channel; undefined if the channel has no webhook. */
  read(channel: string, request: WebhookRequest): Promise<WebhookResult | undefined>;
}

export interface WebhookOptions {
  readonly policy: Policy;
  /** The workspace's own channels. */
  readonly own?: readonly AnyChannel[] | undefined;
  readonly store: Store;
  readonly now: () => Instant;
  /** Base URL that providers call, and sign. */
  readonly publicUrl?: string | undefined;
  /** Called for a channel whose webhooks are refused because an option for verifying them is missing. */
  readonly onProblem: (channel: string, problem: string) => void;
}

export function createWebhooks({ policy, own = [], store, now, publicUrl, onProblem }: WebhookOptions): Webhooks {
  const readers = new Map(Object.values(policy.channels).flatMap((rule) => readerOf(rule, [...product, ...own], onProblem) ?? []));
  return {
    async read(channel, request) {
      const read = readers.get(channel);
      if (!read) return undefined;
      const reading = await read({ ...request, url: calledAs(request.url, publicUrl) }, now());
      if (reading.kind !== "signals") return reading;
      const { answer } = reading;
      const signals = await withoutQuotes(reading, store);
      return { kind: "signals", readings: await withCustomers(signals, store), ...(answer ? { answer } : {}) };
    },
  };
}

// --- internal ---

type Signals = Extract<WebhookReading, { kind: "signals" }>;
type Read = (request: WebhookRequest, now: Instant) => WebhookReading | Promise<WebhookReading>;

/** Webhook reader of a channel: options come from `inbound`, with the channel's own as defaults. */
function readerOf(
  { name, kind, options }: ChannelRule,
  channels: readonly AnyChannel[],
  onProblem: WebhookOptions["onProblem"],
): [[string, Read]] | undefined {
  const inbound = isObject(options.inbound) ? options.inbound : {};
  const reader =
    typeof inbound.provider === "string"
      ? providers.find(({ provider }) => provider === inbound.provider)
      : channels.find((one) => one.kind === kind)?.inbound;
  if (!reader) return undefined;
  const parsed = parseBy<unknown>(reader.options, { ...options, ...inbound });
  if (parsed.success) {
    try {
      return [[name, reader.open(parsed.data as never, name)]];
    } catch (error) {
      if (!(error instanceof SentientError)) throw error;
      onProblem(name, error.message);
      return undefined;
    }
  }
  if (options.inbound !== undefined)
    onProblem(name, parsed.issues.map(({ path, message }) => `inbound.${path.join(".")}: ${message}`).join("; "));
  return undefined;
}

/** URL as the provider called it, which behind a proxy differs from the URL of our request. */
function calledAs(url: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined) return url;
  const { pathname, search } = new URL(url);
  return `${publicUrl}${pathname}${search}`;
}

/** How many of the last messages to the sender are recognised as quotes. */
const MAX_SENT = 20;

/** Reads a message again with the messages sent to its sender: their text in it is a quote, not a statement of the customer. */
async function withoutQuotes({ signals, knowing }: Signals, store: Store): Promise<readonly SignalEvent[]> {
  if (!knowing || signals.length === 0) return signals;
  const deliveries = signals.flatMap(({ data }) => [data?.deliveryId, data?.providerId]).filter((name) => typeof name === "string");
  const sent = await store.inbox.contentsSentTo({ deliveries, identities: signals.flatMap(identitiesOf) }, MAX_SENT);
  return sent.length === 0 ? signals : knowing(sent);
}

/** Assigns a signal about one of our deliveries to that delivery's customer, whatever else it names. */
async function withCustomers(signals: readonly SignalEvent[], store: Store): Promise<ReadSignal[]> {
  const nameOf = ({ data }: SignalEvent): unknown => data?.deliveryId ?? data?.providerId;
  const found = await store.inbox.deliveriesNamed(signals.map(nameOf).filter((name): name is string => typeof name === "string"));
  return signals.flatMap((signal) => {
    const delivery = found.get(String(nameOf(signal)));
    if (delivery) {
      const { customerId, deliveryId } = delivery;
      return checkSignal({ ...signal, subject: customerId, data: { ...signal.data, deliveryId } } as Json);
    }
    const isAboutSomebody = signal.subject !== undefined || signal.data?.identities !== undefined;
    return isAboutSomebody ? checkSignal(signal as Json) : [];
  });
}
