import { createECDH, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Profile } from "../domain/record/profile.ts";
import { policyOf } from "../testing/policy.ts";
import { startHttpProvider } from "../testing/providers/http-provider.ts";
import { startSmtpProvider } from "../testing/providers/smtp-provider.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";
import { inShort } from "../testing/tell.ts";

const answer = { status: 201, body: JSON.stringify({ sid: "SM1" }) };
const web = await startHttpProvider(answer);
const mail = await startSmtpProvider();
afterAll(async () => {
  await web.close();
  await mail.close();
});

const answers = (status: number, code?: number): void => {
  Object.assign(answer, { status, body: JSON.stringify(code === undefined ? { sid: "SM1" } : { code, message: "To +15555550100" }) });
};

const keys = createECDH("prime256v1");
keys.generateKeys();
const POLICY = policyOf(
  `
  channels:
    email: {kind: smtp, url: "${mail.url}", from: "Care <care@care.example>"}
    sms: {kind: twilio, accountSid: AC1, authToken: token, from: "+15555550199", url: "${web.url}"}
    push: {kind: push, subject: "mailto:care@care.example", publicKey: ${keys.getPublicKey("base64url")}, privateKey: ${keys.getPrivateKey("base64url")}, allowPrivate: true}
    box: {kind: file, address: none}
  learning: {explore: none}
  moments: {mail: {on: go.mail, expires: 30d}, text: {on: go.text, expires: 30d}, note: {on: go.push, expires: 30d}}
  record: {mergeFrom: [web]}
  governance: {consent: {email: opt_out, sms: opt_out, push: opt_out, box: opt_out}}
  `,
  [
    "id: mailed\nserves: [mail]\nchannels: {email: {subject: Hello, body: Hello}, box: {text: Hello}}",
    "id: texted\nserves: [text]\nchannels: {sms: {text: Hello}}",
    "id: pushed\nserves: [note]\nchannels: {push: {title: Hello}}",
  ],
);
const PHONE = { identities: [{ type: "phone", value: "+15555550100" }] };
const EMAIL = { identities: [{ type: "email", value: "Ann@example.org" }] };

