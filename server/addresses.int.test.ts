import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Profile } from "../domain/record/profile.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { unsubscribeLinks } from "../intake/unsubscribing.ts";
import { policyOf } from "../testing/policy.ts";
import { startHttpProvider } from "../testing/providers/http-provider.ts";
import { startSmtpProvider } from "../testing/providers/smtp-provider.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";
import { inShort } from "../testing/tell.ts";

const web = await startHttpProvider({ status: 201, body: JSON.stringify({ sid: "SM1" }) });
const mail = await startSmtpProvider();
afterAll(async () => {
  await web.close();
  await mail.close();
});

const POLICY = policyOf(
  `
  channels:
    email: {kind: smtp, url: "${mail.url}", from: "Care <care@care.example>"}
    sms: {kind: twilio, accountSid: AC1, authToken: token, from: "+15555550199", url: "${web.url}"}
  learning: {explore: none}
  moments: {mail: {on: go.mail, expires: 30d}, text: {on: go.text, expires: 30d}}
  promises: {reply: {opens: [message.received], due: 2h, owner: care}}
  governance: {consent: {email: opt_out, sms: opt_out}}
  `,
  [
    "id: mailed\nserves: [mail]\nchannels: {email: {subject: Hello, body: Hello}}",
    "id: texted\nserves: [text]\nchannels: {sms: {text: Hello}}",
  ],
);

const PUBLIC = "https://care.example";

