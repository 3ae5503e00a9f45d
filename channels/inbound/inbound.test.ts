import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { Webhook } from "standardwebhooks";
import twilioLibrary from "twilio";
import { describe, expect, test } from "vitest";
import { checkSignal } from "../../domain/entities/signal.ts";
import { webhookReaders } from "../../testing/webhook-readers.ts";
import type { WebhookReading, WebhookRequest } from "./webhook.ts";

const NOW = Date.parse("2026-06-01T15:00:00Z");
const seconds = (at: number): string => String(Math.floor(at / 1000));
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const WHSEC = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;

type Given = Partial<Omit<WebhookRequest, "rawBody">> & { readonly body: string | Uint8Array; readonly at?: number };

/** Each provider's request signing, by its own library or its documentation, not by our code. */
interface Signer {
  readonly provider: string;
  readonly options: Record<string, string>;
  readonly hasTime: boolean;
  readonly sign: (given: Given) => WebhookRequest;
  readonly example: Given;
}

const requestOf = (
  { body, headers = {}, url = "https://care.example/v1/webhooks/x" }: Given,
  more: Record<string, string> = {},
): WebhookRequest => ({
  headers: { ...headers, ...more },
  rawBody: Buffer.from(body),
  url,
});
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

const mailgunProof = (at: number, token = `token-${at}`) => ({
  timestamp: seconds(at),
  token,
  signature: createHmac("sha256", "mg-key")
    .update(`${seconds(at)}${token}`)
    .digest("hex"),
});

const twilio: Signer = {
  provider: "twilio",
  options: { authToken: "tw-token", statusCallback: "https://public.example/hooks/sms" },
  hasTime: false,
  sign: (given) => {
    const fields = Object.fromEntries(new URLSearchParams(String(given.body)));
    const url = given.url ?? "https://care.example/v1/webhooks/x";
    return requestOf(given, { ...FORM, "x-twilio-signature": twilioLibrary.getExpectedTwilioSignature("tw-token", url, fields) });
  },
  example: { body: form({ MessageSid: "SM1", SmsStatus: "received", From: "+15555550100", To: "+15555550199", Body: "Hello" }) },
};

