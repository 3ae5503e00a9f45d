import { z } from "zod";
import { OUTCOMES } from "../domain/entities/customer.ts";
import { Candidate, Decision, DeliveryRecord, HoldoutRecord, Reason as KeptReason, MomentRecord } from "../domain/entities/decision.ts";
import { shown } from "../domain/identity/masking.ts";
import { ApprovalView } from "./views.ts";

// What look-ups answer, for the HTTP API. Records have more members than are named here, and may get others. A viewer gets those that
// are named here, with texts masked (`domain/identity/masking.ts`).

export const Reason = z.looseObject({ ...KeptReason.partial().shape, code: z.string(), detail: z.string().optional() });

export const DecisionView = z.looseObject({
  ...Decision.partial().shape,
  decisionId: z.string(),
  runId: z.string(),
  customerId: z.string(),
  decidedAt: z.string(),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  until: z.string().optional(),
  action: z.enum(["deliver", "defer", "await_approval", "withhold", "silence"]),
  probability: z.number(),
  timezone: z.looseObject({ name: shown(z.string()), from: z.enum(["customer", "workspace"]) }).optional(),
  holdout: shown(HoldoutRecord).optional(),
  hour: shown(z.object({ at: z.string(), probability: z.number() })).optional(),
  wake: z
    .union([
      z.looseObject({ kind: z.literal("signal"), signalId: z.string(), source: z.string(), type: z.string() }),
      z.looseObject({ kind: z.literal("timer"), name: shown(z.string()), due: z.string() }),
      z.looseObject({
        ...{ kind: z.literal("ask"), askId: z.string(), source: z.string() },
        ...{ channel: shown(z.string()), place: shown(z.string()) },
      }),
    ])
    .optional(),
  moments: z.array(z.looseObject({ ...MomentRecord.partial().shape, name: shown(z.string()) })).optional(),
  candidates: z.array(
    z.looseObject({
      ...Candidate.partial().shape,
      experienceId: z.string(),
      verdict: z.string(),
      reasons: z.array(Reason),
      otherChannels: z.array(Reason).optional(),
    }),
  ),
  reasons: z.array(Reason),
  deliveries: z.array(
    z.looseObject({
      ...DeliveryRecord.partial().shape,
      deliveryId: z.string(),
      channel: z.string(),
      locale: shown(z.string()).optional(),
      status: z.string(),
    }),
  ),
  policyVersion: z.string(),
  supersedes: shown(z.string()).optional(),
});

export const ExperienceView = z.looseObject({
  id: z.string(),
  name: shown(z.string()),
  status: z.string(),
  serves: shown(z.array(z.string())),
  channels: shown(z.array(z.string())),
});

const Share = z.object({ count: z.number().int(), share: z.number(), low: z.number(), high: z.number() });
const Group = z.object({ customers: z.number().int(), successes: z.number().int(), rate: z.number() });

export const ReportView = z.object({
  experienceId: z.string(),
  name: shown(z.string()),
  status: z.string(),
  window: shown(z.object({ from: z.string(), to: z.string() })),
  reach: z.number().int().describe("Customers to whom it was sent."),
  sent: z.number().int().describe("Deliveries that were handed over."),
  outcomes: z.record(z.string(), Share).describe("By kind, as shares of what was sent, with Wilson's 95 % interval."),
  variants: z
    .array(z.object({ channel: z.string(), variant: z.string(), sent: z.number().int(), outcomes: z.record(z.string(), Share) }))
    .optional()
    .describe("By channel and variant, where it says a thing in several ways."),
  heldBy: z
    .array(z.object({ code: z.string(), decisions: z.number().int(), customers: z.number().int() }))
    .describe("Decisions in which something stood against it."),
  lift: shown(
    z
      .union([
        z.object({
          difference: z.number(),
          interval: z.object({ low: z.number(), high: z.number() }),
          treated: Group,
          withheld: Group,
          within: z.string(),
          holdout: z.number(),
          pending: z.number().int(),
          from: z.string(),
        }),
        z.object({ refused: z.string() }),
      ])
      .describe("Success rate of the treated minus that of the withheld, with Newcombe's 95 % interval, or why there is none."),
  ),
});

export const RenderedView = z.object({
  experienceId: z.string(),
  customerId: z.string(),
  at: z.string().describe("The store's time, at which it was rendered."),
  channel: z.string(),
  variant: z.string().optional(),
  locale: z.string().optional(),
  to: z.string().optional(),
  moment: z.object({ name: z.string(), openedAt: z.string(), expiresAt: z.string() }).optional(),
  facts: z
    .record(
      z.string(),
      z.object({
        value: z.unknown(),
        source: z.string(),
        at: z.string(),
        age: z.string(),
        state: z.enum(["ok", "stale", "conflict"]),
        doubt: z.string().optional(),
      }),
    )
    .describe("What the text states, by path."),
  content: z.record(z.string(), z.unknown()).optional().describe("Absent where there are problems."),
  html: z.string().optional().describe("The HTML part of the mail, exactly as it would be sent."),
  links: z
    .array(z.object({ target: z.string(), text: z.string() }))
    .readonly()
    .optional()
    .describe("Where links of the mail lead."),
  loads: z.array(z.string()).readonly().optional().describe("What the mail would load from elsewhere."),
  action: z
    .object({
      tool: z.string(),
      input: z.record(z.string(), z.unknown()),
      output: z.record(z.string(), z.unknown()),
      from: z.enum(["computed", "recorded"]),
    })
    .optional()
    .describe("What the text reads as `action`; it was not run."),
  problems: z
    .array(z.object({ code: z.string(), detail: z.string(), todo: z.string() }))
    .describe("Why the text cannot be written; empty where it can."),
  heldBy: z.array(z.object({ code: z.string(), detail: z.string() })).describe("Consent and address on this channel."),
  notes: z.array(z.string()),
});

