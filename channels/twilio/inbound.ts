import { z } from "zod";
import type { IdentityClaim, SignalEvent } from "../../domain/entities/signal.ts";
import { isJson, objectOf, paramsIn, paramsOf, type ReadBody } from "../inbound/body.ts";
import {
  accepted,
  badRequest,
  consentSignal,
  defineProvider,
  headerOf,
  messageSignals,
  type News,
  receiptSignals,
  refused,
  suppressedBy,
} from "../inbound/reader.ts";
import type { WebhookReading, WebhookRequest } from "../inbound/webhook.ts";
import { mayRepeat, sentTextOf, withoutOurs } from "../mail/our-words.ts";
import { isOptOut, ownWordsIn } from "../mail/own-words.ts";
import { hmac, isSame, sha256 } from "../signature.ts";
import { isNoSuchNumber, isOptedOut } from "./error-numbers.ts";

/**
 * Incoming texts and delivery receipts. Twilio signs the URL and the form, but no timestamp: requests can be replayed, but a
 * replay repeats the ids and so is a duplicate.
 */
export const twilioInbound = defineProvider({
  provider: "twilio",
  options: z.object({ authToken: z.string().min(1), statusCallback: z.string().optional() }),
  open: (options, channel) => async (request) => {
    const signature = headerOf(request, "x-twilio-signature");
    if (signature === undefined) return refused("signature_missing");
    if (!isSigned(request, signature, options)) return refused("signature_wrong");
    return read(request, channel);
  },
});

// --- internal ---

interface Keys {
  readonly authToken: string;
  readonly statusCallback?: string | undefined;
}

function isSigned(request: WebhookRequest, signature: string, { authToken, statusCallback }: Keys): boolean {
  const bodyHash = new URL(request.url, "https://x").searchParams.get("bodySHA256");
  if (bodyHash !== null && !isSame(bodyHash.toLowerCase(), sha256(request.rawBody).toString("hex"))) return false;
  const signedFields = bodyHash === null ? sortedFields(paramsOf(request)) : "";
  const candidates = [...addressesOf(request.url, statusCallback)];
  return candidates.some((url) => isSame(signature, hmac("sha1", authToken, url, signedFields).toString("base64")));
}

/** Fields sorted by name, each distinct value once: the string that Twilio signs. */
function sortedFields(params: readonly (readonly [string, string])[]): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of params) values.set(name, (values.get(name) ?? new Set()).add(value));
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value))
    .join("");
}

/**
 * The URLs that Twilio may have signed: behind a proxy the scheme, port and perhaps host that we see differ from those it
 * called.
 */
function addressesOf(url: string, publicAddress: string | undefined): Set<string> {
  const [, scheme = "https", host = "", port, rest = ""] = /^(https?):\/\/([^/:?#]+|\[[^\]]*\])(:\d+)?(.*)$/s.exec(url) ?? [];
  const own = publicAddress === undefined ? [] : [`${new URL(publicAddress).origin}${rest}`];
  const ports = ["", port ?? ""];
  const seen = [...new Set([scheme, "https"])].flatMap((one) =>
    [...ports, one === "https" ? ":443" : ":80"].map((p) => `${one}://${host}${p}${rest}`),
  );
  return new Set([url, ...seen, ...own]);
}

function read(request: WebhookRequest, channel: string): WebhookReading {
  const read = isJson(request) ? jsonFields(request) : paramsIn(request);
  if (!read.ok) return badRequest(read.problem);
  const fields = read.value;
  const field = (name: string): string => fields.get(name) ?? "";
  const id = field("MessageSid") || field("SmsSid") || field("SmsMessageSid");
  if (id === "") return badRequest("expected MessageSid");
  const status = (field("MessageStatus") || field("SmsStatus")).toLowerCase();
  const isMessage = status === "received" || (status === "" && fields.has("Body"));
  return isMessage ? messageIn(id, field, channel) : accepted(statusIn(id, status, field, request, channel));
}

function jsonFields(request: WebhookRequest): ReadBody<ReadonlyMap<string, string>> {
  const body = objectOf(request);
  if (!body.ok) return body;
  const value = new Map(Object.entries(body.value).flatMap(([name, one]) => (typeof one === "string" ? [[name, one] as const] : [])));
  return { ok: true, value };
}

/** A TwiML answer without a reply. */
const EMPTY_ANSWER = { contentType: "text/xml", body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' };

const phone = (value: string): IdentityClaim[] => (value === "" ? [] : [{ type: "phone", value: value.replace(/^[a-z]+:/, "") }]);

/**
 * The reading of a text, with a second reading for once sent contents are known: telephones quote our text in a reaction to it.
 */
function messageIn(id: string, field: (name: string) => string, channel: string): WebhookReading {
  const from = field("From");
  const text = field("Body");
  const news: Omit<News, "type"> = { channel, id, who: phone(from) };
  const rest = { thread: `${from}|${field("To")}`, media: mediaOf(field) };
  // A keyword that Twilio itself has recognised, in the sender's configured languages, takes precedence.
  const optOut = field("OptOutType").toUpperCase();
  const own = ownWordsIn(text);
  const signalsOf = (words: string, top: string): SignalEvent[] => {
    const said = { ...news, data: { text: words, ...rest } };
    if (optOut === "STOP" || isOptOut(top)) return [consentSignal(said, "revoked")];
    return optOut === "START" ? [consentSignal(said, "granted")] : messageSignals(said, { mayStart: true });
  };
  const reading = accepted(signalsOf(text, own.top), EMPTY_ANSWER);
  if (!mayRepeat(text)) return reading;
  return {
    ...reading,
    knowing: (sent) => {
      const unquoted = withoutOurs({ ...own, text }, sent.map(sentTextOf));
      return accepted(signalsOf(unquoted.text, unquoted.top)).signals;
    },
  };
}

const mediaOf = (field: (name: string) => string): string | undefined => (Number(field("NumMedia")) > 0 ? field("NumMedia") : undefined);

const OUTCOMES: Readonly<Record<string, string>> = {
  sent: "sent",
  delivered: "delivered",
  read: "opened",
  undelivered: "bounced",
  failed: "bounced",
};

function statusIn(id: string, status: string, field: (name: string) => string, request: WebhookRequest, channel: string): SignalEvent[] {
  const outcome = Object.hasOwn(OUTCOMES, status) ? OUTCOMES[status] : undefined;
  if (outcome === undefined) return [];
  const deliveryId = new URL(request.url, "https://x").searchParams.get("deliveryId") ?? undefined;
  const code = field("ErrorCode");
  const data = { deliveryId, providerId: id, code: code === "0" ? undefined : code };
  const news: Omit<News, "type"> = {
    channel,
    id: `${id}:${status}`,
    who: phone(field("To")),
    data,
    permanent: isNoSuchNumber(Number(code)),
  };
  return [
    ...(isOptedOut(Number(code)) ? [consentSignal(news, "revoked", suppressedBy("twilio", code))] : []),
    ...receiptSignals(news, outcome),
  ];
}