const sendgrid: Signer = {
  provider: "sendgrid",
  options: { publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64") },
  hasTime: true,
  sign: (given) => {
    const at = seconds(given.at ?? NOW);
    const signature = createSign("sha256")
      .update(at)
      .update(Buffer.from(given.body))
      .sign({ key: privateKey, dsaEncoding: "der" }, "base64");
    return requestOf(given, { "x-twilio-email-event-webhook-signature": signature, "x-twilio-email-event-webhook-timestamp": at });
  },
  example: {
    body: JSON.stringify([{ event: "delivered", sg_event_id: "e1", email: "ann@example.com", timestamp: 1780326000, deliveryId: "d_1" }]),
  },
};

const postmark: Signer = {
  provider: "postmark",
  options: { username: "pm", password: "s:cret" },
  hasTime: false,
  sign: (given) => requestOf(given, { ...JSON_TYPE, authorization: `Basic ${Buffer.from("pm:s:cret").toString("base64")}` }),
  example: {
    body: JSON.stringify({ RecordType: "Delivery", MessageID: "m-1", Recipient: "ann@example.com", DeliveredAt: "2026-06-01T14:59:00Z" }),
  },
};

const mailgun: Signer = {
  provider: "mailgun",
  options: { signingKey: "mg-key" },
  hasTime: true,
  sign: (given) => {
    const proof = mailgunProof(given.at ?? NOW);
    return requestOf({ ...given, body: JSON.stringify({ signature: proof, ...JSON.parse(String(given.body)) }) }, JSON_TYPE);
  },
  example: {
    body: JSON.stringify({ "event-data": { event: "delivered", id: "e1", recipient: "ann@example.com", timestamp: 1780325999.5 } }),
  },
};

const slack: Signer = {
  provider: "slack",
  options: { signingSecret: "sl-secret" },
  hasTime: true,
  sign: (given) => {
    const at = seconds(given.at ?? NOW);
    const signature = createHmac("sha256", "sl-secret").update(`v0:${at}:${given.body}`).digest("hex");
    return requestOf(given, {
      ...(given.headers ? {} : JSON_TYPE),
      "x-slack-request-timestamp": at,
      "x-slack-signature": `v0=${signature}`,
    });
  },
  example: {
    body: JSON.stringify({
      type: "event_callback",
      team_id: "T1",
      event: { type: "message", user: "U1", text: "Hello", channel: "C1", ts: "1780325999.000100" },
    }),
  },
};

const standard: Signer = {
  provider: "standard-webhooks",
  options: { secret: WHSEC },
  hasTime: true,
  sign: (given) => {
    const at = given.at ?? NOW;
    const signature = new Webhook(WHSEC).sign("msg_1", new Date(at), String(given.body));
    return requestOf(given, { "webhook-id": "msg_1", "webhook-timestamp": seconds(at), "webhook-signature": signature });
  },
  example: { body: JSON.stringify({ type: "delivery.delivered", timestamp: "2026-06-01T14:59:00Z", data: { deliveryId: "d_1" } }) },
};

const SIGNERS = [twilio, sendgrid, postmark, mailgun, slack, standard];

function readerOf({ provider, options }: Pick<Signer, "provider" | "options">) {
  const found = webhookReaders.find((one) => one.provider === provider);
  if (!found) throw new Error(`no provider ${provider}`);
  return found.open(found.options.parse(options) as never, "care");
}

const read = async (signer: Signer, given: Given = signer.example, now = NOW): Promise<WebhookReading> =>
  readerOf(signer)(signer.sign(given), now);

async function tell(signer: Signer, given: Given): Promise<Record<string, unknown>[]> {
  const reading = await read(signer, given);
  if (reading.kind !== "signals") throw new Error(JSON.stringify(reading));
  for (const signal of reading.signals) {
    const isOurs = signal.data?.deliveryId !== undefined || signal.data?.providerId !== undefined;
    expect(checkSignal(JSON.parse(JSON.stringify(isOurs ? { subject: "c", ...signal } : signal)))).toMatchObject({ ok: true });
  }
  return reading.signals.map(({ type, id, time, data }) => ({ type, id, ...(time === undefined ? {} : { time }), ...data }));
}

test("every provider has a signer here", () => {
  expect(SIGNERS.map(({ provider }) => provider).sort()).toEqual(webhookReaders.map(({ provider }) => provider).sort());
});

describe.each(SIGNERS)("$provider", (signer) => {
  test("a signed webhook is read, and read again it gives the same signals", async () => {
    const reading = readerOf(signer);
    const request = signer.sign(signer.example);
    const first = await reading(request, NOW);
    expect(first).toMatchObject({ kind: "signals", signals: [{ source: "channel/care", data: { channel: "care" } }] });
    expect(await reading(request, NOW + 240_000)).toEqual(first);
  });

  test("a webhook without any of its headers is refused", async () => {
    const { headers, ...request } = signer.sign(signer.example);
    for (const name of Object.keys(headers).filter((one) => /signature|timestamp|webhook-id|authorization/.test(one))) {
      for (const value of [undefined, "", [String(headers[name]), String(headers[name])]]) {
        const reading = await readerOf(signer)({ ...request, headers: { ...headers, [name]: value } }, NOW);
        expect(reading, `${name}: ${value}`).toEqual({ kind: "refused", reason: "signature_missing" });
      }
    }
  });

  test("a webhook with another signature, of any length, is refused", async () => {
    const { headers, ...request } = signer.sign(signer.example);
    for (const name of Object.keys(headers).filter((one) => /signature$|authorization/.test(one))) {
      const value = String(headers[name]);
      const flipped = `${value.slice(0, -6)}${value.at(-6) === "a" ? "b" : "a"}${value.slice(-5)}`;
      for (const forged of [flipped, value.slice(0, 9), `${value}x`, "v1,", "v0=", "%", "ü", "x".repeat(10_000)]) {
        const reading = await readerOf(signer)({ ...request, headers: { ...headers, [name]: forged } }, NOW);
        expect(reading, forged.slice(0, 60)).toEqual({ kind: "refused", reason: "signature_wrong" });
      }
    }
  });

  test("a webhook with another party's signature is refused", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" }).toString("base64");
    const options = Object.fromEntries(
      Object.entries(signer.options).map(([name, value]) => [
        name,
        name === "publicKey" ? other : name === "statusCallback" ? value : `${value}x`,
      ]),
    );
    const reading = await readerOf({ ...signer, options })(signer.sign(signer.example), NOW);
    expect(reading).toEqual({ kind: "refused", reason: "signature_wrong" });
  });

  test.runIf(signer.hasTime)("a webhook from five minutes ago or ahead is read, and a second more is stale", async () => {
    for (const ms of [-300_000, 300_000])
      expect(await read(signer, { ...signer.example, at: NOW + ms })).toMatchObject({ kind: "signals" });
    for (const ms of [-301_000, 301_000, -NOW, NOW * 999]) {
      const reading = await read(signer, { ...signer.example, at: NOW + ms });
      expect(reading, String(ms)).toMatchObject({ kind: "refused" });
    }
  });
});

