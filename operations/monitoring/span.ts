import type { z } from "zod";
import { SentientError } from "../../domain/errors.ts";
import { DAY, type Instant, iso, parseInstant } from "../../domain/values/time.ts";
import type { Searched } from "./views.ts";

/** Bounds of a list, within a span of time. */
export interface ListRequest {
  readonly limit: number;
  readonly customerId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The `next` of an answer to the same question. */
  readonly cursor?: string | undefined;
}

/** Without `from` a list looks this far back. */
const DEFAULT_SPAN = 7 * DAY;

/** The span of a request, its end excluded. @throws `BAD_INPUT` for a time that cannot be read, and for an end before the beginning */
export function spanOf({ from, to }: Pick<ListRequest, "from" | "to">, now: Instant): { readonly from: Instant; readonly to: Instant } {
  const end = to === undefined ? now + 1 : instantIn("to", to);
  const start = from === undefined ? (to === undefined ? now : end) - DEFAULT_SPAN : instantIn("from", from);
  if (start >= end) throw new SentientError("BAD_INPUT", `from ${iso(start)} is not before to ${iso(end)}; swap them, or leave one out`);
  return { from: start, to: end };
}

/** How far a list has looked: to the beginning of its span, or to the last row that was read. */
export const searchedOf = (
  { from, to }: { readonly from: Instant; readonly to: Instant },
  reached: { readonly at: Instant } | undefined,
): z.infer<typeof Searched> => ({ from: iso(reached?.at ?? from), to: iso(to), whole: reached === undefined });

// --- internal ---

function instantIn(name: string, text: string): Instant {
  const at = parseInstant(text);
  if (at === undefined)
    throw new SentientError("BAD_INPUT", `${name} "${text}" is no time; expected ISO 8601 with a zone, like 2026-06-01T12:00:00Z`);
  return at;
}
