import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import twilioLibrary from "twilio";
import { describe, expect, test } from "vitest";
import type { Json } from "../../domain/values/json.ts";
import { webhookReaders } from "../../testing/webhook-readers.ts";
import type { WebhookReading, WebhookRequest } from "../inbound/webhook.ts";

const NOW = Date.parse("2026-06-03T15:00:00Z");
const SECONDS = String(NOW / 1000);
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** A mail as sent; `bytes` are fields in a charset of their own. */
interface Mail {
  readonly text?: string;
  readonly html?: string;
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: Readonly<Record<string, Uint8Array>>;
  readonly charsets?: Readonly<Record<string, string>>;
}

const headersOf = ({ headers = {} }: Mail): [string, string][] =>
  Object.entries({ "Message-ID": "<r1@example.com>", "In-Reply-To": "<d_1@shop.example>", ...headers });

const FROM = "Ann <ann@example.com>";
const request = (rawBody: Uint8Array, headers: Record<string, string>): WebhookRequest => ({
  rawBody,
  headers,
  url: "https://care.example/v1/webhooks/email",
});

const postmark = (mail: Mail): WebhookRequest => {
  const body = {
    MessageID: "m-1",
    FromFull: { Email: "ann@example.com" },
    Subject: mail.subject ?? "Re: Your lease",
    TextBody: mail.text ?? "",
    HtmlBody: mail.html ?? "",
    Headers: headersOf(mail).map(([Name, Value]) => ({ Name, Value })),
  };
  return request(Buffer.from(JSON.stringify(body)), { authorization: `Basic ${Buffer.from("pm:pw").toString("base64")}` });
};

const mailgun = (mail: Mail): WebhookRequest => {
  const token = "t-1";
  const signature = createHmac("sha256", "mg-key").update(`${SECONDS}${token}`).digest("hex");
  const fields = new URLSearchParams({
    timestamp: SECONDS,
    token,
    signature,
    sender: "ann@example.com",
    subject: mail.subject ?? "Re: Your lease",
    "message-headers": JSON.stringify([["From", FROM], ...headersOf(mail)]),
    ...(mail.text === undefined ? {} : { "body-plain": mail.text }),
    ...(mail.html === undefined ? {} : { "body-html": mail.html }),
  });
  return request(Buffer.from(fields.toString()), { "content-type": "application/x-www-form-urlencoded" });
};

const sendgrid = (mail: Mail): WebhookRequest => {
  const fields: Record<string, string | Uint8Array> = {
    from: FROM,
    subject: mail.subject ?? "Re: Your lease",
    headers: headersOf(mail)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    envelope: JSON.stringify({ to: ["care@shop.example"], from: "ann@example.com" }),
    ...(mail.text === undefined ? {} : { text: mail.text }),
    ...(mail.html === undefined ? {} : { html: mail.html }),
    ...(mail.charsets ? { charsets: JSON.stringify(mail.charsets) } : {}),
    ...mail.bytes,
  };
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from(`--xYzZY\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`),
    Buffer.from(value),
    Buffer.from("\r\n"),
  ]);
  const body = Buffer.concat([...parts, Buffer.from("--xYzZY--\r\n")]);
  const signature = createSign("sha256").update(SECONDS).update(body).sign({ key: privateKey, dsaEncoding: "der" }, "base64");
  return request(body, {
    "content-type": "multipart/form-data; boundary=xYzZY",
    "x-twilio-email-event-webhook-signature": signature,
    "x-twilio-email-event-webhook-timestamp": SECONDS,
  });
};

