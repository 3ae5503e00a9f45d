import { z } from "zod";
import { checkSignal, DATA_IDS, isJsonType, type ReadSignal, readSignal, SignalEvent } from "../../domain/entities/signal.ts";
import { SentientError } from "../../domain/errors.ts";
import { isObject, type Json, parseGuarded, SIGNAL_LIMITS, unstorable } from "../../domain/values/json.ts";
import { readText, tooLarge } from "../body.ts";
import type { HttpRequest } from "../http-request.ts";
import { readEach } from "../read-each.ts";
import { received } from "../received.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { INGEST_ANSWERS } from "../schemas.ts";
import { elementsOf } from "../slices.ts";

/** CloudEvents 1.0 over HTTP, in all three modes. */
export const postSignals = defineRoute({
  method: "post",
  path: "/v1/signals",
  access: "write",
  summary: "Accepts signals as CloudEvents 1.0: one (structured or binary), or a batch. The answer is sent once they are durable.",
  body: {
    content: {
      "application/cloudevents+json": SignalEvent,
      "application/cloudevents-batch+json": z.array(SignalEvent),
      "application/json": z.union([SignalEvent, z.array(SignalEvent)]),
    },
    read: readSignals,
  },
  gives: INGEST_ANSWERS,
  run: ({ body, service, rights }) => received(body, { service, rights }),
});

export const signalRoutes: readonly AnyRoute[] = [postSignals];

// --- internal ---

/** `SignalEvent` validates each event on its own: an invalid one is rejected, and the others of its batch are accepted. */
async function readSignals(request: HttpRequest): Promise<readonly ReadSignal[]> {
  const text = await readText(request);
  const type = (request.headers.get("content-type") ?? "").toLowerCase();
  if (!type.startsWith("application/cloudevents") && request.headers.has("ce-specversion"))
    return [binarySignal(request.headers, limited(text))];
  const isBatch =
    type.startsWith("application/cloudevents-batch+json") || (!type.startsWith("application/cloudevents+json") && /^\s*\[/.test(text));
  if (!isBatch) return [readSignal(limited(text))];
  const elements = elementsOf(text);
  if (!elements) throw new SentientError("BAD_INPUT", "expected a JSON array of events");
  return readEach(elements, readSignal);
}

/** A single event that is too large has its own error; in a batch it is one of those rejected. */
function limited(text: string): string {
  if (Buffer.byteLength(text) > SIGNAL_LIMITS.maxBytes) throw tooLarge(SIGNAL_LIMITS.maxBytes);
  return text;
}

/**
 * Binary mode: attributes in `ce-` headers, the data as a JSON body. Header values are percent-encoded where they are not plain
 * ASCII.
 */
function binarySignal(headers: HttpRequest["headers"], text: string): ReadSignal {
  const read = attributesIn(headers);
  if (!read.ok) return read;
  const event = read.attributes;
  if (text.trim() === "") return checkSignal(event);
  const type = headers.get("content-type") ?? "application/json";
  if (!isJsonType(type)) return refused(`content-type: ${type} is not read; expected data in application/json`);
  const data = parseGuarded(text, SIGNAL_LIMITS, DATA_IDS);
  if (!data.ok) return refused(`data: ${data.problem}`);
  return isObject(data.value) ? checkSignal({ ...event, data: data.value as Json }) : refused("data: expected an object");
}

function attributesIn(headers: HttpRequest["headers"]): { readonly ok: true; readonly attributes: Record<string, Json> } | Refused {
  const attributes: Record<string, Json> = {};
  for (const [header, value] of headers) {
    if (!header.startsWith("ce-")) continue;
    const name = header.slice(3);
    if (!/^[a-z0-9]+$/.test(name) || name === "data") return refused(`${header}: no attribute of an event; the body is its data`);
    const attribute = decoded(value);
    if (attribute === undefined) return refused(`${header}: expected percent-encoded UTF-8`);
    attributes[name] = attribute;
  }
  const bad = unstorable(attributes, "");
  return bad === undefined ? { ok: true, attributes } : refused(bad);
}

type Refused = Extract<ReadSignal, { ok: false }>;
const refused = (problem: string): Refused => ({ ok: false, problem });

/** The value of a header; undefined where it is not ASCII, or its percent-encoding is not valid UTF-8. */
function decoded(value: string): string | undefined {
  const bare = /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? value;
  if (!/^[\t\x20-\x7e]*$/.test(bare)) return undefined;
  try {
    return decodeURIComponent(bare);
  } catch {
    return undefined;
  }
}
