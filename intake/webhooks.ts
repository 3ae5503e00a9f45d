import type { WebhookAnswer, WebhookReading, WebhookRequest } from "../channels/inbound/webhook.ts";
import { channels, providers } from "../channels/index.ts";
import type { ChannelRule, Policy } from "../domain/entities/policy.ts";
import { checkSignal, identitiesOf, type ReadSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { isObject, type Json } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Store } from "../store/store.ts";

export type WebhookResult =
  | { readonly kind: "signals"; readonly readings: readonly ReadSignal[]; readonly answer?: WebhookAnswer }
  | Exclude<WebhookReading, { kind: "signals" }>;

/** Webhooks of the providers behind our channels. */
export interface Webhooks {
  /** Reads what a provider sent to a channel; undefined where nothing is expected there. */
  read(channel: string, request: WebhookRequest): Promise<WebhookResult | undefined>;
}

export interface WebhookOptions {
  readonly policy: Policy;
  readonly store: Store;
  readonly now: () => Instant;
  /** Where providers reach us: what they sign. */
  readonly publicUrl?: string | undefined;
  /** Told of a channel whose webhooks are not taken because something is missing for proving them. */
  readonly onProblem: (channel: string, problem: string) => void;
}

export function createWebhooks({ policy, store, now, publicUrl, onProblem }: WebhookOptions): Webhooks {
  const readers = new Map(Object.values(policy.channels).flatMap((rule) => readerOf(rule, onProblem) ?? []));
  return {
    async read(channel, request) {
      const read = readers.get(channel);
      if (!read) return undefined;
      const reading = await read({ ...request, url: calledAs(request.url, publicUrl) }, now());
      if (reading.kind !== "signals") return reading;
      const { answer } = reading;
      const signals = await knowingWhatWasSent(reading, store);
      return { kind: "signals", readings: await withCustomers(signals, store), ...(answer ? { answer } : {}) };
    },
  };
}

// --- internal ---

type Told = Extract<WebhookReading, { kind: "signals" }>;
type Read = (request: WebhookRequest, now: Instant) => WebhookReading | Promise<WebhookReading>;

/** How the webhooks of a channel are read: by `inbound`, with what it leaves out taken from the channel itself. */
function readerOf({ name, kind, options }: ChannelRule, onProblem: WebhookOptions["onProblem"]): [[string, Read]] | undefined {
  const inbound = isObject(options.inbound) ? options.inbound : {};
  const reader =
    typeof inbound.provider === "string"
      ? providers.find(({ provider }) => provider === inbound.provider)
      : channels.find((one) => one.kind === kind)?.inbound;
  if (!reader) return undefined;
  const parsed = reader.options.safeParse({ ...options, ...inbound });
  if (parsed.success) return [[name, reader.open(parsed.data as never, name)]];
  if (options.inbound !== undefined)
    onProblem(name, parsed.error.issues.map(({ path, message }) => `inbound.${path.join(".")}: ${message}`).join("; "));
  return undefined;
}

/** The address as the provider called it: behind a proxy it is not the one that we see. */
function calledAs(url: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined) return url;
  const { pathname, search } = new URL(url);
  return `${publicUrl}${pathname}${search}`;
}

/** Of what somebody quotes so many of the last messages to the writer are told apart from what is new. */
const MOST_SENT = 20;

/** What somebody wrote, read again with what was sent to the writer: that is quoted, and not said. */
async function knowingWhatWasSent({ signals, knowing }: Told, store: Store): Promise<readonly SignalEvent[]> {
  if (!knowing || signals.length === 0) return signals;
  const deliveries = signals.flatMap(({ data }) => [data?.deliveryId, data?.providerId]).filter((name) => typeof name === "string");
  const sent = await store.inbox.contentsSentTo({ deliveries, identities: signals.flatMap(identitiesOf) }, MOST_SENT);
  return sent.length === 0 ? signals : knowing(sent);
}

/** What is about one of our deliveries is about its customer, whatever else it names. */
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
