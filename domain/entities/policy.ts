import type { Condition, Criterion, NumberExpression, Scope } from "../values/condition.ts";
import type { Json } from "../values/json.ts";
import { DAY } from "../values/time.ts";
import type { RecordRules } from "./claims.ts";
import type { OutcomeKind } from "./customer.ts";
import type { Signal } from "./signal.ts";

/** A workspace, checked and compiled: everything that deciding asks. All durations are milliseconds. */
export interface Policy {
  readonly name: string;
  /** sha256 over the workspace's files, before variables are filled in. */
  readonly version: string;
  readonly timezone: string;
  readonly departments: readonly string[];
  readonly goals: Readonly<Record<string, number>>;
  readonly record: RecordRules & { readonly mergeFrom?: readonly string[]; readonly consentFrom?: readonly string[] };
  readonly moments: readonly MomentRule[];
  readonly promises: readonly PromiseRule[];
  readonly channels: Readonly<Record<string, ChannelRule>>;
  readonly governance: Governance;
  readonly learning: { readonly explore: "thompson" | "none"; readonly features: readonly string[] };
  /** Every experience of the catalogue, in the order of ids; only approved ones compete. */
  readonly experiences: readonly Experience[];
  readonly retention: Retention;
  /** How the brand speaks, for texts that a language model writes. */
  readonly brand?: Brand;
  /** Signal types that `count()` asks for, with the longest window. */
  readonly counted: Readonly<Record<string, number>>;
  /** The longest window in which touches count. */
  readonly touchWindow: number;
  /** Whether any rule listens to a signal type, and so needs a wake for it. */
  listens(type: string): boolean;
  /** Moments that the text of a signal speaks of; undefined where none listens to its text. */
  readonly hears: MomentClassifier;
}

export interface Brand {
  readonly voice?: string;
  readonly do?: readonly string[];
  readonly dont?: readonly string[];
  /** Phrases that no text may have. */
  readonly banned?: readonly string[];
  /** Sentences that every text must have. */
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
  /** Opens when the signal has not come for so long (milliseconds, or an expression giving days). */
  readonly absent?: { readonly signal: string; readonly for: number | NumberExpression };
  readonly says?: readonly string[];
}

export interface PromiseRule {
  readonly name: string;
  readonly opens: readonly string[];
  readonly due: number;
  readonly owner: string;
  readonly closes: readonly string[];
  /** Departments that keep quiet while it is open. */
  readonly suppress: readonly string[];
}

export const ADDRESS_KINDS = ["email", "phone", "push", "none"] as const;
export type AddressType = (typeof ADDRESS_KINDS)[number];

/** Whether a channel may be used for a customer who has said nothing about it. */
export const CONSENT_DEFAULTS = ["opt_in", "opt_out", "free"] as const;
export type ConsentDefault = (typeof CONSENT_DEFAULTS)[number];

export const TEXT_FORMS = ["plain", "line", "html", "data"] as const;

/** What a channel does with one field of its content. A field without any of this is plain text and the author's alone. */
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

/** A channel of `sentient.yaml`, with what the declaration of its kind says about it. */
export interface ChannelRule {
  readonly name: string;
  readonly kind: string;
  readonly address: AddressType;
  readonly consent: ConsentDefault;
  /** Its deliveries are tasks for people: nothing is sent, quiet hours and revocations for all channels do not hold for it. */
  readonly makesTask: boolean;
  /** The queue of its tasks. */
  readonly queue?: string;
  /** By the name of the content's field. */
  readonly text: Readonly<Record<string, ContentField>>;
  /** The rest, for the channel's own code: url, from, secret, … */
  readonly options: Readonly<Record<string, Json>>;
}

/** The fields in which an assistant's answer may stand, the first choice first; none where nobody converses on the channel. */
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
  /** Minutes after midnight; `from` belongs to the quiet hours, `to` does not. */
  readonly from: number;
  readonly to: number;
}

/** What a suppression keeps quiet; an empty filter means everything. */
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
  readonly approval: readonly Criterion[];
  /** Share of customers who get nothing, from 0 to 1. */
  readonly holdout: number;
}

export interface Experience {
  readonly id: string;
  readonly name: string;
  readonly department?: string;
  readonly status: "draft" | "proposed" | "approved" | "archived";
  readonly serves: readonly string[];
  readonly goal?: string;
  readonly eligibility: readonly Criterion[];
  readonly applicability: readonly Criterion[];
  readonly suitability: readonly Criterion[];
  /** Plain words for a language model, and what holds when none can be asked. */
  readonly judge?: { readonly ask: string; readonly without: "pass" | "fail" };
  readonly value: number;
  /** Percent. */
  readonly lever: number;
  readonly context: readonly { readonly when: Condition; readonly weight: number }[];
  readonly limits?: { readonly perCustomer?: number; readonly window?: number; readonly total?: number };
  readonly transactional: boolean;
  readonly routes: readonly Route[];
  readonly action?: Action;
  readonly success?: { readonly signals: readonly string[]; readonly within: number; readonly reward: number };
  readonly promise?: { readonly name: string; readonly due: number; readonly owner: string };
  /** Set where a language model may answer the customer's messages in its place; the text given is used without one. */
  readonly converse?: Conversation;
}