test.each([twilio, sendgrid, slack, standard])("$provider signs the exact bytes: another space is another body", async (signer) => {
  const request = signer.sign(signer.example);
  const reading = await readerOf(signer)({ ...request, rawBody: Buffer.concat([request.rawBody, Buffer.from(" ")]) }, NOW);
  expect(reading).toEqual({ kind: "refused", reason: "signature_wrong" });
});

describe("twilio", () => {
  const text = (Body: string, more: Record<string, string> = {}): Given => ({
    body: form({ MessageSid: "SM1", SmsStatus: "received", From: "+15555550100", To: "+15555550199", Body, ...more }),
  });
  const who = [{ type: "phone", value: "+15555550100" }];

  test("a text is a message, with its thread and sender", async () => {
    expect(await tell(twilio, text("Where is my car?"))).toEqual([
      {
        type: "message.received",
        id: "SM1",
        channel: "care",
        text: "Where is my car?",
        thread: "+15555550100|+15555550199",
        identities: who,
      },
    ]);
    expect(await read(twilio)).toMatchObject({
      answer: { contentType: "text/xml", body: expect.stringContaining("<Response></Response>") },
    });
  });

  test.each([
    ["STOP", {}, "revoked"],
    [" Arrêt! ", {}, "revoked"],
    ["start", {}, "granted"],
    ["aufhören", { OptOutType: "STOP" }, "revoked"],
    ["JOIN", { OptOutType: "START" }, "granted"],
  ])("%j is consent and no message", async (body, more, status) => {
    expect(await tell(twilio, text(body, more))).toEqual([
      { type: "customer.consent", id: "SM1:consent", channel: "care", status, identities: who },
    ]);
  });

  test("a text with a NUL is kept without it", async () => {
    expect(await tell(twilio, text("ST\u0000OP"))).toMatchObject([{ type: "customer.consent", status: "revoked" }]);
    expect(await tell(twilio, text("a\u0000b"))).toMatchObject([{ text: "ab" }]);
  });

  test("a messenger's number is known by its phone number", async () => {
    expect(await tell(twilio, text("Hello", { From: "whatsapp:+15555550100" }))).toMatchObject([{ identities: who }]);
  });

  test.each([
    ["queued", {}, []],
    ["sent", {}, ["delivery.sent"]],
    ["delivered", {}, ["delivery.delivered"]],
    ["read", {}, ["delivery.opened"]],
    ["undelivered", { ErrorCode: "30005" }, ["delivery.bounced"]],
    ["failed", { ErrorCode: "21610" }, ["customer.consent", "delivery.bounced"]],
    ["constructor", {}, []],
  ])("the status %s yields %j %j", async (MessageStatus, more, types) => {
    const body = form({ MessageSid: "SM9", MessageStatus, To: "+15555550100", ...more });
    const received = await tell(twilio, { body, url: "https://care.example/v1/webhooks/sms?deliveryId=d_7" });
    expect(received.map(({ type }) => type)).toEqual(types);
    const receipt = received.at(-1);
    if (receipt) expect(receipt).toMatchObject({ id: `SM9:${MessageStatus}`, deliveryId: "d_7", providerId: "SM9", identities: who });
  });

  test("a delivery id added to the URL is not covered by the signature", async () => {
    const request = twilio.sign({ ...twilio.example, url: "https://care.example/v1/webhooks/sms?deliveryId=d_7" });
    const reading = await readerOf(twilio)({ ...request, url: request.url.replace("d_7", "d_8") }, NOW);
    expect(reading).toEqual({ kind: "refused", reason: "signature_wrong" });
  });

  test.each([
    ["https://care.example/a?b=1", "http://care.example:8080/a?b=1", false],
    ["https://care.example/a?b=1", "http://care.example/a?b=1", true],
    ["https://care.example/a?b=1", "https://care.example:8443/a?b=1", true],
    ["https://care.example:443/a?b=1", "https://care.example/a?b=1", true],
    ["http://care.example:80/a", "http://care.example/a", true],
    ["https://public.example/a?b=1", "http://10.0.0.7:3000/a?b=1", true],
    ["https://public.example/a?b=1", "http://10.0.0.7:3000/a?b=2", false],
    ["https://other.example/a", "https://care.example/a", false],
  ])("signed for %s and seen as %s: %s", async (signed, seen, isTaken) => {
    const request = twilio.sign({ ...twilio.example, url: signed });
    const isRead = (await readerOf(twilio)({ ...request, url: seen }, NOW)).kind === "signals";
    expect(isRead).toBe(isTaken || signed.replace("https:", "http:").replace(/:\d+/, "") === seen.replace(/:\d+/, ""));
  });

  test("a JSON body is authenticated by its hash in the URL", async () => {
    const body = JSON.stringify({ MessageSid: "SM2", SmsStatus: "received", From: "+15555550100", To: "+1", Body: "Hello" });
    const url = `https://care.example/v1/webhooks/sms?bodySHA256=${twilioLibrary.getExpectedBodyHash(body)}`;
    const signature = twilioLibrary.getExpectedTwilioSignature("tw-token", url, {});
    const request: WebhookRequest = { headers: { ...JSON_TYPE, "x-twilio-signature": signature }, rawBody: Buffer.from(body), url };
    expect(await readerOf(twilio)(request, NOW)).toMatchObject({ kind: "signals", signals: [{ id: "SM2", data: { text: "Hello" } }] });
    const changed = { ...request, rawBody: Buffer.from(body.replace("Hello", "STOP")) };
    expect(await readerOf(twilio)(changed, NOW)).toEqual({ kind: "refused", reason: "signature_wrong" });
  });

  test("a signed form that is no message is a bad request", async () => {
    expect(await read(twilio, { body: "a=b" })).toEqual({ kind: "bad_request", problem: "expected MessageSid" });
  });
});