describe.each(engines)("addresses, on $name", (engine) => {
  let place: Place;
  let on: TestService;
  let n = 0;
  /** A different number for each test, in the provider's format and in everyday formats. */
  let number = "";
  let written: readonly string[] = [];
  beforeAll(async () => {
    place = await engine.place();
    on = await openTestService(POLICY, place, { publicUrl: PUBLIC });
  });
  afterAll(async () => {
    await on.close();
    await place.remove();
  });
  beforeEach(() => {
    n++;
    const last = String(1000 + n);
    number = `+1555555${last}`;
    written = [`+1 (555) 555-${last}`, `tel:+1-555-555-${last}`, `\u200e+1 555\u2011555\u2013${last}\u200e`, `1555555${last}`];
  });

  const decided = async (id: string): Promise<string> => {
    await on.settled();
    return inShort((await on.decisions(id)).at(-1) ?? expect.fail(`no decision about ${id}`)).replace(/^\S+ \S+ /, "");
  };
  const last = async (id: string) => (await on.decisions(id)).at(-1);
  const profile = (id: string) => on.get<Profile>(`/v1/customers/${id}`);
  const post = async (signal: JsonObject): Promise<void> => {
    const response = await on.post("/v1/signals", { specversion: "1.0", id: randomUUID(), source: "web", ...signal });
    expect(response.status).toBe(202);
  };
  const customers = (...lines: readonly JsonObject[]) => on.post("/v1/customers", lines.map((line) => JSON.stringify(line)).join("\n"));
  /** A text received through Twilio. */
  const texts = async (From: string, Body: string): Promise<void> => {
    const fields = { Body, From, MessageSid: `SM${randomUUID()}`, SmsStatus: "received", To: "+15555550199" };
    const url = `${PUBLIC}/v1/webhooks/sms`;
    const signature = createHmac("sha1", "token")
      .update(
        url +
          Object.entries(fields)
            .map(([name, value]) => name + value)
            .join(""),
      )
      .digest("base64");
    const response = await on.app.request(url, {
      method: "POST",
      headers: { "x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    });
    expect(response.status).toBe(200);
    await on.settled();
  };

  test("F2: STOP finds every customer with the phone number, in any notation, as an identity or a trait", async () => {
    const ids = written.map((_, place) => `now-${n}-${place}`);
    for (const [place, phone] of written.entries())
      await on.signal(
        "customer.updated",
        ids[place] ?? "",
        place % 2 === 0 ? { traits: { phone } } : { identities: [{ type: "phone", value: phone }] },
      );
    await on.settled();
    const known = (await on.rows("select customer_id from customers")).length;
    await texts(number, "STOP");
    for (const id of ids) {
      await on.signal("go.text", id);
      expect(await decided(id)).toBe("silence: consent_revoked");
    }
    expect(await on.rows("select customer_id from customers")).toHaveLength(known);
  });

  test("F2: a customer who gains the number later is revoked too, by trait, identity or import; a newer grant is not", async () => {
    await texts(number, "Stop");
    const [a = "", b = "", c = "", d = ""] = written;
    await on.signal("go.text", `later-${n}-a`, { traits: { phone: a } });
    await on.signal("go.text", `later-${n}-b`, { identities: [{ type: "phone", value: b }] });
    await customers(
      { id: `later-${n}-c`, identities: [{ type: "phone", value: c }] },
      { id: `later-${n}-d`, traits: { phone: Number(d) }, consents: [{ channel: "sms", status: "granted" }] },
    );
    for (const id of ["c", "d"]) await on.signal("go.text", `later-${n}-${id}`);
    for (const id of ["a", "b", "c", "d"]) expect(await decided(`later-${n}-${id}`)).toBe("silence: consent_revoked");
    await on.signal("customer.consent", `later-${n}-a`, { channel: "sms", status: "granted" });
    for (const id of ["a", "b"]) await on.signal("go.text", `later-${n}-${id}`);
    expect(await decided(`later-${n}-a`)).toBe("deliver texted@sms");
    expect(await decided(`later-${n}-b`)).toBe("silence: consent_revoked");
  });

  test("F2: a reply from a phone known as a trait opens that customer's promise, and creates no customer", async () => {
    await on.signal("customer.updated", `reply-${n}`, { traits: { phone: written[2] ?? "" } });
    await on.signal("customer.updated", `reply-${n}-second`, { traits: { phone: written[0] ?? "" } });
    await on.settled();
    const known = (await on.rows("select customer_id from customers")).length;
    await texts(number, "Can you call me back?");
    expect(await on.rows("select customer_id from customers")).toHaveLength(known);
    expect((await profile(`reply-${n}`)).promises).toMatchObject([{ name: "reply" }]);
    expect((await profile(`reply-${n}-second`)).promises).toEqual([]);
  });

  test("F2: a revocation by customer id alone applies to that customer; with an address in its data, to all who have it", async () => {
    const address = `Ann${n}@x.example`;
    for (const id of ["a", "b", "c"]) await on.signal("customer.updated", `id-${n}-${id}`, { traits: { email: ` ${address} ` } });
    await on.signal("customer.consent", `id-${n}-a`, { channel: "email", status: "revoked" });
    for (const id of ["a", "b"]) await on.signal("go.mail", `id-${n}-${id}`);
    expect(await decided(`id-${n}-a`)).toBe("silence: consent_revoked");
    expect(await decided(`id-${n}-b`)).toBe("deliver mailed@email");
    await on.signal("customer.consent", `id-${n}-elsewhere`, { channel: "email", status: "denied", email: address.toUpperCase() });
    for (const id of ["b", "c"]) {
      await on.signal("go.mail", `id-${n}-${id}`);
      expect(await decided(`id-${n}-${id}`)).toBe("silence: consent_revoked");
    }
  });

  test("F2: one click in a mail unsubscribes every customer with that mailbox", async () => {
    const address = `Bea${n}@x.example`;
    await on.signal("go.mail", `click-${n}-a`, { traits: { email: address } });
    await on.signal("customer.updated", `click-${n}-b`, { identities: [{ type: "email", value: address.toLowerCase() }] });
    await on.settled();
    const deliveryId = (await last(`click-${n}-a`))?.deliveries[0]?.deliveryId ?? "";
    const linkOf = await unsubscribeLinks(on.service.store, PUBLIC);
    expect((await on.app.request(linkOf({ customerId: `click-${n}-a`, channel: "email", deliveryId }), { method: "POST" })).status).toBe(
      200,
    );
    await on.signal("go.mail", `click-${n}-b`);
    expect(await decided(`click-${n}-b`)).toBe("silence: consent_revoked");
    await on.signal("go.mail", `click-${n}-c`, { traits: { email: ` ${address.toUpperCase()}` } });
    expect(await decided(`click-${n}-c`)).toBe("silence: consent_revoked");
  });

  test("F14: Twilio receives E.164, whatever the notation of the phone", async () => {
    for (const [place, phone] of [
      "+44 (0)20 7946 0018",
      "tel:+44-20-7946-0018",
      "+44–20–7946–0018",
      "\u200e+44 20\u20117946\u20110018\u200e",
    ].entries()) {
      const before = web.taken.length;
      await on.signal("go.text", `dial-${n}-${place}`, { traits: { phone } });
      expect(await decided(`dial-${n}-${place}`)).toBe("deliver texted@sms");
      expect(new URLSearchParams(String(web.taken[before]?.body)).get("To")).toBe("+442079460018");
      expect((await profile(`dial-${n}-${place}`)).gone).toEqual([]);
    }
  });

  test("F5: blanks around a mailbox are trimmed, and an invalid form does not mark it undeliverable", async () => {
    await on.signal("go.mail", `blank-${n}`, { identities: [{ type: "email", value: `cyd${n}@x.example ` }] });
    expect(await decided(`blank-${n}`)).toBe("deliver mailed@email");
    expect((await last(`blank-${n}`))?.deliveries[0]).toMatchObject({ to: `cyd${n}@x.example` });
    await on.signal("go.mail", `form-${n}`, { identities: [{ type: "email", value: "cyd at x.example" }] });
    expect(await decided(`form-${n}`)).toBe("silence: no_channel");
    expect((await last(`form-${n}`))?.candidates[0]?.reasons[0]?.detail).toBe(
      "no email address that can be used: it is not a mail address like ann@example.com",
    );
    await on.signal("go.mail", `form-${n}`, { identities: [{ type: "email", value: `cyd${n}@x.example` }] });
    expect(await decided(`form-${n}`)).toBe("deliver mailed@email");
    expect((await profile(`form-${n}`)).gone).toEqual([]);
  });

  test("F15: the newest value of an address counts, trait or identity, and null removes it", async () => {
    const [old, fresh, newest] = [`old${n}@x.example`, `new${n}@x.example`, `newest${n}@x.example`];
    await customers({ id: `word-${n}`, at: "2026-01-01T00:00:00Z", identities: [{ type: "email", value: old }], traits: { email: old } });
    const to = async () => {
      await on.signal("go.mail", `word-${n}`);
      return (await decided(`word-${n}`)).includes("deliver") ? (await last(`word-${n}`))?.deliveries[0]?.to : "nowhere";
    };
    expect(await to()).toBe(old);
    await on.signal("customer.updated", `word-${n}`, { traits: { email: fresh } });
    expect(await to()).toBe(fresh);
    await on.signal("customer.updated", `word-${n}`, { traits: { email: null } });
    expect(await to()).toBe("nowhere");
    await on.signal("customer.updated", `word-${n}`, {
      identities: [
        { type: "email", value: old },
        { type: "email", value: newest, primary: true },
      ],
    });
    expect(await to()).toBe(newest);
    await on.signal("customer.updated", `word-${n}`, {
      identities: [
        { type: "email", value: fresh },
        { type: "email", value: old },
      ],
    });
    expect(await to()).toBe(fresh);
  });

  test("friction: a blank is no address, and a phone without a country code is refused by name and not marked undeliverable", async () => {
    await on.signal("go.text", `none-${n}`, { traits: { phone: "   " } });
    expect(await decided(`none-${n}`)).toBe("silence: no_channel");
    await on.signal("go.text", `digits-${n}`, { traits: { phone: Number(written[3]) } });
    expect(await decided(`digits-${n}`)).toBe("deliver texted@sms");
    expect((await last(`digits-${n}`))?.deliveries[0]).toMatchObject({ to: written[3], status: "failed" });
    expect((await last(`digits-${n}`))?.deliveries[0]?.reason).toContain("no country code");
    expect((await profile(`digits-${n}`)).gone).toEqual([]);
  });

  test("an identity names one customer: a second one keeps it as an address, the run reports it, and it does not find them", async () => {
    await on.signal("customer.updated", `own-${n}-a`, { identities: [{ type: "phone", value: written[0] ?? "" }] });
    await on.signal("customer.updated", `own-${n}-b`, { identities: [{ type: "phone", value: written[1] ?? "" }] });
    await on.settled();
    expect((await profile(`own-${n}-b`)).identities).toMatchObject([{ value: written[1], findsOther: true }]);
    const [run] = await on.rows<{ steps: unknown }>("select steps from runs where customer_id = $1", [`own-${n}-b`]);
    expect(JSON.stringify(run?.steps)).toContain("phone: names another customer already");
    await post({ type: "page.viewed", data: { identities: [{ type: "phone", value: number }] } });
    await on.settled();
    expect(await on.rows("select customer_id from signals where type = 'page.viewed' and customer_id like $1", [`own-${n}-%`])).toEqual([
      { customer_id: `own-${n}-a` },
    ]);
  });

  test("B15: two signals whose source and id are alike only when joined are two", async () => {
    const [one, other] = [
      { source: `a${n}\nb`, id: "c" },
      { source: `a${n}`, id: "b\nc" },
    ];
    const event = { specversion: "1.0", type: "page.viewed", subject: `key-${n}` };
    const response = await on.post(
      "/v1/signals",
      [
        { ...event, ...one },
        { ...event, ...other, data: { n: 2 } },
      ],
      {
        "content-type": "application/cloudevents-batch+json",
      },
    );
    expect(await response.json()).toMatchObject({ accepted: 2, duplicates: 0, rejected: [] });
    await on.settled();
    expect(await on.rows("select source, id from signals where customer_id = $1 order by seq", [`key-${n}`])).toEqual([one, other]);
  });
});
