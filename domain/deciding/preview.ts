import { type Customer, lastSeq } from "../entities/customer.ts";
import type { StatedFact } from "../entities/decision.ts";
import {
  type Action,
  type ChannelRule,
  type ContentScope,
  channelsOf,
  competes,
  contentsOf,
  type Experience,
  type Policy,
  type Route,
} from "../entities/policy.ts";
import type { Ceilings } from "../entities/tool-declaration.ts";
import { idFrom, type Wake } from "../entities/wake.ts";
import { SentientError } from "../errors.ts";
import { interpret } from "../moments/interpret.ts";
import { ageOf, fieldsRead, type GoldenRecord } from "../record/record.ts";
import { viewOf, withMoment } from "../record/view.ts";
import type { JsonObject } from "../values/json.ts";
import { isKnownTag } from "../values/language-tag.ts";
import { type Instant, iso } from "../values/time.ts";
import { addressOf, heldByConsent } from "./address.ts";
import { heldByReads, statedFacts, withNotes } from "./facts.ts";
import { mostUrgent } from "./funnel.ts";
import { inLanguageOf, inLocale } from "./locale.ts";
import { freeze } from "./reserve.ts";
import type { Hold } from "./timing.ts";

/** A message as it would go to one customer now. Nothing is sent or kept. */
export interface MessagePreview {
  readonly experienceId: string;
  readonly customerId: string;
  /** The instant of the preview: the store's time. */
  readonly at: string;
  readonly channel: string;
  readonly variant?: string;
  /** Where the content is written in several languages: the tag used, or `default`. */
  readonly locale?: string;
  readonly to?: string;
  /** The open moment that the message would be for. */
  readonly moment?: { readonly name: string; readonly openedAt: string; readonly expiresAt: string };
  /** By path: what the text states, with source and age. */
  readonly facts: Readonly<Record<string, PreviewedFact>>;
  /** The fields as they would be sent; absent where there are problems. */
  readonly content?: JsonObject;
  /** The action with the output that the text reports; it was not run. */
  readonly action?: PreviewedAction;
  /** Why the text cannot be written, and what to do. */
  readonly problems: readonly PreviewProblem[];
  /** Consent and address: what would keep the message back on this channel. */
  readonly heldBy: readonly { readonly code: string; readonly detail: string }[];
  readonly notes: readonly string[];
}

export type PreviewedFact = StatedFact & { readonly age: string; readonly state: "ok" | "stale" | "conflict" };

export interface PreviewProblem {
  readonly code: string;
  readonly detail: string;
  /** How to put it right. */
  readonly todo: string;
}

export interface PreviewedAction {
  readonly tool: string;
  readonly input: JsonObject;
  readonly output: JsonObject;
  /** `computed`: what the tool would give back for this customer now; `recorded`: an outside tool, whose output is unknown and reads as nothing. */
  readonly from: "computed" | "recorded";
}

/** Output of an action that is not run; undefined where only a call outside would tell. Throws where the tool refuses the input. */
export type ActionOutput = (
  tool: string,
  input: JsonObject,
  context: {
    readonly customer: Customer;
    readonly golden: GoldenRecord;
    readonly now: Instant;
    readonly ceilings: Ceilings;
    readonly seq: number;
    readonly key: string;
  },
) => JsonObject | undefined;

export interface PreviewContext {
  readonly policy: Policy;
  readonly now: Instant;
  readonly outputOf: ActionOutput;
}

/** The wake of a preview without a signal. */
export const previewWake = (customerId: string, due: Instant): Wake => ({ kind: "timer", customerId, key: PREVIEW, name: PREVIEW, due });

/**
 * Renders a message for a customer by the rules of a decision: the most urgent open moment that the experience serves, the facts that
 * the text states, and the output that its action would have. With a signal as wake, the customer is taken as they are after it.
 * No clock, no I/O.
 *
 * @param asked `channel`: default the first of the author's that consent and addresses allow, otherwise the first; `variant`: default the
 *   first; `locale`: default the customer's
 * @throws `NOT_FOUND` where the experience does not have the channel or the variant; `BAD_INPUT` for a locale that is no language tag
 */
