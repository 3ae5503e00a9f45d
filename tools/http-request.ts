import { z } from "zod";
import { SentientError } from "../domain/errors.ts";
import type { Json } from "../domain/values/json.ts";
import { keepDigits } from "../domain/values/json-numbers.ts";
import { defineTool, type OutsideDeps } from "./tool.ts";

const Input = z.strictObject({
  url: z.string().min(1),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("POST"),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
});

export const httpRequest = defineTool({
  name: "http_request",
  description:
    "Call another system over HTTPS. Only hosts on the list of allowed hosts are reached; the list is checked when the connection is made.",
  effect: "write",
  asks: ["body."],
  staysWithCustomer: true,
  input: Input,
  output: z.object({ status: z.number(), body: z.unknown() }),
  idempotencyKey: (_input, { key }) => key,

  async run({ url, method, headers, body }: z.infer<typeof Input>, { request, signal, idempotencyKey }: OutsideDeps) {
    const response = await request({
      method,
      url,
      headers: { ...headers, "content-type": "application/json", "idempotency-key": idempotencyKey },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status >= 300)
      throw new SentientError("UPSTREAM_FAILED", `${new URL(url).host} answered ${response.status}`, { status: response.status });
    return { status: response.status, body: readBody(response.text, url) };
  },
});

// --- internal ---

/** JSON where it is some, otherwise the text. */
function readBody(text: string, url: string): Json {
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  const digits = keepDigits(text, []);
  if (!digits.ok)
    throw new SentientError("UPSTREAM_FAILED", `${new URL(url).host} answered a number that would not be kept: body.${digits.problem}`);
  return body;
}