describe("news about the address itself", () => {
  const list = (...given: Record<string, unknown>[]): Given => ({
    body: JSON.stringify(given.map((one) => ({ email: "ann@example.com", ...one }))),
  });
  const failed = (reason: string): Given => ({
    body: JSON.stringify({ "event-data": { id: "e1", recipient: "ann@example.com", event: "failed", severity: "permanent", reason } }),
  });
  const status = (ErrorCode: string): Given => ({
    body: form({ MessageSid: "SM9", MessageStatus: "failed", To: "+15555550100", ErrorCode }),
  });
  const bounce = (Type: string): Given => ({ body: JSON.stringify({ RecordType: "Bounce", MessageID: "m-1", ID: 7, Type }) });

  test.each<[Signer, Given, boolean]>([
    [sendgrid, list({ event: "bounce", type: "bounce", status: "5.1.1", bounce_classification: "Invalid Address" }), true],
    [sendgrid, list({ event: "bounce", type: "bounce", status: "5.1.1" }), true],
    [sendgrid, list({ event: "bounce", type: "bounce", status: "5.7.1", bounce_classification: "Reputation" }), false],
    [sendgrid, list({ event: "bounce", type: "blocked", status: "5.7.1" }), false],
    [sendgrid, list({ event: "bounce", type: "bounce", status: "4.2.2" }), false],
    [sendgrid, list({ event: "dropped", reason: "Bounced Address" }), true],
    [sendgrid, list({ event: "dropped", reason: "Invalid SMTPAPI header" }), false],
    [postmark, bounce("HardBounce"), true],
    [postmark, bounce("BadEmailAddress"), true],
    [postmark, bounce("SoftBounce"), false],
    [postmark, bounce("Blocked"), false],
    [mailgun, failed("bounce"), true],
    [mailgun, failed("suppress-bounce"), true],
    [mailgun, failed("generic"), false],
    [twilio, status("30005"), true],
    [twilio, status("30006"), true],
    [twilio, status("30003"), false],
  ])("$0.provider: $1.body bounces for good: $2", async (signer, given, isForGood) => {
    const [bounced] = await tell(signer, given);
    expect([bounced?.type, bounced?.permanent]).toEqual(["delivery.bounced", isForGood ? true : undefined]);
  });

  const byServer = (code: string, message: string): [Signer, Given][] => {
    const delivery = { code: 550, "enhanced-code": code, message, description: "" };
    const asMailgun = { id: "e1", recipient: "ann@example.com", event: "failed", severity: "permanent", reason: "bounce" };
    const details = `smtp;550 ${code} ${message}`;
    return [
      [mailgun, { body: JSON.stringify({ "event-data": { ...asMailgun, "delivery-status": delivery } }) }],
      [
        mailgun,
        { body: JSON.stringify({ "event-data": { ...asMailgun, "delivery-status": { code: 550, message: `${code} ${message}` } } }) },
      ],
      [postmark, { body: JSON.stringify({ RecordType: "Bounce", MessageID: "m-1", ID: 7, Type: "HardBounce", Details: details }) }],
      [sendgrid, list({ event: "bounce", type: "bounce", status: code, reason: `550 ${code} ${message}` })],
      [sendgrid, list({ event: "bounce", type: "bounce", reason: `550 ${code} ${message}` })],
    ];
  };

  describe.each<[string, string, boolean]>([
    ["5.1.1", "no such user here", true],
    ["5.1.2", "no such host", true],
    ["5.1.6", "moved away", true],
    ["5.1.10", "the domain takes no mail", true],
    ["5.2.1", "the mailbox is closed", true],
    ["5.1.0", "user unknown", true],
    ["5.1.8", "the sender's domain is unknown", false],
    ["5.2.2", "mailbox full, user unknown to have any space left", false],
    ["5.2.3", "the message is too large", false],
    ["5.4.1", "relay access denied", false],
    ["5.7.1", "blocked: your address is on a list", false],
    ["5.7.26", "not authenticated", false],
    ["4.2.2", "over quota", false],
    ["4.4.7", "it took too long", false],
  ])("friction: %s (%s) gives the address up: %s", (code, message, isForGood) => {
    test.each(byServer(code, message))("$provider", async (signer, given) => {
      const [bounced] = await tell(signer, given);
      expect([bounced?.type, bounced?.permanent]).toEqual(["delivery.bounced", isForGood ? true : undefined]);
    });
  });

  test.each<[Signer, Given, string]>([
    [sendgrid, list({ event: "dropped", reason: "Unsubscribed Address" }), "sendgrid suppresses this address: Unsubscribed Address"],
    [sendgrid, list({ event: "dropped", reason: "Spam Reporting Address" }), "sendgrid suppresses this address: Spam Reporting Address"],
    [mailgun, failed("suppress-unsubscribe"), "mailgun suppresses this address: suppress-unsubscribe"],
    [mailgun, failed("suppress-complaint"), "mailgun suppresses this address: suppress-complaint"],
    [twilio, status("21610"), "twilio suppresses this address: 21610"],
  ])("$0.provider: $1.body revokes consent, with the reason", async (signer, given, reason) => {
    const received = await tell(signer, given);
    expect(received).toMatchObject([{ type: "customer.consent", status: "revoked", reason }, { type: "delivery.bounced" }]);
    expect(received.at(-1)).not.toHaveProperty("permanent");
  });
});

