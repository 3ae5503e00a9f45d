import { createHmac, randomUUID } from "node:crypto";
import { OPERATOR_KEY, WRITE_KEY } from "../load/keys.ts";

/** The ways in which customers say that they want no more. */
export const PATHS = ["link", "sms", "provider", "operator", "api"] as const;

/** Somebody who leaves, and when that was accepted. */
export interface OptOut {
  readonly customerId: string;
  readonly path: (typeof PATHS)[number];
  /** What she leaves. */
  readonly channel: string;
  readonly email: string;
  readonly phone: string;
  /** A delivery of hers, and the address in it under which she leaves. */
  deliveryId: string;
  link: string;
  /** When the answer was there, in milliseconds since the epoch. */
  acceptedAt: number;
}

/** Leaves, and notes when that was accepted. */
export async function sendOptOut(optOut: OptOut, url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await BY[optOut.path](optOut, url);
    const answer = await response.text();
    if (response.ok) {
      optOut.acceptedAt = Date.now();
      return;
    }
    // A record that changed while it was imported is to be sent again; nothing else may fail.
    if (response.status === 409 && attempt < 20) continue;
    process.stderr.write(`${optOut.customerId} could not leave by ${optOut.path}: ${response.status} ${answer}\n`);
    return;
  }
}

// --- internal ---

const WORDS = ["STOP", "stop", " Stop. ", "Unsubscribe", "s t o p", "ARRÊT", "QUIT!"];

const BY: Readonly<Record<OptOut["path"], (optOut: OptOut, url: string) => Promise<Response>>> = {
  /** RFC 8058, as a mail program does it. */
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

  /** The provider has put her on its own list, and says so. */
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
