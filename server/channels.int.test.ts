import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type TestService } from "../testing/service.ts";

const SECRET = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;

const policy = policyOf(
  `
  channels: {box: {kind: webhook, inbound: {provider: standard-webhooks, secret: ${SECRET}}}, other: {kind: file}}
  moments: {m: {on: go, expires: 30d}}
  `,
  ["serves: [m]\nchannels: {box: {payload: {text: Hello}}}"],
);

let running: TestService | undefined;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};

beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} }, { publicUrl: "https://care.example", standIn: () => {} });
});
afterAll(async () => running?.close());

const sentTo = async (customerId: string): Promise<string> => {
  await on().signal("go", customerId);
  await on().settled();
  const [delivery] = (await on().decisions(customerId)).at(-1)?.deliveries ?? [];
  return delivery?.deliveryId ?? "";
};

const call = (channel: string, body: string, headers: Record<string, string> = {}) =>
  on().app.request(`https://care.example/v1/webhooks/${channel}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });

function signed(body: string, at = new Date()): Record<string, string> {
  const id = `msg_${randomUUID()}`;
  const signature = new Webhook(SECRET).sign(id, at, body);
  return { "webhook-id": id, "webhook-timestamp": String(Math.floor(at.getTime() / 1000)), "webhook-signature": signature };
}

const consentOf = (customerId: string) => on().rows("select channel, status from consents where customer_id = $1", [customerId]);

test("a signed receipt becomes an outcome of its delivery", async () => {
  const deliveryId = await sentTo("ann");
  const body = JSON.stringify({ type: "delivery.opened", timestamp: new Date().toISOString(), data: { deliveryId } });
  const response = await call("box", body, signed(body));
  expect(response.status).toBe(200);
  await on().settled();
  expect(await on().rows("select kind from outcomes where delivery_id = $1", [deliveryId])).toEqual([{ kind: "opened" }]);
  expect(await on().rows("select distinct customer_id from signals where type = 'delivery.opened'")).toEqual([{ customer_id: "ann" }]);
});

test("a receipt for an unsubscribed recipient revokes the channel before it is answered", async () => {
  const deliveryId = await sentTo("una");
  const body = JSON.stringify({ type: "delivery.unsubscribed", data: { deliveryId } });
  expect((await call("box", body, signed(body))).status).toBe(200);
  expect(await consentOf("una")).toEqual([{ channel: "box", status: "revoked" }]);
});

test("forged, changed and stale webhooks are refused alike, and counted", async () => {
  const body = JSON.stringify({ type: "delivery.unsubscribed", data: { deliveryId: "x" } });
  const answers = await Promise.all([
    call("box", body),
    call("box", `${body} `, signed(body)),
    call("box", body, signed(body, new Date(Date.now() - 10 * 60_000))),
    call("box", body, { ...signed(body), "webhook-signature": "v1,AAAA" }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  expect(new Set(await Promise.all(answers.map((one) => one.text()))).size).toBe(1);
  const metrics = await (await on().app.request("/metrics")).text();
  expect(metrics).toMatch(/sentient_webhooks_refused_total\{channel="box",reason="stale"\} 1/);
});

test("a channel without webhooks has none", async () => {
  expect((await call("other", "{}")).status).toBe(404);
  expect((await call("nothing", "{}")).status).toBe(404);
});

test("S5 a link counts whatever is appended and however often, without a log-in, and redirects nowhere else", async () => {
  const { unsubscribeLinks } = await import("../intake/unsubscribing.ts");
  const linkOf = await unsubscribeLinks(on().service.store, "https://care.example");
  const link = linkOf({ customerId: "ida", channel: "box", deliveryId: await sentTo("ida") });
  const foreign = linkOf({ customerId: "max", channel: "box", deliveryId: await sentTo("max") });
  // One customer's claim with the signature of another's link is invalid.
  const mixed = `${link.split(".").slice(0, -1).join(".")}.${foreign.split(".").at(-1)}`;
  expect((await on().app.request(mixed, { method: "POST" })).status).toBe(404);
  expect(await consentOf("ida")).toEqual([]);
  for (const body of [
    "",
    "List-Unsubscribe=No",
    "{",
    "x".repeat(100_000),
    ...Array.from({ length: 100 }, () => "List-Unsubscribe=One-Click"),
  ]) {
    const { status, headers } = await on().app.request(link, { method: "POST", body, redirect: "manual" });
    expect([status, headers.get("location"), headers.get("set-cookie")]).toEqual([200, null, null]);
  }
  expect([await consentOf("ida"), await consentOf("max")]).toEqual([[{ channel: "box", status: "revoked" }], []]);
});

test("an unsubscribe link asks when opened, and ends the channel when posted to", async () => {
  const { unsubscribeLinks } = await import("../intake/unsubscribing.ts");
  const linkOf = await unsubscribeLinks(on().service.store, "https://care.example");
  const deliveryId = await sentTo("lea");
  const link = linkOf({ customerId: "lea", channel: "box", deliveryId });
  const opened = await on().app.request(link);
  expect([opened.status, (await opened.text()).includes('<form method="post">')]).toEqual([200, true]);
  expect((await on().app.request(link, { method: "HEAD" })).status).toBe(200);
  expect(await consentOf("lea")).toEqual([]);
  for (let time = 0; time < 2; time++) {
    const posted = await on().app.request(link, { method: "POST", body: "List-Unsubscribe=One-Click" });
    expect(posted.status).toBe(200);
  }
  expect(await consentOf("lea")).toEqual([{ channel: "box", status: "revoked" }]);
  expect(
    on()
      .outbox()
      .filter(({ customerId }) => customerId === "lea"),
  ).toHaveLength(1);
  for (const wrong of [`${link}x`, link.replace("unsubscribe/", "unsubscribe/x"), "https://care.example/v1/unsubscribe/x.y"])
    expect((await on().app.request(wrong, { method: "POST" })).status).toBe(404);
});

test("weak: 300 posts of one unsubscribe link count once, and it works again after a new opt-in in between", async () => {
  const { unsubscribeLinks } = await import("../intake/unsubscribing.ts");
  const linkOf = await unsubscribeLinks(on().service.store, "https://care.example");
  const link = linkOf({ customerId: "eve", channel: "box", deliveryId: await sentTo("eve") });
  const post = async () => (await on().app.request(link, { method: "POST" })).status;
  const used = async () => {
    await on().settled();
    return (await on().rows("select type from signals where source = 'unsubscribe/box' and customer_id = 'eve' order by seq")).map(
      ({ type }) => type,
    );
  };
  const USE = ["customer.consent", "delivery.unsubscribed"];
  // Concurrently, and in sequence.
  expect(new Set(await Promise.all(Array.from({ length: 150 }, post)))).toEqual(new Set([200]));
  for (let time = 0; time < 150; time++) expect(await post()).toBe(200);
  expect(await used()).toEqual(USE);
  await on().signal("customer.consent", "eve", { channel: "box", status: "granted" });
  expect(await consentOf("eve")).toEqual([{ channel: "box", status: "granted" }]);
  await Promise.all(Array.from({ length: 10 }, post));
  expect(await consentOf("eve")).toEqual([{ channel: "box", status: "revoked" }]);
  expect(await used()).toEqual([...USE, ...USE]);
});
