import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { Webhook } from "standardwebhooks";
import twilioLibrary from "twilio";
import { afterAll, beforeEach, expect, test } from "vitest";
import webPush from "web-push";
import { need } from "../../domain/errors.ts";
import { NOW } from "../../testing/builders.ts";
import { type Received, startHttpProvider } from "../../testing/providers/http-provider.ts";
import type { AnyChannel, ChannelDeps, OutgoingMessage } from "../channel.ts";
import { chat } from "../chat/chat.ts";
import { push } from "../push/push.ts";
import { twilioInbound } from "../twilio/inbound.ts";
import { twilio } from "../twilio/twilio.ts";
import { webhook } from "../webhook/webhook.ts";

const provider = await startHttpProvider({
  status: 201,
  body: JSON.stringify({ sid: "SM1" }),
  headers: { location: "https://push.example/m/1" },
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.behave("takes");
  provider.taken.splice(0);
});

async function send(
  channel: AnyChannel,
  options: Record<string, unknown>,
  message: Partial<OutgoingMessage>,
  deps: Partial<ChannelDeps> = {},
) {
  const open = await need(channel.connect, "a channel that sends")(channel.options.parse(options) as never, { dataDir: "", ...deps });
  const whole: OutgoingMessage = { deliveryId: "d_1", customerId: "c-1", channel: "care", content: {}, at: NOW, ...message };
  return open.send(whole, { signal: new AbortController().signal });
}

function only(): Received {
  const [received, ...more] = provider.taken;
  if (!received || more.length > 0) throw new Error(`${provider.taken.length} requests`);
  return received;
}

const TWILIO = { accountSid: "AC1", authToken: "token", from: "+15555550199", url: provider.url };

test("a text is posted to the account's messages, with its credentials, once per key", async () => {
  const receipt = await send(twilio, TWILIO, { to: "+1 (555) 555-0100", content: { text: "Größe & mehr" } });
  expect(receipt).toEqual({ providerId: "SM1" });
  const { url, headers, body } = only();
  expect(url).toBe("/2010-04-01/Accounts/AC1/Messages.json");
  expect(headers.authorization).toBe(`Basic ${Buffer.from("AC1:token").toString("base64")}`);
  expect(headers["idempotency-key"]).toBe("d_1");
  expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual({
    To: "+15555550100",
    From: "+15555550199",
    Body: "Größe & mehr",
  });
});

