import { z } from "zod";

// What queries of lists ask for.

const cursor = z.string().max(2_000).optional().describe("The `next` of an answer to the same query.");

/** The most entries that a list gives over HTTP. */
export const MOST_AT_ONCE = 1_000;

const page = {
  limit: z.coerce
    .number("expected a number")
    .int("expected a whole number")
    .min(1, "expected at least 1")
    .max(MOST_AT_ONCE, "at most 1000 are returned at once")
    .default(50),
  customer: z.string().min(1).max(512).optional(),
  customerId: z.string().min(1).max(512).optional().describe("The same, by its name in records."),
};

/** A query of a route as operations take it. */
const wanted = <Query extends { readonly customer?: string | undefined; readonly customerId?: string | undefined }>({
  customer,
  customerId = customer,
  ...rest
}: Query) => ({ ...rest, customerId });

/** Of lists that go on page by page. */
const paged = { ...page, cursor };

export const ListedPages = z.object(paged).transform(wanted);

/** Of erasures, which name nobody. */
export const ListedErasures = z.object({ limit: page.limit, cursor });

const all = z.enum(["true", "false"]).optional();
export const ListedRecords = z
  .object({ ...paged, all })
  .transform(({ all: isAll, ...query }) => ({ ...wanted(query), all: isAll === "true" }));
export const ListedApprovals = z
  .object({
    ...{ ...paged, all },
    order: z.literal("latest", "expected latest, or nothing").optional().describe("The latest asked first."),
  })
  .transform(({ all: isAll, ...query }) => ({ ...wanted(query), all: isAll === "true" }));
export const ListedPromises = z
  .object({
    ...{ ...paged, all, owner: z.string().min(1).max(200).optional() },
    order: z
      .literal("due", "expected due, or nothing")
      .optional()
      .describe("Ended ones last, the latest due date first; default: by due date, open ones first."),
  })
  .transform(({ all: isAll, ...query }) => ({ ...wanted(query), all: isAll === "true" }));
export const ListedTasks = z
  .object({
    ...{ ...paged, all, queue: z.string().min(1).optional(), claimedBy: z.string().min(1).max(200).optional() },
    unclaimed: all.describe("Only those that nobody has claimed."),
    overdue: all.describe("Only open ones whose due date has passed."),
    order: z
      .literal("due", "expected due, or nothing")
      .optional()
      .describe("By due date over all queues, ended ones last, the latest first; default: by queue, then by due date."),
  })
  .transform(({ all: isAll, unclaimed, overdue, ...query }) => ({
    ...wanted(query),
    ...{ all: isAll === "true", unclaimed: unclaimed === "true", overdue: overdue === "true" },
  }));
export const ListedOutcomes = z.object({ ...paged, experience: z.string().min(1).optional() }).transform(wanted);
export const ListedDead = z.object({ ...paged, code: z.string().min(1).optional() }).transform(wanted);

/** The most entries at once of a list within a span of time. */
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
  cursor,
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
