import { z } from "zod";
import { ACTIONS, type Decision, REASON_CODES } from "../../domain/entities/decision.ts";
import { shown } from "../../domain/identity/masking.ts";

// The list of decisions, a line each. Times are ISO 8601.

/** A decision on one line: a fifth of its record. */
export const DecisionLine = z.object({
  decisionId: z.string(),
  customerId: z.string(),
  at: z.string(),
  action: z.enum(ACTIONS),
  experienceId: z.string().optional().describe("What was sent, waits, or was withheld."),
  department: z.string().optional().describe("Of the experience, as the policy in force says."),
  channel: z.string().optional(),
  until: z.string().optional().describe("When what waits is judged again."),
  moments: shown(z.array(z.string()).describe("The open moments it is about.")),
  candidates: z.number().int().describe("Experiences that were looked at."),
  code: z.enum(REASON_CODES).optional().describe("The first reason why nothing was sent."),
  probability: z.number().optional().describe("With which it was drawn, where chance had a part."),
  delivery: z
    .enum(["sent", "on its way", "failed", "uncertain", "cancelled"])
    .optional()
    .describe("What became of the message, the worst of several."),
  recorded: z.literal(true).optional().describe("The message that was sent was kept in the store only: nothing left the machine."),
  lapsed: z.string().optional().describe("Why what waited came to nothing."),
});
export type DecisionLine = Readonly<z.infer<typeof DecisionLine>>;

export const DecisionLinesView = z.object({
  decisions: z.array(DecisionLine).readonly(),
  next: shown(z.string().describe("The cursor of the decisions before; absent at the end of the window.")).optional(),
  searched: z.object({
    from: shown(z.string().describe("Down to here all decisions were looked at.")),
    to: shown(z.string().describe("Absent: up to the latest.")).optional(),
    whole: z.boolean().describe("False: there may be more before `from`; go on with `next`."),
  }),
});
export type DecisionLinesView = Readonly<z.infer<typeof DecisionLinesView>>;

/** The status, among those of a decision's deliveries, of one that was sent and left no machine. */
const RECORDED = "recorded";

type Kept = Omit<Decision, "deliveries" | "runId">;

/** The line of a record. */
export function lineOf(
  { decisionId, customerId, decidedAt, action, experienceId, channel, until, moments, candidates, others = [], reasons, probability }: Kept,
  about: {
    readonly department?: string | undefined;
    readonly statuses?: readonly string[] | undefined;
    readonly lapsed?: string | undefined;
  },
): DecisionLine {
  const { department, statuses = [], lapsed } = about;
  const [reason] = action === "deliver" ? [] : reasons;
  const delivery = statuses.length === 0 ? undefined : worstOf(statuses);
  return {
    ...{ decisionId, customerId, at: decidedAt, action },
    ...(experienceId === undefined ? {} : { experienceId }),
    ...(department === undefined ? {} : { department }),
    ...(channel === undefined ? {} : { channel }),
    ...(until === undefined ? {} : { until }),
    moments: moments.map(({ name }) => name),
    candidates: others.reduce((sum, { count }) => sum + count, candidates.length),
    ...(reason === undefined ? {} : { code: reason.code }),
    ...(probability < 1 ? { probability } : {}),
    ...(delivery === undefined ? {} : { delivery }),
    ...(delivery === "sent" && statuses.includes(RECORDED) ? { recorded: true } : {}),
    ...(lapsed === undefined ? {} : { lapsed }),
  };
}

/** The fate of a decision's message: trouble counts before success. */
export function worstOf(statuses: readonly string[]): NonNullable<DecisionLine["delivery"]> {
  const has = (...some: readonly string[]): boolean => statuses.some((status) => some.includes(status));
  if (has("failed", "bounced")) return "failed";
  if (has("uncertain")) return "uncertain";
  if (has("reserved", "sending")) return "on its way";
  return has("sent", "delivered", RECORDED) ? "sent" : "cancelled";
}
