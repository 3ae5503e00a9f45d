import { z } from "zod";
import { linesIn } from "../../domain/values/lines.ts";
import { createCustomerReader, LINE_LIMITS, type ReadCustomers } from "../../intake/read-customers.ts";
import { readText } from "../body.ts";
import { readEach } from "../read-each.ts";
import { json } from "../reply.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** Golden records come in files; larger ones are sent in parts. */
const MAX_BYTES = 16 * 1024 * 1024;

const Imported = z.object({
  imported: z.number().int(),
  unchanged: z.number().int(),
  /** Identities that belong to another customer, and are kept as addresses. */
  sharedIdentities: z.number().int(),
  /** Denials and revocations of these are kept by name. */
  unknownChannels: z.array(z.string()).optional(),
  problems: z.array(z.object({ line: z.number().int(), problem: z.string() })).max(100),
  moreProblems: z.number().int().optional().describe("Number of further rejected lines."),
});

export const importRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "post",
    path: "/v1/customers",
    access: "person",
    summary: "Imports golden records, one JSON object a line. A line that was imported before changes nothing.",
    body: {
      content: { "application/x-ndjson": z.string() },
      read: async (request) => readLines(await readText(request, MAX_BYTES)),
    },
    gives: {
      200: { description: "The number of new records, and the problems of rejected lines.", schema: Imported },
      409: problemAnswer("A record changed while it was imported; send it again."),
      413: problemAnswer("More than 16 MB, or 100,000 lines."),
    },
    async run({ body, actor, service }) {
      const { moreProblems, ...result } = await service.importing.customers(body, "records", { by: actor });
      return json({ ...result, ...(moreProblems > 0 ? { moreProblems } : {}) });
    },
  }),
];

// --- internal ---

/** Maximum records of one request. */
const MAX_LINES = 100_000;

/** Reads the lines and yields to other requests in between. */
async function readLines(text: string): Promise<ReadCustomers> {
  const reader = createCustomerReader();
  await readEach(linesIn(Buffer.from(text), LINE_LIMITS.maxBytes), (line) => reader.take(line), { most: MAX_LINES, what: "lines" });
  return reader.result();
}
