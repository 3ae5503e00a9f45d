import { mailOf } from "../../delivery/mail-page.ts";
import { channelsOf, type Experience, isTransactional, type Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { ageOf } from "../../domain/record/record.ts";
import { type SealedHtml, sealHtml } from "../../domain/text/sealed-html.ts";
import { cutShort } from "../../domain/values/cut.ts";
import { isObject, type Json, type JsonObject } from "../../domain/values/json.ts";
import { formatDuration, type Instant, iso } from "../../domain/values/time.ts";
import type { Store } from "../../store/store.ts";
import { timeAs } from "../deps.ts";
import { experienceNamed, summaryOf } from "../experiences.ts";

/** A delivery with its text, facts, history, receipts and the provider's answer. Throws `NOT_FOUND`. */
export async function showDelivery(id: string, { store, policy }: { readonly store: Store; readonly policy: Policy }, now: Instant) {
  const delivery = await deliveryNamed(id, store);
  const [receipts, calls] = await Promise.all([store.evidence.receipts(delivery), store.evidence.calls(delivery)]);
  const { reservedAt, claimedAt, settledAt, restUntil, expiresAt, facts, content, action, ...rest } = delivery;
  const page = await pageOf(delivery.channel, content, policy);
  return {
    ...given({ ...rest, content, action: isObject(action) ? (action as JsonObject) : null }),
    kind: policy.channels[delivery.channel]?.kind ?? "unknown",
    reservedAt: iso(reservedAt),
    ...timeAs("claimedAt", claimedAt ?? undefined),
    ...timeAs("settledAt", settledAt ?? undefined),
    ...timeAs("restUntil", restUntil ?? undefined),
    expiresAt: iso(expiresAt),
    facts: Object.fromEntries(Object.entries(facts).map(([path, fact]) => [path, withAge(fact, reservedAt)])),
    history: [
      { at: iso(reservedAt), status: "reserved" },
      ...(claimedAt === null ? [] : [{ at: iso(claimedAt), status: "sending" }]),
      ...(settledAt === null ? [] : [{ at: iso(settledAt), status: delivery.status, ...given({ reason: rest.reason }) }]),
    ],
    receipts: receipts.map(({ at, source, signalId, ...receipt }) => ({ ...receipt, at: iso(at), ...given({ source, signalId }) })),
    calls: calls.map(({ error, ...call }) => ({ ...call, ...given({ error: error === null ? null : wordsOf(error) }) })),
    ...(page ? { text: page.text } : {}),
    hasPage: page !== undefined,
    links: page?.links ?? [],
    loads: page?.loads ?? [],
    at: iso(now),
  };
}

/** The sealed page of a mail that was written; undefined where the channel sends no mail or nothing was written. Throws `NOT_FOUND`. */
export async function sealedDelivery(
  id: string,
  { store, policy }: { readonly store: Store; readonly policy: Policy },
): Promise<SealedHtml | undefined> {
  const { channel, content } = await deliveryNamed(id, store);
  return pageOf(channel, content, policy);
}

/** One signal as it came, also one that waits or was given up. Throws `NOT_FOUND`. */
export async function showSignal({ source, id }: { readonly source: string; readonly id: string }, store: Store) {
  const signal = await store.evidence.signal(source, id);
  if (!signal) throw new SentientError("NOT_FOUND", `no signal ${id} of ${source} in the store; it may be forgotten (retention.signals)`);
  const { time, receivedAt, error, ...rest } = signal;
  return { ...rest, time: iso(time), receivedAt: iso(receivedAt), ...(error === null ? {} : { error: wordsOf(error) }) };
}

/** One experience of the catalogue with its rules and texts as their author wrote them. Throws `NOT_FOUND`. */
export function showExperience(id: string, policy: Policy) {
  const experience = experienceNamed(policy, id);
  const { eligibility, applicability, suitability, context, judge, limits, success, promise, source, action, converse } = experience;
  const { limits: _limits, success: _success, promise: _promise, transactional: _outside, ...summary } = summaryOf(experience);
  return {
    ...summary,
    transactional: isTransactional(experience),
    outside: experience.outside,
    file: source.file,
    eligibility: eligibility.map(criterion),
    applicability: applicability.map(criterion),
    suitability: suitability.map(criterion),
    context: context.map(({ when, weight }) => ({ when: when.text, weight })),
    ...(judge ? { judge } : {}),
    ...(limits ? { limits: { ...limits, ...(limits.window === undefined ? {} : { window: formatDuration(limits.window) }) } } : {}),
    ...(success ? { success: successOf(success) } : {}),
    ...(promise ? { promise: { ...promise, due: formatDuration(promise.due) } } : {}),
    ...(action ? { action: action.tool } : {}),
    ...(converse ? { converse: { brief: bounded(converse.brief), tools: converse.tools.map(({ tool }) => tool) } } : {}),
    contents: channelsOf(experience).map((channel) => ({
      channel,
      kind: policy.channels[channel]?.kind ?? "unknown",
      written: boundedFields(source.contents[channel] ?? {}),
    })),
  };
}

export type ShownDelivery = Awaited<ReturnType<typeof showDelivery>>;
export type ShownSignal = Awaited<ReturnType<typeof showSignal>>;
export type ShownExperience = ReturnType<typeof showExperience>;

// --- internal ---

async function deliveryNamed(id: string, store: Store) {
  const [first, second] = await store.evidence.deliveries(id);
  if (!first) throw new SentientError("NOT_FOUND", `no delivery ${id} in the store; it may be forgotten (retention.history)`);
  if (second && first.deliveryId !== id) throw new SentientError("BAD_INPUT", `several deliveries begin with ${id}; give more of the id`);
  return first;
}

async function pageOf(
  channel: string,
  content: JsonObject | null,
  { channels }: Policy,
): Promise<(SealedHtml & { readonly text: string }) | undefined> {
  if (content === null) return undefined;
  const mail = await mailOf(channels[channel]?.kind, content).catch(() => undefined);
  return mail && { ...sealHtml(mail.html), text: mail.text };
}

const withAge = (fact: Json | undefined, at: Instant): JsonObject => {
  const { at: since, ...rest } = (isObject(fact) ? fact : {}) as JsonObject;
  return typeof since === "string" ? { ...rest, at: since, age: ageOf(Date.parse(since), at) } : rest;
};

/** Members of which some may be null, or missing in their stead. */
type Given<T> = { [K in keyof T as Extract<T[K], null | undefined> extends never ? K : never]: T[K] } & {
  [K in keyof T as Extract<T[K], null | undefined> extends never ? never : K]?: NonNullable<T[K]>;
};

/** Members that are not null. */
const given = <T extends Record<string, unknown>>(members: T): Given<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined)) as Given<T>;

const MAX_ERROR = 1_000;
const wordsOf = (error: Json): string => {
  const text = isObject(error) && typeof error.message === "string" ? error.message : JSON.stringify(error);
  return cutShort(text, MAX_ERROR);
};

const criterion = ({ when, reason }: Experience["eligibility"][number]) => ({
  when: when.text,
  ...(reason === undefined ? {} : { reason }),
});

const successOf = ({ when, within, ...rest }: NonNullable<Experience["success"]>) => ({
  ...rest,
  within: formatDuration(within),
  ...(when === undefined ? {} : { when: when.text }),
});

/** Characters of one text of an experience. */
const MAX_TEXT = 20_000;
const bounded = (text: string): string => cutShort(text, MAX_TEXT);
const boundedFields = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? bounded(value) : value]));
