import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ReadSignal } from "../../domain/entities/signal.ts";
import { SentientError } from "../../domain/errors.ts";
import { isObject, type Json, parseGuarded, SIGNAL_LIMITS } from "../../domain/values/json.ts";
import { readSegment, SEGMENT_CALLS, type SegmentCall, SegmentMessage } from "../../intake/segment.ts";
import { readText, tooLarge } from "../body.ts";
import type { HttpRequest } from "../http-request.ts";
import { readEach } from "../read-each.ts";
import { received } from "../received.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { INGEST_ANSWERS } from "../schemas.ts";
import { elementsOf, membersOf } from "../slices.ts";

/** The endpoints of Segment's clients, so that a client only needs its host changed. */
export const segmentRoutes: readonly AnyRoute[] = [
  ...SEGMENT_CALLS.map((call) =>
    defineRoute({
      method: "post",
      path: `/v1/${call}`,
      access: "write",
      summary: `Accepts one \`${call}\` of a Segment client.`,
      body: {
        content: { "application/json": SegmentMessage },
        async read(request) {
          const text = await readText(request);
          if (Buffer.byteLength(text) > SIGNAL_LIMITS.maxBytes) throw tooLarge(SIGNAL_LIMITS.maxBytes);
          return [readMessage(text, call)];
        },
      },
      gives: INGEST_ANSWERS,
      run: ({ body, service, rights }) => received(body, { service, rights }),
    }),
  ),
  defineRoute({
    method: "post",
    path: "/v1/batch",
    access: "write",
    summary: "Accepts a batch of a Segment client.",
    body: {
      content: { "application/json": z.looseObject({ batch: z.array(SegmentMessage.extend({ type: z.enum(SEGMENT_CALLS) })) }) },
      read: readBatch,
    },
    gives: INGEST_ANSWERS,
    run: ({ body, service, rights }) => received(body, { service, rights }),
  }),
];

// --- internal ---

/** `SegmentMessage` validates each message on its own: an invalid one is rejected, and the others of its batch are accepted. */
async function readBatch(request: HttpRequest): Promise<readonly ReadSignal[]> {
  const members = membersOf(await readText(request));
  const batch = members?.get("batch");
  const elements = batch === undefined ? undefined : elementsOf(batch);
  if (!elements) throw new SentientError("BAD_INPUT", "batch: expected an array of messages");
  const common = commonOf(members);
  if (!common) throw new SentientError("BAD_INPUT", "sentAt, context, integrations: expected JSON as a message has it");
  return readEach(elements, (text) => readMessage(text, undefined, common));
}

type Common = Readonly<Record<string, Json>>;

/** Fields that apply to all messages of a batch; a message's own field takes precedence. */
function commonOf(members: ReadonlyMap<string, string> | undefined): Common | undefined {
  const read = ["sentAt", "context", "integrations"].flatMap((name) => {
    const text = members?.get(name);
    return text === undefined ? [] : [[name, parseGuarded(text, SIGNAL_LIMITS)] as const];
  });
  if (read.some(([, { ok }]) => !ok)) return undefined;
  return Object.fromEntries(read.flatMap(([name, one]) => (one.ok && one.value !== null ? [[name, one.value]] : [])));
}

function withCommon(message: Record<string, unknown>, common: Common): Json {
  const merged = Object.entries(common).map(([name, said]) => {
    const own = message[name];
    return [name, isObject(said) && isObject(own) ? { ...said, ...own } : (own ?? said)];
  });
  return { ...message, ...Object.fromEntries(merged) } as Json;
}

const readMessage = (text: string, call?: SegmentCall, common: Common = {}): ReadSignal =>
  readSegment(text, { newId: randomUUID, ...(call ? { call } : {}), complete: (message) => withCommon(message, common) });
