import { z } from "zod";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { isObject, parseGuarded } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type Fields, formOf, isJson, objectOf, textIn } from "../inbound/body.ts";
import {
  accepted,
  badRequest,
  consentSignal,
  defineProvider,
  email,
  inner,
  instantOf,
  receiptSignals,
  refused,
  suppressedBy,
} from "../inbound/reader.ts";
import type { WebhookReading, WebhookRequest } from "../inbound/webhook.ts";
import { isAddressGone } from "../mail/bounces.ts";
import { mailReading } from "../mail/mail.ts";
import { hmac, isSame, isStale, sha256, TOLERANCE_MS } from "../signature.ts";

/**
 * Mailgun's events, and mail forwarded by its routes. The signature covers a timestamp and a token, but not the body: a
 * captured signature would fit any other body. So each token is accepted for one body only, while it is not stale.
 */
export const mailgunInbound = defineProvider({
  provider: "mailgun",
  options: z.object({ signingKey: z.string("expected the webhook signing key").min(1) }),
  open({ signingKey }, channel) {
    const bodies = createMemory();
    return async (request, now) => {
      const read = isJson(request) ? eventOf(request) : await mailOf(request);
      if (!read.ok) return badRequest(read.problem);
      const { proof, tell } = read.value;
      const problem = problemOf(proof, signingKey, now);
      if (problem !== undefined) return refused(problem);
      return bodies.isFirstOrSame(proof.token, request.rawBody, now) ? tell(channel) : refused("replayed");
    };
  },
});

// --- internal ---

interface Proof {
  readonly timestamp: string;
  readonly token: string;
  readonly signature: string;
}

function problemOf({ timestamp, token, signature }: Proof, signingKey: string, now: Instant) {
  if (timestamp === "" || token === "" || signature === "") return "signature_missing";
  if (!isSame(signature, hmac("sha256", signingKey, timestamp, token).toString("hex"))) return "signature_wrong";
  return isStale(timestamp, now) ? "stale" : undefined;
}

interface Payload {
  readonly proof: Proof;
  tell(channel: string): WebhookReading;
}

type Read = { readonly ok: true; readonly value: Payload } | { readonly ok: false; readonly problem: string };

/** Remembers the body of each token, for as long as the token could be reused. */
function createMemory() {
  const seen = new Map<string, { readonly body: string; readonly until: Instant }>();
  return {
    isFirstOrSame(token: string, rawBody: Uint8Array, now: Instant): boolean {
      for (const [old, { until }] of seen) {
        if (until > now) break;
        seen.delete(old);
      }
      const body = sha256(rawBody).toString("base64url");
      const known = seen.get(token);
      if (!known) seen.set(token, { body, until: now + 2 * TOLERANCE_MS });
      return !known || known.body === body;
    },
  };
}

function eventOf(request: WebhookRequest): Read {
  const body = objectOf(request);
  if (!body.ok) return body;
  const { signature, "event-data": event } = body.value;
  return {
    ok: true,
    value: {
      proof: { timestamp: textIn(signature, "timestamp"), token: textIn(signature, "token"), signature: textIn(signature, "signature") },
      tell: (channel) => (isObject(event) ? accepted(eventIn(event, channel)) : badRequest("expected event-data")),
    },
  };
}

const OUTCOMES: Readonly<Record<string, string>> = {
  accepted: "sent",
  delivered: "delivered",
  opened: "opened",
  clicked: "clicked",
  rejected: "bounced",
  complained: "complained",
  unsubscribed: "unsubscribed",
};

/** The mailbox does not exist, by this attempt or an earlier one. */
const NOBODY_THERE = ["bounce", "suppress-bounce"];
/** Mailgun suppresses the message because of the recipient's earlier opt-out or complaint. */
const REFUSED_BY_HER = ["suppress-unsubscribe", "suppress-complaint"];

function eventIn(event: Fields, channel: string): SignalEvent[] {
  const kind = textIn(event, "event");
  const isFinal = kind === "failed" && textIn(event, "severity") !== "temporary";
  const outcome = isFinal ? "bounced" : Object.hasOwn(OUTCOMES, kind) ? OUTCOMES[kind] : undefined;
  // Opens and clicks by bots say nothing about the customer.
  if (outcome === undefined || textIn(event, "client-info", "bot") !== "") return [];
  const data = {
    deliveryId: textIn(event, "user-variables", "deliveryId"),
    providerId: inner(textIn(event, "message", "headers", "message-id")),
    reason: textIn(event, "reason"),
    code: textIn(event, "delivery-status", "code"),
    url: textIn(event, "url"),
  };
  const id = textIn(event, "id") || [kind, data.providerId, textIn(event, "timestamp")].join(":");
  const permanent = isFinal && isForGood(data.reason, event);
  const news = { channel, id, at: instantOf(event.timestamp), who: [email(textIn(event, "recipient"))], data, permanent };
  const isHers = isFinal && REFUSED_BY_HER.includes(data.reason);
  return [...(isHers ? [consentSignal(news, "revoked", suppressedBy("mailgun", data.reason))] : []), ...receiptSignals(news, outcome)];
}

/**
 * Mailgun reports every refusal by the receiving server as a bounce, including a full mailbox or a blocked sender: the server's
 * own answer takes precedence.
 */
function isForGood(reason: string, event: Fields): boolean {
  const said = ["enhanced-code", "message", "description", "code"].map((name) => textIn(event, "delivery-status", name));
  const isGone = isAddressGone(...said);
  return !REFUSED_BY_HER.includes(reason) && (isGone ?? NOBODY_THERE.includes(reason));
}

async function mailOf(request: WebhookRequest): Promise<Read> {
  const form = await formOf(request);
  if (!form.ok) return form;
  const field = (name: string): string => form.value.get(name) ?? "";
  const proof = { timestamp: field("timestamp"), token: field("token"), signature: field("signature") };
  return { ok: true, value: { proof, tell: (channel) => mailIn(field, channel) } };
}

function mailIn(field: (name: string) => string, channel: string): WebhookReading {
  const headers = headersIn(field("message-headers"));
  const given = (name: string): string => headers.get(name) ?? (field(name) || field(titled(name)));
  // Bounce reports have no sender.
  const header = (name: string): string => (name === "return-path" && field("sender") === "" ? "<>" : given(name));
  const id = inner(header("message-id"));
  const from = header("from") || field("sender");
  if (from === "" || id === "") return badRequest("expected sender and Message-Id");
  return mailReading({
    channel,
    id,
    from,
    subject: field("subject") || header("subject"),
    texts: [field("stripped-text"), field("body-plain")],
    htmls: [field("stripped-html"), field("body-html")],
    at: instantOf(field("timestamp")),
    header,
  });
}

/** All headers are in one field, a list of pairs as JSON. */
function headersIn(list: string): Map<string, string> {
  const pairs = parseGuarded(list || "[]", { maxBytes: 1024 * 1024, maxDepth: 8 });
  const given = pairs.ok && Array.isArray(pairs.value) ? pairs.value : [];
  return new Map(given.flatMap((pair) => (Array.isArray(pair) ? [[String(pair[0]).toLowerCase(), String(pair[1])] as const] : [])));
}

/** Some also come as separate fields: `in-reply-to` as `In-Reply-To`. */
const titled = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
