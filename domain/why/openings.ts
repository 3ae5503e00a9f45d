import { BUILT_IN_MOMENTS } from "../entities/built-ins.ts";
import type { Customer } from "../entities/customer.ts";
import { type MomentRule, type Policy, ruleOf } from "../entities/policy.ts";
import { DAILY_CLOCK } from "../moments/interpret.ts";
import { absenceTimer } from "../moments/moments.ts";
import { viewOf, withMoment } from "../record/view.ts";
import type { Answer } from "../values/condition.ts";
import { entryOf } from "../values/json.ts";
import { durationInWords, type Instant, iso } from "../values/time.ts";
import type { CameSignal } from "./rung.ts";

/** Why a moment did not open within a window: which of its signals came, what its condition says of the customer now, until when `once` holds. */
export interface Miss {
  readonly moment: string;
  readonly says: string;
  readonly details: readonly string[];
  readonly change: string;
}

export interface OpeningContext {
  readonly policy: Policy;
  readonly now: Instant;
  readonly window: { readonly from: Instant; readonly to: Instant };
  /** Signals of the customer within the window that could have opened it, the latest first. */
  readonly signals: readonly CameSignal[];
  /** A time in words, in the zone of the reader's answer. */
  inWords(at: Instant): string;
}

export function whyNotOpened(name: string, customer: Customer, context: OpeningContext): Miss {
  const rule = ruleOf(context.policy.moments, name);
  if (!rule) return builtIn(name);
  const came = context.signals.find(({ type }) => rule.on.includes(type));
  const once = heldByOnce(rule, customer, context);
  if (!came && !rule.on.includes(DAILY_CLOCK)) return nothingCame(rule, customer, context, once);
  if (came && rule.says && !isSaid(rule, came, context.policy))
    return {
      moment: name,
      says: `${cameInWords(came, context)}, and its text was not read as ${name}`,
      details: once ? [once.says] : [],
      change: `a text that says it, as its examples do: “${rule.says[0] ?? ""}”`,
    };
  const opener = came ? cameInWords(came, context) : "it is asked about each day";
  const asked = askCondition(rule, customer, came, context);
  return asked && asked.outcome !== "met" ? conditionFailed(rule, opener, asked, once) : conditionHolds(rule, opener, asked, once);
}

// --- internal ---

const conditionFailed = ({ name }: MomentRule, opener: string, { text, words, change }: Asked, once: Once | undefined): Miss => ({
  moment: name,
  says: `${opener}, and its condition does not hold: ${words}`,
  details: [`when: ${text}`, ...(once ? [once.says] : [])],
  change,
});

function conditionHolds({ name, on }: MomentRule, opener: string, asked: Asked | undefined, once: Once | undefined): Miss {
  const details = asked ? [`when: ${asked.text}`] : [];
  if (once) return { moment: name, says: `${opener}, and ${once.says}`, details, change: once.change };
  const holds = asked ? "its condition holds of the customer now, which it may not have done then" : "nothing on record tells why";
  return { moment: name, says: `${opener}, and ${holds}`, details, change: `another ${on.join(" or ")}` };
}

function builtIn(name: string): Miss {
  const about = Object.hasOwn(BUILT_IN_MOMENTS, name) ? BUILT_IN_MOMENTS[name as keyof typeof BUILT_IN_MOMENTS].about : undefined;
  return {
    moment: name,
    says: about === undefined ? "no rule of the workspace opens it" : `it opens by itself when ${about}`,
    details: [],
    change: about === undefined ? `a moment ${name} in sentient.yaml` : "the event that it stands for",
  };
}

function nothingCame(rule: MomentRule, customer: Customer, context: OpeningContext, once: Once | undefined): Miss {
  const { name, on: types, absent } = rule;
  const last = types
    .flatMap((type) => {
      const seen = entryOf(customer.seen, type);
      return seen ? [`the last ${type} came on ${context.inWords(seen.at)}`] : [];
    })
    .join("; ");
  const parts = [
    ...(types.length > 0 ? [`no ${types.join(" or ")} came${last === "" ? "" : ` (${last})`}`] : []),
    ...(absent ? [absence(rule, absent, customer, context)] : []),
  ];
  return {
    moment: name,
    says: parts.join("; "),
    details: [...(rule.when ? [`when: ${rule.when.text}`] : []), ...(once ? [once.says] : [])],
    change: types.length > 0 ? `a signal ${types.join(" or ")}` : `${absent?.signal ?? "the signal"} being absent for longer`,
  };
}

function absence({ name }: MomentRule, { signal }: NonNullable<MomentRule["absent"]>, customer: Customer, context: OpeningContext): string {
  const seen = entryOf(customer.seen, signal);
  const timer = customer.timers[absenceTimer(name)];
  if (!seen) return `it opens when ${signal} stays away, and none ever came`;
  const last = `the last ${signal} came on ${context.inWords(seen.at)}`;
  return timer ? `${last}: it opens on ${context.inWords(timer.due)} if none comes before` : `${last}, and nothing waits for its absence`;
}

interface Once {
  readonly says: string;
  readonly change: string;
}

function heldByOnce({ name, once }: MomentRule, customer: Customer, { now, window, inWords }: OpeningContext): Once | undefined {
  const last = entryOf(customer.openings, name);
  if (once === undefined || last === undefined || last + once <= window.from) return undefined;
  const until = inWords(last + once);
  return {
    says: `it opened last on ${inWords(last)} and opens at most once in ${durationInWords(once)}: not before ${until}`,
    change: last + once > now ? `waiting until ${until}` : "the next opening",
  };
}

const cameInWords = ({ type, source, time }: CameSignal, { inWords }: OpeningContext): string =>
  `${type} came from ${source} on ${inWords(time)}`;

/** By the classifier: a language model may have read the text otherwise. */
const isSaid = ({ name }: MomentRule, signal: CameSignal, { classify }: Policy): boolean =>
  classify(signal)?.some((spoken) => spoken.name === name) ?? false;

interface Asked {
  readonly text: string;
  readonly outcome: Answer["outcome"];
  readonly words: string;
  readonly change: string;
}

/** Asks the condition of the customer as they are now, with the latest signal that could have opened the moment. */
function askCondition(
  { name, when, urgency }: MomentRule,
  customer: Customer,
  came: CameSignal | undefined,
  { policy, now }: OpeningContext,
): Asked | undefined {
  if (!when) return undefined;
  const { customerId } = customer;
  const view = came
    ? viewOf(customer, policy, { kind: "signal", signal: { ...came, customerId, seq: 0 } }, now)
    : viewOf(customer, policy, { kind: "timer", customerId, key: DAILY_CLOCK, name: DAILY_CLOCK, due: now }, now);
  const scope = withMoment(view.scope, { name, openedAt: came?.time ?? now, urgency, data: came?.data ?? {} });
  const answer = when.ask(scope);
  const needs = when.needs(scope, true);
  const change = needs?.map(({ wanted, today }) => (today === undefined ? wanted : `${wanted} (${today})`)).join(" and ");
  const doubt = "detail" in answer ? answer.detail : when.text;
  return {
    text: when.text,
    outcome: answer.outcome,
    words: change === undefined ? doubt : `it needs ${change}`,
    change: change ?? `${when.text} holding, as of ${iso(now)} it does not`,
  };
}
