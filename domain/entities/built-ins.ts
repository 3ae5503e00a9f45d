/**
 * What conditions and texts can name without any workspace or data declaring it: signal types with their data, moments, and fields of a
 * customer. `check` compares names with this table, and docs/built-ins.md prints it.
 */

/** Fields of an object by name, each with its meaning. */
export type DataFields = Readonly<Record<string, string>>;

export interface BuiltInSignal {
  /** What has happened. */
  readonly about: string;
  /** Fields of its `data` besides COMMON_DATA. */
  readonly data: DataFields;
  /** Its `data` holds whatever else the sender puts into it. */
  readonly isOpen?: boolean;
}

/** Fields that the `data` of any signal may have. */
export const COMMON_DATA: DataFields = {
  traits: "patches the golden record; null removes a trait, `timezone` and `locale` set those of the customer",
  identities: "`[{type, value, primary?}]`: whose signal it is where there is no `subject`, and addresses of the customer",
};

/** The delivery that a `delivery.*` signal is about. */
const DELIVERY: DataFields = {
  deliveryId: "id of the delivery",
  experienceId: "id of its experience",
  channel: "name of its channel",
  department: "department of its experience, where it has one",
};

/** What a provider's receipt says besides. */
const RECEIPT: DataFields = { ...DELIVERY, providerId: "the provider's id of the message" };

export const BUILT_IN_SIGNALS = {
  "customer.updated": { about: "the record changed: `data.traits` and `data.identities` say how", data: {} },
  "customer.consent": {
    about: "the customer allows or forbids a channel; takes effect in the transaction that accepts it",
    data: {
      channel: "name of the channel, or a list of names; left out, a denial or revocation is about all channels but human ones",
      status: "granted, denied or revoked",
      reason: "why, where the customer did not say so to us directly",
      deliveryId: "id of the delivery that was answered, where a channel knows it",
      providerId: "the provider's id of the message that was answered",
    },
  },
  "customer.merged": {
    about: "the subject is the same person as another customer and disappears into it",
    data: { into: "customer id that stays" },
  },
  "customer.aliased": { about: "Segment's `alias`: another anonymous id of the customer", data: { previousId: "the other id" } },
  "message.received": {
    about: "the customer wrote to us; opens the promise `reply`",
    data: {
      channel: "name of the channel it came by",
      text: "what the customer wrote, without what was quoted",
      thread: "the conversation it belongs to",
      subject: "subject of a mail",
      media: "number of pictures or files, on Twilio channels",
      deliveryId: "id of the delivery that it answers, where a channel knows it",
      providerId: "the provider's id of the message that it answers",
    },
  },
  "human.touch": {
    about: "a human was in contact with the customer: counts as a touch",
    data: {
      kind: "visit (default), call or chat; any other is rejected",
      by: "who it was",
      note: "what was said",
      department: "the department it counts for under caps",
      task: "id of the task that was done with it",
    },
  },
  "case.opened": {
    about: "a service case begins; `customer.openCases` counts it",
    data: { caseId: "id of the case", subject: "what it is about", queue: "who works on it" },
    isOpen: true,
  },
  "case.closed": { about: "a service case ends", data: { caseId: "id of the case, as it was opened" }, isOpen: true },
  "promise.opened": {
    about: "we owe the customer something",
    data: {
      promise: "name of the promise",
      due: "a duration like 2d, a time, or a date (its end); default: that of `promises`",
      owner: "department or team that owes it; default: that of `promises`",
    },
  },
  "promise.kept": { about: "a promise is kept", data: { promise: "name or id of the promise" } },
  "offer.redeemed": {
    about: "the customer used the code of an offer",
    data: {
      code: "the code",
      accepted: "whether it was good: true or false",
      reason: "why it was not: unknown, used or expired",
    },
    isOpen: true,
  },
  "delivery.sent": { about: "a message was handed to its provider", data: RECEIPT },
  "delivery.delivered": { about: "a message arrived", data: RECEIPT },
  "delivery.opened": { about: "the customer opened a message", data: RECEIPT },
  "delivery.clicked": { about: "the customer clicked in a message", data: { ...RECEIPT, url: "what was clicked" } },
  "delivery.replied": { about: "the customer answered a message", data: RECEIPT },
  "delivery.ignored": { about: "nothing came back within `success.within` (7d without one)", data: DELIVERY },
  "delivery.converted": { about: "the experience's `success` followed", data: DELIVERY },
  "delivery.bounced": {
    about: "a message came back",
    data: {
      ...RECEIPT,
      permanent: "true where the address does not exist: nothing more is sent to it",
      code: "the provider's code",
      reason: "the provider's reason",
    },
  },
  "delivery.failed": { about: "a message could not be handed over", data: { ...DELIVERY, reason: "why" } },
  "delivery.complained": { about: "the customer marked a message as spam", data: RECEIPT },
  "delivery.unsubscribed": { about: "the customer unsubscribed by a message: revokes its channel", data: RECEIPT },
  "stage.changed": {
    about: "the customer's stage changed, in the wake that changed it; only where `stages` are declared",
    data: { from: "name of the stage before; missing where there was none", to: "name of the stage now; missing where none holds" },
  },
  "delivery.dismissed": { about: "the customer put away what was given", data: RECEIPT },
  "delivery.released": { about: "a tool that asked will not send what was held for it", data: RECEIPT },
  "sentient.ask": {
    about: "a channel of kind `pull` asked; only in recorded streams, elsewhere `POST /v1/next`",
    data: {
      customer: "id of the customer; or `identities`",
      channel: "name of the channel",
      places: "the places asked for; default: all of the channel",
      experience: "id of the one experience that it is about",
      context: "what the place knows, as `ask.context`",
      create: "false: an unknown customer is not created",
      within: "how long the answer may take",
    },
  },
  "clock.daily": { about: "once a day at 09:00 in the customer's zone", data: {} },
  "page.viewed": {
    about: "Segment's `page`, with its properties",
    data: { name: "name of the page", category: "its category" },
    isOpen: true,
  },
  "screen.viewed": {
    about: "Segment's `screen`, with its properties",
    data: { name: "name of the screen", category: "its category" },
    isOpen: true,
  },
  "group.joined": { about: "Segment's `group`", data: { groupId: "id of the group", group: "traits of the group" } },
} as const satisfies Readonly<Record<string, BuiltInSignal>>;