describe("sendgrid", () => {
  const events = (...given: Record<string, unknown>[]): Given => ({
    body: JSON.stringify(
      given.map((one, index) => ({ sg_event_id: `e${index}`, email: "ann@example.com", timestamp: 1780325990, ...one })),
    ),
  });

  test.each([
    [{ event: "processed" }, ["delivery.sent"]],
    [{ event: "delivered" }, ["delivery.delivered"]],
    [{ event: "deferred" }, []],
    [{ event: "open" }, ["delivery.opened"]],
    [{ event: "open", sg_machine_open: true }, []],
    [{ event: "click" }, ["delivery.clicked"]],
    [{ event: "bounce" }, ["delivery.bounced"]],
    [{ event: "dropped" }, ["delivery.bounced"]],
    [{ event: "spamreport" }, ["delivery.complained"]],
    [{ event: "unsubscribe" }, ["customer.consent", "delivery.unsubscribed"]],
    [{ event: "group_resubscribe" }, ["customer.consent"]],
    [{ event: "toString" }, []],
  ])("%j yields %j", async (event, types) => {
    expect((await tell(sendgrid, events(event))).map(({ type }) => type)).toEqual(types);
  });

  test("an event names its delivery, its mail, its time and its recipient", async () => {
    const given = { event: "bounce", deliveryId: "d_1", "smtp-id": "<d_1@x.example>", type: "blocked", status: "5.7.1" };
    expect(await tell(sendgrid, events(given))).toEqual([
      {
        type: "delivery.bounced",
        id: "e0",
        time: "2026-06-01T14:59:50Z",
        channel: "care",
        deliveryId: "d_1",
        providerId: "d_1@x.example",
        reason: "blocked",
        code: "5.7.1",
        identities: [{ type: "email", value: "ann@example.com" }],
      },
    ]);
  });

  test("one unreadable event does not block the others", async () => {
    const body = JSON.stringify([
      null,
      7,
      { event: "open" },
      { event: "open", email: "ann@example.com" },
      { event: "click", sg_event_id: "e9", email: "a\u0000nn@example.com", timestamp: "soon" },
    ]);
    expect(await tell(sendgrid, { body })).toMatchObject([
      { type: "delivery.opened", identities: [{ value: "ann@example.com" }] },
      { type: "delivery.clicked", id: "e9" },
    ]);
  });

  test.each(["payload", '{"event":"open"}', "", `${"[".repeat(20_000)}${"]".repeat(20_000)}`])(
    "a signed body like %.20s is a bad request",
    async (body) => {
      expect(await read(sendgrid, { body })).toMatchObject({ kind: "bad_request" });
    },
  );

  test("a mail received for us is a message and an answer", async () => {
    const body = new FormData();
    body.set("from", "Ann <Ann@Example.com>");
    body.set("subject", "Re: Your lease");
    body.set("text", "I moved house\n\nOn Mon, 1 Jun 2026 Care <care@x.example> wrote:\n> STOP");
    body.set("headers", "Received: by\n mx.example\nMessage-ID: <r1@example.com>\nIn-Reply-To: <d_1@x.example>\n");
    const sent = new Response(body);
    const given = { body: new Uint8Array(await sent.arrayBuffer()), headers: { "content-type": sent.headers.get("content-type") ?? "" } };
    const common = { channel: "care", providerId: "d_1@x.example", identities: [{ type: "email", value: "ann@example.com" }] };
    expect(await tell(sendgrid, given)).toEqual([
      {
        type: "message.received",
        id: "r1@example.com",
        text: "I moved house",
        subject: "Re: Your lease",
        thread: "d_1@x.example",
        ...common,
      },
      { type: "delivery.replied", id: "r1@example.com:reply", ...common },
    ]);
  });

  test("an invalid key is reported at the start, by name", () => {
    const parsed = webhookReaders.find(({ provider }) => provider === "sendgrid")?.options.safeParse({ publicKey: "not-set" });
    expect(parsed?.error?.issues.map(({ path }) => path.join("."))).toEqual(["publicKey"]);
  });
});

