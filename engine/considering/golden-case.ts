import { isInShare } from "../../domain/canary/cohort.ts";
import { wakeKey } from "../../domain/deciding/compare-decisions.ts";
import type { Decision, WakeRecord } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { type Supposed, treeAt } from "../../domain/record/suppose.ts";
import { isObject, type Json, type JsonObject } from "../../domain/values/json.ts";
import { splitPath } from "../../domain/values/path.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import { bodyHashOf, type SignalLine } from "../../intake/read-signals.ts";
import type { RecordedSignal, Store } from "../../store/store.ts";
import { createMask, type Mask, traitsIn } from "./mask-case.ts";
import { conditionsOf } from "./paths-read.ts";

/** A case of golden decisions from a customer's life, as `evals/*.yaml` hold it. */
export interface GoldenCase {
  readonly name: string;
  readonly customers: readonly JsonObject[];
  readonly signals: readonly JsonObject[];
  readonly until: string;
  /** False: the customer is in the share of no canary. */
  readonly canary?: false;
  readonly expect: readonly JsonObject[];
}

interface KeptFrom {
  readonly decision: Decision;
  /** The decisions of the customer up to that one. */
  readonly decisions: readonly Decision[];
  /** What would have been decided; missing where nothing would. */
  readonly after: Decision | undefined;
  readonly supposed: Supposed;
  readonly at: Instant | undefined;
  /** What it was decided by. */
  readonly under: Policy;
  readonly source: Store;
  /** Names, addresses and texts stay as they are. */
  readonly isPersonal: boolean;
}

/**
 * The case of a decision that was considered again: the customer's imports and signals up to its wake, with what was supposed as a signal of its
 * own just before, and the decision that is expected.
 */
export async function goldenCaseOf(kept: KeptFrom): Promise<GoldenCase> {
  const { decision, decisions, after, supposed, at, under, source, isPersonal } = kept;
  const { customerId, wake } = decision;
  const end = at ?? endOf(decision);
  const [imports, recorded] = await Promise.all([source.recorded.imports(customerId), source.recorded.signals(0, MOST, customerId)]);
  const events = recorded.filter(({ event }) => isObject(event)).map(timed);
  const place = events.findIndex(({ event }) => isOf(event, wake));
  const before = (place < 0 ? events : events.slice(0, place)).filter(({ receivedAt }) => receivedAt <= end).map(({ event }) => event);
  const woke = events[place]?.event;
  const theWake = woke ? [{ ...without(Object.keys(supposed), woke), ...(at === undefined ? {} : { time: iso(at) }) }] : [];
  const told = Object.entries(supposed).map(([path, value], index) => supposedAs(path, value, index, customerId, end));
  const mask = isPersonal ? AS_IT_IS : createMask(conditionsOf(under));
  const firsts = firstDeliveries(decisions);
  return {
    name: nameOf(kept),
    customers: imports.map(({ line }) => maskedRecord(line as JsonObject, mask)),
    signals: [...before, ...told, ...theWake].map((event) => maskedSignal(withNames(event, firsts), customerId, mask)),
    until: iso(end),
    ...(isInNoShare(customerId, under) ? { canary: false } : {}),
    expect: [expected(decision, after, end, mask)],
  };
}

/** A case as a stream, with the customer's deliveries by their own ids. */
export function linesOfCase({ signals }: GoldenCase, decisions: readonly Decision[]): SignalLine[] {
  const ids = new Map([...firstDeliveries(decisions)].map(([id, name]) => [name, id]));
  return signals.map((given, index) => {
    const { deliveryId } = isObject(given.data) ? given.data : {};
    const id = typeof deliveryId === "string" ? ids.get(deliveryId) : undefined;
    const event = (id === undefined
      ? given
      : { ...given, data: { ...(given.data as JsonObject), deliveryId: id } }) as unknown as SignalEvent;
    return { line: index + 1, event, time: Date.parse(event.time ?? ""), bodyHash: bodyHashOf(event) };
  });
}

/** Whether one of the decisions of a case is the expected one. */
export function holdsIn(made: readonly Decision[], { decision, after, at }: Pick<KeptFrom, "decision" | "after" | "at">): boolean {
  const end = at ?? endOf(decision);
  if (!after) return !made.some(({ decidedAt }) => Date.parse(decidedAt) >= end);
  return made.some(
    (one) =>
      wakeOf(one) === wakeOf(decision) &&
      one.action === after.action &&
      one.experienceId === after.experienceId &&
      one.channel === after.channel &&
      one.variant === after.variant &&
      codesOf(one).join() === codesOf(after).join(),
  );
}

// --- internal ---

const MOST = 10_000;

const AS_IT_IS: Mask = { value: (given) => given, dataOf: (_type, data) => data, id: (id) => id };

/** Without the customer, whose id may be masked. */
const wakeOf = ({ wake }: Decision): string => wakeKey({ customerId: "", wake });

const codesOf = ({ reasons }: Decision): string[] => [...new Set(reasons.map(({ code }) => code))];

