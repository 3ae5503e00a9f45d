import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";

// What operations on canaries answer. Nothing in them is about a customer, so that viewers see all of it.

const Count = z.object({ events: z.number(), trials: z.number() });

export const CanaryGuardView = z.object({
  guard: shown(z.string().describe("What must not be, as `complained at most 0.5 %`.")),
  ...Count.shape,
  others: Count.optional().describe("Of the experiences that serve the same moments, for a guard on success."),
  towards: z.number().describe("How much speaks against the canary: 0 nothing, 1 enough to stop it."),
  broken: z.boolean(),
  says: shown(z.string().describe("What was counted.")),
  sight: z
    .array(z.object({ times: z.number(), deliveries: z.number() }))
    .readonly()
    .describe("How many deliveries it takes to see so many times the bound; empty for a guard on success."),
});

export const CanaryView = z.object({
  experienceId: z.string(),
  name: shown(z.string()),
  department: shown(z.string()).optional(),
  file: shown(z.string()),
  share: z.number().describe("Of customers, from 0 to 1."),
  state: z.enum(["running", "stopped"]),
  stays: z.boolean().describe("Whether the others, and all once it is stopped, get the one that was approved before it."),
  startedAt: z.string().optional().describe("Missing while no process has decided by it."),
  endsAt: z.string().optional().describe("When its time is over."),
  ending: z.enum(["stay", "approve"]).describe("What it becomes then, if no guard is broken."),
  least: z.number().describe("Fewest deliveries before it is approved by itself."),
  deliveries: z.number(),
  guards: z.array(CanaryGuardView).readonly(),
  stopped: z.object({ at: z.string(), by: z.string(), why: shown(z.string()) }).optional(),
});
export type CanaryView = Readonly<z.infer<typeof CanaryView>>;

export const CourseView = CanaryView.extend({
  courses: z
    .array(
      z.object({
        guard: shown(z.string()),
        isLeast: z.boolean().describe("Whether the bound is the lowest harmless rate: of a guard on success."),
        points: z
          .array(
            z.object({
              at: z.string(),
              ...Count.shape,
              bound: z.number().optional().describe("The rate that the guard allows; missing while nobody else had time for a success."),
              towards: z.number(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly()
    .describe("What each guard had seen by times of its life, until now or until it was stopped."),
});
export type CourseView = Readonly<z.infer<typeof CourseView>>;

export const StoppedCanary = CanaryView.extend({ changed: z.boolean() });
export type StoppedCanary = Readonly<z.infer<typeof StoppedCanary>>;

export const ApprovedCanary = z.object({
  experienceId: z.string(),
  changed: z.literal(true),
  policyVersion: z.string().describe("The version that was published with it."),
  file: shown(z.string()),
});
export type ApprovedCanary = Readonly<z.infer<typeof ApprovedCanary>>;
