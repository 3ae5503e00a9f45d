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