describe("postmark", () => {
  const record = (given: Record<string, unknown>): Given => ({
    body: JSON.stringify({ MessageID: "m-1", Recipient: "ann@example.com", ...given }),
  });

  test.each([
    [{ RecordType: "Delivery", DeliveredAt: "2026-06-01T14:59:00Z" }, ["delivery.delivered"]],
    [{ RecordType: "Bounce", ID: 7, Type: "HardBounce", Email: "ann@example.com" }, ["delivery.bounced"]],
    [{ RecordType: "Bounce", ID: 8, Type: "AutoResponder" }, []],
    [{ RecordType: "Bounce", ID: 9, Type: "Transient" }, []],
    [{ RecordType: "Bounce", ID: 9, Type: "SpamComplaint" }, ["delivery.complained"]],
    [{ RecordType: "SpamComplaint", ID: 10 }, ["delivery.complained"]],
    [{ RecordType: "Open" }, ["delivery.opened"]],
    [{ RecordType: "Click", OriginalLink: "https://x.example" }, ["delivery.clicked"]],
    [
      { RecordType: "SubscriptionChange", SuppressSending: true, SuppressionReason: "ManualSuppression" },
      ["customer.consent", "delivery.unsubscribed"],
    ],
    [{ RecordType: "SubscriptionChange", SuppressSending: true, SuppressionReason: "HardBounce" }, []],
    [{ RecordType: "SubscriptionChange", SuppressSending: false, Origin: "Recipient" }, ["customer.consent"]],
    [{ RecordType: "SubscriptionChange", SuppressSending: false, Origin: "Customer" }, []],
    [{ RecordType: "SMTPApiError" }, []],
  ])("%j yields %j", async (given, types) => {
    expect((await tell(postmark, record(given))).map(({ type }) => type)).toEqual(types);
  });

  test("a receipt names the delivery of its mail, in any case", async () => {
    const given = record({ RecordType: "Open", ReceivedAt: "2026-06-01T10:00:00-04:00", Metadata: { DeliveryID: "d_1" } });
    expect(await tell(postmark, given)).toMatchObject([
      { id: "Open:m-1:2026-06-01T10:00:00-04:00", time: "2026-06-01T14:00:00Z", deliveryId: "d_1", providerId: "m-1" },
    ]);
  });

  const mail = (more: Record<string, unknown>): Given =>
    record({
      FromFull: { Email: "ann@example.com" },
      Subject: "Hello",
      TextBody: "Hello there",
      Headers: [{ Name: "Message-ID", Value: "<r1@e>" }],
      ...more,
    });

  test("a mail is a message, and its own thread if it answers none", async () => {
    expect(await tell(postmark, mail({}))).toMatchObject([{ type: "message.received", id: "m-1", text: "Hello there", thread: "r1@e" }]);
  });

  test("a mail with nothing but such a word is consent, one that quotes it is not", async () => {
    expect(await tell(postmark, mail({ TextBody: "Unsubscribe.\n\n-- \nAnn" }))).toMatchObject([
      { type: "customer.consent", status: "revoked" },
    ]);
    expect(await tell(postmark, mail({ StrippedTextReply: "", TextBody: "", Subject: "STOP" }))).toMatchObject([
      { type: "customer.consent" },
    ]);
    expect(await tell(postmark, mail({ TextBody: "Thanks!\n> STOP" }))).toMatchObject([{ type: "message.received", text: "Thanks!" }]);
    expect(await tell(postmark, mail({ TextBody: "start" }))).toMatchObject([{ type: "message.received" }]);
  });

  test.each(["auto-replied", "auto-generated"])("an automatic answer (%s) is no message", async (Value) => {
    expect(await tell(postmark, mail({ Headers: [{ Name: "Auto-Submitted", Value }] }))).toEqual([]);
  });
});

