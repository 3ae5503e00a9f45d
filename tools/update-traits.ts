import { z } from "zod";
import { patched } from "../domain/record/intake.ts";
import { patchesOf } from "../domain/record/patch.ts";
import type { Json } from "../domain/values/json.ts";
import { defineTool } from "./tool.ts";

/** What our own actions say about a customer is said by this source. */
const SOURCE = "sentient";

export const updateTraits = defineTool({
  name: "update_traits",
  description: "Write traits into the customer's record, as news of this moment from this system.",
  effect: "record",
  asks: ["traits."],
  staysWithCustomer: true,
  input: z.strictObject({ traits: z.record(z.string(), z.unknown()) }),
  /** `leftOut`: traits that did not fit into the record. */
  output: z.object({ updated: z.array(z.string()), leftOut: z.array(z.string()).optional() }),

  apply({ traits }, { customer, now, seq }) {
    const patches = patchesOf(traits as Record<string, Json>);
    const { change, leftOut } = patched(customer, patches, { source: SOURCE, at: now, seq });
    const updated = patches.map(({ path }) => path).filter((path) => !leftOut.includes(path));
    return { changes: [change], output: { updated, ...(leftOut.length > 0 ? { leftOut: [...leftOut] } : {}) } };
  },
});
