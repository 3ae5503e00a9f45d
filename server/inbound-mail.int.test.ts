import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";

const QUESTION = "Shall we change your address to the one in your letter?";

const policy = policyOf(
  `
  channels: {email: {kind: smtp, inbound: {provider: postmark, username: pm, password: pw}}}
  moments:
    m: {on: go, expires: 30d}
    moving: {on: message.received, says: [Please change my address, I have a new address, Change your address to the new one], expires: 2d}
  `,
  [
    `serves: [m]\nchannels: {email: {subject: Your address, body: "<p>Hello,</p><p>${QUESTION}</p>"}}`,
    `id: moved\nserves: [moving]\nchannels: {email: {subject: Done, body: We changed your address}}`,
  ],
);

describe.each(engines)("inbound mail on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { standIn: () => {} });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  async function askedByMail(customerId: string): Promise<string> {
    await on().signal("customer.consent", customerId, { channel: "email", status: "granted" });
    await on().signal("go", customerId, { identities: [{ type: "email", value: `${customerId}@example.com` }] });
    await on().settled();
    return (await on().decisions(customerId)).at(-1)?.deliveries?.[0]?.deliveryId ?? "";
  }

  async function mailFrom(customerId: string, fields: Record<string, unknown>): Promise<void> {
    const response = await on().app.request("/v1/webhooks/email", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Basic ${Buffer.from("pm:pw").toString("base64")}` },
      body: JSON.stringify({
        MessageID: randomUUID(),
        FromFull: { Email: `${customerId}@example.com` },
        Subject: "Re: Your address",
        ...fields,
      }),
    });
    expect(response.status).toBe(200);
    await on().settled();
  }

  const openedBy = async (customerId: string) =>
    (await on().rows<{ name: string }>("select name from moments where customer_id = $1 and name = 'moving'", [customerId])).length;
  const consentOf = (customerId: string) => on().rows("select channel, status from consents where customer_id = $1", [customerId]);
  const promisesOf = (customerId: string) => on().rows("select name from promises where customer_id = $1", [customerId]);

  const UNKNOWN_HEAD = "qaStaHvIS wa'maH cha' 10:12 Shop ghItlh";

  test("F6: our question quoted below an unknown header opens no moment; the same words by the customer do", async () => {
    await askedByMail("ann");
    await mailFrom("ann", { TextBody: `Thanks, all good\n\n${UNKNOWN_HEAD}\n\nHello,\n\n${QUESTION}` });
    expect(await openedBy("ann")).toBe(0);
    expect(await promisesOf("ann")).toEqual([{ name: "reply" }]);
    await mailFrom("ann", { TextBody: "Please change my address" });
    expect(await openedBy("ann")).toBe(1);
    // Nothing was sent to Bob: all of his text is his own.
    await on().signal("page.viewed", "bob", { identities: [{ type: "email", value: "bob@example.com" }] });
    await mailFrom("bob", { TextBody: `Thanks, all good\n\n${UNKNOWN_HEAD}\n\nHello,\n\n${QUESTION}` });
    expect(await openedBy("bob")).toBe(1);
  });

  test("F6: an opt-out above quoted text revokes, also for a customer known only by the answered mail", async () => {
    const deliveryId = await askedByMail("una");
    await mailFrom("una", { TextBody: `ABMELDEN\n\n${UNKNOWN_HEAD}\n\nHello,\n\n${QUESTION}` });
    expect(await consentOf("una")).toEqual([{ channel: "email", status: "revoked" }]);
    expect(await promisesOf("una")).toEqual([]);
    // From another address of the customer: the mail that is answered identifies the customer, and what was sent.
    const answered = await askedByMail("eva");
    const Headers = [{ Name: "In-Reply-To", Value: `<${answered}>` }];
    await mailFrom("elsewhere", { Headers, TextBody: `STOP\n\n${UNKNOWN_HEAD}\n\nHello,\n\n${QUESTION}` });
    expect(await consentOf("eva")).toEqual([{ channel: "email", status: "revoked" }]);
    expect([deliveryId, answered]).not.toContain("");
  });

  test("F7: the text of HTML-only mail is read, without its quotations", async () => {
    await askedByMail("ida");
    const quoted = `<div class="yahoo_quoted"><div>Shop:</div><p>${QUESTION}</p></div>`;
    await mailFrom("ida", { TextBody: "", HtmlBody: `<div>Thanks, all good</div>${quoted}` });
    expect(await openedBy("ida")).toBe(0);
    const rows = await on().rows<{ text: string }>(
      "select event->'data'->>'text' as text from signals where customer_id = 'ida' and type = 'message.received'",
    );
    expect(rows).toEqual([{ text: "Thanks, all good" }]);
    await mailFrom("ida", { TextBody: "", HtmlBody: "<div>Please change my address</div>" });
    expect(await openedBy("ida")).toBe(1);
  });

  test("friction: an automatic answer opens no promise", async () => {
    await askedByMail("eve");
    await mailFrom("eve", { TextBody: "I am away", Headers: [{ Name: "Precedence", Value: "auto_reply" }] });
    await mailFrom("eve", { TextBody: "I am away", Headers: [{ Name: "X-Autoreply", Value: "yes" }] });
    expect(await promisesOf("eve")).toEqual([]);
    await mailFrom("eve", { TextBody: "I am here" });
    expect(await promisesOf("eve")).toEqual([{ name: "reply" }]);
  });
});
