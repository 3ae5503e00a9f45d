import { z } from "zod";
import { importCustomers, readCustomerText } from "../../runtime/import-customers.ts";
import { readText } from "../body.ts";
import { type AnyRoute, defineRoute, json } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** Golden records come by the file; more than this is sent in parts. */
const MOST_BYTES = 16 * 1024 * 1024;

const Imported = z.object({
  imported: z.number().int(),
  unchanged: z.number().int(),
  /** Identities that find another customer, and are kept as addresses. */
  sharedIdentities: z.number().int(),
  problems: z.array(z.object({ line: z.number().int(), problem: z.string() })),
});

export const importRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "post",
    path: "/v1/customers",
    access: "operator",
    summary: "Imports golden records, one JSON object a line. A line that was imported before is left alone.",
    takes: { "application/x-ndjson": z.string() },
    gives: {
      200: { description: "How many are new, and what is wrong with the others.", schema: Imported },
      409: problemAnswer("A record changed while it was imported; send it again."),
      413: problemAnswer("More than 16 MB."),
    },
    async run({ request, actor, service: { store, policy, now } }) {
      const { lines, problems } = readCustomerText(await readText(request, MOST_BYTES));
      const result = await importCustomers(lines, now(), store, policy);
      const details = { ...result, problems: problems.length };
      await store.operations.record({ at: now(), by: actor, action: "customers.imported", target: "records", details });
      return json({ ...result, problems });
    },
  }),
];