describe("mailgun", () => {
  const event = (given: Record<string, unknown>): Given => ({
    body: JSON.stringify({ "event-data": { id: "e1", recipient: "ann@example.com", timestamp: 1780325990.4, ...given } }),
  });

  test.each([
    [{ event: "accepted" }, ["delivery.sent"]],
    [{ event: "delivered" }, ["delivery.delivered"]],
    [{ event: "failed", severity: "permanent" }, ["delivery.bounced"]],
    [{ event: "failed", severity: "temporary" }, []],
    [{ event: "opened" }, ["delivery.opened"]],
    [{ event: "opened", "client-info": { bot: "apple" } }, []],
    [{ event: "clicked", "client-info": { bot: "" } }, ["delivery.clicked"]],
    [{ event: "complained" }, ["delivery.complained"]],
    [{ event: "unsubscribed" }, ["customer.consent", "delivery.unsubscribed"]],
    [{ event: "stored" }, []],
  ])("%j yields %j", async (given, types) => {
    expect((await tell(mailgun, event(given))).map(({ type }) => type)).toEqual(types);
  });

  test("an event names its delivery and its mail", async () => {
    const given = event({
      event: "delivered",
      "user-variables": { deliveryId: "d_1" },
      message: { headers: { "message-id": "d_1@x.example" } },
    });
    expect(await tell(mailgun, given)).toMatchObject([
      { deliveryId: "d_1", providerId: "d_1@x.example", time: "2026-06-01T14:59:50.400Z" },
    ]);
  });

  test("a token used for one body is refused for another, until both are stale", async () => {
    const reading = readerOf(mailgun);
    const proof = mailgunProof(NOW);
    const request = (id: string) =>
      requestOf({ body: JSON.stringify({ signature: proof, "event-data": { event: "opened", id } }) }, JSON_TYPE);
    expect(await reading(request("e1"), NOW)).toMatchObject({ kind: "signals" });
    expect(await reading(request("e2"), NOW + 1_000)).toEqual({ kind: "refused", reason: "replayed" });
    expect(await reading(request("e1"), NOW + 2_000)).toMatchObject({ kind: "signals" });
    expect(await reading(request("e2"), NOW + 400_000)).toEqual({ kind: "refused", reason: "stale" });
  });

  test("a mail comes as a form", async () => {
    const headers = JSON.stringify([
      ["Message-Id", "<r1@e>"],
      ["References", "<d_1@x> <d_2@x>"],
      ["In-Reply-To", "<d_2@x>"],
      ["From", "Ann <ann@example.com>"],
    ]);
    const body = form({ ...mailgunProof(NOW), sender: "bounce@e", subject: "Re", "stripped-text": "Hello", "message-headers": headers });
    expect(await readerOf(mailgun)(requestOf({ body }, FORM), NOW)).toMatchObject({
      kind: "signals",
      signals: [
        {
          type: "message.received",
          data: { text: "Hello", thread: "d_1@x", providerId: "d_2@x", identities: [{ value: "ann@example.com" }] },
        },
        { type: "delivery.replied", data: { providerId: "d_2@x" } },
      ],
    });
  });
});