export function previewMessage(
  known: Customer,
  wake: Wake,
  { experience, ...asked }: Asked & { readonly experience: Experience },
  { policy, now, outputOf }: PreviewContext,
): MessagePreview {
  const { customer } = interpret(known, wake, { policy, now, taken: () => false, ...spokenIn(wake, policy) });
  const { golden, scope: base } = viewOf(customer, policy, wake, now);
  const chosen = routeOf(experience, asked, customer, golden, policy);
  const { rule } = chosen;
  const moment = mostUrgent(customer.moments.filter(({ name }) => experience.serves.includes(name)));
  const scope = moment ? withMoment(base, moment, experience) : { ...withMoment(base, NO_MOMENT, experience), moment: { data: {} } };
  const route = asked.locale === undefined ? inLanguageOf(scope, chosen.route) : inLocale(chosen.route, knownTag(asked.locale));
  const contents = contentsOf(experience, route);
  const facts = statedFacts(contents, golden, rule.makesTask ? { rules: policy.record, now } : undefined);
  const holds = heldByReads(experience, { route, rule }, golden, { whole: () => scope }, now);
  const to = addressOf(rule, customer, golden);
  const written =
    holds.length > 0
      ? { problems: withoutRepeats(holds).map((hold) => problemOf(hold, experience)) }
      : write(experience, route, freeze(contents, facts, scope), { customer, golden, now, outputOf, ceilings: policy.governance });
  return {
    ...{ experienceId: experience.id, customerId: customer.customerId, at: iso(now), channel: rule.name },
    ...(route.variant === undefined ? {} : { variant: route.variant }),
    ...(route.locale === undefined ? {} : { locale: route.locale }),
    ...(to === undefined ? {} : { to }),
    ...(moment ? { moment: { name: moment.name, openedAt: iso(moment.openedAt), expiresAt: iso(moment.expiresAt) } } : {}),
    facts: Object.fromEntries(Object.entries(facts).map(([path, fact]) => [path, previewed(path, fact, golden, now)])),
    problems: [],
    ...written,
    heldBy: heldByConsent(rule, customer, golden).map(({ code, detail }) => ({ code, detail })),
    notes: notesOn(experience, route, moment !== undefined),
  };
}

// --- internal ---

const PREVIEW = "preview";

const NO_MOMENT = { name: "", openedAt: 0, urgency: 0, data: {} };

const spokenIn = (wake: Wake, policy: Policy) => {
  const spoken = wake.kind === "signal" ? policy.classify(wake.signal) : undefined;
  return spoken ? { spoken } : {};
};

interface ChosenRoute {
  readonly route: Route;
  readonly rule: ChannelRule;
}

/** What a preview may be asked for, besides the experience. */
export interface Asked {
  readonly channel?: string | undefined;
  readonly variant?: string | undefined;
  readonly locale?: string | undefined;
}

function knownTag(locale: string): string {
  if (isKnownTag(locale)) return locale;
  throw new SentientError("BAD_INPUT", `locale: ${locale} is no language tag that is known; expected one like de or pt-BR`);
}

function routeOf(
  { id, routes }: Experience,
  { channel, variant }: Asked,
  customer: Customer,
  golden: GoldenRecord,
  { channels }: Policy,
): ChosenRoute {
  const all = routes.flatMap((route): ChosenRoute[] => {
    const rule = channels[route.channel];
    return rule ? [{ route, rule }] : [];
  });
  const known = variant === undefined ? all : all.filter(({ route }) => route.variant === variant);
  const chosen =
    channel === undefined
      ? (known.find(({ rule }) => heldByConsent(rule, customer, golden).length === 0) ?? known[0])
      : known.find(({ rule }) => rule.name === channel);
  if (chosen) return chosen;
  const ways = all
    .map(({ rule, route }) => (route.variant === undefined ? rule.name : `${rule.name} (variant ${route.variant})`))
    .join(", ");
  const missing = [...(channel === undefined ? [] : [`channel ${channel}`]), ...(variant === undefined ? [] : [`variant ${variant}`])].join(
    " with ",
  );
  throw new SentientError("NOT_FOUND", `${id} has no ${missing}; it has ${ways}`);
}