export type BuiltInSignalType = keyof typeof BUILT_IN_SIGNALS;

export interface BuiltInMoment {
  /** When it opens. */
  readonly about: string;
  readonly data: DataFields;
  /** Its `data` is the context of the ask: any members. */
  readonly isOpen?: boolean;
}

export const BUILT_IN_MOMENTS = {
  asking: {
    about: "a channel of kind `pull` asks; open for that ask alone",
    data: {},
    isOpen: true,
  },
  fact_corrected: {
    about: "a value that a delivery stated within the last 90 days has changed, and an approved experience serves this moment; open for 7d",
    data: {
      facts: "the changed values by path of the record, each as `{said, now}`",
      deliveryId: "id of the delivery that stated them",
    },
  },
} as const satisfies Readonly<Record<string, BuiltInMoment>>;

export interface BuiltInField {
  readonly about: string;
  /** Of a list: the fields of an item. */
  readonly items?: DataFields;
}

/** Fields of `customer.*` that always exist and are never facts: they take precedence over traits of these names. */
export const BUILT_IN_FIELDS = {
  id: { about: "the customer's id" },
  timezone: { about: "the customer's own time zone, or the workspace's" },
  locale: { about: "the customer's language, like `de-AT`; empty where unknown" },
  consents: {
    about: "what the customer has allowed and forbidden",
    items: { channel: "name of the channel", status: "granted, denied or revoked", at: "when" },
  },
  openCases: { about: "number of open service cases" },
  promises: {
    about: "open promises",
    items: { name: "name of the promise", due: "when it is due", owner: "who owes it", openedAt: "when it was made" },
  },
} as const satisfies Readonly<Record<string, BuiltInField>>;

/** Traits with a meaning of their own. They are facts like any other trait. */
export const KNOWN_TRAITS: DataFields = {
  stage:
    "where the customer is in the relationship, for conditions and `learning.features`; where `stages` are declared it is the first that holds, and no trait",
  goals: "list of the customer's goals, empty when unknown; an experience whose `goal` is one of them gains its weight",
};

/** The built-in signal of a type. */
export const builtInSignal = (type: string): BuiltInSignal | undefined =>
  Object.hasOwn(BUILT_IN_SIGNALS, type) ? BUILT_IN_SIGNALS[type as BuiltInSignalType] : undefined;
