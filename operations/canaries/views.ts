import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";

// What operations on canaries answer. Nothing in them is about a customer, so that viewers see all of it.

const Count = z.object({ events: z.number(), trials: z.number() });

export const CanaryGuardView = z.object({
  guard: shown(z.string()).describe("What must not be, as `complained at most 0.5 %`."),
  ...Count.shape,
  others: Count.optional().describe("Of the experiences that serve the same moments, for a guard on success."),
  towards: z.number().describe("How much speaks against the canary: 0 nothing, 1 enough to stop it."),
  broken: z.boolean(),
  says: shown(z.string()).describe("What was counted."),
});

export const CanaryView = z.object({
  experienceId: z.string(),
  name: shown(z.string()),
  department: shown(z.string()).optional(),
  file: shown(z.string()),
  share: z.number().describe("Of customers, from 0 to 1."),
  state: z.enum(["running", "stopped"]),
  startedAt: z.string().optional().describe("Missing while no process has decided by it."),
  endsAt: z.string().optional().describe("When its time is over."),
  ending: z.enum(["stay", "approve"]).describe("What it becomes then, if no guard is broken."),
  least: z.number().describe("Fewest deliveries before it is approved by itself."),
  deliveries: z.number(),
  guards: z.array(CanaryGuardView).readonly(),
  stopped: z.object({ at: z.string(), by: z.string(), why: shown(z.string()) }).optional(),
});
export type CanaryView = Readonly<z.infer<typeof CanaryView>>;

export const StoppedCanary = CanaryView.extend({ changed: z.boolean() });
export type StoppedCanary = Readonly<z.infer<typeof StoppedCanary>>;

export const ApprovedCanary = z.object({
  experienceId: z.string(),
  changed: z.literal(true),
  policyVersion: z.string().describe("The version that was published with it."),
  file: shown(z.string()),
});
export type ApprovedCanary = Readonly<z.infer<typeof ApprovedCanary>>;