test("Twilio's own client makes the same request", async () => {
  await twilioLibrary("AC1", "token", { httpClient: undefined as never }).request({
    method: "post",
    uri: `${provider.url}/2010-04-01/Accounts/AC1/Messages.json`,
    username: "AC1",
    password: "token",
    data: { To: "+15555550100", From: "+15555550199", Body: "Hello" },
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  await send(twilio, TWILIO, { to: "+15555550100", content: { text: "Hello" } });
  const [expected, ours] = provider.taken.map(({ url, headers, body }) => ({
    url,
    authorization: headers.authorization,
    body: [...new URLSearchParams(body.toString())].sort(),
  }));
  expect(ours).toEqual(expected);
});

test("the status of a text is reported for its delivery, signed by Twilio", async () => {
  const statusCallback = "https://care.example/v1/webhooks/sms?tenant=1";
  await send(twilio, { ...TWILIO, statusCallback }, { deliveryId: "d_7&x", to: "+15555550100", content: { text: "Hello" } });
  const url = new URLSearchParams(only().body.toString()).get("StatusCallback") ?? "";
  const fields = { MessageSid: "SM1", MessageStatus: "delivered", To: "+15555550100" };
  const reader = twilioInbound.open({ authToken: "token", statusCallback } as never, "sms");
  const reading = await reader?.(
    {
      headers: { "x-twilio-signature": twilioLibrary.getExpectedTwilioSignature("token", url, fields) },
      rawBody: Buffer.from(new URLSearchParams(fields).toString()),
      url,
    },
    NOW,
  );
  expect(reading).toMatchObject({
    kind: "signals",
    signals: [{ type: "delivery.delivered", data: { deliveryId: "d_7&x", providerId: "SM1" } }],
  });
});

test.each([
  ["0555 550100", "Hello"],
  ["ann@example.com", "Hello"],
  ["+1555555010012345678", "Hello"],
  ["", "Hello"],
  ["+15555550100", "  "],
  ["+15555550100", "x".repeat(1_601)],
])("a text to %j like %.10j is refused before it is sent", async (to, text) => {
  await expect(send(twilio, TWILIO, { to, content: { text } })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  expect(provider.taken).toEqual([]);
});

test("a response without a message id leaves the outcome uncertain", async () => {
  const other = await startHttpProvider({ status: 200, body: "<html>welcome to the hotel</html>" });
  await expect(send(twilio, { ...TWILIO, url: other.url }, { to: "+15555550100", content: { text: "Hello" } })).rejects.toMatchObject({
    code: "OUTCOME_UNKNOWN",
  });
  await other.close();
});

test("characters with a meaning in chat are escaped", async () => {
  await send(
    chat,
    { url: `${provider.url}/hook`, allowPrivate: true },
    { content: { text: "<!channel> *Ann* & <https://evil.example|bank>" } },
  );
  expect(JSON.parse(only().body.toString())).toEqual({ text: "&lt;!channel&gt; *Ann* &amp; &lt;https://evil.example|bank&gt;" });
});

const SECRET = `whsec_${randomBytes(24).toString("base64")}`;
const HOOK = { url: `${provider.url}/in?a=1`, secret: SECRET, allowPrivate: true };
const payload = { customer: "Ann", plan: { months: 24, text: 'Größe "XL"' } };

test.each([SECRET, SECRET.slice("whsec_".length)])("the receivers' own library verifies a webhook (%s)", async (secret) => {
  await send(webhook, { ...HOOK, secret, headers: { "x-tenant": "one" } }, { content: { payload } });
  const { url, headers, body } = only();
  expect(url).toBe("/in?a=1");
  expect(headers).toMatchObject({ "webhook-id": "d_1", "content-type": "application/json", "x-tenant": "one" });
  expect(new Webhook(secret).verify(body.toString(), headers)).toEqual(payload);
  expect(() => new Webhook(`whsec_${randomBytes(24).toString("base64")}`).verify(body.toString(), headers)).toThrow();
});

test("a secret that is not base64 is used as it is", async () => {
  await send(webhook, { ...HOOK, secret: "not-so-secret" }, { content: { payload } });
  expect(new Webhook("not-so-secret", { format: "raw" }).verify(only().body.toString(), only().headers)).toEqual(payload);
});

test.each(["takes_then_fails", "closes", "too_many", "garbage"] as const)("a receiver that %s is asked once", async (behaviour) => {
  provider.behave(behaviour);
  await expect(send(webhook, HOOK, { content: { payload } })).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  expect(provider.taken.length).toBe(behaviour === "too_many" ? 0 : 1);
});

test("an idempotent receiver is retried under the same id until it responds", async () => {
  const waits: number[] = [];
  provider.behave("takes_then_fails");
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    if (waits.length === 2) provider.behave("takes");
  };
  expect(await send(webhook, { ...HOOK, dedupes: true }, { content: { payload } }, { wait })).toEqual({ providerId: "d_1" });
  expect(waits).toEqual([1_000, 4_000]);
  expect(provider.taken.map(({ headers }) => headers["webhook-id"])).toEqual(["d_1", "d_1", "d_1"]);
});

test("a refusal ends the retries; after an uncertain attempt it does not prove that nothing was accepted", async () => {
  const wait = async (): Promise<void> => provider.behave("refuses");
  provider.behave("refuses");
  await expect(send(webhook, { ...HOOK, dedupes: true }, { content: { payload } }, { wait })).rejects.toMatchObject({
    code: "UPSTREAM_FAILED",
  });
  provider.behave("takes_then_fails");
  await expect(send(webhook, { ...HOOK, dedupes: true }, { content: { payload } }, { wait })).rejects.toMatchObject({
    code: "OUTCOME_UNKNOWN",
  });
  expect(provider.taken.length).toBe(1);
});

const vapid = webPush.generateVAPIDKeys();
const PUSH = { subject: "mailto:care@northwind.example", ...vapid, allowPrivate: true };

/** Decrypts by RFC 8291 and 8188, as a browser does. */
function decrypt(body: Buffer, browser: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyLength = body[20] ?? 0;
  const senderKey = body.subarray(21, 21 + keyLength);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browser.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync("sha256", browser.computeSecret(senderKey), auth, info, 32));
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: aes128gcm\0", 16));
  const nonce = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: nonce\0", 12));
  const sealed = body.subarray(21 + keyLength);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}

test("a push message is decrypted by the subscribed browser, and authenticated by the operator's key", async () => {
  const browser = createECDH("prime256v1");
  const auth = randomBytes(16);
  const keys = { p256dh: browser.generateKeys("base64url"), auth: auth.toString("base64url") };
  const to = JSON.stringify({ endpoint: `${provider.url}/push/abc`, expirationTime: null, keys });
  const receipt = await send(push, PUSH, { to, content: { title: "Ready", text: "Your car", url: "https://x.example/" } });
  expect(receipt).toEqual({ providerId: "https://push.example/m/1" });
  const { url, headers, body } = only();
  expect(url).toBe("/push/abc");
  expect(JSON.parse(decrypt(body, browser, auth))).toEqual({
    title: "Ready",
    text: "Your car",
    url: "https://x.example/",
    deliveryId: "d_1",
  });
  expect(headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "86400", topic: expect.stringMatching(/^[\w-]{32}$/) });
  const [, jwt = "", key = ""] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? "") ?? [];
  expect(key).toBe(vapid.publicKey);
  const [head, claims = "", signature = ""] = jwt.split(".");
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({ aud: provider.url, sub: PUSH.subject });
  const point = Buffer.from(vapid.publicKey, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const verifier = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
  expect(verify("sha256", Buffer.from(`${head}.${claims}`), verifier, Buffer.from(signature, "base64url"))).toBe(true);
});

