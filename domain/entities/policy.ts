import type { Condition, Criterion, NumberExpression, Scope } from "../values/condition.ts";
import type { Json, JsonObject } from "../values/json.ts";
import { DAY } from "../values/time.ts";
import type { Canary } from "./canary.ts";
import type { RecordRules } from "./claims.ts";
import type { OutcomeKind } from "./customer.ts";
import type { ReasonCode } from "./decision.ts";
import type { Signal } from "./signal.ts";

/** A compiled workspace: everything that deciding needs. All durations are milliseconds. */
export interface Policy {
  readonly name: string;
  /** SHA-256 over the workspace's files, before variables are substituted. */
  readonly version: string;
  readonly timezone: string;
  readonly departments: readonly string[];
  readonly goals: Readonly<Record<string, number>>;
  readonly record: RecordRules & { readonly mergeFrom?: readonly string[]; readonly consentFrom?: readonly string[] };
  readonly moments: readonly MomentRule[];
  /** In the author's order; where there are none, `customer.stage` is a trait. */
  readonly stages: readonly StageRule[];
  readonly promises: readonly PromiseRule[];
  readonly channels: Readonly<Record<string, ChannelRule>>;
  readonly governance: Governance;
  readonly learning: {
    readonly explore: "thompson" | "none";
    readonly features: readonly string[];
    /** Missing: no message waits for a better hour. */
    readonly times?: TimesRule;
  };
  /** All experiences of the catalogue, ordered by id; approved ones and canaries compete. */
  readonly experiences: readonly Experience[];
  readonly retention: Retention;
  /** Brand voice for texts that a language model writes. */
  readonly brand?: Brand;
  /** Signal types used by `count()`, with the windows in which each is counted, in milliseconds. */
  readonly counted: Readonly<Record<string, readonly number[]>>;
  /** The longest window in which touches count. */
  readonly touchWindow: number;
  /** Whether any rule depends on a signal type, so that the signal needs a wake. */
  listens(type: string): boolean;
  /** Classifies the text of a signal into moments; undefined where no moment reads the text of this type. */
  readonly classify: MomentClassifier;
}

export interface Brand {
  readonly voice?: string;
  readonly do?: readonly string[];
  readonly dont?: readonly string[];
  /** Phrases forbidden in every text. */
  readonly banned?: readonly string[];
  /** Sentences required in every text. */
  readonly disclosures?: readonly string[];
  readonly languages?: readonly string[];
}

export interface MomentRule {
  readonly name: string;
  readonly on: readonly string[];
  readonly when?: Condition;
  readonly expires: number;
  readonly urgency: number;
  readonly once?: number;
  readonly closes: readonly string[];
  /** Opens when the signal has been absent for this long (milliseconds, or an expression giving days). */
  readonly absent?: { readonly signal: string; readonly for: number | NumberExpression };
  readonly says?: readonly string[];
}

/** Where a customer stands: the first stage whose condition holds is `customer.stage`. Without `when` it always holds. */
export interface StageRule {
  readonly name: string;
  readonly when?: Condition;
}

/** Which messages may wait for a better hour of the day. */
export interface TimesRule {
  readonly channels: readonly string[];
  /** The longest wait. */
  readonly within: number;
  /** What serves a moment of this urgency or more does not wait. */
  readonly below: number;
}

export interface PromiseRule {
  readonly name: string;
  readonly opens: readonly string[];
  readonly due: number;
  readonly owner: string;
  readonly closes: readonly string[];
  /** Departments suppressed while it is open. */
  readonly suppress: readonly string[];
}

export const ADDRESS_KINDS = ["email", "phone", "push", "none"] as const;
export type AddressType = (typeof ADDRESS_KINDS)[number];

/** Whether a channel may be used for a customer without a consent statement. */
export const CONSENT_DEFAULTS = ["opt_in", "opt_out", "free"] as const;
export type ConsentDefault = (typeof CONSENT_DEFAULTS)[number];

export const TEXT_FORMS = ["plain", "line", "html", "data"] as const;

