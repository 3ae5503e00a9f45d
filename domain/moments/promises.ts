import type { Change } from "../entities/change.ts";
import type { Customer, Promised } from "../entities/customer.ts";
import type { Policy, PromiseRule } from "../entities/policy.ts";
import { ruleOf } from "../entities/policy.ts";
import { isTimeOfSignal, type Signal, signalKey } from "../entities/signal.ts";
import { idFrom } from "../entities/wake.ts";
import { DAY, type Instant, iso, parseDuration, parseTime, utcOf } from "../values/time.ts";
import { instantOf, resolveTime } from "../values/zone.ts";
import { inShort, quoted, storyOf, withWords, wordsAbout, wordsOf } from "./task-story.ts";

/** Timer that makes a promise overdue. */
export const promiseTimer = (promiseId: string): string => `promise:${promiseId}`;

/** The promise opened by every inbound message. */
export const REPLY = "reply";

/** The customer's open reply promise, if any. */
export const replyOwed = (customer: Customer | undefined): Promised | undefined => customer?.promises.find(({ name }) => name === REPLY);

/** Effect of a signal on promises: keeps some, then opens others. */
export function promisesAfter(signal: Signal, customer: Customer, policy: Policy): Change[] {
  const kept = customer.promises.filter((promise) => isKeptBy(signal, promise, ruleOf(policy.promises, promise.name)));
  const ended = kept.flatMap((promise) => endPromise(promise, "kept", signal.time, signal.type));
  const left = customer.promises.filter((promise) => !kept.includes(promise));
  const opened = policy.promises
    .filter(({ opens }) => opens.includes(signal.type))
    .flatMap((rule) => open(rule, signal, customer.customerId, left));
  return [...ended, ...opened, ...openedByName(signal, customer.customerId, policy, left)];
}

export function endPromise({ promiseId }: Promised, end: "kept" | "withdrawn", at: Instant, by: string): Change[] {
  return [
    { type: "promise_ended", promiseId, end, at, by },
    { type: "timer_cleared", key: promiseTimer(promiseId) },
  ];
}

export function openPromise(promise: Promised): Change[] {
  return [
    { type: "promise_opened", promise },
    { type: "timer_set", key: promiseTimer(promise.promiseId), timer: { name: promiseTimer(promise.promiseId), due: promise.due } },
  ];
}

/** Marks a promise as overdue: its owner gets a task, once. It stays open until it is kept. */
export function overdue(promiseId: string, customer: Customer, policy: Policy, at: Instant): Change[] {
  const promise = customer.promises.find((one) => one.promiseId === promiseId);
  if (!promise || promise.overdue) return [];
  const said = wordsAbout(promise, customer).at(-1);
  const about = `${said === undefined ? "" : `: ${quoted(said)}`}${inShort(customer, policy)}`;
  const task = {
    taskId: idFrom("t", "promise", promiseId),
    queue: promise.owner,
    summary: `overdue: ${promise.name} was promised to ${customer.customerId} by ${iso(promise.due)}${about}`,
    due: at + DAY,
    at,
    facts: storyOf(promise, customer, policy),
    promiseId,
  };
  return [
    { type: "promise_overdue", promiseId },
    { type: "task_added", task },
  ];
}

/** Effect of a sent delivery on promises: keeps those that it answers, and opens its own. */
export function promisesAfterSending(customer: Customer, keeps: readonly string[], makes: Promised | undefined, at: Instant): Change[] {
  const kept = customer.promises.filter(({ promiseId }) => keeps.includes(promiseId));
  const isOpen = makes !== undefined && customer.promises.some(({ promiseId }) => promiseId === makes.promiseId);
  return [...kept.flatMap((promise) => endPromise(promise, "kept", at, "delivery")), ...(makes && !isOpen ? openPromise(makes) : [])];
}

// --- internal ---

function isKeptBy(signal: Signal, promise: Promised, rule: PromiseRule | undefined): boolean {
  if (rule?.closes.includes(signal.type)) return true;
  if (signal.type === "promise.kept") return signal.data.promise === promise.name || signal.data.promise === promise.promiseId;
  if (signal.type !== "human.touch" || promise.name !== REPLY || signal.time < promise.openedAt) return false;
  return ["call", "chat", "visit"].includes(String(signal.data.kind ?? "visit"));
}

/** One promise of a name is open at a time: a second message is answered by the reply already owed. */
function open(
  rule: Pick<PromiseRule, "name" | "due" | "owner">,
  signal: Signal,
  customerId: string,
  openNow: readonly Promised[],
): Change[] {
  const known = openNow.find(({ name }) => name === rule.name);
  const words = wordsOf(signal.data.text);
  if (known) {
    const all = words.length > 0 ? { words: withWords(known.words, words) } : {};
    return [{ type: "promise_extended", promiseId: known.promiseId, openedBy: [signalKey(signal)], ...all }];
  }
  return openPromise({
    promiseId: idFrom("p", rule.name, customerId, signal.source, signal.id),
    name: rule.name,
    owner: rule.owner,
    openedAt: signal.time,
    due: signal.time + rule.due,
    openedBy: [signalKey(signal)],
    ...(words.length > 0 ? { words } : {}),
    overdue: false,
  });
}

/** `promise.opened` names the promise; missing fields default to the rule of that name. */
function openedByName(signal: Signal, customerId: string, policy: Policy, openNow: readonly Promised[]): Change[] {
  const { promise: name, due, owner } = signal.data;
  if (signal.type !== "promise.opened" || typeof name !== "string") return [];
  const rule = ruleOf(policy.promises, name);
  const made = {
    name,
    due: (typeof due === "string" ? spanUntil(due, signal.time, policy.timezone) : undefined) ?? rule?.due ?? DAY,
    owner: typeof owner === "string" ? owner : (rule?.owner ?? "service"),
  };
  return open(made, signal, customerId, openNow);
}

/** Milliseconds from `from` to a due time given as a duration, a time, or a date, which is due at the end of its day. */
function spanUntil(due: string, from: Instant, zone: string): number | undefined {
  const span = parseDuration(due);
  const time = span === undefined ? parseTime(due.trim()) : undefined;
  if (time === undefined) return span;
  const at = time.kind === "date" ? instantOf(utcOf(time.date) + DAY, zone) : resolveTime(time, zone);
  return isTimeOfSignal(at) ? at - from : undefined;
}
