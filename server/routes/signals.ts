import { z } from "zod";
import { isObject, type Json, parseGuarded, SIGNAL_LIMITS, unstorable } from "../../domain/json.ts";
import { checkSignal, type ReadSignal, readSignal, SignalEvent } from "../../domain/signal.ts";
import { readText, tooLarge } from "../body.ts";
import { problem } from "../problem.ts";
import { received } from "../received.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { INGEST_ANSWERS } from "../schemas.ts";
import { elementsOf } from "../slices.ts";

/** CloudEvents 1.0 over HTTP, in all three modes. */
export const postSignals = defineRoute({
  method: "post",
  path: "/v1/signals",
  access: "write",
  summary: "Takes in signals as CloudEvents 1.0: one (structured or binary), or a batch. Answered when they are durable.",
  takes: {
    "application/cloudevents+json": SignalEvent,
    "application/cloudevents-batch+json": z.array(SignalEvent),
    "application/json": z.union([SignalEvent, z.array(SignalEvent)]),
  },
  gives: INGEST_ANSWERS,
  async run({ request, service, rights }) {
    const sender = { service, rights };
    const text = await readText(request);
    if (request.headers.has("ce-specversion")) return received([binarySignal(request.headers, limited(text))], sender);
    const type = request.headers.get("content-type") ?? "";
    const isBatch =
      type.startsWith("application/cloudevents-batch+json") || (!type.startsWith("application/cloudevents+json") && /^\s*\[/.test(text));
    if (!isBatch) return received([readSignal(limited(text))], sender);
    const elements = elementsOf(text);
    if (!elements) return problem("BAD_INPUT", "expected a JSON array of events");
    return received(elements.map(readSignal), sender);
  },
});

export const signalRoutes: readonly AnyRoute[] = [postSignals];

// --- internal ---

/** A single event that is too large is told apart from one that is wrong; in a batch it is one of those rejected. */
function limited(text: string): string {
  if (Buffer.byteLength(text) > SIGNAL_LIMITS.maxBytes) throw tooLarge(SIGNAL_LIMITS.maxBytes);
  return text;
}

/** Attributes in headers that begin with `ce-`, the body as data. Their values are percent-encoded where they must be. */
function binarySignal(headers: Headers, text: string): ReadSignal {
  const event: Record<string, Json> = {};
  for (const [name, value] of headers) if (name.startsWith("ce-")) event[name.slice(3)] = decoded(value);
  const bad = unstorable(event, "");
  if (bad !== undefined) return { ok: false, problem: bad };
  if (text.trim() === "") return checkSignal(event);
  const data = parseGuarded(text, SIGNAL_LIMITS);
  if (!data.ok) return { ok: false, problem: `data: ${data.problem}` };
  return isObject(data.value) ? checkSignal({ ...event, data: data.value as Json }) : { ok: false, problem: "data: expected an object" };
}

function decoded(value: string): string {
  const bare = /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}