/** Treatment of one content field. By default a field is plain text and written by the author only. */
export interface ContentField {
  /** `line`: stays on one line; `html`: values are escaped; `data`: values keep their types. Default: `plain`. */
  readonly form?: (typeof TEXT_FORMS)[number] | undefined;
  /** Characters. Set: the field is words for the customer, a model may reword it up to this length, and its text is checked. */
  readonly most?: number | undefined;
  /** Characters. Set: an assistant's answer may stand in this field, up to this length. */
  readonly answer?: number | undefined;
  /** `gsm7`: signs outside the 7-bit alphabet of text messages only where the author uses some. */
  readonly alphabet?: "gsm7" | undefined;
}

/** A channel of `sentient.yaml`, completed from the declaration of its kind. */
export interface ChannelRule {
  readonly name: string;
  readonly kind: string;
  readonly address: AddressType;
  readonly consent: ConsentDefault;
  /** Its deliveries are tasks for people: nothing is sent, quiet hours and revocations for all channels do not hold for it. */
  readonly makesTask: boolean;
  /** Whether its deliveries are contacts that the customer feels. Tasks are none, nor is anything on a channel with `counts: false`. */
  readonly isTouch: boolean;
  /** The queue of its tasks. */
  readonly queue?: string;
  /** By field name of the content. */
  readonly text: Readonly<Record<string, ContentField>>;
  /** Set where customers come to the channel and ask: nothing is sent, and only an ask chooses it. */
  readonly pull?: PullRule;
  /** Options of the channel's own code: url, from, secret, … */
  readonly options: Readonly<Record<string, Json>>;
}

/** How a channel answers that is asked. */
export interface PullRule {
  /** Names of the places that can be asked for, in the author's order. */
  readonly places: readonly string[];
  /** The channel whose address, consent, suppressions, quiet hours and caps it shares: a tool that sends by itself, but asks first. */
  readonly like?: string;
  /** How long a delivery is kept for the tool that asked, until it confirms that it has sent; without it, the answer is the hand-over. */
  readonly hold?: number;
  /** How long an experience that the customer dismissed stays out, where no moment of the customer was served. */
  readonly dismissed: number;
}

/** The channel whose rules hold for a channel: the one that it is like, or itself. */
export const standsFor = ({ name, pull }: Pick<ChannelRule, "name" | "pull">): string => pull?.like ?? name;

/** Whether rules that name no channel leave it out: the customer comes there, and nothing reaches her unasked. */
export const isOnlyAsked = ({ pull }: Pick<ChannelRule, "pull">): boolean => pull !== undefined && pull.like === undefined;

/** Content fields for an assistant's answer, in order of preference; empty where the channel does not support conversations. */
export const answerFields = ({ text }: Pick<ChannelRule, "text">): string[] =>
  Object.entries(text).flatMap(([field, { answer }]) => (answer === undefined ? [] : [field]));

export interface Cap {
  readonly id: string;
  readonly max: number;
  readonly window: number;
  readonly calendar: boolean;
  readonly channel?: string;
  readonly department?: string;
}