const SERVICES = [
  { provider: "postmark", options: { username: "pm", password: "pw" }, as: postmark },
  { provider: "mailgun", options: { signingKey: "mg-key" }, as: mailgun },
  { provider: "sendgrid", options: { publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64") }, as: sendgrid },
];
type Service = (typeof SERVICES)[number];

async function read({ provider, options, as }: Service, mail: Mail): Promise<Extract<WebhookReading, { kind: "signals" }>> {
  const found = webhookReaders.find((one) => one.provider === provider);
  const reading = await found?.open(found.options.parse(options) as never, "email")(as(mail), NOW);
  if (reading?.kind !== "signals") throw new Error(JSON.stringify(reading));
  return reading;
}

type Told = readonly { readonly type: string; readonly data?: Readonly<Record<string, unknown>> | undefined }[];
const shown = (signals: Told) =>
  signals.map(({ type, data }) =>
    type === "message.received" ? [type, data?.text] : data?.status === "granted" ? [type, "granted"] : [type],
  );
const signalsFrom = async (service: Service, mail: Mail) => shown((await read(service, mail)).signals);
const knowing = async (service: Service, mail: Mail, sent: readonly Json[]) => {
  const { signals, knowing: again } = await read(service, mail);
  return shown(again?.(sent) ?? signals);
};

const REPLIED = ["delivery.replied"];
const REVOKED = [["customer.consent"]];

const page = (body: string): string => `<html><head><style>p{margin:0}</style></head><body>${body}</body></html>`;
const QUESTION = "<p>Shall we change your address?</p>";

/** How mail programs mark quotations in HTML. */
const QUOTATIONS: readonly (readonly [string, (words: string) => string])[] = [
  [
    "Gmail",
    (words) =>
      `<div dir="ltr">${words}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Wed, Jun 3, 2026 at 10:12 AM Shop &lt;<a href="mailto:care@shop.example">care@shop.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">${QUESTION}</blockquote></div>`,
  ],
  [
    "old Gmail",
    (words) => `${words}<div class="gmail_extra"><br><div class="gmail_quote">Am 3. Juni schrieb Shop:<br>${QUESTION}</div></div>`,
  ],
  [
    "Apple Mail",
    (words) =>
      `${words}<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 3 Jun 2026, at 10:12, Shop &lt;care@shop.example&gt; wrote:</div><br>${QUESTION}</blockquote></div>`,
  ],
  [
    "iPhone",
    (words) =>
      `<div dir="ltr">${words}</div><div dir="ltr"><br>Von meinem iPhone gesendet</div><div dir="ltr"><br><blockquote type="cite">Am 03.06.2026 um 10:12 schrieb Shop &lt;care@shop.example&gt;:<br><br></blockquote></div><blockquote type="cite"><div>${QUESTION}</div></blockquote>`,
  ],
  [
    "Outlook on a desk",
    (words) =>
      `<div class="WordSection1"><p class="MsoNormal">${words}<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class="MsoNormal"><b>Avsändare:</b> Shop<br><b>När:</b> igår</p></div>${QUESTION}</div>`,
  ],
  [
    "Outlook in a browser",
    (words) =>
      `<div>${words}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Shop<br><b>Sent:</b> Wednesday</div><div>${QUESTION}</div>`,
  ],
  [
    "Outlook on a telephone",
    (words) =>
      `<div dir="ltr">${words}</div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr><div><strong>De:</strong> Shop</div>${QUESTION}</div>`,
  ],
  [
    "Yahoo",
    (words) =>
      `<div class="ydp1a2b3c4dyahoo-style-wrap"><div>${words}</div></div><div id="ydp5e6f7a8byahoo_quoted_1" class="ydp5e6f7a8byahoo_quoted"><div>On Wednesday, June 3, 2026 at 10:12:00 AM EDT, Shop &lt;care@shop.example&gt; wrote:</div>${QUESTION}</div>`,
  ],
  ["Yahoo as it was", (words) => `${words}<div class="yahoo_quoted"><div>On Wednesday Shop wrote:</div>${QUESTION}</div>`],
  [
    "Thunderbird",
    (words) =>
      `<p>${words}</p><div class="moz-cite-prefix">Le 03/06/2026 à 10:12, Shop a écrit :<br></div><blockquote type="cite" cite="mid:d_1@shop.example">${QUESTION}</blockquote>`,
  ],
  [
    "Thunderbird through Outlook",
    (words) => `<p>${words}</p><div class="x_moz-cite-prefix">Shop:<br></div><div class="x_gmail_quote">${QUESTION}</div>`,
  ],
  [
    "GMX",
    (words) =>
      `<div>${words}</div><div name="quote" style="margin: 10px 5px 5px 10px; border-left: 2px solid #C3D9E5"><div><b>Gesendet:</b> Mittwoch</div>${QUESTION}</div>`,
  ],
  [
    "a program that only heads",
    (words) => `<div>${words}</div><div><b>Von:</b> Shop &lt;care@shop.example&gt;<br><b>Betreff:</b> Adresse</div>${QUESTION}`,
  ],
];

describe.each(SERVICES)("$provider", (service) => {
  test.each([
    ["", "<p>I moved house.</p><p>The new street is <b>Long &amp; Wide</b> 7.</p>", "I moved house.\n\nThe new street is Long & Wide 7."],
    [" \r\n\u00a0", "<div>It&rsquo;s &euro;200<br>see <https://shop.example/t/42></div>", "It’s €200\nsee <https://shop.example/t/42>"],
    [undefined, page('<div style="display:none">preview</div><div dir="rtl">&#1513;&#1500;&#1493;&#1501;</div>'), "שלום"],
    ["On 3 Jun 2026, at 10:12, Shop <care@shop.example> wrote:\n> Hello", page("<p>I moved</p>"), "I moved"],
    ["I moved", page("<p>Something else</p>"), "I moved"],
  ])("F7: the text %j and HTML %j read as %j", async (text, html, words) => {
    const mail = { html, ...(text === undefined ? {} : { text }) };
    expect(await signalsFrom(service, mail)).toEqual([["message.received", words], REPLIED]);
  });

  test("F7: an opt-out word counts in HTML too", async () => {
    expect(await signalsFrom(service, { html: page("<div>STOP</div>") })).toEqual(REVOKED);
  });

  test.each(QUOTATIONS)("F6: text that %s quotes in HTML is not the customer's", async (_, quoting) => {
    expect(await signalsFrom(service, { html: page(quoting("Thanks, all good")) })).toEqual([
      ["message.received", "Thanks, all good"],
      REPLIED,
    ]);
    expect(await signalsFrom(service, { html: page(quoting("ABMELDEN")) })).toEqual(REVOKED);
    expect(await signalsFrom(service, { html: quoting("one<br>two") })).toEqual([["message.received", "one\ntwo"], REPLIED]);
  });

  test("F6: an answer below and between quotations of HTML is kept", async () => {
    const quote = `<blockquote class="gmail_quote">${QUESTION}</blockquote>`;
    const html = `<div class="gmail_quote"><div class="gmail_attr">On Wed, Jun 3, 2026 Shop wrote:</div>${quote}<div>Yes</div>${quote}<div>No</div></div>`;
    expect(await signalsFrom(service, { html })).toEqual([["message.received", "Yes\n\nNo"], REPLIED]);
    const indented = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>to the left</div></blockquote>';
    expect(await signalsFrom(service, { html: `<div>Please move it</div>${indented}` })).toEqual([
      ["message.received", "Please move it\n\nto the left"],
      REPLIED,
    ]);
  });

  test("F6: an opt-out above a quote header, and a question of ours below one", async () => {
    const head = "Am 3. Juni 2026 um 10:12 schrieb Shop <care@shop.example>:";
    expect(await signalsFrom(service, { text: `ABMELDEN\n\n${head}\n\nSollen wir Ihre Adresse ändern?` })).toEqual(REVOKED);
    const outlook = "Von: Shop <care@shop.example>\nGesendet: Mittwoch, 3. Juni 2026 10:12\nAn: Ann\nBetreff: Ihre Adresse";
    expect(await signalsFrom(service, { text: `Thanks, all good\n\n${outlook}\n\nSollen wir Ihre Adresse ändern?` })).toEqual([
      ["message.received", "Thanks, all good"],
      REPLIED,
    ]);
  });

  test("a mail without text of the customer is empty, and its own subject counts as text", async () => {
    const text = "On 3 Jun 2026, at 10:12, Shop <care@shop.example> wrote:\n> Shall we change your address?";
    expect(await signalsFrom(service, { text, subject: "AW: Shall we change your address?" })).toEqual([
      ["message.received", undefined],
      REPLIED,
    ]);
    expect(await signalsFrom(service, { text: "", subject: "unsubscribe" })).toEqual(REVOKED);
    expect(await signalsFrom(service, { text: "", subject: "My car is broken" })).toEqual([
      ["message.received", "My car is broken"],
      REPLIED,
    ]);
  });

  test.each([
    ["Auto-Submitted", "auto-replied"],
    ["Auto-Submitted", "auto-generated (rejected)"],
    ["Precedence", "auto_reply"],
    ["Precedence", "bulk"],
    ["Precedence", "junk"],
    ["X-Autoreply", "yes"],
    ["X-Autorespond", "Out of office"],
    ["X-Auto-Response-Suppress", "All"],
    ["X-Auto-Response-Suppress", "DR, OOF, AutoReply"],
    ["List-Id", "<news.example.com>"],
    ["List-Unsubscribe", "<mailto:leave@example.com>"],
    ["Return-Path", "<>"],
    ["Content-Type", "multipart/report; report-type=delivery-status"],
  ])("friction: a mail with %s: %s is no message, and opens no promise", async (name, value) => {
    const mail = { text: "I am away until Monday", headers: { [name]: value } };
    expect(await signalsFrom(service, mail)).toEqual([]);
    expect(await knowing(service, mail, [{ text: "Hello" }])).toEqual([]);
    expect(await signalsFrom(service, { text: "STOP", headers: { [name]: value } })).toEqual(REVOKED);
  });

  test.each([
    ["Auto-Submitted", "no"],
    ["Precedence", "normal"],
    ["X-Auto-Response-Suppress", "None"],
    ["Return-Path", "<ann@example.com>"],
    ["X-Autoreply", "no"],
  ])("a mail with %s: %s is the customer's", async (name, value) => {
    expect(await signalsFrom(service, { text: "Hello", headers: { [name]: value } })).toEqual([["message.received", "Hello"], REPLIED]);
    expect(await signalsFrom(service, { text: "Hello", subject: "Out of office: what now?" })).toEqual([
      ["message.received", "Hello"],
      REPLIED,
    ]);
  });

  const SENT = {
    subject: "Your address",
    body: "<p>Hello Ann,</p><p>Shall we change your address to the new one? It takes a minute, and you can <a href='https://shop.example/a'>do it here</a>.</p><p>Your shop &amp; team</p>",
  };
  const OURS = "Hello Ann,\n\nShall we change your address to the new one? It takes a minute, and you can do it here.\n\nYour shop & team";

  test.each([
    ["a head of no language", "qaStaHvIS 2026-06-03 10:12 Shop ghItlh"],
    ["an address alone", "Shop <care@shop.example>"],
    ["a block of no language", "Zzz: Shop\nYyy: 3.6.\nXxx: Ann"],
    ["stars", "*** care@shop.example ***"],
    ["a colon", "Shop:"],
  ])("F6: our text below %s is not the customer's", async (_, head) => {
    const wrappedOurs = OURS.replace("address to", "address\nto").replace("minute, and", "minute,\nand");
    for (const ours of [OURS, wrappedOurs, OURS.replace(/^/gm, "| ")]) {
      expect(await knowing(service, { text: `ABMELDEN\n\n${head}\n\n${ours}` }, [SENT])).toEqual(REVOKED);
      expect(await knowing(service, { text: `ABMELDEN\n${head}\n${ours}` }, [SENT])).toEqual(REVOKED);
      expect(await knowing(service, { text: `Thanks, all good\n\n${head}\n\n${ours}` }, [{ text: "Other" }, SENT])).toEqual([
        ["message.received", "Thanks, all good"],
        REPLIED,
      ]);
    }
  });

  test("F6: our quoted text without a quote header is not the customer's, and the answer below it is", async () => {
    expect(await knowing(service, { text: `STOP\n\n${OURS}` }, [SENT])).toEqual(REVOKED);
    expect(await knowing(service, { text: `${OURS}\n\nNo, please leave it` }, [SENT])).toEqual([
      ["message.received", "No, please leave it"],
      REPLIED,
    ]);
    const head = "On 3 Jun 2026, at 10:12, Shop <care@shop.example> wrote:";
    expect(await knowing(service, { text: `${head}\n\n${OURS}\n\nSTOP` }, [SENT])).toEqual(REVOKED);
    expect(await knowing(service, { html: page(`<div>Thanks</div><div>Shop:</div>${SENT.body}`) }, [SENT])).toEqual([
      ["message.received", "Thanks"],
      REPLIED,
    ]);
  });

  test("F6: a short phrase of ours that the customer repeats is theirs, and an opt-out word always is", async () => {
    const sent = [
      { subject: "Yes or no?", body: "Reply YES to keep it, or STOP and we write to you no more. Please stop sending me these mails." },
      SENT,
    ];
    for (const words of ["yes", "STOP", "Yes or no?", "keep it", "your shop", "Please leave it: I will do it here."]) {
      const expected = words === "STOP" ? REVOKED : [["message.received", words], REPLIED];
      expect(await knowing(service, { text: words }, sent)).toEqual(expected);
    }
    expect(await knowing(service, { text: "My shop and team would change your address, too" }, sent)).toEqual([
      ["message.received", "My shop and team would change your address, too"],
      REPLIED,
    ]);
  });

  test("known messages change nothing unless they are quoted", async () => {
    const mail = { text: "I moved house.\n\nOn 3 Jun 2026, at 10:12, Shop <care@shop.example> wrote:\n> Hello" };
    const { signals, knowing: again } = await read(service, mail);
    expect(again?.([SENT, { payload: { text: "x" } }, null, "text"])).toEqual(signals);
  });
});

test("comparing many of our sentences with many pieces of one mail takes linear time", async () => {
  const [service] = SERVICES as [Service];
  const body = Array.from({ length: 8_000 }, (_, n) => `we tell you number ${n} now`).join(". ");
  const text = Array.from({ length: 8_000 }, (_, n) => `${n % 2 ? "you number" : "tell you number"} ${n} now xx`).join(" ");
  expect(await knowing(service, { text }, [{ body }])).toMatchObject([["message.received", expect.any(String)], REPLIED]);
});

const ISO = (text: string): Uint8Array => Buffer.from(text, "latin1");
const [, , viaSendgrid] = SERVICES as [Service, Service, Service];

test.each([
  ["iso-8859-1", "Jürgen wohnt in Köln", ISO("Jürgen wohnt in Köln")],
  ["windows-1252", "“Größe” 5 €", Uint8Array.from([0x93, 0x47, 0x72, 0xf6, 0xdf, 0x65, 0x94, 0x20, 0x35, 0x20, 0x80])],
  ["koi8-r", "стоит", Uint8Array.from([0xd3, 0xd4, 0xcf, 0xc9, 0xd4])],
  ["shift_jis", "日本", Uint8Array.from([0x93, 0xfa, 0x96, 0x7b])],
  ["utf-8", "日本 ü", Buffer.from("日本 ü")],
  ["none-that-is-known", "日本 ü", Buffer.from("日本 ü")],
  ["us-ascii", "日本 ü", Buffer.from("日本 ü")],
])("F7: SendGrid's fields are decoded with its declared charset: %s", async (charset, words, bytes) => {
  const text = { bytes: { text: bytes }, charsets: { text: charset, subject: "UTF-8", from: "UTF-8" } };
  expect(await signalsFrom(viaSendgrid, text)).toEqual([["message.received", words], REPLIED]);
  const html = Buffer.concat([Buffer.from("<p>"), bytes, Buffer.from("</p>")]);
  expect(await signalsFrom(viaSendgrid, { text: "", bytes: { html }, charsets: { html: charset } })).toEqual([
    ["message.received", words],
    REPLIED,
  ]);
});

test("F7: fields that are not UTF-8 and declare no charset are decoded as legacy mail", async () => {
  expect(await signalsFrom(viaSendgrid, { bytes: { text: ISO("Köln") } })).toEqual([["message.received", "Köln"], REPLIED]);
  expect(await signalsFrom(viaSendgrid, { bytes: { text: Buffer.from("Köln") }, charsets: { html: "iso-8859-1" } })).toEqual([
    ["message.received", "Köln"],
    REPLIED,
  ]);
});

test("F7: a raw mail from SendGrid is refused with the setting to change, and not read as its subject", async () => {
  const bytes = { email: Buffer.from("Subject: Hello\r\n\r\nI moved"), headers: Buffer.from("") };
  await expect(read(viaSendgrid, { bytes })).rejects.toThrow("turn off 'POST the raw, full MIME message'");
});

test("friction: a report without a sender is accepted and yields no signal, from Mailgun and SendGrid", async () => {
  const report = mailgun({ text: "Your mail did not arrive" });
  const fields = new URLSearchParams(Buffer.from(report.rawBody).toString());
  fields.set("sender", "");
  const through = (service: Service, as: () => WebhookRequest) => read({ ...service, as }, {});
  const [, viaMailgun] = SERVICES as [Service, Service];
  expect((await through(viaMailgun, () => ({ ...report, rawBody: Buffer.from(fields.toString()) }))).signals).toEqual([]);
  const bytes = { envelope: Buffer.from('{"to":["care@shop.example"],"from":""}') };
  expect(await signalsFrom(viaSendgrid, { text: "Your mail did not arrive", bytes })).toEqual([]);
});

test.each([
  "<div>",
  "<blockquote>",
  '<div class="gmail_quote">',
  "<a href=x>y</a>",
  "<p>On a@b.c 2026 10:12:",
  "&nbsp;",
  "x ",
  "Hello Ann ",
])("hostile HTML of repeated %j is read in linear time", async (piece) => {
  const html = piece.repeat(Math.ceil(100_000 / piece.length));
  const [service] = SERVICES as [Service];
  const { knowing: again } = await read(service, { html });
  expect(again?.([{ body: html }, { body: "<p>Hello Ann, shall we change your address?</p>" }]).length).toBeGreaterThan(0);
});

const sms = (Body: string): WebhookRequest => {
  const fields = { MessageSid: "SM1", SmsStatus: "received", From: "+15555550100", To: "+15555550199", Body };
  const url = "https://care.example/v1/webhooks/sms";
  const signature = twilioLibrary.getExpectedTwilioSignature("tw-token", url, fields);
  return {
    rawBody: Buffer.from(new URLSearchParams(fields).toString()),
    headers: { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature },
    url,
  };
};
const TEXTED = { text: "Northwind: shall we change your address to the new one? Reply STOP to end." };

test.each<[string, unknown]>([
  ["STOP", REVOKED],
  ['"Stop"', REVOKED],
  ["STOP\n\n> Northwind: shall we change your address to the new one?", REVOKED],
  [
    "> Northwind: shall we change your address to the new one?\n\nHello",
    [["message.received", "> Northwind: shall we change your address to the new one?\n\nHello"]],
  ],
  ["Where is it?", [["message.received", "Where is it?"]]],
  ["START", [["customer.consent", "granted"]]],
])("an SMS of %j is read as before, and STOP counts above a quotation", async (body, expected) => {
  const service = { provider: "twilio", options: { authToken: "tw-token" }, as: () => sms(body) } as unknown as Service;
  expect(await signalsFrom(service, {})).toEqual(expected);
});

test.each<[string, unknown]>([
  [`Liked “${TEXTED.text}”`, [["message.received", undefined]]],
  [`STOP\n\n${TEXTED.text}`, REVOKED],
  [`No thanks\n${TEXTED.text}`, [["message.received", "No thanks"]]],
  ["STOP", REVOKED],
  ["Reply", [["message.received", "Reply"]]],
])("F6: the quoted part of an SMS of %j is not the customer's", async (body, expected) => {
  const service = { provider: "twilio", options: { authToken: "tw-token" }, as: () => sms(body) } as unknown as Service;
  expect(await knowing(service, {}, [TEXTED])).toEqual(expected);
});