test.each([
  "",
  "abc",
  "{}",
  '{"endpoint":"file:///etc/passwd","keys":{"p256dh":"a","auth":"b"}}',
  '{"endpoint":"https://x.example","keys":{"p256dh":"a","auth":"b"}}',
])("the address %j is not a subscription, and nothing is sent", async (to) => {
  await expect(send(push, PUSH, { to, content: { title: "Ready" } })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  expect(provider.taken).toEqual([]);
});

test("a push message that services must reject is refused before it is sent", async () => {
  const keys = { p256dh: createECDH("prime256v1").generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
  const to = JSON.stringify({ endpoint: `${provider.url}/push`, keys });
  await expect(send(push, PUSH, { to, content: { title: "x".repeat(4_000) } })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
});

const LOCAL = provider.url.replace("http:", "https:");
const subscription = JSON.stringify({
  endpoint: `${LOCAL}/push`,
  keys: { p256dh: createECDH("prime256v1").generateKeys("base64url"), auth: randomBytes(16).toString("base64url") },
});

test.each([
  ["who has said STOP", 400, 21610, { optedOut: true }],
  ["a number that is none", 400, 21211, { addressGone: true }],
  ["a landline", 400, 21614, { addressGone: true }],
  ["an account without money", 400, 20003, {}],
])("Twilio reports %s: known facts are in the details, and none of its own text", async (_, status, code, known) => {
  const refusing = await startHttpProvider({ status, body: JSON.stringify({ code, message: "To +15555550100" }) });
  const failure = await send(twilio, { ...TWILIO, url: refusing.url }, { to: "+15555550100", content: { text: "Hello" } }).catch(
    (error) => error,
  );
  await refusing.close();
  expect(failure).toMatchObject({ code: "UPSTREAM_FAILED", message: `twilio refused with ${status}, ${code}` });
  expect(failure.details).toEqual({ status, code, ...known });
});

test.each([404, 410, 400])("a push service that answers %i", async (status) => {
  const refusing = await startHttpProvider({ status, body: "" });
  const keys = { p256dh: createECDH("prime256v1").generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
  const to = JSON.stringify({ endpoint: `${refusing.url}/push`, keys });
  const failure = await send(push, PUSH, { to, content: { title: "Ready" } }).catch((error) => error);
  await refusing.close();
  expect(failure.details).toEqual({ status, ...(status === 400 ? {} : { addressGone: true }) });
});

test.each<[string, AnyChannel, Record<string, unknown>, Partial<OutgoingMessage>]>([
  ["webhook", webhook, { url: `${LOCAL}/in`, secret: SECRET }, { content: { payload } }],
  ["chat", chat, { url: `${LOCAL}/in` }, { content: { text: "Hello" } }],
  ["push", push, { ...PUSH, allowPrivate: false }, { to: subscription, content: { title: "Hello" } }],
  ["twilio", twilio, { ...TWILIO, url: "https://10.0.0.1" }, { to: "+15555550100", content: { text: "Hello" } }],
])("%s does not reach our own networks", async (_, channel, options, message) => {
  await expect(send(channel, options, message)).rejects.toMatchObject({
    code: "UPSTREAM_FAILED",
    message: expect.stringContaining("not a public address"),
  });
  expect(provider.taken).toEqual([]);
});

test.each<[string, AnyChannel, Record<string, unknown>, string]>([
  ["a webhook without https", webhook, { url: "http://hooks.example/in", secret: SECRET }, "url"],
  ["a webhook without a secret", webhook, { url: "https://hooks.example/in" }, "secret"],
  ["a webhook with a header of two lines", webhook, { url: "https://h.example", secret: SECRET, headers: { a: "b\r\nc: d" } }, "headers.a"],
  ["a chat without an address", chat, {}, "url"],
  ["an API without https", twilio, { ...TWILIO, url: "http://api.example" }, "url"],
  ["two senders", twilio, { ...TWILIO, messagingServiceSid: "MG1" }, "from"],
  ["no sender", twilio, { ...TWILIO, from: undefined }, "from"],
  ["a key that is none", push, { ...PUSH, publicKey: "not-set" }, "publicKey"],
  ["a subject that reaches nobody", push, { ...PUSH, subject: "care" }, "subject"],
])("%s is reported at the start, by its name", (_, channel, options, path) => {
  const { error } = channel.options.safeParse(options);
  expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  expect(error?.message).not.toContain(SECRET);
});
