import { z } from "zod";
import { idFrom } from "../domain/entities/wake.ts";
import { defineTool } from "./tool.ts";

export const openCase = defineTool({
  name: "open_case",
  description: "Open a service case for the customer. While it is open, policies can keep selling quiet.",
  effect: "record",
  asks: ["subject"],
  confirm: false,
  staysWithCustomer: true,
  opensCase: true,
  input: z.strictObject({ subject: z.string().min(1), queue: z.string().optional() }),
  output: z.object({ caseId: z.string() }),

  apply({ subject, queue }, { key, now }) {
    const caseId = idFrom("c", key);
    return {
      changes: [{ type: "case_opened", caseId, at: now, data: { subject, ...(queue === undefined ? {} : { queue }) } }],
      output: { caseId },
    };
  },
});
