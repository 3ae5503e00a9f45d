import { z } from "zod";

// What look-ups answer, for the HTTP API. Records have more members than are named here, and may get others.

export const Reason = z.looseObject({ code: z.string(), detail: z.string().optional() });

export const DecisionView = z.looseObject({
  decisionId: z.string(),
  runId: z.string(),
  customerId: z.string(),
  decidedAt: z.string(),
  action: z.enum(["deliver", "defer", "await_approval", "withhold", "silence"]),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  until: z.string().optional(),
  probability: z.number(),
  candidates: z.array(z.looseObject({ experienceId: z.string(), verdict: z.string(), reasons: z.array(Reason) })),
  reasons: z.array(Reason),
  deliveries: z.array(z.looseObject({ deliveryId: z.string(), channel: z.string(), status: z.string() })),
  policyVersion: z.string(),
});

export const ExperienceView = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  serves: z.array(z.string()),
  channels: z.array(z.string()),
});

export const RenderedView = z.object({
  experienceId: z.string(),
  customerId: z.string(),
  at: z.string().describe("The store's time, at which it was rendered."),
  channel: z.string(),
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
  headline: z.string(),
  why: z.array(z.string()),
  others: z.array(z.looseObject({ experienceId: z.string(), why: z.string(), change: z.string() })),
  smallestChange: z.string().optional(),
});

export const RunView = z.looseObject({ runId: z.string(), customerId: z.string(), startedAt: z.string(), status: z.string() });

export const ProfileView = z.looseObject({
  customerId: z.string(),
  fields: z.array(z.looseObject({ path: z.string(), state: z.string() })),
});
