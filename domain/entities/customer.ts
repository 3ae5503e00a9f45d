import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";
import type { UndeliverableAddress } from "./address.ts";
import type { Claims } from "./claims.ts";
import type { Consent } from "./consent.ts";
import type { Features } from "./lesson.ts";
import type { Offer } from "./offer.ts";
import type { OmittedTraits } from "./omitted-traits.ts";

export interface Identity {
  readonly type: string;
  readonly value: string;
  readonly source: string;
  readonly at: Instant;
  /** Order of arrival of the signal that stated it last; 0 for an import. */
  readonly seq: number;
  /** Rank among identities stated in the same signal: 0 for the primary one, the others from 1. */
  readonly place: number;
  /** False: another customer brought this identity first. Here it serves as an address only; lookups by it find the other customer. */
  readonly owned: boolean;
}

/** Summary of a signal type for one customer: enough for `absent`, `after`, goals and cadence. */
export interface Seen {
  readonly at: Instant;
  readonly seq: number;
  readonly count: number;
  /** Moving average of the gap between two signals in milliseconds; missing before the second one. */
  readonly gap?: number;
}

/** Key in `seen` of the last success of an experience whose `success` has a `when`. No signal type has a line break. */
export const successKey = (experienceId: string): string => `success\n${experienceId}`;

export const isSuccessKey = (type: string): boolean => type.startsWith("success\n");

/** How many signals lie in a window that looks back from some instant soon after loading. */
export interface Counted {
  /** Those that lie in it whichever instant that is. */
  readonly sure: number;
  /** Times of those that the window leaves behind meanwhile. */
  readonly edge: readonly Instant[];
}

export interface Moment {
  readonly momentId: string;
  readonly name: string;
  readonly openedAt: Instant;
  readonly expiresAt: Instant;
  readonly urgency: number;
  /** `data` of the opening signal. */
  readonly data: JsonObject;
  readonly openedBy: string;
  /** Type of the opening signal, or the key of the timer; empty for one that an older version opened and that is not known. */
  readonly openedOn: string;
  /** Order of arrival of the latest signal known at opening time; later signals have a higher one. */
  readonly openedSeq: number;
  readonly confidence: number;
  readonly decidedBy: DecidedBy;
}

export type DecidedBy = "rule" | "model" | "agent" | "human";
export type MomentEnd = "served" | "expired" | "withdrawn";

export interface Promised {
  readonly promiseId: string;
  readonly name: string;
  readonly owner: string;
  readonly openedAt: Instant;
  readonly due: Instant;
  /** Signals that this promise answers; the first one opened it. */
  readonly openedBy: readonly string[];
  /** The customer's words in the latest of these signals, shortened. */
  readonly words?: readonly string[];
  readonly overdue: boolean;
}

export type TouchKind = "delivery" | "visit" | "call" | "chat";

/** A contact with the customer. Only contacts that count are kept; a failed delivery frees its slot. */
export interface Touch {
  readonly touchId: string;
  readonly at: Instant;
  readonly kind: TouchKind;
  readonly channel: string;
  readonly department?: string;
}

