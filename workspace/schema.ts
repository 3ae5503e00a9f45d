import { z } from "zod";
import { parseTimeOfDay } from "../domain/deciding/timing.ts";
import type { Guard as GuardRule } from "../domain/entities/canary.ts";
import { OUTCOMES } from "../domain/entities/customer.ts";
import { type AddressType, EXEMPTIONS } from "../domain/entities/policy.ts";
import { isTimeOfSignal } from "../domain/entities/signal.ts";
import { USUAL_RETENTION } from "../domain/record/retention.ts";
import { DAY, HOUR, parseDuration, parseInstant } from "../domain/values/time.ts";
import { isZone } from "../domain/values/zone.ts";
import { zoneMeant } from "../domain/values/zone-names.ts";
import type { ChannelCatalogue } from "./channel-catalogue.ts";
import { kindExpected, problemsOfChannel } from "./check-channel.ts";
import { unknownKey } from "./problem.ts";

/** A strict object; an unknown key is an error with a suggestion. `others` are keys that a suggestion may name besides. */
export function keys<T extends z.core.$ZodLooseShape>(shape: T, others: readonly string[] = [], expected?: string) {
  const known = [...others, ...Object.keys(shape)];
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return expected;
      return issue.keys.map((key) => unknownKey(key, known)).join("\n");
    },
  });
}

const name = z
  .string("expected a name")
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected a name of letters, digits, dots, dashes and underscores");
const text = z.string("expected text").min(1, "expected text, not an empty string");
const duration = z
  .string("expected a duration like 30s, 15m, 3h, 7d or 4w")
  .refine((value) => (parseDuration(value) ?? 0) > 0, "expected a duration like 30s, 15m, 3h, 7d or 4w")
  .transform((value) => parseDuration(value) ?? 0);
const timeOfDay = z
  .string("expected a time of day like 21:00, in quotes")
  .refine((value) => parseTimeOfDay(value) !== undefined, "expected a time of day like 21:00")
  .transform((value) => parseTimeOfDay(value) ?? 0);
/** A feature for learning. */
const feature = text.regex(
  /^(customer|moment|signal|experience|ask)(\.[^\s.()[\]{}'"=<>!&|+*/?:,]+)+$/,
  "expected the path of a field, like customer.segment or moment.name",
);
const number = z.number("expected a number");
const ABOVE_NOTHING = "expected a number above 0, up to 100";
const count = z.int("expected a whole number").min(0, "expected a whole number from 0");
const SHARE_EXPECTED = "expected a number from 0 to 1, or a percentage like 5%";
const share = number.min(0, "expected a number from 0 to 1").max(1, "expected a number from 0 to 1");
/** A share of customers: a number, or a percentage. */
const portion = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?%$/)
        .transform((text) => Number(text.slice(0, -1)) / 100),
    ],
    SHARE_EXPECTED,
  )
  .refine((value) => value >= 0 && value <= 1, SHARE_EXPECTED);
const list = <T extends z.ZodType>(item: T) => z.array(item, "expected a list");
const names = list(name);
/** A signal type, or a list of them. */
const types = z
  .union([text, list(text)], "expected a signal type or a list of signal types")
  .transform((value) => (Array.isArray(value) ? value : [value]));
/** A CEL condition; `true` and `false` may be unquoted. */
const condition = z.union([text, z.boolean()], "expected a condition").transform(String);
const criterion = z
  .union([condition, keys({ when: condition, reason: text.optional() })], "expected a condition, or {when, reason}")
  .transform((value) => (typeof value === "string" ? { when: value } : value));
const criteria = list(criterion).default([]);

const FieldRule = keys({
  rule: z.enum(["last_updated", "source_sequence"], "expected last_updated or source_sequence").default("last_updated"),
  sources: names.optional(),
  maxAge: duration.optional(),
  onConflict: z.enum(["resolve", "hold"], "expected resolve or hold").default("resolve"),
});

const Record_ = keys({
  sources: names.default([]),
  mergeFrom: names.optional(),
  consentFrom: list(text).optional(),
  fields: z.record(z.string(), FieldRule).default({}),
});

const Moment = keys({
  on: types.optional(),
  when: condition.optional(),
  expires: duration,
  urgency: share.default(0.5),
  once: duration.optional(),
  closes: types.optional(),
  absent: keys({ signal: text, for: z.union([text, number], "expected a duration, or an expression giving days") }).optional(),
  says: list(text).min(1, "expected at least one example").optional(),
}).refine(({ on, absent }) => on !== undefined || absent !== undefined, "expected on (the signals that open it) or absent");

const Stage = keys({ when: condition.optional() }, [], "expected {when: ...}, or {} for a stage that always holds");

