import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";
import type { UndeliverableAddress } from "./address.ts";
import type { Claims } from "./claims.ts";
import type { Consent } from "./consent.ts";
import type { LeftOut } from "./left-out.ts";
import type { Features } from "./lesson.ts";
import type { Offer } from "./offer.ts";

export interface Identity {
  readonly type: string;
  readonly value: string;
  readonly source: string;
  readonly at: Instant;
  /** Order of arrival of whoever said it last; 0 of an import. */
  readonly seq: number;
  /** Its place among those that were said together: 0 the one marked as primary, the others from 1 on. */
  readonly place: number;
  /** False: another customer brought this identity first. It serves as an address here, and finds the other one. */
  readonly owned: boolean;
}

/** What the record keeps of a signal type for one customer: enough for `absent`, `after`, goals and habits. */
export interface Seen {
  readonly at: Instant;
  readonly seq: number;
  readonly count: number;
  /** Usual gap between two of them in milliseconds (a moving average); missing before the second one. */
  readonly gap?: number;
}

export interface Moment {
  readonly momentId: string;
  readonly name: string;
  readonly openedAt: Instant;
  readonly expiresAt: Instant;
  readonly urgency: number;
  /** `data` of the signal that opened it. */
  readonly data: JsonObject;
  readonly openedBy: string;
  /** Order of arrival of the last signal that was known when it opened: later ones came after it. */
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
  /** The signals that this promise answers; the first opened it. */
  readonly openedBy: readonly string[];
  readonly overdue: boolean;
}

export type TouchKind = "delivery" | "visit" | "call" | "chat";

/** A contact the customer feels. Only those that count are kept here; a delivery that failed frees its slot. */
export interface Touch {
  readonly touchId: string;
  readonly at: Instant;
  readonly kind: TouchKind;
  readonly channel: string;
  readonly department?: string;
}

export const DELIVERY_STATUSES = ["reserved", "sending", "sent", "delivered", "bounced", "failed", "uncertain", "cancelled"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** These hold a slot in the ledger; the others have freed theirs. */
export const COUNTING_STATUSES: readonly DeliveryStatus[] = ["reserved", "sending", "sent", "delivered", "uncertain"];
export const counts = (status: DeliveryStatus): boolean => COUNTING_STATUSES.includes(status);

/** One of our deliveries as far as later decisions need it. */
export interface DeliveryNote {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly department?: string;
  /** The address that it goes to. */
  readonly to?: string;
  readonly status: DeliveryStatus;
  readonly at: Instant;
  /** Names of the moments it was decided for. */
  readonly moments: readonly string[];
  /** What it was decided on, as the learner sees it; gone once its outcome has been learned from. */
  readonly features?: Features;
  /** What it stated, by path; only where a repair may have to be offered. */
  readonly stated?: JsonObject;
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
] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

export interface Outcome {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly department?: string;
  readonly kind: OutcomeKind;
  readonly at: Instant;
}

export type ApprovalState = "pending" | "approved" | "rejected";

export interface Approval {
  readonly approvalId: string;
  readonly experienceId: string;
  readonly momentId: string;
  readonly state: ApprovalState;
}

/** The last decision, as long as it has not been carried out or replaced: what a new one is compared with. */
export interface Standing {
  readonly decisionId: string;
  readonly action: "defer" | "await_approval" | "silence";
  readonly experienceId?: string;
  readonly momentIds: readonly string[];
  /** Same moments, experience, channel, until and codes give the same text. */
  readonly signature: string;
}

export type Origin =
  | { readonly kind: "import"; readonly at: Instant }
  | { readonly kind: "signal"; readonly at: Instant; readonly source: string; readonly id: string };

/** Everything that deciding about one customer needs, as it stood when it was loaded. */
export interface Customer {
  readonly customerId: string;
  /** Raised by every change; 0 as long as the customer is not in the store. */
  readonly version: number;
  readonly origin: Origin;
  readonly claims: Claims;
  /** Set once traits did not fit into the record. */
  readonly leftOut?: LeftOut;
  readonly identities: readonly Identity[];
  /** Addresses among them, or among her traits, that reach nobody any more. */
  readonly gone: readonly UndeliverableAddress[];
  readonly consents: Readonly<Record<string, Consent>>;
  readonly seen: Readonly<Record<string, Seen>>;
  /** Times of the latest signals of the types that `count()` asks for, newest last. */
  readonly recent: Readonly<Record<string, readonly Instant[]>>;
  readonly moments: readonly Moment[];
  /** When each moment was opened last (key: its name, or name and occasion). */
  readonly openings: Readonly<Record<string, Instant>>;
  readonly promises: readonly Promised[];
  readonly openCases: readonly string[];
  readonly touches: readonly Touch[];
  readonly deliveries: readonly DeliveryNote[];
  readonly outcomes: readonly Outcome[];
  readonly approvals: readonly Approval[];
  readonly offers: readonly Offer[];
  readonly standing?: Standing;
  /** Due times of this customer's timers, by key. */
  readonly timers: Readonly<Record<string, Timer>>;
  /** Set where others have disappeared into her: everything above is then of all of them. */
  readonly absorbed?: Absorbed;
}

export interface Absorbed {
  readonly ids: readonly string[];
  /** What her own source record says without them. */
  readonly own: OwnRecord;
}

export type OwnRecord = Pick<Customer, "claims" | "seen" | "openings">;

/** A wake that is set for later. A key has one timer at a time; `name` is what the decision record calls it. */
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
  moments: [],
  openings: {},
  promises: [],
  openCases: [],
  touches: [],
  deliveries: [],
  outcomes: [],
  approvals: [],
  offers: [],
  timers: {},
});

/** Order of arrival of the last signal that the record has seen; -1 before the first. */
export const lastSeq = ({ seen }: Customer): number => Object.values(seen).reduce((last, { seq }) => Math.max(last, seq), -1);
