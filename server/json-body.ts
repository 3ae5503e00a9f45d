import type { z } from "zod";
import { SentientError } from "../domain/errors.ts";
import { isObject, type JsonObject, parseGuarded, type TextLimits } from "../domain/values/json.ts";
import type { IdPlaces } from "../domain/values/json-numbers.ts";
import { readText } from "./body.ts";
import type { HttpRequest } from "./http-request.ts";
import { parsed } from "./parse.ts";
import type { RequestBody } from "./route.ts";

/** A body that is one JSON object of a schema; an empty body counts as an empty object. */
export const jsonBody = <Body>(schema: z.ZodType<Body>, maxBytes = LIMITS.maxBytes): RequestBody<Body> => ({
  content: { "application/json": schema },
  read: async (request) => parsed(schema, await readObject(request, { ...LIMITS, maxBytes })),
});

/** The JSON object in a body, within limits that are checked before it is parsed. */
export async function readObject(request: HttpRequest, limits: TextLimits = LIMITS, ids: IdPlaces = IDS): Promise<JsonObject> {
  const text = await readText(request, limits.maxBytes);
  if (text.trim() === "") return {};
  const guarded = parseGuarded(text, limits, ids);
  if (!guarded.ok) throw new SentientError("BAD_INPUT", guarded.problem);
  if (!isObject(guarded.value)) throw new SentientError("BAD_INPUT", "expected an object");
  return guarded.value as JsonObject;
}

// --- internal ---

const LIMITS = { maxBytes: 32 * 1024, maxDepth: 16 };

/** Fields of actions that hold ids of signals. */
const IDS: IdPlaces = [["signals", "*", "id"]];
