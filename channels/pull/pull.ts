import { z } from "zod";
import { parseDuration } from "../../domain/values/time.ts";
import type { AnyChannel } from "../channel.ts";

const DURATION_EXPECTED = "expected a duration like 30s, 15m, 3h, 7d or 4w";
/** Kept as written: the workspace converts it. */
const writtenDuration = z.string(DURATION_EXPECTED).refine((value) => (parseDuration(value) ?? 0) > 0, DURATION_EXPECTED);

const placeName = z
  .string("expected the name of a place, like hero")
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected the name of a place: letters, digits, dots, dashes and underscores");

const places = z
  .array(placeName, "expected a list of places, like [hero, banner]")
  .min(1, "expected at least one place")
  .refine((given) => new Set(given).size === given.length, "expected each place once");

/** A place where the customer comes to us and asks: a site, an app, a kiosk, an adviser's screen, or a tool that asks before it sends. */
export const pull = {
  kind: "pull",
  options: z.object({
    places: places.optional(),
    like: z.string("expected the name of a channel, like email").min(1, "expected the name of a channel, like email").optional(),
    hold: writtenDuration.optional(),
    dismissed: writtenDuration.optional(),
  }),
  content: z.strictObject({
    content: z.record(z.string(), z.unknown(), "expected a JSON object, like {headline: ...}"),
    places: places.optional(),
  }),
  text: { content: { form: "data" } },
  address: "none",
  consent: "free",
  isAsked: true,
} as const satisfies AnyChannel;
