import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { need } from "../../domain/errors.ts";
import { isObject, parseGuarded } from "../../domain/values/json.ts";
import { type Fields, formOf, jsonOf, textIn } from "../inbound/body.ts";
import {
  accepted,
  badRequest,
  consentSignal,
  defineProvider,
  email,
  headerOf,
  inner,
  instantOf,
  receiptSignals,
  refused,
  suppressedBy,
} from "../inbound/reader.ts";
import type { WebhookReading, WebhookRequest } from "../inbound/webhook.ts";
import { isAddressGone } from "../mail/bounces.ts";
import { mailReading } from "../mail/mail.ts";
import { isStale } from "../signature.ts";

const KEY = "expected the verification key of the event webhook, as SendGrid shows it (base64)";

/** SendGrid's event webhook, and mail from its inbound parse where that is configured to sign. */
export const sendgridInbound = defineProvider({
  provider: "sendgrid",
  options: z.object({ publicKey: z.string(KEY).refine((text) => keyIn(text) !== undefined, KEY) }),
  open({ publicKey }, channel) {
    const key = need(keyIn(publicKey), "the verification key");
    return (request, now) => {
      const signature = headerOf(request, "x-twilio-email-event-webhook-signature");
      const seconds = headerOf(request, "x-twilio-email-event-webhook-timestamp");
      if (signature === undefined || seconds === undefined) return refused("signature_missing");
      if (!isSigned(request, seconds, signature, key)) return refused("signature_wrong");
      if (isStale(seconds, now)) return refused("stale");
      return (headerOf(request, "content-type") ?? "").startsWith("multipart/") ? mailIn(request, channel) : eventsIn(request, channel);
    };
  },
});

// --- internal ---

function keyIn(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

function isSigned({ rawBody }: WebhookRequest, seconds: string, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Node's base64 decoder ignores invalid characters.
  if (bytes.toString("base64") !== signature) return false;
  try {
    return verify("sha256", Buffer.concat([Buffer.from(seconds), rawBody]), { key, dsaEncoding: "der" }, bytes);
  } catch {
    return false;
  }
}

function eventsIn(request: WebhookRequest, channel: string): WebhookReading {
  const body = jsonOf(request);
  if (!body.ok) return badRequest(body.problem);
  if (!Array.isArray(body.value)) return badRequest("expected a list of events");
  return accepted(body.value.flatMap((event) => (isObject(event) ? eventIn(event, channel) : [])));
}

const OUTCOMES: Readonly<Record<string, string>> = {
  processed: "sent",
  delivered: "delivered",
  open: "opened",
  click: "clicked",
  bounce: "bounced",
  dropped: "bounced",
  spamreport: "complained",
  unsubscribe: "unsubscribed",
  group_unsubscribe: "unsubscribed",
};

function eventIn(event: Fields, channel: string): SignalEvent[] {
  const kind = textIn(event, "event");
  const outcome = Object.hasOwn(OUTCOMES, kind) ? OUTCOMES[kind] : undefined;
  const id =
    textIn(event, "sg_event_id") || [kind, textIn(event, "sg_message_id"), textIn(event, "email"), textIn(event, "timestamp")].join(":");
  const data = {
    deliveryId: textIn(event, "deliveryId"),
    providerId: inner(textIn(event, "smtp-id")) || textIn(event, "sg_message_id"),
    reason: textIn(event, "type") || textIn(event, "reason"),
    code: textIn(event, "status"),
    url: textIn(event, "url"),
  };
  const news = {
    channel,
    id,
    at: instantOf(event.timestamp),
    who: [email(textIn(event, "email"))],
    data,
    permanent: isForGood(kind, event),
  };
  if (kind === "group_resubscribe") return [consentSignal(news, "granted")];
  if (kind === "dropped" && REFUSED_BY_HER.test(data.reason)) {
    return [consentSignal(news, "revoked", suppressedBy("sendgrid", data.reason)), ...receiptSignals(news, "bounced")];
  }
  // A mail program that prefetches images says nothing about whether the mail was read.
  return outcome === undefined || event.sg_machine_open === true ? [] : receiptSignals(news, outcome);
}

/** Messages that SendGrid drops because of the recipient's earlier opt-out or complaint. */
const REFUSED_BY_HER = /^(unsubscribed|spam reporting) address$/i;

/**
 * A bounce is permanent unless it is a block, which concerns the sender, or SendGrid's classification or the receiving server
 * gives a cause other than the address. Messages dropped because of an earlier bounce or an invalid address are permanent as
 * well.
 */
function isForGood(kind: string, event: Fields): boolean {
  if (kind === "dropped") return /^(bounced address|invalid)$/i.test(textIn(event, "reason"));
  const classified = textIn(event, "bounce_classification");
  const isAboutAddress = classified === "" || /^invalid address$/i.test(classified);
  const isSaidOtherwise = isAddressGone(textIn(event, "status"), textIn(event, "reason")) === false;
  return kind === "bounce" && textIn(event, "type") !== "blocked" && isAboutAddress && !isSaidOtherwise;
}

async function mailIn(request: WebhookRequest, channel: string): Promise<WebhookReading> {
  const form = await formOf(request, charsetsIn);
  if (!form.ok) return badRequest(form.problem);
  const field = (name: string): string => form.value.get(name) ?? "";
  const headers = headersIn(field("headers"));
  // Bounce reports have no sender.
  const isUnsent = /"from"\s*:\s*""/.test(field("envelope"));
  const header = (name: string): string => (name === "return-path" && isUnsent ? "<>" : (headers.get(name) ?? ""));
  const id = inner(header("message-id"));
  const from = field("from");
  if (form.value.has("email") && id === "")
    return badRequest("expected the fields of a mail and not the raw one: turn off 'POST the raw, full MIME message' in inbound parse");
  if (id === "" || from === "") return badRequest("expected from, and headers with a Message-ID");
  return mailReading({ channel, id, from, subject: field("subject"), texts: [field("text")], htmls: [field("html")], header });
}

/** Fields have the charsets of the original mail; `charsets` lists them. */
function charsetsIn(fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const read = parseGuarded(fields.get("charsets") || "{}", { maxBytes: 10_000, maxDepth: 4 });
  const given = read.ok && isObject(read.value) ? read.value : {};
  return new Map(Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** Raw mail headers; a line that starts with a space continues the previous one. */
function headersIn(text: string): Map<string, string> {
  const lines = text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
}
