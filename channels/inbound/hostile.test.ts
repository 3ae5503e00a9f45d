import { createHmac } from "node:crypto";
import twilioLibrary from "twilio";
import { expect, test } from "vitest";
import { webhookReaders } from "../../testing/webhook-readers.ts";

const NOW = Date.parse("2026-06-01T15:00:00Z");
const KEY = Buffer.from("a secret of twenty-four bytes");
const WHSEC = `whsec_${KEY.toString("base64")}`;
const BODY = '{"type":"delivery.unsubscribed","data":{"deliveryId":"d_1"}}';

const readerOf = (provider: string, options: object) => {
  const found = webhookReaders.find((one) => one.provider === provider);
  if (!found) throw new Error(`no provider ${provider}`);
  return found.open(found.options.parse(options) as never, "care");
};
const read = readerOf("standard-webhooks", { secret: WHSEC });

const seconds = String(NOW / 1000);
const signatureOf = (id: string, timestamp: string, body: string): string =>
  `v1,${createHmac("sha256", KEY).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
const GOOD = signatureOf("msg_1", seconds, BODY);

interface Given {
  readonly id?: string;
  readonly timestamp?: string;
  readonly signature?: string;
  readonly body?: string;
}

async function kindOf({ id = "msg_1", timestamp = seconds, signature = GOOD, body = BODY }: Given): Promise<string> {
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  const { kind } = await read({ headers, rawBody: Buffer.from(body), url: "https://care.example/v1/webhooks/care" }, NOW);
  return kind;
}

const at = (timestamp: string): Given => ({ timestamp, signature: signatureOf("msg_1", timestamp, BODY) });

test.each<[string, Given, "signals" | "refused"]>([
  ["as it was sent", {}, "signals"],
  ["one byte changed", { body: BODY.replace("d_1", "d_2") }, "refused"],
  ["written anew with spaces", { body: JSON.stringify(JSON.parse(BODY), null, 1) }, "refused"],
  ["written anew in another order", { body: '{"data":{"deliveryId":"d_1"},"type":"delivery.unsubscribed"}' }, "refused"],
  ["no signature", { signature: "" }, "refused"],
  ["a signature of another length", { signature: "v1,AAAA" }, "refused"],
  ["an empty signature of the right version", { signature: "v1," }, "refused"],
  ["a version that is none", { signature: GOOD.replace("v1,", "v0,") }, "refused"],
  ["the right one last of three", { signature: `v1,AAAA v1a,BBBB ${GOOD}` }, "signals"],
  ["the right one after ten thousand", { signature: `${"v1,AAAA ".repeat(10_000)}${GOOD}` }, "refused"],
  ["five minutes old", at(String(NOW / 1000 - 300)), "signals"],
  ["a second older", at(String(NOW / 1000 - 301)), "refused"],
  ["five minutes ahead", at(String(NOW / 1000 + 300)), "signals"],
  ["a second further", at(String(NOW / 1000 + 301)), "refused"],
  ["no number as its time", at("NaN"), "refused"],
  ["a power of ten as its time", at("1e9"), "refused"],
  ["milliseconds as its time", at(String(NOW)), "refused"],
  ["no time", at(""), "refused"],
  ["a time with a sign", at(`+${seconds}`), "refused"],
  ["a dot in its id that would move what is signed", { id: `msg_1.${seconds}`, timestamp: seconds }, "refused"],
  ["another id", { id: "msg_2" }, "refused"],
])("W3 %s", async (_, given, kind) => {
  expect(await kindOf(given)).toBe(kind);
});

const text = readerOf("twilio", { authToken: "tw-token", statusCallback: "https://public.example/hooks/sms" });
const FIELDS = { MessageSid: "SM1", SmsStatus: "received", From: "+15555550100", To: "+15555550199", Body: "STOP" };

test.each([
  ["the address itself", "https://care.example/v1/webhooks/sms", "https://care.example/v1/webhooks/sms", "signals"],
  ["http behind a proxy that took https", "https://care.example/v1/webhooks/sms", "http://care.example/v1/webhooks/sms", "signals"],
  ["a port that the proxy added", "https://care.example/v1/webhooks/sms", "http://care.example:8080/v1/webhooks/sms", "signals"],
  ["a port that was called", "https://care.example:443/v1/webhooks/sms", "https://care.example/v1/webhooks/sms", "signals"],
  ["another path", "https://care.example/v1/webhooks/other", "https://care.example/v1/webhooks/sms", "refused"],
  ["another host", "https://evil.example/v1/webhooks/sms", "https://care.example/v1/webhooks/sms", "refused"],
] as const)("W3 Twilio signs %s", async (_, signed, seen, kind) => {
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": twilioLibrary.getExpectedTwilioSignature("tw-token", signed, FIELDS),
  };
  const rawBody = Buffer.from(new URLSearchParams(FIELDS).toString());
  expect((await text({ headers, rawBody, url: seen }, NOW)).kind).toBe(kind);
});

const bounced = readerOf("postmark", { username: "pm", password: "s:cret" });

test.each([
  ["S6 a bounce that its provider tells", "pm:s:cret", "signals"],
  ["S6 a forged bounce of somebody else's address", "pm:guess", "refused"],
  ["W3 the right password of another user", "xx:s:cret", "refused"],
  ["W3 no password", "pm:", "refused"],
  ["W3 nothing at all", "", "refused"],
] as const)("%s", async (_, user, kind) => {
  const body = {
    RecordType: "Bounce",
    Type: "HardBounce",
    ID: 1,
    MessageID: "m-1",
    Email: "victim@example.com",
    BouncedAt: "2026-06-01T14:59:00Z",
  };
  const headers = { "content-type": "application/json", authorization: `Basic ${Buffer.from(user).toString("base64")}` };
  const reading = await bounced({ headers, rawBody: Buffer.from(JSON.stringify(body)), url: "https://care.example/" }, NOW);
  expect(reading.kind).toBe(kind);
});