export interface QuietHours {
  readonly channels?: readonly string[];
  /** Minutes after midnight; `from` is inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

/** Scope of a suppression; an empty filter matches everything. */
export interface SuppressionReach {
  readonly departments?: readonly string[];
  readonly channels?: readonly string[];
  readonly experiences?: readonly string[];
}

export type Suppression = SuppressionReach & {
  readonly reason?: string;
} & (
    | { readonly when: Condition }
    | { readonly afterSignal: readonly string[]; readonly for?: number }
    | {
        readonly afterOutcome: OutcomeKind;
        readonly times: number;
        readonly within?: number;
        readonly for?: number;
        readonly scope: "experience" | "channel" | "department" | "customer";
      }
  );

export interface Governance {
  readonly review: number;
  readonly minPropensity: number;
  readonly caps: readonly Cap[];
  readonly quietHours: readonly QuietHours[];
  readonly suppress: readonly Suppression[];
  readonly approval: readonly ApprovalRule[];
  readonly holdout: Holdout;
  /** Missing where offers have no ceiling. */
  readonly offers?: OfferCeiling;
}

/** The most that an offer may take off. */
export interface OfferCeiling {
  /** Percent of the regular price, above 0 and up to 100. */
  readonly maxPercent: number;
}

/** What a human has to approve first. Without `when`: all of the experiences or departments named. */
export interface ApprovalRule {
  readonly when?: Condition;
  readonly experiences?: readonly string[];
  readonly departments?: readonly string[];
  readonly reason?: string;
}

/** The customers who get nothing, so that the effect of the others' messages can be measured. */
export interface Holdout {
  /** Share of customers, from 0 to 1; 0 without a holdout. */
  readonly share: number;
  /** The departments whose experiences are withheld; missing: all. */
  readonly departments?: readonly string[];
  /** Whether the customers are drawn anew each calendar month (UTC). */
  readonly for: "month" | "ever";
}

/** What the messages of an experience may be outside of. */
export const EXEMPTIONS = ["caps", "quiet_hours", "holdout", "minPropensity"] as const;
export type Exemption = (typeof EXEMPTIONS)[number];

export interface Experience {
  readonly id: string;
  readonly name: string;
  readonly department?: string;
  readonly status: "draft" | "proposed" | "approved" | "archived" | "canary";
  /** Of a canary: how it is tried. */
  readonly canary?: Canary;
  /** Of a canary: the approved experience of this id that it replaces, which stays for the other customers. */
  readonly stays?: Experience;
  /** Of an experience that stays: the canary that it stays beside. */
  readonly tried?: Experience;
  /** Of a canary beside an experience that stays: the id under which its arms learn, so that each learns its own. */
  readonly learnsAs?: string;
  /** Why it does not compete for this customer, before everything else. */
  readonly held?: readonly Held[];
  readonly serves: readonly string[];
  readonly goal?: string;
  readonly eligibility: readonly Criterion[];
  readonly applicability: readonly Criterion[];
  readonly suitability: readonly Criterion[];
  /** Criterion in plain words for a language model, and the verdict where no model is available. */
  readonly judge?: { readonly ask: string; readonly without: "pass" | "fail" };
  readonly value: number;
  /** Percent. */
  readonly lever: number;
  readonly context: readonly { readonly when: Condition; readonly weight: number }[];
  readonly limits?: { readonly perCustomer?: number; readonly window?: number; readonly total?: number };
  /** What its messages are outside of: all of it where it is transactional. */
  readonly outside: readonly Exemption[];
  readonly routes: readonly Route[];
  /** All of its channels are asked: no signal and no timer leads to it. */
  readonly isOnlyAsked?: true;
  readonly action?: Action;
  readonly success?: {
    readonly signals: readonly string[];
    /** Which of these signals count; all where missing. */
    readonly when?: Condition;
    readonly within: number;
    readonly reward: number;
  };
  readonly promise?: { readonly name: string; readonly due: number; readonly owner: string };
  /** Set where a language model may answer the customer's messages; without a model the experience's own text is used. */
  readonly converse?: Conversation;
  readonly source: ExperienceSource;
}

/** A reason that holds an experience back before any of its conditions. */
export interface Held {
  readonly code: ReasonCode;
  readonly detail: string;
}

/** Whether an experience competes: canaries do, for the customers in their share. */
export const competes = ({ status }: Pick<Experience, "status">): boolean => status === "approved" || status === "canary";

/** Where an experience is kept, and what its author wrote for each channel: for display, before variables are substituted. */
export interface ExperienceSource {
  /** Relative to the workspace. */
  readonly file: string;
  /** By channel; the text of a template stands under `body`. */
  readonly contents: Readonly<Record<string, JsonObject>>;
}

/** Rules for an assistant that answers a customer's messages. */
export interface Conversation {
  /** Purpose and knowledge: together with facts and tool outputs, everything that the assistant may state. */
  readonly brief: string;
  /** Introduction at first contact, added by code. */
  readonly introduces?: string;
  /** Debounce for messages: the customer may still be writing within this time, and all messages become one turn. */
  readonly settle: number;
  /** Without a language model: a human receives the thread too, or the text alone is the answer. */
  readonly without: "human" | "text";
  /** Queue of the hand-off, by default that of the reply's owner; and whether a hand-off opens a service case. */
  readonly handOver: { readonly queue?: string; readonly opensCase: boolean };
  readonly tools: readonly ConversationTool[];
}

/** A tool as an assistant sees it: input fixed by the author is out of its reach. */
export interface ConversationTool {
  readonly name: string;
  readonly tool: string;
  readonly about?: string;
  /** Input fixed by the author, under the name `with`. */
  readonly fixed: Content;
  /** Input fields that the customer fills in, by path: what to ask for. */
  readonly asks: Readonly<Record<string, string>>;
  /** Deduplication window per customer: a repeated call within it returns the first output. */
  readonly once?: number;
  /** Question that the customer confirms before the call; missing where it runs at once. */
  readonly confirm?: string;
}

/** One way to carry out an experience: a channel, a variant of what it says there, and the content. */
export interface Route {
  readonly channel: string;
  /** Name of the variant, where the experience says the same in several ways on this channel. */
  readonly variant?: string;
  /** Where the content is written in several languages: the tag of this one as its author wrote it, or `default`. */
  readonly locale?: string;
  /** Of the default content: the same route in other languages, by tag in the form of `tagForm`. */
  readonly locales?: ReadonlyMap<string, Route>;
  /** Language of the texts, a tag; missing where nothing says which it is. */
  readonly language?: string;
  readonly content: Content;
  /** Brief by which a language model may write the text. */
  readonly brief?: string;
  /** The queue of its tasks as written, where the content names one. */
  readonly queue?: string;
  /** On a channel that is asked: the only places it may be given at. */
  readonly places?: readonly string[];
}

export interface Action {
  readonly tool: string;
  readonly input: Content;
}

/** A field of the customer's record that a text reads. */
export interface FactRead {
  readonly path: string;
  /** A missing value is allowed; a stale or conflicting one is not. */
  readonly optional: boolean;
  /** A missing value is allowed while one of these is missing: the text reads it only inside an `if` on them. */
  readonly unless: readonly string[];
  /** Printed as a date: a value that is not a date counts as missing. */
  readonly isDate: boolean;
}

/** Text fields for one channel, or the input of an action: compiled, with their reads known before rendering. */
export interface Content {
  readonly facts: readonly FactRead[];
  /** Required reads of `moment`, `signal`, `experience` and `ask`, as field names from the root. */
  readonly needs: readonly (readonly (string | number)[])[];
  /** Values printed as dates besides customer fields, as field names from the root. */
  readonly dates: readonly { readonly path: readonly (string | number)[]; readonly optional: boolean }[];
  /** Names of all roots, and of all built-in customer fields, that it reads. */
  readonly roots: ReadonlySet<string>;
  readonly builtIns: ReadonlySet<string>;
  render(scope: ContentScope): Record<string, Json>;
}

export type ContentScope = Pick<Scope, "zone" | "customer" | "signal" | "moment" | "experience" | "ask"> & {
  readonly action?: Readonly<Record<string, unknown>>;
  /** The action was recorded, not executed: its output renders as nothing. */
  readonly isActionRecorded?: boolean;
};

/** Success window where an experience names none. */
export const DEFAULT_RESPONSE_MS = 7 * 24 * 60 * 60 * 1000;

export const ruleOf = <T extends { readonly name: string }>(rules: readonly T[], name: string): T | undefined =>
  rules.find((rule) => rule.name === name);

/** The channels of an experience, each once, in the author's order: variants of a content are several routes of one channel. */
export const channelsOf = ({ routes }: Pick<Experience, "routes">): string[] => [...new Set(routes.map(({ channel }) => channel))];

/** Ids of the experiences whose slots are counted over all customers. */
export const limitedInTotal = (policy: Pick<Policy, "experiences">): string[] => [
  ...new Set(
    everyExperience(policy)
      .filter(({ limits }) => limits?.total !== undefined)
      .map(({ id }) => id),
  ),
];

/** The experiences with those that stay beside canaries: what any customer may get. */
export const everyExperience = ({ experiences }: Pick<Policy, "experiences">): Experience[] =>
  experiences.flatMap((one) => (one.stays ? [one, one.stays] : [one]));

/** The experiences that compete: all of them, and by each moment that they serve; in the order of their ids. */
interface Competing {
  readonly all: readonly Experience[];
  readonly serving: ReadonlyMap<string, readonly Experience[]>;
}

/** Found once: a decision may look at thousands. */
export function competing({ experiences }: Pick<Policy, "experiences">): Competing {
  const known = competingOf.get(experiences);
  if (known) return known;
  const all = experiences.filter(competes);
  const serving = new Map<string, Experience[]>();
  for (const one of all)
    for (const moment of new Set(one.serves)) {
      const known = serving.get(moment);
      if (known) known.push(one);
      else serving.set(moment, [one]);
    }
  competingOf.set(experiences, { all, serving });
  return { all, serving };
}

const competingOf = new WeakMap<readonly Experience[], Competing>();

/** All contents whose facts an experience reads on one of its routes. */
export function contentsOf({ action, converse }: Experience, { content }: Route): Content[] {
  if (!action && !converse) return [content];
  return [content, ...(action ? [action.input] : []), ...(converse?.tools ?? []).map(({ fixed }) => fixed)];
}

export const isOutside = ({ outside }: Pick<Experience, "outside">, rule: Exemption): boolean => outside.includes(rule);

/** Whether it is outside of all that a message can be outside of. */
export const isTransactional = (experience: Pick<Experience, "outside">): boolean =>
  EXEMPTIONS.every((rule) => isOutside(experience, rule));

export const experienceOf = (policy: Policy, id: string): Experience | undefined => policy.experiences.find((one) => one.id === id);

/** The experience that a delivery is from: of a canary and the one that stays beside it, which one. Any view of the policy will do. */
export function makerOf(policy: Policy, made: { readonly experienceId: string; readonly learnsAs?: string }): Experience | undefined {
  const experience = experienceOf(policy, made.experienceId);
  return made.learnsAs === undefined ? (experience?.stays ?? experience) : (experience?.tried ?? experience);
}

/** Retention periods of a workspace, in milliseconds. */
export interface Retention {
  /** Bodies of signals. */
  readonly signals: number;
  /** Identities of signals, for deduplication; without it, kept for ever. */
  readonly duplicates?: number | undefined;
  /** Decisions, deliveries and outcomes, and closed touches, moments, promises, cases, tasks, approvals and offers. */
  readonly history: number;
  /** Agent runs step by step, and tool calls. */
  readonly runs: number;
  /** Audit log of operators; without it, kept for ever. */
  readonly audit?: number | undefined;
  /** Asks that gave nothing; after it, they are only counted. */
  readonly asks: number;
  /** Customers who have no identity but an anonymous one, since they were last heard of. */
  readonly anonymous: number;
}

/** How far back a customer's deliveries count for the hours at which she takes them up. */
export const HABIT_REACH_MS = 180 * DAY;

/** Maximum age of a statement that a correction may still be offered for. */
export const CORRECTION_REACH_MS = 90 * DAY;

/** Moments found in a text, with the classifier's confidence (0 to 1). */
export type Spoken = readonly { readonly name: string; readonly confidence: number }[];

/** A moment that a text might mean, whether or not it is sure enough. */
export interface WeighedMoment {
  readonly name: string;
  readonly confidence: number;
  /** Its nearest `says`, with their likeness to the text (0 to 1), the nearest first. */
  readonly examples: readonly { readonly text: string; readonly likeness: number }[];
}

/** Classifies the text of a signal into moments; undefined where no moment reads the text of this type. */
/** What texts mean, as vectors of an embeddings model. */
export interface TextVectors {
  /** Stands for the model: vectors with different keys cannot be compared. */
  readonly key: string;
  /** Of length 1; undefined for a text that the model was not asked about. */
  of(text: string): Float32Array | undefined;
}

/** Reads by words, and by what the text means where every text that counts has a vector. */
export interface MomentClassifier {
  (signal: Pick<Signal, "type" | "data">, vectors?: TextVectors): Spoken | undefined;
  /** The moments that are meant almost certainly: what an empty answer of a language model does not silence. */
  sure(signal: Pick<Signal, "type" | "data">, vectors?: TextVectors): Spoken;
  /** Every moment that reads the text of this type, with its confidence. */
  guesses(signal: Pick<Signal, "type" | "data">, vectors?: TextVectors): Spoken | undefined;
  /** The same with the nearest examples, for display. */
  weigh(signal: Pick<Signal, "type" | "data">, vectors?: TextVectors): readonly WeighedMoment[] | undefined;
  /** All texts that it learns from, whatever the type of the signal: an embeddings model is asked about them once. */
  learnedFrom(): readonly string[];
  /** The parts in which the text of a signal is read; none where no moment reads it. */
  partsOf(signal: Pick<Signal, "type" | "data">): readonly string[];
  /** From this confidence on a moment opens. */
  readonly threshold: number;
}
