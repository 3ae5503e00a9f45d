import { masked } from "../../domain/identity/masking.ts";
import { problem } from "../problem.ts";
import { type Given, responseOf } from "../reply.ts";
import type { AnyRoute } from "../route.ts";

/**
 * The answer of a route for a person without the permission `content`: masked by its declared schema. What has no schema is refused,
 * but for streams of events, which name what has changed and say nothing about it.
 */
export async function maskAnswer({ gives }: Pick<AnyRoute, "gives">, given: Given): Promise<Given> {
  const response = responseOf(given);
  // Problems repeat what the request said.
  if (response.status >= 400 || response.body === null) return response;
  const { schema, type } = gives[response.status] ?? {};
  if (schema === undefined && type === "text/event-stream") return response;
  if (schema === undefined || type !== undefined) {
    await response.body.cancel();
    return problem("FORBIDDEN", "this needs the permission content", { permission: "content" });
  }
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(JSON.stringify(masked(schema, await response.json())), { status: response.status, headers });
}
