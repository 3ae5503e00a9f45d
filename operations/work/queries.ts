import { z } from "zod";

// What queries of lists that a console pages through ask for.

/** The most entries of such a list at once. */
const MOST = 200;

const span = {
  limit: z.coerce
    .number("expected a number")
    .int("expected a whole number")
    .min(1, "expected at least 1")
    .max(MOST, `at most ${MOST} are returned at once`)
    .default(50),
  customer: z.string().min(1).max(512).optional(),
  from: z.string().max(40).optional().describe("ISO 8601; default: 7 days before `to`."),
  to: z.string().max(40).optional().describe("ISO 8601, excluded; default: now."),
};

const listed = <Query extends { readonly customer?: string | undefined }>({ customer, ...rest }: Query) => ({
  ...rest,
  customerId: customer,
});

export const ListedDeliveries = z
  .object({
    ...span,
    status: z.enum(["reserved", "sending", "bounced", "failed", "uncertain"]).optional(),
    channel: z.string().min(1).max(200).optional(),
  })
  .transform(listed);

export const ListedCalls = z
  .object({
    ...span,
    status: z.enum(["planned", "running", "failed", "uncertain"]).optional(),
    tool: z.string().min(1).max(200).optional(),
  })
  .transform(listed);
