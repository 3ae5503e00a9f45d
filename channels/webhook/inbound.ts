import { z } from "zod";
import { checkSignal, type SignalEvent } from "../../domain/entities/signal.ts";
import { isObject, type JsonObject } from "../../domain/values/json.ts";
import { parseInstant } from "../../domain/values/time.ts";
import { objectOf } from "../inbound/body.ts";
import { accepted, badRequest, defineProvider, headerOf, refused } from "../inbound/reader.ts";
import type { WebhookReading, WebhookRequest } from "../inbound/webhook.ts";
import { checkSigned, keyOf } from "./standard-webhooks.ts";

/** Signal types that a channel may report. Its secret is no write key: other signals need one. */
const TOLD = /^(delivery\.(sent|delivered|opened|clicked|replied|bounced|complained|unsubscribed)|message\.received|customer\.consent)$/;

/**
 * Any system that signs as Standard Webhooks: `{type, timestamp, data}`, or a CloudEvent, of the types that channels may
 * report.
 */
export const standardWebhooksInbound = defineProvider({
  provider: "standard-webhooks",
  options: z.object({ secret: z.string("expected the secret that the sender signs with").min(1) }),
  open: ({ secret }, channel) => {
    const key = keyOf(secret);
    return (request, now) => {
      const id = headerOf(request, "webhook-id");
      const seconds = headerOf(request, "webhook-timestamp");
      const signatures = headerOf(request, "webhook-signature");
      if (id === undefined || seconds === undefined || signatures === undefined) return refused("signature_missing");
      const problem = checkSigned({ id, seconds, signatures }, request.rawBody, key, now);
      return problem === undefined ? read(request, id, channel) : refused(problem);
    };
  },
});

// --- internal ---

function read(request: WebhookRequest, id: string, channel: string): WebhookReading {
  const body = objectOf(request);
  if (!body.ok) return badRequest(body.problem);
  const { type, timestamp, time = timestamp, subject, data = {} } = body.value;
  if (typeof type !== "string" || !TOLD.test(type)) return badRequest("type: expected delivery.*, message.received or customer.consent");
  if (!isObject(data)) return badRequest("data: expected an object");
  const event = {
    specversion: "1.0",
    id,
    source: `channel/${channel}`,
    type,
    ...(typeof time === "string" && parseInstant(time) !== undefined ? { time } : {}),
    ...(typeof subject === "string" ? { subject } : {}),
    // A sender reports for its own channel only, and its data does not patch the record.
    data: { ...without(data as JsonObject, "traits"), channel },
  };
  const isOurs = typeof data.deliveryId === "string" || typeof data.providerId === "string";
  const checked = checkSignal(isOurs && event.subject === undefined ? { ...event, subject: "?" } : event);
  return checked.ok ? accepted([event as SignalEvent]) : badRequest(checked.problem);
}

const without = ({ ...fields }: JsonObject, name: string): JsonObject => {
  delete fields[name];
  return fields;
};
