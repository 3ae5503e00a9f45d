import { z } from "zod";
import type { Json } from "../domain/json.ts";
import { applyPatches, patchesOf } from "../domain/record.ts";
import { defineTool } from "./tool.ts";

/** What our own actions say about a customer is said by this source. */
const SOURCE = "sentient";

export const updateTraits = defineTool({
  name: "update_traits",
  description: "Write traits into the customer's record, as news of this moment from this system.",
  effect: "record",
  input: z.strictObject({ traits: z.record(z.string(), z.unknown()) }),
  output: z.object({ updated: z.array(z.string()) }),

  apply({ traits }, { customer, now, seq }) {
    const patches = patchesOf(traits as Record<string, Json>);
    const claims = applyPatches(customer.claims, patches, { source: SOURCE, at: now, seq });
    return { changes: [{ type: "claims_set", claims }], output: { updated: patches.map(({ path }) => path) } };
  },
});