// Stages are ordered as written, and a name like 1 would be moved to the front.
const Stages = z
  .record(name, Stage)
  .refine((given) => Object.keys(given).every((one) => /\D/.test(one)), "expected stages whose names have at least one letter");

const Times = keys({
  channels: names.min(1, "expected at least one channel"),
  within: duration.default(DAY).refine((value) => value >= HOUR && value <= 7 * DAY, "expected a duration from 1h to 7d"),
  below: share.default(0.7),
});

const PromiseRule = keys({
  opens: types.optional(),
  due: duration.optional(),
  owner: text.optional(),
  closes: types.optional(),
  whileOpen: keys({ suppress: names.default([]) }).optional(),
});

/** A channel: kind, address, and options checked by its declaration. */
export interface GivenChannel {
  readonly kind: string;
  readonly address?: AddressType;
  /** False: what it carries is no touch. */
  readonly counts?: boolean;
  readonly [option: string]: unknown;
}

const channelOf = (catalogue: ChannelCatalogue) =>
  z
    .looseObject({}, kindExpected(catalogue))
    .superRefine((given, context) => {
      for (const { path, message } of problemsOfChannel(given, catalogue)) context.addIssue({ code: "custom", path: [...path], message });
    })
    .transform((given) => given as GivenChannel);

const Cap = keys({
  id: name,
  max: count,
  window: duration,
  channel: name.optional(),
  department: name.optional(),
  calendar: z.boolean().default(false),
});

const QuietHours = keys({ channels: names.optional(), from: timeOfDay, to: timeOfDay }).refine(
  ({ from, to }) => from !== to,
  "expected from and to to differ",
);

const After = keys({
  signal: types.optional(),
  outcome: z.enum(OUTCOMES, `expected one of ${OUTCOMES.join(", ")}`).optional(),
  times: count.min(1, "expected a whole number from 1").optional(),
  within: duration.optional(),
})
  .refine(({ signal, outcome }) => (signal === undefined) !== (outcome === undefined), "expected either signal or outcome")
  .refine(({ outcome, times, within }) => outcome !== undefined || (times ?? within) === undefined, "times and within count outcomes");

const Suppression = keys({
  when: condition.optional(),
  after: After.optional(),
  for: duration.optional(),
  departments: names.optional(),
  channels: names.optional(),
  experiences: names.optional(),
  scope: z.enum(["experience", "channel", "department", "customer"], "expected experience, channel, department or customer").optional(),
  reason: text.optional(),
})
  .refine((value) => (value.when === undefined) !== (value.after === undefined), "expected either when or after")
  .refine((value) => value.when === undefined || value.for === undefined, "for belongs to after: a condition holds as long as it is true");

const Holdout = z.union(
  [
    portion.transform((given) => ({ share: given, departments: undefined, for: "month" as const })),
    keys({ share: portion, departments: names.optional(), for: z.enum(["month", "ever"], "expected month or ever").default("month") }),
  ],
  `${SHARE_EXPECTED}, or {share, departments, for}`,
);

const Approval = z
  .union(
    [
      condition,
      keys({ when: condition.optional(), experiences: names.optional(), departments: names.optional(), reason: text.optional() }),
    ],
    "expected a condition, or {when, experiences, departments, reason}",
  )
  .transform((value) => (typeof value === "string" ? { when: value } : value))
  .refine(
    (value: { when?: unknown; experiences?: unknown; departments?: unknown }) =>
      (value.when ?? value.experiences ?? value.departments) !== undefined,
    "expected when, experiences or departments",
  );

const Governance = keys({
  review: duration.default(24 * 60 * 60 * 1000),
  minPropensity: share.default(0),
  caps: list(Cap).default([]),
  quietHours: list(QuietHours).default([]),
  suppress: list(Suppression).default([]),
  consent: z.record(name, z.enum(["opt_in", "opt_out"], "expected opt_in or opt_out")).default({}),
  approval: list(Approval).default([]),
  holdout: Holdout.prefault(0),
  offers: keys(
    { maxPercent: number.gt(0, ABOVE_NOTHING).max(100, ABOVE_NOTHING) },
    [],
    "expected {maxPercent: 30}, the most that an offer may take off",
  ).optional(),
});

const Brand = keys({
  voice: text.optional(),
  do: list(text).optional(),
  dont: list(text).optional(),
  banned: list(text).optional(),
  disclosures: list(text).optional(),
  languages: list(text).optional(),
});

const endpoint = z
  .url({ protocol: /^https?$/, error: "expected the address of an OpenAI-compatible endpoint like https://api.openai.com/v1" })
  .transform((address) => address.replace(/\/+$/, ""));

