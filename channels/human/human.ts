import { z } from "zod";
import { parseDuration } from "../../domain/values/time.ts";
import type { AnyChannel } from "../channel.ts";
import { line, someText } from "../options.ts";

/** Kept as written: the task is due this long after its decision. */
const writtenDuration = z
  .string("expected a duration like 1h")
  .refine((value) => (parseDuration(value) ?? 0) > 0, "expected a duration like 30s, 15m, 3h, 7d or 4w");

/** A person: each delivery becomes a task in a queue. */
export const human = {
  kind: "human",
  options: z.object({ queue: someText.optional() }),
  content: z.strictObject({ summary: line, dueIn: writtenDuration.optional(), queue: someText.optional() }),
  text: { summary: { most: 300 } },
  consent: "free",
  makesTask: true,
} as const satisfies AnyChannel;
