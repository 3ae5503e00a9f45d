import { z } from "zod";
import { ADDRESS_KINDS, CONSENT_DEFAULTS, EXEMPTIONS } from "../../domain/entities/policy.ts";
import { shown } from "../../domain/identity/masking.ts";
import { RUNG_STATES, RUNGS } from "../../domain/why/rung.ts";
import { DecisionView } from "../look-up-views.ts";

// Answers of look-ups about why, strict: a member that is not named here is an error in tests.

const texts = z.array(z.string()).readonly();
/** Words of the policy: ids, names of signals and experiences. */
const word = shown(z.string());
const words = shown(z.array(z.string()).readonly());
const rungId = z.enum(Object.keys(RUNGS) as [keyof typeof RUNGS, ...(keyof typeof RUNGS)[]]);

const LookLine = z.object({
  decisionId: z.string(),
  decidedAt: z.string(),
  action: z.string(),
  verdict: z.string(),
  moment: z.string(),
  winner: word.optional().describe("What won instead."),
  channel: z.string().optional(),
  variant: z.string().optional(),
  codes: words,
  policyVersion: z.string(),
});

export const WhyView = z.object({
  customerId: z.string(),
  experienceId: z.string(),
  name: word.optional(),
  department: z.string().optional(),
  at: z.string(),
  timezone: word,
  answer: z.string().describe("One sentence."),
  outcome: z.enum(["went", "held", "waits", "unknown"]),
  rungs: z
    .array(z.object({ id: rungId, question: word, state: z.enum(RUNG_STATES), says: z.string(), details: texts }))
    .describe("The ladder; the first rung that says no is the answer."),
  stoppedAt: rungId.optional(),
  heldBy: z.object({ stage: z.string(), code: z.string() }).optional(),
  change: z.string().optional().describe("What would change it."),
  ask: z
    .object({ department: z.string().optional(), queue: z.string().optional(), person: word.optional(), about: word })
    .optional()
    .describe("Whom to ask."),
  rival: z
    .object({
      experienceId: z.string(),
      department: z.string().optional(),
      decisionId: z.string(),
      priority: z.number().optional(),
      own: z.number().optional(),
    })
    .optional()
    .describe("What won instead."),
  decisionId: z.string().optional().describe("The decision that the answer rests on."),
  deliveryId: z.string().optional(),
  variant: z.string().optional().describe("What its delivery said."),
  locale: z.string().optional().describe("In which language."),
  looks: z.array(LookLine).describe("Decisions of the window in which it was a candidate, in order of time."),
  lastLook: LookLine.optional().describe("The latest before the window, where the window has none."),
  searched: z.object({ from: word, to: word, whole: z.boolean() }),
});

export const JudgementView = z.object({
  customerId: z.string(),
  at: z.string(),
  answer: z.string(),
  decision: DecisionView.omit({ decisionId: true, runId: true, deliveries: true })
    .optional()
    .describe("As it would be recorded; nothing is."),
  explanation: z
    .object({
      others: z.array(z.object({ experienceId: z.string(), why: z.string(), change: z.string() })),
      smallestChange: z.string().optional(),
    })
    .optional(),
  notes: words,
});

const Criterion = z.object({ when: z.string(), reason: z.string().optional() });

const Rules = z.object({
  name: z.string(),
  version: z.string(),
  timezone: z.string(),
  departments: texts,
  goals: z.record(z.string(), z.number()),
  moments: z.array(
    z.object({
      name: z.string(),
      on: texts,
      when: z.string().optional(),
      expires: z.string(),
      urgency: z.number(),
      once: z.string().optional(),
      closes: texts,
      absent: z.object({ signal: z.string(), for: z.string() }).optional(),
      says: texts.optional(),
    }),
  ),
  promises: z.array(z.object({ name: z.string(), opens: texts, due: z.string(), owner: z.string(), closes: texts, suppress: texts })),
  channels: z
    .array(
      z.object({
        name: z.string(),
        kind: z.string(),
        address: z.enum(ADDRESS_KINDS),
        consent: z.enum(CONSENT_DEFAULTS),
        makesTask: z.boolean(),
        isTouch: z.boolean(),
        queue: z.string().optional(),
      }),
    )
    .describe("Without their options, which may hold secrets."),
  review: z.string(),
  minPropensity: z.number(),
  caps: z.array(
    z.object({
      id: z.string(),
      max: z.number(),
      window: z.string(),
      calendar: z.boolean(),
      channel: z.string().optional(),
      department: z.string().optional(),
    }),
  ),
  quietHours: z.array(z.object({ from: z.string(), to: z.string(), channels: texts.optional() })),
  suppress: z.array(
    z.object({
      departments: texts.optional(),
      channels: texts.optional(),
      experiences: texts.optional(),
      reason: z.string().optional(),
      when: z.string().optional(),
      afterSignal: texts.optional(),
      afterOutcome: z.string().optional(),
      times: z.number().optional(),
      within: z.string().optional(),
      for: z.string().optional(),
      scope: z.string().optional(),
    }),
  ),
  approval: z.array(
    z.object({
      when: z.string().optional(),
      experiences: texts.optional(),
      departments: texts.optional(),
      reason: z.string().optional(),
    }),
  ),
  holdout: z.object({ share: z.number(), for: z.enum(["month", "ever"]), departments: texts.optional() }),
  learning: z.object({ explore: z.enum(["thompson", "none"]), features: texts }),
  retention: z.object({
    signals: z.string(),
    history: z.string(),
    runs: z.string(),
    duplicates: z.string().optional(),
    audit: z.string().optional(),
    asks: z.string(),
    anonymous: z.string(),
  }),
  experiences: z.number().int(),
});