/** Keys of an endpoint that is asked within budgets and limits. */
const ASKED = {
  baseUrl: endpoint.optional(),
  apiKey: text.optional(),
  budget: keys({
    perRunTokens: count.optional(),
    perDayTokens: count.optional(),
    perRunUsd: number.min(0).optional(),
    perDayUsd: number.min(0).optional(),
  }).optional(),
  limits: keys({
    call: duration.optional(),
    run: duration.optional(),
    concurrency: count.min(1, "expected a whole number from 1").optional(),
  }).optional(),
};

const Model = keys({
  ...ASKED,
  name: text.optional(),
  price: keys({ inputPerMillion: number.min(0), outputPerMillion: number.min(0) }).optional(),
});

/** An endpoint that makes vectors of texts, beside the classifier of words. */
const Embeddings = keys({ ...ASKED, name: text, price: keys({ inputPerMillion: number.min(0) }).optional() });

const Retention = keys({
  signals: duration.default(USUAL_RETENTION.signals),
  duplicates: duration.optional(),
  history: duration.default(USUAL_RETENTION.history),
  runs: duration.default(USUAL_RETENTION.runs),
  audit: duration.optional(),
  asks: duration.default(USUAL_RETENTION.asks),
  anonymous: duration.default(USUAL_RETENTION.anonymous),
});

/** Schema of `sentient.yaml` for the available channels. */
export const workspaceFile = (catalogue: ChannelCatalogue) =>
  keys({
    version: z.literal(1, "expected version: 1"),
    name: text,
    timezone: z
      .string("expected an IANA time zone like America/Chicago")
      .trim()
      .refine(isZone, {
        error: ({ input }) => {
          const meant = typeof input === "string" ? zoneMeant(input) : undefined;
          return `expected an IANA time zone like America/Chicago${meant !== undefined && isZone(meant) ? `; ${input} is ${meant}` : ""}`;
        },
      })
      .default("UTC"),
    departments: names.default([]),
    goals: z.record(name, keys({ weight: number }, [], "expected a weight in percent, like {weight: 10}")).default({}),
    record: Record_.prefault({}),
    moments: z.record(name, Moment).default({}),
    stages: Stages.default({}),
    promises: z.record(name, PromiseRule).default({}),
    channels: z.record(name, channelOf(catalogue)).default({}),
    governance: Governance.prefault({}),
    learning: keys({
      explore: z.enum(["thompson", "none"], "expected thompson or none").default("thompson"),
      features: list(feature).default([]),
      times: Times.optional(),
    }).prefault({}),
    retention: Retention.prefault({}),
    brand: Brand.optional(),
    model: Model.optional(),
    embeddings: Embeddings.optional(),
  });
export type WorkspaceFile = z.infer<ReturnType<typeof workspaceFile>>;

const Contents = z.record(name, z.record(z.string(), z.unknown(), "expected the channel's content, like {text: ...}"));

/** Settings for answers by a language model instead of the text. */
const Converse = keys({
  brief: text,
  introduces: text.optional(),
  settle: duration.default(5_000),
  without: z.enum(["human", "text"], "expected human or text").default("human"),
  handOver: keys({ queue: name.optional(), case: z.boolean("expected true or false").default(false) }).prefault({}),
  tools: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,40}$/, "expected a name of small letters, digits and underscores"),
      keys({
        tool: text.optional(),
        about: text.optional(),
        with: z.record(z.string(), z.unknown()).default({}),
        asks: z.record(z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, "expected the path of a field"), text).default({}),
        once: duration.optional(),
        confirm: z.union([z.literal(false), text], "expected the question that the customer confirms, or false").optional(),
      }),
    )
    .default({}),
});

/** `true`: everything that a message may be outside of; or a list of it. The spelling of `governance`'s keys counts too. */
const Outside = z
  .union(
    [
      z.boolean(),
      z.array(
        z.preprocess(
          (given) => (typeof given === "string" ? (OTHER_SPELLINGS[given] ?? given) : given),
          z.enum(EXEMPTIONS, "expected caps, quiet_hours, holdout or minPropensity"),
        ),
      ),
    ],
    "expected true, false, or a list of caps, quiet_hours, holdout and minPropensity",
  )
  .transform((value) => (value === true ? [...EXEMPTIONS] : value === false ? [] : [...new Set(value)]));

const OTHER_SPELLINGS: Readonly<Record<string, string>> = { quietHours: "quiet_hours", min_propensity: "minPropensity" };

