import { z } from "zod";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { isObject } from "../../domain/values/json.ts";
import { parseInstant } from "../../domain/values/time.ts";
import { type Fields, objectOf, textIn } from "../inbound/body.ts";
import {
  accepted,
  badRequest,
  consentSignal,
  defineProvider,
  email,
  headerOf,
  inner,
  type News,
  receiptSignals,
  refused,
} from "../inbound/reader.ts";
import type { WebhookReading } from "../inbound/webhook.ts";
import { isAddressGone } from "../mail/bounces.ts";
import { mailReading } from "../mail/mail.ts";
import { isSame } from "../signature.ts";

/**
 * Postmark signs nothing: the user name and password in the webhook's URL authenticate it. Without a signed time requests can
 * be replayed, but a replay repeats the ids and so is a duplicate.
 */
export const postmarkInbound = defineProvider({
  provider: "postmark",
  options: z.object({
    username: z.string("expected the user name in the webhook's address").min(1),
    password: z.string("expected the password in the webhook's address").min(1),
  }),
  open:
    ({ username, password }, channel) =>
    (request) => {
      const given = headerOf(request, "authorization");
      if (given === undefined) return refused("signature_missing");
      const expected = Buffer.from(`${username}:${password}`).toString("base64");
      if (!isSame(given.replace(/^basic +/i, "Basic "), `Basic ${expected}`)) return refused("signature_wrong");
      const body = objectOf(request);
      if (!body.ok) return badRequest(body.problem);
      return read(body.value, channel);
    },
});

// --- internal ---

function read(body: Fields, channel: string): WebhookReading {
  const kind = textIn(body, "RecordType");
  if (textIn(body, "MessageID") === "") return badRequest("expected MessageID");
  if (kind === "Inbound" || (kind === "" && isObject(body.FromFull))) return mailIn(body, channel);
  if (kind === "") return badRequest("expected RecordType");
  return accepted(kind === "SubscriptionChange" ? subscriptionIn(body, channel) : eventIn(kind, body, channel));
}

const OUTCOMES: Readonly<Record<string, string>> = {
  Delivery: "delivered",
  Open: "opened",
  Click: "clicked",
  Bounce: "bounced",
  SpamComplaint: "complained",
};

/** Not bounces: automatic replies, and attempts that Postmark itself retries. */
const NO_BOUNCE = ["Transient", "AutoResponder", "ChallengeVerification", "AddressChange", "Subscribe", "OpenRelayTest"];

/** Bounces after which Postmark suppresses the address; their details contain the receiving server's answer. */
const NOBODY_THERE = ["HardBounce", "BadEmailAddress"];

function eventIn(kind: string, body: Fields, channel: string): SignalEvent[] {
  const type = textIn(body, "Type");
  if (kind === "Bounce" && NO_BOUNCE.includes(type)) return [];
  const outcome = kind === "Bounce" ? (BOUNCE_IS[type] ?? "bounced") : Object.hasOwn(OUTCOMES, kind) ? OUTCOMES[kind] : undefined;
  return outcome === undefined ? [] : receiptSignals(newsOf(kind, body, channel), outcome);
}

const BOUNCE_IS: Readonly<Record<string, string>> = { SpamComplaint: "complained", Unsubscribe: "unsubscribed" };

function newsOf(kind: string, body: Fields, channel: string): Omit<News, "type"> {
  const time =
    ["BouncedAt", "DeliveredAt", "ReceivedAt", "ChangedAt"].map((name) => textIn(body, name)).find((value) => value !== "") ?? "";
  const link = textIn(body, "OriginalLink");
  return {
    channel,
    id: [kind, textIn(body, "ID") || textIn(body, "MessageID"), time, link].filter((part) => part !== "").join(":"),
    at: parseInstant(time),
    who: [email(textIn(body, "Email") || textIn(body, "Recipient"))],
    permanent: kind === "Bounce" && NOBODY_THERE.includes(textIn(body, "Type")) && isAddressGone(textIn(body, "Details")) !== false,
    data: { deliveryId: metadataIn(body, "deliveryid"), providerId: textIn(body, "MessageID"), reason: textIn(body, "Type"), url: link },
  };
}

/** Postmark changes the letter case of the metadata that we put into the mail's headers. */
function metadataIn({ Metadata }: Fields, name: string): string | undefined {
  if (!isObject(Metadata)) return undefined;
  const found = Object.entries(Metadata).find(([key]) => key.toLowerCase() === name);
  return typeof found?.[1] === "string" ? found[1] : undefined;
}

/** The recipient's own choice; suppressions after a bounce or a complaint are reported by those events. */
function subscriptionIn(body: Fields, channel: string): SignalEvent[] {
  const news = newsOf("SubscriptionChange", body, channel);
  const isRecipient = textIn(body, "Origin") === "Recipient";
  if (body.SuppressSending === false) return isRecipient ? [consentSignal(news, "granted")] : [];
  return textIn(body, "SuppressionReason") === "ManualSuppression" ? receiptSignals(news, "unsubscribed") : [];
}

function mailIn(body: Fields, channel: string): WebhookReading {
  const headers = Array.isArray(body.Headers) ? body.Headers : [];
  const header = (name: string): string =>
    textIn(
      headers.find((one) => textIn(one, "Name").toLowerCase() === name),
      "Value",
    );
  return mailReading({
    channel,
    id: textIn(body, "MessageID"),
    from: `${textIn(body, "FromFull", "Name")} <${textIn(body, "FromFull", "Email") || inner(textIn(body, "From"))}>`,
    subject: textIn(body, "Subject"),
    texts: [textIn(body, "StrippedTextReply"), textIn(body, "TextBody")],
    htmls: [textIn(body, "HtmlBody")],
    header,
  });
}
