import { z } from "zod";
import { ACTIONS, REASON_CODES } from "../../domain/entities/decision.ts";
import type { Page } from "../operation.ts";
import type { LinesRequest } from "./list-lines.ts";

/** The most lines at once; whole records may be more. */
const MOST_LINES = 200;

const name = z.string().min(1).max(512);
const time = z.string().max(40);

/** Filters that only lines have. */
const filters = {
  action: z.enum(ACTIONS).optional(),
  experience: name.optional().describe("What was sent, waits, or was withheld."),
  department: name.optional().describe("Of the experience, as the policy in force says."),
  channel: name.optional(),
  reason: z.enum(REASON_CODES).optional().describe("Among the reasons of the decision or of a candidate."),
  moment: name.optional(),
  policy: name.optional().describe("A version of the policy, or the beginning of one."),
  needs: z
    .literal("person", "expected person, or nothing")
    .optional()
    .describe("Only those that need a person: they wait for approval, went to a human channel, or their message failed or is uncertain."),
  drawn: z.literal("true", "expected true, or nothing").optional().describe("Only those with a probability below 1: chance had a part."),
  from: time.optional().describe("ISO 8601; default: 7 days before `to`, or before the latest decision."),
  to: time.optional().describe("ISO 8601, excluded; default: none."),
  cursor: z.string().max(2_000).optional().describe("The `next` of an answer to the same query."),
};

/** Whole records, the latest last, or with `view=line` a line each, the latest first. */
export const ListedDecisions = z
  .object({
    limit: z.coerce
      .number("expected a number")
      .int("expected a whole number")
      .min(1, "expected at least 1")
      .max(1_000, "at most 1000 are returned at once")
      .default(50),
    customer: name.optional(),
    customerId: name.optional().describe("The same, by its name in records."),
    view: z.literal("line", "expected line, or nothing").optional(),
    order: z.literal("newest", "expected newest, or nothing").optional().describe("The latest first, as lines are anyway."),
    ...filters,
  })
  .transform(
    (
      { customer, customerId = customer, view, order, limit, ...filter },
      context,
    ): (Page & { readonly order?: "newest" }) | LinesRequest => {
      if (view === "line") {
        if (limit > MOST_LINES)
          context.addIssue({ code: "custom", path: ["limit"], message: `at most ${MOST_LINES} lines are returned at once` });
        return { view, limit, customerId, ...filter };
      }
      for (const [only, value] of Object.entries(filter))
        if (value !== undefined) context.addIssue({ code: "custom", path: [only], message: "expected view=line beside it" });
      return { limit, customerId, ...(order === undefined ? {} : { order }) };
    },
  );

/** What is otherwise in a decision that is asked about again. */
export const AskedWhatIf = z.object({
  set: z
    .record(z.string().min(1).max(500), z.json())
    .refine((given) => Object.keys(given).length <= 50, "expected at most 50 facts")
    .optional()
    .describe("Facts by the path of the trait (`customer.` may stand before it); null: the trait is not known."),
  at: z.string().max(40).optional().describe("When the wake would have come. Default: when it came."),
  policy: z.string().min(8).max(64).optional().describe("A version to decide by, or a beginning of 8. Default: that of the decision."),
  keep: z
    .enum(["masked", "personal"])
    .optional()
    .describe("Adds `golden` to the answer: a case for a file of golden decisions, with names, addresses and texts masked or as they are."),
});