/** A timer fires when it is due. */
const endOf = ({ wake, decidedAt }: Decision): Instant => Date.parse(wake.kind === "timer" ? wake.due : decidedAt);

const isOf = ({ source, id }: SignalEvent, wake: WakeRecord): boolean =>
  wake.kind !== "timer" && wake.source === source && id === (wake.kind === "ask" ? wake.askId : wake.signalId);

/** A server takes signals that say no time: they came then. */
const timed = ({ event, receivedAt, time }: RecordedSignal): { readonly event: SignalEvent; readonly receivedAt: Instant } => {
  const given = event as unknown as SignalEvent;
  return { event: { ...given, time: given.time ?? iso(time ?? receivedAt) }, receivedAt };
};

/** The signal without traits that something else is supposed of. */
function without(paths: readonly string[], event: SignalEvent): SignalEvent {
  const traits = event.data?.traits;
  if (!isObject(traits)) return event;
  return {
    ...event,
    data: { ...event.data, traits: paths.reduce((left, path) => withoutPath(left, splitPath(path)), traits as JsonObject) },
  };
}

function withoutPath(traits: JsonObject, [first = "", ...rest]: readonly string[]): JsonObject {
  const { [first]: inner, ...others } = traits;
  return rest.length > 0 && isObject(inner) ? { ...others, [first]: withoutPath(inner as JsonObject, rest) } : others;
}

const supposedAs = (path: string, value: Json, index: number, subject: string, at: Instant): SignalEvent => ({
  ...{ specversion: "1.0", id: `what-if-${index + 1}`, source: "what-if", type: "customer.updated", subject, time: iso(at) },
  data: { traits: treeAt(splitPath(path), value) as JsonObject },
});

/** The first delivery of each experience by its id, with the name by which a case may call it. */
function firstDeliveries(decisions: readonly Decision[]): Map<string, string> {
  const named = new Map<string, string>();
  const seen = new Set<string>();
  for (const { action, experienceId, deliveries } of decisions) {
    const [first] = deliveries;
    if (action !== "deliver" || experienceId === undefined || !first || seen.has(experienceId)) continue;
    seen.add(experienceId);
    named.set(first.deliveryId, `delivery:${experienceId}`);
  }
  return named;
}

function withNames(event: SignalEvent, names: ReadonlyMap<string, string>): SignalEvent {
  const { deliveryId } = event.data ?? {};
  const name = typeof deliveryId === "string" ? names.get(deliveryId) : undefined;
  return name === undefined ? event : { ...event, data: { ...event.data, deliveryId: name } };
}

/** What a signal says, and none of its further attributes. */
function maskedSignal({ specversion, id, source, type, time, data }: SignalEvent, customerId: string, mask: Mask): JsonObject {
  return {
    ...{ specversion, id: mask.id(id), source, type, subject: mask.id(customerId) },
    ...(time === undefined ? {} : { time }),
    ...(data === undefined ? {} : { data: mask.dataOf(type, data as JsonObject) }),
  };
}

/** A record keeps its id, by which her signals name her, its times, and the names of sources and channels. */
function maskedRecord({ id, traits, identities, ...line }: JsonObject, mask: Mask): JsonObject {
  return {
    ...line,
    ...(typeof id === "string" ? { id: mask.id(id) } : {}),
    ...(traits === undefined ? {} : { traits: traitsIn(traits, (one) => mask.value(one)) }),
    ...(identities === undefined ? {} : { identities: mask.value(identities) }),
  };
}

/** A case says of all canaries the same: it can say of a customer in some share alone that she is in every one. */
const isInNoShare = (customerId: string, { experiences }: Policy): boolean => {
  const tried = experiences.filter(({ canary }) => canary !== undefined);
  return tried.length > 0 && !tried.some(({ id, canary }) => isInShare(canary?.share ?? 0, customerId, id));
};

const nameOf = ({ decision: { decisionId }, supposed, at, after }: KeptFrom): string => {
  const changes = [...Object.keys(supposed), ...(at === undefined ? [] : [`at ${iso(at)}`])];
  return `${decisionId}${changes.length > 0 ? ` with ${changes.join(", ")}` : ""}: ${after ? [after.action, after.experienceId ?? []].flat().join(" ") : "no decision"}`;
};

function expected({ customerId, wake }: Decision, after: Decision | undefined, end: Instant, mask: Mask): JsonObject {
  const customer = mask.id(customerId);
  if (!after) return { count: { customer, after: iso(end - 1), max: 0 } };
  const { action, experienceId, channel, variant, until } = after;
  return {
    customer,
    ...(wake.kind === "timer"
      ? { at: wake.due }
      : wake.kind === "ask"
        ? { ask: mask.id(wake.askId), place: wake.place }
        : { at: mask.id(wake.signalId) }),
    action,
    ...(experienceId === undefined ? {} : { experience: experienceId }),
    ...(channel === undefined ? {} : { channel }),
    ...(variant === undefined ? {} : { variant }),
    ...(until === undefined || action !== "defer" ? {} : { until }),
    reasons: codesOf(after),
  };
}