describe.each(engines)("a provider's refusal as news about the customer, on $name", (engine) => {
  let place: Place;
  let on: TestService;
  beforeAll(async () => {
    place = await engine.place();
    on = await openTestService(POLICY, place);
  });
  afterAll(async () => {
    await on.close();
    await place.remove();
  });

  const decided = async (id: string) => {
    await on.settled();
    return (await on.decisions(id)).map((one) => inShort(one).replace(/^\S+ \S+ /, ""));
  };
  const profile = (id: string) => on.get<Profile>(`/v1/customers/${id}`);
  const lastReason = async (id: string) => (await on.decisions(id)).at(-1)?.candidates.at(0)?.reasons;

  test("a text to a customer who sent STOP to the number revokes consent, and is not retried", async () => {
    answers(400, 21610);
    await on.signal("go.text", "stop", PHONE);
    expect(await decided("stop")).toEqual(["deliver texted@sms"]);
    answers(201);
    const { consents } = await profile("stop");
    expect(consents).toMatchObject([
      { channel: "sms", status: "revoked", source: "channel/sms", reason: "twilio refused with 400, 21610" },
    ]);
    await on.signal("go.text", "stop");
    expect((await decided("stop")).slice(1)).toEqual(["silence: consent_revoked"]);
    expect(await lastReason("stop")).toMatchObject([{ code: "consent_revoked", detail: "sms: revoked (twilio refused with 400, 21610)" }]);
  });

  test("a later grant by the customer counts again", async () => {
    await on.signal("customer.consent", "stop", { channel: "sms", status: "granted" });
    await on.signal("go.text", "stop");
    expect((await decided("stop")).at(-1)).toBe("deliver texted@sms");
    expect((await profile("stop")).consents).toMatchObject([{ channel: "sms", status: "granted", source: "web" }]);
  });

  test("an invalid number is marked undeliverable; another number is used, and the old one again after an operator restores it", async () => {
    answers(400, 21211);
    await on.signal("go.text", "nobody", { identities: [{ type: "phone", value: "+15555550110" }] });
    expect(await decided("nobody")).toEqual(["deliver texted@sms"]);
    answers(201);
    const [gone] = (await profile("nobody")).gone;
    expect(gone).toMatchObject({ type: "phone", value: "+15555550110", source: "channel/sms", reason: "twilio refused with 400, 21211" });
    // Sent again in another format, it is the same number.
    await on.signal("go.text", "nobody", { identities: [{ type: "phone", value: "+1 (555) 555-0110" }] });
    expect((await decided("nobody")).slice(1)).toEqual(["silence: no_channel"]);
    expect(await lastReason("nobody")).toMatchObject([
      { code: "no_channel", detail: `the phone address is undeliverable since ${gone?.at}: twilio refused with 400, 21211` },
    ]);
    await on.signal("go.text", "nobody", { identities: [{ type: "phone", value: "+15555550111" }] });
    expect((await decided("nobody")).slice(2)).toEqual(["deliver texted@sms"]);
    const lifted = await on.post("/v1/customers/nobody/lift", { by: "olga", address: "+1 555 555 0110" });
    expect(await lifted.json()).toMatchObject({ customerId: "nobody", changed: true, lifted: [{ type: "phone", value: "+15555550110" }] });
    expect((await profile("nobody")).gone).toEqual([]);
    expect(await (await on.post("/v1/customers/nobody/lift", { by: "olga" })).json()).toMatchObject({ changed: false, lifted: [] });
    expect((await on.get<{ audit: unknown[] }>("/v1/audit?customer=nobody")).audit).toMatchObject([
      { by: "olga", action: "address.lifted", target: "nobody", details: { types: ["phone"] } },
    ]);
  });

  test("a missing mailbox is marked undeliverable, and the experience uses its other channel", async () => {
    mail.behave("refuses");
    await on.signal("go.mail", "bounced", EMAIL);
    expect(await decided("bounced")).toEqual(["deliver mailed@email"]);
    mail.behave("takes");
    expect((await profile("bounced")).gone).toMatchObject([
      { type: "email", value: "Ann@example.org", reason: "the mail server refused the message with 550 5.1.1" },
    ]);
    await on.signal("go.mail", "bounced", { identities: [{ type: "email", value: "ann@EXAMPLE.org" }] });
    expect((await decided("bounced")).slice(1)).toEqual(["deliver mailed@box"]);
    expect(mail.taken.filter(({ to }) => to.some((one) => /ann@/i.test(one)))).toEqual([]);
  });

  test("a browser with a revoked subscription gets no push messages; another browser does", async () => {
    const subscription = (name: string) =>
      JSON.stringify({
        endpoint: `${web.url}/${name}`,
        keys: { p256dh: createECDH("prime256v1").generateKeys("base64url"), auth: randomBytes(16).toString("base64url") },
      });
    const [old, fresh] = [subscription("old"), subscription("fresh")];
    answers(410);
    await on.signal("go.push", "browser", { identities: [{ type: "push", value: old }] });
    expect(await decided("browser")).toEqual(["deliver pushed@push"]);
    answers(201);
    await on.signal("go.push", "browser");
    await on.signal("go.push", "browser", { identities: [{ type: "push", value: fresh }] });
    expect((await decided("browser")).slice(1)).toEqual(["silence: no_channel", "deliver pushed@push"]);
    expect((await on.decisions("browser")).at(-1)?.deliveries).toMatchObject([{ to: fresh, status: "sent" }]);
  });

  test("a hard bounce marks the address undeliverable; any other bounce does not", async () => {
    const bounce = async (id: string, more: Record<string, unknown>) => {
      await on.signal("go.mail", id, { traits: { email: `${id}@example.org` } });
      await on.settled();
      const deliveryId = (await on.decisions(id)).at(-1)?.deliveries[0]?.deliveryId ?? "";
      await on.signal("delivery.bounced", id, { deliveryId, ...more } as never);
      await on.signal("go.mail", id);
      return decided(id);
    };
    expect(await bounce("soft", { reason: "blocked" })).toEqual(["deliver mailed@email", "deliver mailed@email"]);
    expect(await bounce("hard", { permanent: true, code: "5.1.1", reason: "mailbox of hard@example.org is gone" })).toEqual([
      "deliver mailed@email",
      "deliver mailed@box",
    ]);
    expect((await profile("hard")).gone).toMatchObject([{ value: "hard@example.org", source: "web", reason: "bounced for good: 5.1.1" }]);
  });

  test("a reserved delivery to an address marked undeliverable meanwhile is not sent", async () => {
    const { store } = on.service;
    const number = "+15555550133";
    await on.signal("go.text", "waits", { identities: [{ type: "phone", value: number }] });
    expect((await decided("waits")).at(-1)).toBe("deliver texted@sms");
    const [delivery] = (await on.decisions("waits")).at(-1)?.deliveries ?? [];
    const deliveryId = delivery?.deliveryId ?? "";
    await on.rows("update deliveries set status = 'reserved', settled_at = null where delivery_id = $1", [deliveryId]);
    await on.rows(
      "insert into gone_addresses (customer_id, type, value, at, source, reason) values ('waits', 'phone', $1, now(), 'channel/sms', 'x')",
      [number],
    );
    const taken = await store.deliveries.claim([deliveryId], "a test", Date.now());
    expect([...taken.cancelled]).toEqual([[deliveryId, "no_channel"]]);
  });

  test("two ids of one customer share undeliverable addresses, and an erasure removes them", async () => {
    answers(400, 21211);
    await on.signal("go.text", "one", { identities: [{ type: "phone", value: "+15555550155" }] });
    await on.settled();
    answers(201);
    await on.signal("go.text", "two", { traits: { phone: "+1 555 555 0155" } });
    await on.settled();
    await on.signal("customer.merged", "one", { into: "two" });
    await on.settled();
    await on.signal("go.text", "two");
    expect((await decided("two")).at(-1)).toBe("silence: no_channel");
    const exported = await (await on.post("/v1/customers/two/export", { by: "olga" })).json();
    expect(exported).toMatchObject({ tables: { gone_addresses: [{ customer_id: "one", value: "+15555550155" }] } });
    expect(await (await on.post("/v1/customers/one/lift", { by: "olga" })).json()).toMatchObject({ customerId: "two", changed: true });
    expect(await on.rows("select 1 from gone_addresses where customer_id in ('one', 'two')")).toEqual([]);
    expect((await decided("two")).at(-1)).toBe("deliver texted@sms");
  });
});