export const DELIVERY_STATUSES = ["reserved", "sending", "sent", "delivered", "bounced", "failed", "uncertain", "cancelled"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Statuses that hold a slot in the ledger; all others have released it. */
export const COUNTING_STATUSES: readonly DeliveryStatus[] = ["reserved", "sending", "sent", "delivered", "uncertain"];
export const counts = (status: DeliveryStatus): boolean => COUNTING_STATUSES.includes(status);

/** A delivery, reduced to the fields that later decisions need. */
export interface DeliveryNote {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  /** Set where it is from a canary beside an experience that stays. */
  readonly learnsAs?: string;
  readonly department?: string;
  /** Destination address. */
  readonly to?: string;
  readonly status: DeliveryStatus;
  readonly at: Instant;
  /** Names of the moments it was decided for. */
  readonly moments: readonly string[];
  /** Features of the decision, for the learner; removed once the outcome has been learned from. */
  readonly features?: Features;
  /** Values stated in the text, by path; only where a correction may have to be offered later. */
  readonly stated?: JsonObject;
  /** Set where it answered an ask. */
  readonly asked?: Asked;
}

/** What a delivery answered, and what becomes of it once the customer sees it. */
export interface Asked {
  readonly place: string;
  /** The ask: with the place, the seed of its draws. */
  readonly source: string;
  readonly askId: string;
  /** Of the decision that gave it. */
  readonly probability: number;
  /** The moment that its candidate served; missing where that was the ask alone. */
  readonly momentId?: string;
  /** The end of its hold. */
  readonly holdUntil?: Instant;
  /** Promises that it keeps, and the promise that it makes, once it is seen. */
  readonly keeps: readonly string[];
  readonly makes?: Promised;
}

export const OUTCOMES = [
  "delivered",
  "opened",
  "clicked",
  "replied",
  "converted",
  "ignored",
  "bounced",
  "complained",
  "unsubscribed",
  "dismissed",
] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

/** What shows that the customer has seen what a place was given. */
const SEEN: readonly OutcomeKind[] = ["opened", "clicked", "replied", "dismissed"];

/** When the customer has seen a delivery: the first and the latest time. Undefined for one that was not seen. */
export function seenAt(
  { deliveryId }: Pick<DeliveryNote, "deliveryId">,
  { outcomes }: Pick<Customer, "outcomes">,
): { readonly first: Instant; readonly last: Instant } | undefined {
  const times = outcomes.filter((one) => one.deliveryId === deliveryId && SEEN.includes(one.kind)).map(({ at }) => at);
  return times.length === 0 ? undefined : { first: Math.min(...times), last: Math.max(...times) };
}

/** Whether a delivery is held for the tool that asked for it, which sends it by itself. */
export const isHeld = ({ status, asked }: Pick<DeliveryNote, "status" | "asked">): boolean =>
  status === "reserved" && asked?.holdUntil !== undefined;

/** Whether a delivery is what a place was given: handed over by the answer, but seen only where the place shows it. */
export const isShowing = ({ asked }: Pick<DeliveryNote, "asked">): boolean => asked !== undefined && asked.holdUntil === undefined;

/**
 * Whether a delivery has reached the customer, as far as we know: it was handed over, by us or by the tool that it was held for. What a place
 * was given has done so only once it is seen.
 */
export function hasReached(note: Pick<DeliveryNote, "deliveryId" | "status" | "asked">, customer: Pick<Customer, "outcomes">): boolean {
  if (isShowing(note)) return seenAt(note, customer) !== undefined;
  return note.status !== "reserved" && counts(note.status);
}

export interface Outcome {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly department?: string;
  readonly kind: OutcomeKind;
  readonly at: Instant;
}

/** The stage of a customer since its last change; null: none holds any more. */
export interface KeptStage {
  readonly name: string | null;
  readonly since: Instant;
}

export type ApprovalState = "pending" | "approved" | "rejected";

export interface Approval {
  readonly approvalId: string;
  readonly experienceId: string;
  readonly momentId: string;
  readonly state: ApprovalState;
  /** Why it has to be approved: the rule's words. */
  readonly reason: string;
  readonly askedAt: Instant;
  /** Once approved: the channel and the variant that were read. Without a channel, as in older stores, it holds for all. */
  readonly channel?: string;
  readonly variant?: string;
}

/** The last decision, until it is carried out or replaced. A new decision is compared with it. */
export interface Standing {
  readonly decisionId: string;
  readonly action: "defer" | "await_approval" | "silence";
  readonly experienceId?: string;
  readonly momentIds: readonly string[];
  /** Equal for decisions with the same moments, experience, channel, until and codes. */
  readonly signature: string;
  /** Set where the experience waits for a better hour. */
  readonly waits?: HourWait;
}

/** A wait for a better hour: until then nothing else goes for the moments that the experience serves, and it by no other channel. */
export interface HourWait {
  readonly momentId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly until: Instant;
  /** Where the hour was drawn: the probability of that. */
  readonly probability?: number;
}

export type Origin =
  | { readonly kind: "import"; readonly at: Instant }
  | { readonly kind: "signal"; readonly at: Instant; readonly source: string; readonly id: string };

/** Everything that deciding about one customer needs: a snapshot from load time. */
export interface Customer {
  readonly customerId: string;
  /** Incremented by every change; 0 while the customer is not in the store. */
  readonly version: number;
  readonly origin: Origin;
  readonly claims: Claims;
  /** Set once traits did not fit into the record. */
  readonly leftOut?: OmittedTraits;
  readonly identities: readonly Identity[];
  /** Undeliverable addresses among identities and traits. */
  readonly gone: readonly UndeliverableAddress[];
  readonly consents: Readonly<Record<string, Consent>>;
  readonly seen: Readonly<Record<string, Seen>>;
  /** Times of the signals seen since loading, by type, for `count()`. */
  readonly recent: Readonly<Record<string, readonly Instant[]>>;
  /** The signals counted when she was loaded: by type, then by the window of `count()` in milliseconds. */
  readonly counted: Readonly<Record<string, Readonly<Record<string, Counted>>>>;
  readonly moments: readonly Moment[];
  /** Time of the last opening of each moment (key: its name, or name and occasion). */
  readonly openings: Readonly<Record<string, Instant>>;
  readonly promises: readonly Promised[];
  readonly openCases: readonly string[];
  readonly touches: readonly Touch[];
  /** Those that may still play a part, the oldest first. */
  readonly deliveries: readonly DeliveryNote[];
  /** By experience that is limited for ever: how many other deliveries count. */
  readonly usedBefore: Readonly<Record<string, number>>;
  /** Those of the deliveries, and those that may suppress. */
  readonly outcomes: readonly Outcome[];
  readonly approvals: readonly Approval[];
  readonly offers: readonly Offer[];
  readonly standing?: Standing;
  /** Missing until a stage of the workspace holds. */
  readonly stage?: KeptStage;
  /** Due times of this customer's timers, by key. */
  readonly timers: Readonly<Record<string, Timer>>;
  /** Set where other customers were merged into this one: everything above then covers all of them. */
  readonly absorbed?: Absorbed;
}

export interface Absorbed {
  readonly ids: readonly string[];
  /** The customer's own source record without the merged ones. */
  readonly own: OwnRecord;
}

export type OwnRecord = Pick<Customer, "claims" | "seen" | "openings">;

/** A scheduled wake. A key has one timer at a time; `name` is its name in the decision record. */
export interface Timer {
  readonly name: string;
  readonly due: Instant;
}

export const newCustomer = (customerId: string, origin: Origin): Customer => ({
  customerId,
  version: 0,
  origin,
  claims: {},
  identities: [],
  gone: [],
  consents: {},
  seen: {},
  recent: {},
  counted: {},
  moments: [],
  openings: {},
  promises: [],
  openCases: [],
  touches: [],
  deliveries: [],
  usedBefore: {},
  outcomes: [],
  approvals: [],
  offers: [],
  timers: {},
});

/** Order of arrival of the last signal in the record; -1 before the first. */
export const lastSeq = ({ seen }: Customer): number => Object.values(seen).reduce((last, { seq }) => Math.max(last, seq), -1);
