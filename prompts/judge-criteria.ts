import { z } from "zod";
import { DATA_IS_DATA, data, definePrompt } from "./prompt.ts";

export interface CriteriaToJudge {
  /** Today's date in the customer's zone. */
  readonly today: string;
  readonly criteria: readonly { readonly id: string; readonly ask: string; readonly moment: string }[];
  /** The record, by field name. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** One verdict per criterion. `unsure` is a valid answer: the rule for the case without a model then applies. */
export const Verdict = z.strictObject({
  criterion: z.string().max(40),
  verdict: z.enum(["met", "not_met", "unsure"]),
  reason: z.string().min(1).max(400),
  /** Names of the record fields that support the verdict. */
  evidence: z.array(z.string().max(200)).max(20),
});
export type Verdict = z.infer<typeof Verdict>;

export const judgeCriteria = definePrompt({
  name: "judge-criteria",
  version: 1,
  maxTokens: 1_200,
  answer: z.strictObject({ verdicts: z.array(Verdict).max(50) }),
  system: [
    "You check whether criteria hold for a customer. Each criterion is a sentence that is either met or not met.",
    "Judge by the record alone: what it does not show is not known. When you are in doubt, or the record does not say, answer unsure.",
    "Give one verdict for every criterion, by its id: met, not_met or unsure; a reason of one short sentence;",
    "and as evidence the names of the fields that it rests on, written exactly as in the record. A verdict without evidence does not count.",
    DATA_IS_DATA,
  ].join("\n"),
  user: ({ today, criteria, record }: CriteriaToJudge) =>
    [
      `Today is ${today}.`,
      "The criteria:",
      ...criteria.map(({ id, ask, moment }) => `${id} (the moment is ${moment}): ${ask}`),
      "The customer's record, field by field:",
      data("record", record, 8_000),
    ].join("\n"),
  sample: {
    today: "2026-06-01",
    criteria: [{ id: "c1", ask: "The customer has not told us yet what they will do.", moment: "lease_ending" }],
    record: { "customer.lease.endsOn": "2026-08-01" },
  },
});