export const ExplanationView = z.looseObject({
  headline: shown(z.string()).describe("What was done, for whom, by which channel: ids and codes only."),
  why: z.array(z.string()),
  others: z.array(z.looseObject({ experienceId: z.string(), why: z.string(), change: z.string() })),
  smallestChange: z.string().optional(),
  experience: z
    .object({
      experienceId: z.string(),
      verdict: z.enum(["chosen", "eligible", "ineligible"]),
      why: z.string(),
      change: z.string().optional(),
      computed: z.boolean().describe("Whether it was computed again, as the record only counts it."),
      policyVersion: z.string(),
    })
    .optional()
    .describe("The experience that was asked about."),
});

export const WhatIfView = z.object({
  before: DecisionView,
  after: DecisionView.nullable().describe("Null where no decision would have been made."),
  same: z.boolean().describe("Whether action, experience, channel, variant and time are the same."),
  golden: z.record(z.string(), z.json()).optional().describe("A case of golden decisions, where `keep` asks for it."),
});

export const TriedView = z.object({
  text: z.string(),
  by: z
    .enum(["classifier", "embeddings", "model"])
    .describe("Who has read the text: the classifier by words alone, with the vectors of an embeddings model, or the language model."),
  model: shown(z.string()).optional().describe("The language model that was asked."),
  embeddings: shown(z.string()).optional().describe("The embeddings model that was asked."),
  threshold: z.number(),
  opens: shown(z.array(z.string())),
  moments: z.array(
    z.object({
      name: shown(z.string()),
      on: shown(z.array(z.string())),
      confidence: z.number(),
      opens: z.boolean(),
      when: z.string().optional().describe("Its condition, which is asked of the customer as well."),
      examples: z.array(z.object({ text: z.string(), likeness: z.number() })).describe("Its nearest says."),
    }),
  ),
  anyway: z.array(z.string()).describe("Moments that open with such a signal, whatever its text says."),
  notes: z.array(z.string()),
});

export const OutcomeView = z.object({
  at: z.string(),
  kind: z.enum(OUTCOMES),
  customerId: z.string(),
  experienceId: z.string(),
  channel: z.string(),
  department: z.string().optional(),
  deliveryId: z.string(),
  decisionId: z.string(),
});

export const RunView = z.looseObject({
  runId: z.string(),
  customerId: z.string(),
  traceId: z.string().optional().describe("The trace in which it was decided, where traces are exported."),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  status: z.string(),
  decisionId: z.string().optional(),
  action: z.string().optional(),
  experienceId: z.string().optional(),
  decisions: z
    .array(z.object({ decisionId: z.string(), action: z.string(), experienceId: z.string().optional() }))
    .optional()
    .describe("Where it made several decisions, as for an ask for several places: all of them."),
  policyVersion: z.string().optional(),
});

/** The origin of a value in a golden record. */
const said = { at: z.string(), source: z.string() };

export const ProfileView = z.looseObject({
  customerId: z.string(),
  alsoKnownAs: shown(z.array(z.string())).optional(),
  origin: z.looseObject({ kind: z.string(), at: z.string(), source: z.string().optional(), id: z.string().optional() }).optional(),
  stage: z
    .object({ name: shown(z.string()), since: z.string() })
    .optional()
    .describe("Where the customer stands, and since when."),
  fields: z.array(
    z.looseObject({
      path: shown(z.string()),
      state: z.string(),
      value: z.unknown(),
      source: z.string().optional(),
      at: z.string().optional(),
      age: shown(z.string()).optional(),
      detail: z.string().optional(),
      rule: shown(z.string()).optional().describe("How its value is chosen; absent where the latest statement counts."),
    }),
  ),
  identities: z.array(z.looseObject({ type: z.string(), value: z.string(), source: z.string(), findsOther: z.boolean() })).optional(),
  gone: z.array(z.looseObject({ ...said, type: z.string(), value: z.string(), reason: z.string() })).optional(),
  consents: z.array(z.looseObject({ ...said, channel: z.string(), status: z.string(), reason: z.string().optional() })).optional(),
  moments: z.array(z.looseObject({ name: shown(z.string()), openedAt: z.string(), expiresAt: z.string() })).optional(),
  promises: z.array(z.looseObject({ name: shown(z.string()), owner: z.string(), due: z.string(), overdue: z.boolean() })).optional(),
  openCases: shown(z.array(z.string())).optional(),
  touches: z.array(z.looseObject({ at: z.string(), kind: z.string(), channel: z.string(), department: z.string().optional() })).optional(),
});

/** An approval with the message that it is about; what is over has no message. */
export const ShownApprovalView = ApprovalView.extend(
  RenderedView.omit({ experienceId: true, customerId: true, channel: true, moment: true }).partial().shape,
);