/** Nothing of a customer is in it. */
export const PolicyView = shown(Rules);

const Experience = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  serves: texts,
  value: z.number(),
  lever: z.number(),
  department: z.string().optional(),
  goal: z.string().optional(),
  channels: texts,
  transactional: z.boolean(),
  outside: z.array(z.enum(EXEMPTIONS)).readonly(),
  file: z.string().describe("Where it is kept, relative to the workspace."),
  eligibility: z.array(Criterion),
  applicability: z.array(Criterion),
  suitability: z.array(Criterion),
  context: z.array(z.object({ when: z.string(), weight: z.number() })),
  judge: z.object({ ask: z.string(), without: z.enum(["pass", "fail"]) }).optional(),
  limits: z.object({ perCustomer: z.number().optional(), window: z.string().optional(), total: z.number().optional() }).optional(),
  success: z.object({ signals: texts, when: z.string().optional(), within: z.string(), reward: z.number() }).optional(),
  promise: z.object({ name: z.string(), due: z.string(), owner: z.string() }).optional(),
  action: z.string().optional().describe("The tool of its action."),
  converse: z.object({ brief: z.string(), tools: texts }).optional(),
  contents: z
    .array(z.object({ channel: z.string(), kind: z.string(), written: z.record(z.string(), z.unknown()) }))
    .describe("By channel, as written: before variables are substituted."),
});

/** As its author wrote it: nothing of a customer is in it. */
export const OneExperienceView = shown(Experience);

export const DeliveryView = z.object({
  deliveryId: z.string(),
  decisionId: z.string(),
  runId: z.string().optional(),
  customerId: z.string(),
  experienceId: z.string(),
  department: z.string().optional(),
  channel: z.string(),
  variant: z.string().optional(),
  locale: z.string().optional(),
  kind: z.string(),
  to: z.string().optional(),
  status: z.string(),
  reason: z.string().optional().describe("Why it was stopped, failed or is uncertain: the provider's answer."),
  recorded: z.boolean(),
  attempts: z.number().int(),
  providerId: z.string().optional(),
  moments: texts,
  reservedAt: z.string(),
  claimedAt: z.string().optional(),
  settledAt: z.string().optional(),
  restUntil: z.string().optional(),
  expiresAt: z.string(),
  content: z.record(z.string(), z.unknown()).optional(),
  action: z.record(z.string(), z.unknown()).optional(),
  facts: z.record(
    z.string(),
    z.object({
      value: z.unknown(),
      source: z.string(),
      at: z.string(),
      age: z.string().describe("At the time of the decision."),
      doubt: z.string().optional(),
    }),
  ),
  history: z.array(z.object({ at: z.string(), status: z.string(), reason: z.string().optional() })),
  receipts: z.array(z.object({ kind: z.string(), at: z.string(), source: z.string().optional(), signalId: z.string().optional() })),
  calls: z
    .array(z.object({ tool: z.string(), status: z.string(), attempts: z.number().int(), error: z.string().optional() }))
    .describe("Calls of tools for it."),
  text: z.string().optional().describe("The plain text of its mail."),
  hasPage: z.boolean().describe("Whether `/preview` shows it as a mail."),
  links: z
    .array(z.object({ target: z.string(), text: z.string() }))
    .readonly()
    .describe("Where links of its mail lead."),
  loads: texts.describe("What its mail would load from elsewhere."),
  at: z.string(),
});

export const SignalView = z.object({
  source: z.string(),
  id: z.string(),
  type: z.string(),
  customerId: z.string(),
  time: z.string(),
  receivedAt: z.string(),
  event: z.unknown().describe("As it came."),
  state: z.enum(["decided", "waiting", "dead"]),
  error: z.string().optional().describe("Why deciding it failed."),
});
