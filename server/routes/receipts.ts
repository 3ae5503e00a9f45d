import { z } from "zod";
import { RECEIPT_KINDS } from "../../intake/receipts.ts";
import { jsonBody } from "../json-body.ts";
import { received } from "../received.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { INGEST_ANSWERS, problemAnswer } from "../schemas.ts";

/** What the page or app that shows a delivery reports on it. */
export const receiptRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "post",
    path: "/v1/receipts",
    access: "receipts",
    summary:
      "Reports that a delivery was opened (seen), clicked or dismissed. A site key reports for an anonymous visitor, or with `token` for the customer whom that names. The same report again is a duplicate.",
    body: jsonBody(
      z.object({
        deliveryId: z
          .string("expected the id of a delivery")
          .min(1, "expected the id of a delivery")
          .max(512, "expected the id of a delivery"),
        kind: z.enum(RECEIPT_KINDS, `expected ${RECEIPT_KINDS.join(", ")}`),
        token: z
          .string("expected a JSON Web Token")
          .optional()
          .describe("With a site key: a JWT signed with HS256 by SENTIENT_SITE_SECRET."),
      }),
    ),
    gives: {
      ...INGEST_ANSWERS,
      403: problemAnswer("The delivery is of another customer, the page of another origin, or the key has no right to report."),
      404: problemAnswer("There is no such delivery."),
    },
    async run({ body: { token, ...receipt }, key, service }) {
      const site = key?.site;
      const customerId = site && token !== undefined ? site.customerOf(token) : undefined;
      const by = site ? { via: "site" as const, ...(customerId === undefined ? {} : { customerId }) } : { via: "key" as const };
      return received([await service.readReceipt(receipt, by)], { service, rights: ["receipts"] });
    },
  }),
];
