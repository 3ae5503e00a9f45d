import { z } from "zod";
import { aboveCeiling, issueWithin } from "../domain/record/offer-ceiling.ts";
import { noOffer, type PriceTerms } from "../domain/record/offers.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { iso, parseDuration } from "../domain/values/time.ts";
import { defineTool } from "./tool.ts";

/** A number, or text that is one: texts of a workspace are rendered before they are read. */
const money = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\s*\d+(\.\d+)?\s*$/)
        .transform(Number),
    ],
    "expected a number",
  )
  .pipe(z.number().min(0));
const yesOrNo = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")], "expected true or false");

const validFor = z.string().transform((text, context) => {
  const length = parseDuration(text.trim());
  if (length !== undefined && length > 0) return length;
  context.addIssue({ code: "custom", message: "expected a duration such as 3h or 14d" });
  return z.NEVER;
});

export const issueOffer = defineTool({
  name: "issue_offer",
  description:
    "Issue a code for one customer: a percentage or an amount off, or a price that is matched. It ends to the second, and never goes below its floor.",
  effect: "record",
  asks: [],
  confirm: false,
  staysWithCustomer: true,
  input: z
    .strictObject({
      percent: money.pipe(z.number().max(100)).optional(),
      amount: money.optional(),
      price: money.optional(),
      listPrice: money.optional(),
      floor: money.optional(),
      validFor,
      stackable: yesOrNo.default(false),
      stacks: yesOrNo.default(true),
    })
    .refine(
      ({ percent, amount, price }) => (percent ?? amount ?? price) !== undefined && (percent === undefined || amount === undefined),
      "expected one of percent, amount and price",
    )
    .refine((terms) => whyNot(terms, "floor") === undefined, {
      path: ["floor"],
      error: ({ input }) => whyNot(input, "floor"),
      // Also beside values that are rendered first: the floor of an author and the list price are often literals.
      when: ({ value }) => typeof value === "object",
    })
    .refine((terms) => whyNot(terms, "percent") === undefined, { path: ["percent"], error: ({ input }) => whyNot(input, "percent") })
    .refine((terms) => whyNot(terms, "amount") === undefined, { path: ["amount"], error: ({ input }) => whyNot(input, "amount") }),
  output: z.object({
    code: z.string(),
    expiresAt: z.string(),
    percent: z.number().optional(),
    amount: z.number().optional(),
    price: z.number().optional(),
    includes: z.array(z.string()),
    lowered: z.object({ from: z.number(), to: z.number() }).optional(),
  }),
  aboveCeiling: (input, { offers }) => (offers ? aboveCeiling(writtenTerms(input), offers) : undefined),

  apply(terms, { customer, key, now, ceilings }) {
    const offer = issueWithin(ceilings.offers, terms, customer.offers, key, now);
    const { code, expiresAt, percent, amount, price, includes, lowered } = offer;
    return {
      changes: [{ type: "offer_issued", offer }],
      output: {
        ...{ code, expiresAt: iso(expiresAt), includes: [...includes] },
        ...(percent === undefined ? {} : { percent }),
        ...(amount === undefined ? {} : { amount }),
        ...(price === undefined ? {} : { price }),
        ...(lowered === undefined ? {} : { lowered }),
      },
    };
  },
});

// --- internal ---

/** The terms of an author's input that are numbers, or texts that are. */
const writtenTerms = (input: JsonObject): PriceTerms =>
  Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) => {
      const { data } = money.safeParse(value);
      return data === undefined ? [] : [[name, data]];
    }),
  );

/** Why the terms that are known make no offer, where the fault is this term's. */
function whyNot(terms: unknown, term: string): string | undefined {
  const known = Object.entries(terms ?? {}).filter(([, value]) => typeof value === "number");
  const none = noOffer(Object.fromEntries(known) as PriceTerms);
  return none?.at === term ? none.why : undefined;
}
