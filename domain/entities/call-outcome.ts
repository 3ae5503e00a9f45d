import { z } from "zod";
import type { JsonObject } from "../values/json.ts";

/** Outcome of a tool call as the queue carries it: the key of the call's row and a status, no content. */
export const CallOutcome = z.object({
  key: z.string(),
  /** `uncertain`: the call may have taken effect. `waiting`: not executed yet; a later pass finds its row. */
  status: z.enum(["done", "failed", "uncertain", "cancelled", "waiting"]),
  code: z.string().optional(),
  message: z.string().optional(),
});
export type CallOutcome = z.infer<typeof CallOutcome>;

/** An outcome with the tool's output, as stored in the call's row. */
export interface CallResult extends CallOutcome {
  readonly output?: JsonObject | undefined;
}
