import { z } from "zod";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { type Instant, parseDuration, SECOND } from "../values/time.ts";
import type { BUILT_IN_MOMENTS } from "./built-ins.ts";
import type { DecisionAction, Reason } from "./decision.ts";
import { describeIssue, IdentityClaim } from "./signal.ts";

/** The built-in moment that an ask opens for itself alone. */
export const ASKING = "asking" satisfies keyof typeof BUILT_IN_MOMENTS;

/** The actions of what is asked: those that the answer's own transaction does, which waits for nothing. */
export const ANSWER_ACTIONS: readonly string[] = ["issue_offer", "update_traits", "open_case", "open_promise"];

/** How long an answer may take where the ask does not say, and at most. */
export const WITHIN_MS = 200;
export const MAX_WITHIN_MS = 2 * SECOND;

/** Maximum size of the context of an ask as JSON, in bytes, and its maximum depth. */
const MAX_CONTEXT = 8 * 1024;
const MAX_DEPTH = 64;

const text = (what: string) =>
  z.string(`expected ${what}`).min(1, `expected ${what}, not an empty string`).max(512, `expected ${what} of at most 512 characters`);

const WITHIN_EXPECTED = "expected a duration of at most 2s, like 200ms";
const within = z
  .string(WITHIN_EXPECTED)
  .refine((given) => {
    const ms = millisecondsOf(given);
    return ms !== undefined && ms > 0 && ms <= MAX_WITHIN_MS;
  }, WITHIN_EXPECTED)
  .transform((given) => millisecondsOf(given) ?? WITHIN_MS);

const context = z
  .record(z.string(), z.unknown(), "expected an object")
  .refine((given) => depthOf(given) <= MAX_DEPTH, `expected an object of at most ${MAX_DEPTH} levels`)
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= MAX_CONTEXT, "expected an object of at most 8 KB as JSON");

/** The body of an ask: of `POST /v1/next`, and the `data` of a `sentient.ask` in a recorded stream. */
export const AskBody = z
  .strictObject({
    id: text("an id").optional(),
    customer: text("the id of a customer").optional(),
    identities: z.array(IdentityClaim, "expected a list of {type, value}").min(1, "expected at least one {type, value}").optional(),
    create: z.boolean("expected true or false").optional(),
    channel: text("the name of a channel"),
    places: z
      .array(text("the name of a place"), "expected a list of places")
      .min(1, "expected at least one place")
      .max(50, "expected at most 50 places")
      .refine((given) => new Set(given).size === given.length, "expected each place once")
      .optional(),
    experience: text("the id of an experience").optional(),
    context: context.optional(),
    within: within.optional(),
  })
  .refine(({ customer, identities }) => (customer === undefined) !== (identities === undefined), "expected either customer or identities");
export type AskBody = z.infer<typeof AskBody>;

/** An ask of one customer. (`source`, `id`) identifies it; `seq` is its order of arrival. */
export interface Ask {
  readonly source: string;
  readonly id: string;
  readonly customerId: string;
  readonly at: Instant;
  readonly seq: number;
  readonly channel: string;
  /** In the order asked. */
  readonly places: readonly string[];
  /** The only experience that it is about. */
  readonly experience?: string;
  readonly context: JsonObject;
  /** The identities that name a customer who is not known yet. */
  readonly identities?: readonly IdentityClaim[];
  /** False: it creates no customer. */
  readonly create?: boolean;
  /** It was answered as late: it stays in the record and is never decided. */
  readonly isLate?: true;
}

/** What one place is given. */
export interface PlaceAnswer {
  readonly decisionId: string;
  readonly action: DecisionAction;
  readonly experienceId?: string;
  readonly deliveryId?: string;
  readonly variant?: string;
  readonly locale?: string;
  readonly content?: JsonObject;
  readonly until?: string;
  readonly holdUntil?: string;
  /** Whether it is the delivery that an earlier ask was given. */
  readonly again: boolean;
  readonly probability: number;
  readonly reasons: readonly Reason[];
}

/** The answer to an ask, by place. */
export interface AskAnswer {
  readonly customerId: string;
  readonly decidedAt: string;
  readonly late: boolean;
  readonly places: Readonly<Record<string, PlaceAnswer>>;
}

/** Parses the body of an ask from untrusted data; the problem names the path and what was expected. */
export function readAskBody(
  value: unknown,
): { readonly ok: true; readonly body: AskBody } | { readonly ok: false; readonly problem: string } {
  const parsed = AskBody.safeParse(value);
  return parsed.success ? { ok: true, body: parsed.data } : { ok: false, problem: parsed.error.issues.map(describeIssue).join("; ") };
}

/** The ask of a body, once its customer is known. `places` are those of its channel. */
export const askOf = (
  { channel, places, experience, create, context: given = {} }: Pick<AskBody, "channel" | "places" | "experience" | "create" | "context">,
  known: { readonly places: readonly string[] },
  by: Pick<Ask, "source" | "id" | "customerId" | "at" | "seq" | "identities">,
): Ask => ({
  ...by,
  channel,
  places: places ?? known.places,
  ...(experience === undefined ? {} : { experience }),
  ...(create === undefined ? {} : { create }),
  context: given as JsonObject,
});

// --- internal ---

/** Milliseconds of a duration, which may be as short as `50ms`. */
function millisecondsOf(given: string): number | undefined {
  const short = /^(\d{1,6})ms$/.exec(given.trim());
  return short ? Number(short[1]) : parseDuration(given);
}

function depthOf(value: unknown): number {
  if (!Array.isArray(value) && !isObject(value)) return 0;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return 1 + Math.max(0, ...inner.map((one) => depthOf(one as Json)));
}
