import { isDeepStrictEqual } from "node:util";
import { type Given, responseOf } from "./reply.ts";
import type { Answer, AnyRoute } from "./route.ts";
import { Problem } from "./schemas.ts";

/**
 * Why a response does not match the declaration of its route; undefined where it does. An undeclared status has to be a problem
 * document. Members that a schema does not name are wrong unless it is loose. Only a body with a schema is read, as a copy.
 */
export async function whyNotDeclared({ gives }: Pick<AnyRoute, "gives">, given: Given): Promise<string | undefined> {
  const response = responseOf(given);
  const { status } = response;
  const declared = gives[status] ?? (status >= 400 ? PROBLEM : undefined);
  if (!declared) return `${status}: not declared`;
  const type = response.headers.get("content-type") ?? undefined;
  if (!declared.schema)
    return declared.type === undefined || type?.startsWith(declared.type) ? undefined : `${status}: ${type} for ${declared.type}`;
  const expected = declared.type ?? "application/json";
  if (!type?.startsWith(expected)) return `${status}: ${type} for ${expected}`;
  const text = await response.clone().text();
  const body: unknown = JSON.parse(text);
  const read = declared.schema.safeParse(body);
  if (!read.success) return `${status}: ${read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`;
  return isDeepStrictEqual(read.data, body) ? undefined : `${status}: members that the schema does not name in ${text.slice(0, 500)}`;
}

// --- internal ---

const PROBLEM: Answer = { description: "A problem.", schema: Problem, type: "application/problem+json" };
