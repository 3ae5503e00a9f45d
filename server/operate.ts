import { z } from "zod";
import { describeIssue } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject, parseGuarded } from "../domain/values/json.ts";
import type { IdPlaces } from "../domain/values/json-numbers.ts";
import { readText } from "./body.ts";
import { type Answer, type AnyRoute, type Call, defineRoute, json } from "./route.ts";
import { problemAnswer } from "./schemas.ts";

/** A list that operators look at. */
export function list<Query>(path: string, summary: string, query: z.ZodType<Query>, run: (call: Call<Query>) => Promise<object>): AnyRoute {
  return defineRoute<Query>({
    method: "get",
    path,
    access: "operator",
    summary,
    query,
    gives: { 200: { description: "The list.", schema: View }, 400: problemAnswer("The query is not valid.") },
    run: async (call) => json(await run(call)),
  });
}

/** Something that an operator does. Whoever has to be judged again because of it is judged soon. */
export function act<Body>(
  path: string,
  summary: string,
  body: z.ZodType<Body>,
  run: (call: Call<unknown>, id: string, actor: Actor, body: Body) => Promise<object>,
): AnyRoute {
  return defineRoute({
    method: "post",
    path,
    access: "operator",
    summary,
    takes: { "application/json": z.intersection(ActorBody, body) },
    gives: ANSWERS,
    async run(call) {
      const given = await readBody(call.request);
      const { by, note } = parsed(ActorBody, given);
      const result = await run(call, call.params.id ?? "", { by, ...(note === undefined ? {} : { note }) }, parsed(body, given));
      call.service.nudge();
      return json(result);
    },
  });
}

// --- internal ---

/** Who acts and what they say about it goes into the audit. */
const ActorBody = z.object({
  by: z.string().trim().min(1).max(200).default("operator"),
  note: z.string().max(2_000).optional(),
});

const View = z.looseObject({});

type Actor = Parameters<Call<unknown>["service"]["operations"]["approvals"]["approve"]>[1];

const ANSWERS: Readonly<Record<number, Answer>> = {
  200: { description: "What it is now, and whether this has changed it.", schema: View },
  400: problemAnswer("What was sent is not valid."),
  404: problemAnswer("There is none of that id."),
  409: problemAnswer("It has moved on, and this cannot be done any more."),
};

const BODY_LIMITS = { maxBytes: 32 * 1024, maxDepth: 16 };

/** Ids of signals, as actions name them. */
const BODY_IDS: IdPlaces = [["signals", "*", "id"]];

/** An empty body says nothing. */
async function readBody(request: Request): Promise<object> {
  const text = await readText(request, BODY_LIMITS.maxBytes);
  if (text.trim() === "") return {};
  const guarded = parseGuarded(text, BODY_LIMITS, BODY_IDS);
  if (!guarded.ok) throw new SentientError("BAD_INPUT", guarded.problem);
  if (!isObject(guarded.value)) throw new SentientError("BAD_INPUT", "expected an object");
  return guarded.value;
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new SentientError("BAD_INPUT", result.error.issues.map(describeIssue).join("; "));
}
