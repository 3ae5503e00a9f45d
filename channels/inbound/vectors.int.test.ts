import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { webhookReaders } from "../../testing/webhook-readers.ts";
import type { WebhookRequest } from "./webhook.ts";

/*
 * Signature vectors of the providers themselves, and received payloads, from a folder outside this project:
 * `signature-vectors/vectors.json` and `anymail-esp/**` as described in docs/channels.md.
 */
const folder = process.env.WEBHOOK_VECTORS;
if (!folder) process.stderr.write("WEBHOOK_VECTORS is not set: tests on the providers' own vectors are skipped\n");

const Vector = z.object({
  provider: z.string(),
  name: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().default(""),
  url: z.string().default("https://care.example/"),
  params: z.array(z.tuple([z.string(), z.string()])).default([]),
  valid: z.boolean(),
  verify_at_unix: z.number().optional(),
  secret: z.string().default(""),
  auth_token: z.string().default(""),
  public_key: z.string().default(""),
});
type Vector = z.infer<typeof Vector>;

const Payload = z.object({
  test: z.string(),
  payload: z.record(z.string(), z.unknown()),
  expected: z.record(z.string(), z.unknown()).nullable(),
});

const read = <T>(schema: z.ZodType<T>, ...path: string[]): T[] =>
  folder ? z.array(schema).parse(JSON.parse(readFileSync(join(folder, ...path), "utf8"))) : [];

function open(provider: string, options: Record<string, string>) {
  const found = webhookReaders.find((one) => one.provider === provider);
  if (!found) throw new Error(`no provider ${provider}`);
  return found.open(found.options.parse(options) as never, "care");
}

const OURS: Readonly<Record<string, (vector: Vector) => ReturnType<typeof open>>> = {
  "sendgrid-event-webhook": ({ public_key }) => open("sendgrid", { publicKey: public_key }),
  "twilio-request": ({ auth_token }) => open("twilio", { authToken: auth_token }),
  "standard-webhooks": ({ secret }) => open("standard-webhooks", { secret }),
  slack: ({ secret }) => open("slack", { signingSecret: secret }),
};

const vectors = read(Vector, "signature-vectors", "vectors.json").filter(({ provider }) => OURS[provider]);

describe.runIf(vectors.length > 0)("signature vectors", () => {
  test.each(vectors.map((vector) => [vector.provider, vector.name, vector.valid, vector] as const))(
    "%s, %s: %s",
    async (_, __, valid, vector) => {
      const headers = Object.fromEntries(Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]));
      const isForm = vector.provider === "twilio-request" && vector.body === "";
      const rawBody = Buffer.from(isForm ? new URLSearchParams(vector.params).toString() : vector.body);
      const request: WebhookRequest = { headers, rawBody, url: vector.url };
      const signed = Number(vector.headers["X-Twilio-Email-Event-Webhook-Timestamp"]);
      const reading = await OURS[vector.provider]?.(vector)(request, (vector.verify_at_unix ?? (signed || 0)) * 1000);
      // Some vectors sign something other than an event: not being refused shows that the signature is valid.
      expect(reading?.kind !== "refused").toBe(valid);
    },
  );
});

const KINDS: Readonly<Record<string, readonly string[]>> = {
  delivered: ["delivery.delivered"],
  bounced: ["delivery.bounced"],
  rejected: ["delivery.bounced"],
  failed: ["delivery.bounced"],
  opened: ["delivery.opened"],
  clicked: ["delivery.clicked"],
  complained: ["delivery.complained"],
  unsubscribed: ["customer.consent", "delivery.unsubscribed"],
  queued: ["delivery.sent"],
  deferred: [],
  autoresponded: [],
  subscribed: ["customer.consent"],
};

const postmark = open("postmark", { username: "u", password: "p" });
const basic = { authorization: `Basic ${Buffer.from("u:p").toString("base64")}` };

const events = [
  ...read(Payload, "anymail-esp", "dev", "postmark_webhooks.json"),
  ...read(Payload, "anymail-esp", "dev", "postmark_inbound.json"),
].filter(({ payload, expected }) => payload.raw_event !== undefined && expected?.["event.event_type"] !== undefined);

describe.runIf(events.length > 0)("Postmark's payloads", () => {
  test.each(events.map((one) => [one.test, one] as const))("%s", async (_, { payload, expected }) => {
    const request: WebhookRequest = {
      headers: basic,
      rawBody: Buffer.from(JSON.stringify(payload.raw_event)),
      url: "https://care.example/",
    };
    const reading = await postmark(request, 0);
    if (reading.kind !== "signals") throw new Error(JSON.stringify(reading));
    const type = String(expected?.["event.event_type"]);
    expect(reading.signals.map((signal) => signal.type)).toEqual(type === "inbound" ? ["message.received"] : KINDS[type]);
    if (type === "inbound") expect(reading.signals[0]?.data?.text).toBe(expected?.["message.stripped_text"] ?? expected?.["message.text"]);
  });
});