describe("slack", () => {
  const message = (event: Record<string, unknown>): Given => ({
    body: JSON.stringify({
      type: "event_callback",
      team_id: "T1",
      event_id: "Ev1",
      event: { type: "message", user: "U1", text: "Hello", channel: "C1", ts: "1780325999.000100", ...event },
    }),
  });
  const who = [{ type: "slack", value: "T1:U1" }];

  test("a message and its mention event are one", async () => {
    const received = await tell(slack, message({}));
    expect(received).toEqual([
      {
        type: "message.received",
        id: "C1:1780325999.000100",
        time: "2026-06-01T14:59:59Z",
        channel: "care",
        text: "Hello",
        thread: "C1:1780325999.000100",
        identities: who,
      },
    ]);
    expect(await tell(slack, message({ type: "app_mention" }))).toEqual(received);
  });

  test("an answer belongs to its thread", async () => {
    expect(await tell(slack, message({ thread_ts: "1780300000.000000" }))).toMatchObject([{ thread: "C1:1780300000.000000" }]);
  });

  test.each([{ bot_id: "B1" }, { subtype: "message_changed" }, { type: "reaction_added" }, { user: undefined }])(
    "%j is no message of a customer",
    async (event) => {
      expect(await tell(slack, message(event))).toEqual([]);
    },
  );

  test("the address is confirmed with the challenge", async () => {
    const reading = await read(slack, { body: JSON.stringify({ type: "url_verification", challenge: "3eZb" }) });
    expect(reading).toEqual({ kind: "signals", signals: [], answer: { contentType: "text/plain", body: "3eZb" } });
  });

  test("a command is a message", async () => {
    const body = form({ command: "/care", text: "where is my car", trigger_id: "1.2.3", team_id: "T1", user_id: "U1", channel_id: "C1" });
    expect(await tell(slack, { body, headers: FORM })).toMatchObject([
      { type: "message.received", id: "1.2.3", text: "/care where is my car", identities: who },
    ]);
  });
});

describe("standard-webhooks", () => {
  const say = (type: string, data: unknown, more: Record<string, unknown> = {}): Given => ({
    body: JSON.stringify({ type, data, ...more }),
  });

  test("it accepts only signals that channels may report, for its own channel", async () => {
    const received = await tell(
      standard,
      say("customer.consent", { channel: "sms", status: "revoked", traits: { vip: true } }, { subject: "c-1" }),
    );
    expect(received).toEqual([{ type: "customer.consent", id: "msg_1", channel: "care", status: "revoked" }]);
  });

  test.each([
    say("lease.updated", {}, { subject: "c-1" }),
    say("customer.merged", {}, { subject: "c-1" }),
    say("delivery.delivered", "d_1", { subject: "c-1" }),
    say("message.received", { text: "Hello" }),
    { body: "no" },
  ])("a signed $body is a bad request", async (given) => {
    expect(await read(standard, given)).toMatchObject({ kind: "bad_request" });
  });

  test("any of several signatures may match, and thousands are not tried", async () => {
    const request = standard.sign(standard.example);
    const wrong = `v1,${Buffer.alloc(32).toString("base64")}`;
    const signed = (signatures: readonly string[]) => ({
      ...request,
      headers: { ...request.headers, "webhook-signature": signatures.join(" ") },
    });
    const right = String(request.headers["webhook-signature"]);
    expect(await readerOf(standard)(signed([wrong, "v2,x", right]), NOW)).toMatchObject({ kind: "signals" });
    expect(await readerOf(standard)(signed([...Array<string>(10_000).fill(wrong), right]), NOW)).toMatchObject({ kind: "refused" });
    expect(await readerOf(standard)(signed([right.replace("v1,", "v0,")]), NOW)).toMatchObject({ kind: "refused" });
  });

  test.each(["NaN", "1e9", "-1", " ", "1780326000000"])("the time %j is invalid", async (time) => {
    const request = standard.sign(standard.example);
    const reading = await readerOf(standard)({ ...request, headers: { ...request.headers, "webhook-timestamp": time } }, NOW);
    expect(reading).toMatchObject({ kind: "refused" });
  });
});