function previewed(path: string, fact: StatedFact, golden: GoldenRecord, now: Instant): PreviewedFact {
  const states = fieldsRead(golden, path).map(([, { state }]) => state);
  const state = states.includes("conflict") ? "conflict" : states.includes("stale") ? "stale" : "ok";
  return { ...fact, age: ageOf(Date.parse(fact.at), now), state };
}

type Written = Pick<MessagePreview, "content" | "action"> & Partial<Pick<MessagePreview, "problems">>;

interface Writing extends Pick<PreviewContext, "now" | "outputOf"> {
  readonly ceilings: Ceilings;
  readonly customer: Customer;
  readonly golden: GoldenRecord;
}

/** The text, after the action whose output it may report. */
function write(experience: Experience, { content, channel }: Route, frozen: JsonObject, writing: Writing): Written {
  try {
    const scope = frozen as unknown as ContentScope;
    const action = experience.action && actionOf(experience.action, scope, `${experience.id}:${channel}`, writing);
    const reported = action ? { action: action.output, isActionRecorded: action.from === "recorded" } : {};
    return { content: withNotes(content.render({ ...scope, ...reported }), frozen), ...(action ? { action } : {}) };
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { problems: [problemOf({ code: "content_rejected", detail }, experience)] };
  }
}

function actionOf(
  { tool, input: text }: Action,
  scope: ContentScope,
  key: string,
  { outputOf, customer, ...rest }: Writing,
): PreviewedAction {
  const input = text.render(scope).input as JsonObject;
  const context = { ...rest, customer, seq: lastSeq(customer), key: idFrom("m", PREVIEW, customer.customerId, key) };
  const output = outputOf(tool, input, context);
  return { tool, input, output: output ?? {}, from: output === undefined ? "recorded" : "computed" };
}

/** Several texts of one experience may state the same fact. */
const withoutRepeats = (holds: readonly Hold[]): Hold[] =>
  holds.filter(({ code, detail }, place) => holds.findIndex((one) => one.code === code && one.detail === detail) === place);

function problemOf({ code, detail }: Hold, { serves }: Pick<Experience, "serves">): PreviewProblem {
  const readsWake = /^(moment|signal)\./.exec(detail);
  if (code === "content_rejected" && readsWake)
    return {
      code,
      detail,
      todo: `only a signal brings it: try with --signal JSON, a signal that opens ${serves.join(" or ")} (its type and data), or print it with default`,
    };
  return { code, detail, todo: REMEDIES[code] ?? "change the text or the customer's record; npx sentient check names what a text reads" };
}

const REMEDIES: Readonly<Record<string, string>> = {
  fact_missing: "import the field or send it in data.traits, or let the text do without it (default, or an if on it)",
  fact_stale: "send a newer value from a source, or raise maxAge of its field in sentient.yaml (record.fields)",
  fact_conflict: "let the sources agree, or say which one wins in sentient.yaml (record.fields: rule, onConflict: resolve)",
};

function notesOn({ status, serves, routes, action, converse }: Experience, route: Route, isOpen: boolean): string[] {
  return [
    ...(competes({ status }) ? [] : [`its status is ${status}: it does not compete`]),
    ...(isOpen ? [] : [`no moment that it serves is open (${serves.join(", ")}): values of moment.* are missing`]),
    ...(action ? [`${action.tool} was not run: nothing was issued, changed or called, and a real code will differ`] : []),
    ...(route.brief === undefined ? [] : ["with a language model the text may be written by it, from the brief; this is the author's"]),
    ...(converse ? ["with a language model an assistant may answer instead; this is the author's text"] : []),
    ...othersOf(routes, route),
  ];
}

function othersOf(routes: readonly Route[], route: Route): string[] {
  const channels = channelsOf({ routes }).filter((name) => name !== route.channel);
  const variants = routes.flatMap(({ channel, variant }) =>
    channel === route.channel && variant !== route.variant ? (variant ?? []) : [],
  );
  return [
    ...(channels.length > 0 ? [`it also has ${channels.join(", ")}`] : []),
    ...(variants.length > 0 ? [`on ${route.channel} it may also say ${variants.join(", ")} (variants)`] : []),
  ];
}
