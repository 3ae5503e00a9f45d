import { createHmac, randomUUID } from "node:crypto";
import { OPERATOR_KEY, WRITE_KEY } from "../load/keys.ts";

/** The ways to opt out. */
export const PATHS = ["link", "sms", "provider", "operator", "api"] as const;

/** A customer's opt-out, and when it was accepted. */
export interface OptOut {
  readonly customerId: string;
  readonly path: (typeof PATHS)[number];
  readonly channel: string;
  readonly email: string;
  readonly phone: string;
  /** A delivery to the customer, and its unsubscribe link. */
  deliveryId: string;
  link: string;
  /** Time of the response, in milliseconds since the epoch. */
  acceptedAt: number;
}

/** Sends the opt-out, and records when it was accepted. */
export async function sendOptOut(optOut: OptOut, url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await BY[optOut.path](optOut, url);
    const answer = await response.text();
    if (response.ok) {
      optOut.acceptedAt = Date.now();
      return;
    }
    // A conflict with a concurrent change is retried; no other failure is expected.
    if (response.status === 409 && attempt < 20) continue;
    process.stderr.write(`${optOut.customerId} could not opt out by ${optOut.path}: ${response.status} ${answer}\n`);
    return;
  }
}

// --- internal ---

const WORDS = ["STOP", "stop", " Stop. ", "Unsubscribe", "s t o p", "ARRÊT", "QUIT!"];

const BY: Readonly<Record<OptOut["path"], (optOut: OptOut, url: string) => Promise<Response>>> = {
  /** One-click unsubscribe (RFC 8058), as a mail client sends it. */
  link: ({ link }, url) =>
    fetch(link.replace("https://care.example", url), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    }),

  sms({ phone, customerId }, url) {
    const fields = {
      Body: WORDS[Number(customerId.slice(2)) % WORDS.length] ?? "STOP",
      From: phone,
      MessageSid: `SM${randomUUID()}`,
      To: "+15555550199",
    };
    const signed = `https://care.example/v1/webhooks/sms${Object.entries(fields).flat().join("")}`;
    return fetch(`${url}/v1/webhooks/sms`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": createHmac("sha1", "tw-token").update(signed).digest("base64"),
      },
      body: new URLSearchParams(fields),
    });
  },

  /** The provider reports that the address is on its own suppression list. */
  provider({ email, deliveryId }, url) {
    const [timestamp, token] = [String(Math.floor(Date.now() / 1000)), randomUUID()];
    const signature = {
      timestamp,
      token,
      signature: createHmac("sha256", "mg-key")
        .update(timestamp + token)
        .digest("hex"),
    };
    const event = {
      event: "unsubscribed",
      id: randomUUID(),
      recipient: email,
      timestamp: Date.now() / 1000,
      "user-variables": { deliveryId },
    };
    return fetch(`${url}/v1/webhooks/email`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ signature, "event-data": event }),
    });
  },

  operator: ({ customerId, channel }, url) =>
    fetch(`${url}/v1/customers`, {
      method: "POST",
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
      body: JSON.stringify({ id: customerId, consents: [{ channel, status: "revoked" }], source: "desk", at: new Date().toISOString() }),
    }),

  api: ({ customerId, channel }, url) =>
    fetch(`${url}/v1/signals`, {
      method: "POST",
      headers: { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/cloudevents+json" },
      body: JSON.stringify({
        ...{ specversion: "1.0", id: randomUUID(), source: "app", type: "customer.consent", subject: customerId },
        data: { channel, status: "revoked" },
      }),
    }),
};