const Guard = keys({
  outcome: z.enum(OUTCOMES, `expected one of ${OUTCOMES.join(", ")}`).optional(),
  max: portion.optional(),
  success: z.literal("below", "expected below").optional(),
  of: z.literal("others", "expected others").optional(),
  by: portion.optional(),
})
  .refine(
    ({ outcome, success }) => (outcome === undefined) !== (success === undefined),
    "expected {outcome, max}, or {success: below, of: others, by}",
  )
  .refine(
    ({ outcome, max }) => (outcome === undefined) === (max === undefined),
    "outcome and max belong together, like {outcome: complained, max: 0.5%}",
  )
  .refine(
    ({ success, of, by }) => (success === undefined) === (of === undefined) && (success === undefined) === (by === undefined),
    "success, of and by belong together, like {success: below, of: others, by: 50%}",
  )
  .transform(
    ({ outcome, max = 0, by = 0 }): GuardRule => (outcome === undefined ? { success: "below", of: "others", by } : { outcome, max }),
  );

/** How an experience of the status `canary` is tried. */
const CanaryBlock = keys({
  share: portion.refine((value) => value > 0, "expected a share above 0, like 10%").default(0.1),
  for: duration.default(14 * DAY),
  guards: list(Guard)
    .min(1, "expected at least one guard, like {outcome: complained, max: 0.5%}")
    .default([
      { outcome: "complained", max: 0.005 },
      { outcome: "unsubscribed", max: 0.01 },
    ]),
  least: count.default(200),
  // biome-ignore lint/suspicious/noThenProperty: the key in the file; what is parsed has `ending` instead
  then: z.enum(["stay", "approve"], "expected stay or approve").default("stay"),
}).transform(({ then, ...rest }) => ({ ...rest, ending: then }));

/** A file under `experiences/`. */
export const ExperienceFile = keys({
  id: name,
  name: text.optional(),
  department: name.optional(),
  status: z
    .enum(["draft", "proposed", "canary", "approved", "archived"], "expected draft, proposed, canary, approved or archived")
    .default("approved"),
  canary: CanaryBlock.optional(),
  serves: names.min(1, "expected at least one moment"),
  goal: name.optional(),
  eligibility: criteria,
  applicability: criteria,
  suitability: criteria,
  judge: z
    .union(
      [text, keys({ ask: text, without: z.enum(["pass", "fail"], "expected pass or fail").default("fail") })],
      "expected plain words, or {ask, without}",
    )
    .transform((value) => (typeof value === "string" ? { ask: value, without: "fail" as const } : value))
    .optional(),
  value: number.min(0, "expected a number from 0").default(1),
  levers: keys({ weight: number.default(0) }).prefault({}),
  context: list(keys({ when: condition, weight: number })).default([]),
  limits: keys({ perCustomer: count.optional(), window: duration.optional(), total: count.optional() })
    .refine(
      ({ perCustomer, window }) => window === undefined || perCustomer !== undefined,
      "window belongs to perCustomer, which is not given",
    )
    .optional(),
  transactional: Outside.default([]),
  channels: Contents.refine((value) => Object.keys(value).length > 0, "expected at least one channel"),
  action: keys({ tool: text, input: z.record(z.string(), z.unknown()).default({}) }).optional(),
  success: keys({
    signal: types,
    when: condition.optional(),
    within: duration.default(7 * 24 * 60 * 60 * 1000),
    reward: number.default(1),
  }).optional(),
  /** `due` and `owner` default to those of the workspace's `promises`. */
  promise: keys({ name, due: duration.optional(), owner: text.optional() }).optional(),
  converse: Converse.optional(),
});
export type ExperienceFile = z.infer<typeof ExperienceFile>;

/** The rules of a canary whose file has no block of its own. */
export const USUAL_CANARY = CanaryBlock.parse({});

const jsonObject = z.record(z.string(), z.unknown(), "expected an object");
const isoTime = z
  .string("expected an ISO 8601 time with a zone, like 2026-06-01T15:00:00Z")
  .refine((value) => parseInstant(value) !== undefined, "expected an ISO 8601 time with a zone, like 2026-06-01T15:00:00Z")
  .refine((value) => isTimeOfSignal(parseInstant(value) ?? 0), "expected a time from 1970 to 2100");

/** A line of `customers.jsonl`. */
export const CustomerLine = keys({
  id: text,
  traits: jsonObject.default({}),
  identities: list(keys({ type: text, value: text, primary: z.boolean("expected true or false").optional() })).default([]),
  consents: list(
    keys({
      // A denial or revocation is accepted with any value here; the channels of a grant are checked later, where they are known.
      channel: z.unknown().optional(),
      status: z.preprocess(
        (given) => (typeof given === "string" ? given.trim().toLowerCase() : given),
        z.enum(["granted", "denied", "revoked"], "expected granted, denied or revoked"),
      ),
      at: isoTime.optional(),
    }),
  ).default([]),
  timezone: text.optional(),
  locale: text.optional(),
  source: text.default("import"),
  at: isoTime.optional(),
});
export type CustomerLine = z.infer<typeof CustomerLine>;
