import { z } from "zod";
import { AskBody } from "../../domain/entities/ask.ts";
import { SentientError } from "../../domain/errors.ts";
import { ANONYMOUS } from "../../domain/identity/visitor.ts";
import { isObject, type JsonObject } from "../../domain/values/json.ts";
import type { Asker } from "../../runtime/service.ts";
import type { CallingKey, CallingSite } from "../access/calling-key.ts";
import { readObject } from "../json-body.ts";
import { json } from "../reply.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** The body of an answer. Records of places may have more members. */
const Answer = z.object({
  customerId: z.string(),
  decidedAt: z.string(),
  late: z.boolean(),
  places: z.record(
    z.string(),
    z.looseObject({
      decisionId: z.string(),
      action: z.string(),
      experienceId: z.string().optional(),
      deliveryId: z.string().optional(),
      variant: z.string().optional().describe("Which of several variants."),
      locale: z.string().optional().describe("The language, where the content is written in several: a tag, or `default`."),
      content: z.record(z.string(), z.unknown()).optional(),
      until: z.string().optional(),
      holdUntil: z.string().optional(),
      again: z.boolean(),
      probability: z.number(),
      reasons: z.array(z.looseObject({ code: z.string() })),
    }),
  ),
});

/** Asked in the moment: channels of kind `pull`. */
export const nextRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "post",
    path: "/v1/next",
    access: "ask",
    summary:
      "Asks what a customer is to be given at the places of a channel of kind pull: one decision a place, durable before the answer. What is not decided within the time that the ask allows is answered as late, with nothing in it.",
    body: { content: { "application/json": AskBody }, read: (request) => readObject(request, LIMITS, IDS) },
    gives: {
      200: { description: "The answer; the same ask (key and id) gets the same answer for 24 hours.", schema: Answer },
      400: problemAnswer("The body is not an ask."),
      403: problemAnswer("A site key asks for a customer whom no token names, or from another origin; or the key has no right to ask."),
      404: problemAnswer("There is no such channel, place, experience or, with create: false, customer."),
      409: problemAnswer("The id was asked with another body, or more than 24 hours ago."),
      429: problemAnswer("Too many asks wait for their answers; Retry-After says when to ask again."),
      503: problemAnswer("The database does not answer; nothing of the ask is kept."),
    },
    async run({ body, key, service }) {
      const { given, by } = key?.site ? ofSite(body, key.site) : { given: body, by: { source: sourceOf(key) } };
      return json(await service.asking.next(given, by));
    },
  }),
];

// --- internal ---

/** A context of 64 levels in a body. */
const LIMITS = { maxBytes: 32 * 1024, maxDepth: 65 };
const IDS = [["id"], ["customer"], ["identities", "*", "value"]];

const sourceOf = (key: CallingKey | undefined): string => `key:${key?.fingerprint.slice(0, 12) ?? ""}`;

/** A site asks for the customer whom its token names, or else for a visitor by an anonymous id. */
function ofSite({ token, ...given }: JsonObject, site: CallingSite): { readonly given: JsonObject; readonly by: Asker } {
  const source = `site:${site.name}`;
  if (token === undefined) {
    if (given.customer !== undefined || !isAnonymous(given.identities))
      throw new SentientError("FORBIDDEN", `a site key asks by identities of type ${ANONYMOUS}, or for the customer whom a token names`);
    return { given, by: { source, isForVisitors: true } };
  }
  if (typeof token !== "string") throw new SentientError("BAD_INPUT", "token: expected a JSON Web Token");
  const customer = site.customerOf(token);
  if (given.customer !== undefined && given.customer !== customer)
    throw new SentientError("FORBIDDEN", "customer: the token names another customer");
  const { identities: _identities, ...rest } = given;
  return { given: { ...rest, customer }, by: { source } };
}

/** Identities that are not of this form are refused as such. */
const isAnonymous = (identities: unknown): boolean =>
  !Array.isArray(identities) || identities.every((one) => !isObject(one) || one.type === undefined || one.type === ANONYMOUS);
