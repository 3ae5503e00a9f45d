import { randomUUID } from "node:crypto";
import { z } from "zod";
import { isObject, parseGuarded, SIGNAL_LIMITS } from "../../domain/json.ts";
import type { ReadSignal } from "../../domain/signal.ts";
import { readText, tooLarge } from "../body.ts";
import { problem } from "../problem.ts";
import { readEach } from "../read-each.ts";
import { received } from "../received.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { INGEST_ANSWERS } from "../schemas.ts";
import { isSegmentCall, SEGMENT_CALLS, SEGMENT_IDS, type SegmentCall, signalOf } from "../segment.ts";
import { elementsOf, membersOf } from "../slices.ts";

const Id = z.union([z.string(), z.int()]);
const Message = z.looseObject({
  userId: Id.optional(),
  anonymousId: Id.optional(),
  messageId: Id.optional(),
  timestamp: z.string().optional(),
});

/** What Segment's clients call, so that one of them only needs its host changed. */
export const segmentRoutes: readonly AnyRoute[] = [
  ...SEGMENT_CALLS.map((call) =>
    defineRoute({
      method: "post",
      path: `/v1/${call}`,
      access: "write",
      summary: `Takes in one \`${call}\` of a Segment client.`,
      takes: { "application/json": Message },
      gives: INGEST_ANSWERS,
      async run({ request, service, rights }) {
        const text = await readText(request);
        if (Buffer.byteLength(text) > SIGNAL_LIMITS.maxBytes) throw tooLarge(SIGNAL_LIMITS.maxBytes);
        return received([readMessage(text, call)], { service, rights });
      },
    }),
  ),
  defineRoute({
    method: "post",
    path: "/v1/batch",
    access: "write",
    summary: "Takes in what a Segment client has gathered.",
    takes: { "application/json": z.looseObject({ batch: z.array(Message.extend({ type: z.enum(SEGMENT_CALLS) })) }) },
    gives: INGEST_ANSWERS,
    async run({ request, service, rights }) {
      const batch = membersOf(await readText(request))?.get("batch");
      const elements = batch === undefined ? undefined : elementsOf(batch);
      if (!elements) return problem("BAD_INPUT", "batch: expected an array of messages");
      return received(await readEach(elements, (text) => readMessage(text)), { service, rights });
    },
  }),
];

// --- internal ---

function readMessage(text: string, call?: SegmentCall): ReadSignal {
  const guarded = parseGuarded(text, SIGNAL_LIMITS, SEGMENT_IDS);
  if (!guarded.ok) return guarded;
  const type = call ?? (isObject(guarded.value) ? guarded.value.type : undefined);
  if (!isSegmentCall(type)) return { ok: false, problem: `type: expected one of ${SEGMENT_CALLS.join(", ")}` };
  return signalOf(type, guarded.value, randomUUID);
}