/** What an assistant may say and do when it answers a customer's messages. */
export interface Conversation {
  /** What it is for and what it knows: all that it may state besides facts and what its tools give back. */
  readonly brief: string;
  /** Said first at first contact, by code. */
  readonly introduces?: string;
  /** A customer who has written so lately may be writing on: her messages become one turn. */
  readonly settle: number;
  /** What holds where there is no language model: a human gets the thread too, or the text alone is the answer. */
  readonly without: "human" | "text";
  /** Where a human finds it, if not with whoever owes the reply; and whether it becomes a case that is open until it is closed. */
  readonly handOver: { readonly queue?: string; readonly opensCase: boolean };
  readonly tools: readonly ConversationTool[];
}

/** A tool as an assistant sees it: what the author fixed is out of its reach. */
export interface ConversationTool {
  readonly name: string;
  readonly tool: string;
  readonly about?: string;
  /** What the author fixed of the tool's input, under the name `with`. */
  readonly fixed: Content;
  /** Where in the input something goes that the customer says, by path: what to ask for. */
  readonly asks: Readonly<Record<string, string>>;
  /** Within this time it is done once for a customer; who asks again gets what it gave then. */
  readonly once?: number;
  /** The question by which the customer confirms it before it is done; missing where it is done at once. */
  readonly confirm?: string;
}

/** One way in which an experience can be carried out: a channel and what goes there. */
export interface Route {
  readonly channel: string;
  readonly content: Content;
  /** Plain words by which a language model may write the text instead. */
  readonly brief?: string;
}

export interface Action {
  readonly tool: string;
  readonly input: Content;
}

/** A read of the customer's record by a text. */
export interface FactRead {
  readonly path: string;
  /** Missing is allowed; stale or in conflict is not. */
  readonly optional: boolean;
  /** Missing is allowed while one of these is missing: the text reads it only inside an `if` on them. */
  readonly unless: readonly string[];
  /** It is printed as a date: what is none counts as missing. */
  readonly isDate: boolean;
}

/** Fields of text for one channel, or the input of an action: compiled, with what they read known before rendering. */
export interface Content {
  readonly facts: readonly FactRead[];
  /** Required reads of `moment`, `signal` and `experience`, as field names from the root. */
  readonly needs: readonly (readonly (string | number)[])[];
  /** What it prints as a date besides fields of the customer, as field names from the root. */
  readonly dates: readonly { readonly path: readonly (string | number)[]; readonly optional: boolean }[];
  /** What it reads at all: names of roots, and of built-in fields of the customer. */
  readonly roots: ReadonlySet<string>;
  readonly builtIns: ReadonlySet<string>;
  render(scope: ContentScope): Record<string, Json>;
}

export type ContentScope = Pick<Scope, "zone" | "customer" | "signal" | "moment" | "experience"> & {
  readonly action?: Readonly<Record<string, unknown>>;
  /** The action was not done, only recorded: what the text reads of it prints as nothing. */
  readonly isActionRecorded?: boolean;
};

/** The longest success window where an experience names none. */
export const DEFAULT_RESPONSE_MS = 7 * 24 * 60 * 60 * 1000;

export const ruleOf = <T extends { readonly name: string }>(rules: readonly T[], name: string): T | undefined =>
  rules.find((rule) => rule.name === name);

/** All texts that an experience on one of its routes reads facts for. */
export const contentsOf = ({ action, converse }: Experience, { content }: Route): Content[] => [
  content,
  ...(action ? [action.input] : []),
  ...(converse?.tools ?? []).map(({ fixed }) => fixed),
];

export const experienceOf = (policy: Policy, id: string): Experience | undefined => policy.experiences.find((one) => one.id === id);

/** How long a workspace wants to keep what is over, in milliseconds. */
export interface Retention {
  /** What signals said. */
  readonly signals: number;
  /** That they came, so that none is decided twice; without it, for ever. */
  readonly duplicates?: number | undefined;
  /** Decisions, deliveries and outcomes, and touches, moments, promises, cases, tasks, approvals and offers that are over. */
  readonly history: number;
  /** What agents did step by step, and calls of tools. */
  readonly runs: number;
  /** What operators did; without it, for ever. */
  readonly audit?: number | undefined;
}

/** A customer may be told that something was wrong so long after she was told it. */
export const CORRECTION_REACH_MS = 90 * DAY;

/** Moments that a text speaks of, with how sure the classifier is (0 to 1). */
export type Spoken = readonly { readonly name: string; readonly confidence: number }[];

/** Says which moments the text of a signal speaks of; undefined where no moment listens to its text. */
export type MomentClassifier = (signal: Pick<Signal, "type" | "data">) => Spoken | undefined;
