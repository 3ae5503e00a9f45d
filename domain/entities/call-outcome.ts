import { z } from "zod";
import type { JsonObject } from "../values/json.ts";

/** What has come of a call of a tool, as the queue carries it: no content, only what the call's row is found by and its status. */
export const CallOutcome = z.object({
  key: z.string(),
  /** `uncertain`: it may have happened. `waiting`: it has not happened yet, and its row is found again. */
  status: z.enum(["done", "failed", "uncertain", "cancelled", "waiting"]),
  code: z.string().optional(),
  message: z.string().optional(),
});
export type CallOutcome = z.infer<typeof CallOutcome>;

/** An outcome with what the tool gave back, as the call's row says it. */
export interface CallResult extends CallOutcome {
  readonly output?: JsonObject | undefined;
}
