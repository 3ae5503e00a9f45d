import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guarded } from "../channels/own-channel.ts";
import { pager } from "../examples/pager/channels/pager.ts";
import { createScriptedModel } from "../models/scripted.ts";
import { codesOf } from "../testing/codes.ts";
import { PAGER_EXAMPLE, PAGER_KEY, pagerWebhook } from "../testing/own-channel.ts";
import { policyOf } from "../testing/policy.ts";
import { type Received, startHttpProvider, type TestProvider } from "../testing/providers/http-provider.ts";
import { openTestService, type TestService } from "../testing/service.ts";

/** Requests that the pager service received, and the id that it gives each page. */
let provider: TestProvider<Received>;
/** The channel as the loader returns it. */
const own = guarded(pager);
let running: TestService;

const settings = (url: string) => `
channels: {beeper: {kind: pager, url: "${url}", key: ${PAGER_KEY}, allowPrivate: true}, box: {kind: file}}
moments: {m: {on: go, expires: 30d}, worded: {on: word, expires: 30d}, other: {on: both, expires: 30d}}
`;
const EXPERIENCES = [
  "id: page\nchannels: {beeper: {text: 'Your car is ready, {{ customer.firstName }}'}}",
  "id: worded\nserves: [worded]\nchannels: {beeper: {text: 'Your car is ready.', brief: Say it warmly.}}",
  "id: both\nserves: [other]\nchannels: {beeper: {text: Hello}, box: {text: Hello}}",
];
let written = "Your car is ready for you.";
const says = () => ({ parts: [{ part: "text", text: written }] });
const model = createScriptedModel(["write-content", "revise-content"].map((prompt) => ({ prompt, says, always: true })));

beforeAll(async () => {
  provider = await startHttpProvider({
    status: 201,
    body: ({ headers }) => JSON.stringify({ id: `page-${headers["idempotency-key"]}` }),
  });
  const policy = policyOf(settings(provider.url), EXPERIENCES, { channels: [own] });
  running = await openTestService(policy, { remove: async () => {} }, { channels: [own], model: async () => model });
});
afterAll(async () => {
  await running?.close();
  await provider?.close();
});

const phones = new Map<string, string>();
const phoneOf = (id: string): string => phones.get(id) ?? `+1555555${1000 + phones.size}`;
const pages = () => provider.taken.map(({ body, headers }) => ({ ...JSON.parse(body.toString()), key: headers.authorization }));

/** A customer with a phone and a grant for the channel, unless `status` states otherwise. */
async function customer(id: string, status: "granted" | "revoked" | "none" = "granted"): Promise<string> {
  const phone = phoneOf(id);
  phones.set(id, phone);
  await running.signal("customer.updated", id, { traits: { firstName: "Ann", phone } });
  if (status !== "none") await running.signal("customer.consent", id, { channel: "beeper", status });
  return phone;
}

const deliveries = (id: string) =>
  running.rows<{ delivery_id: string; status: string; reason: string | null; provider_id: string | null; channel: string }>(
    "select delivery_id, status, reason, provider_id, channel from deliveries where customer_id = $1 order by reserved_at",
    [id],
  );

async function paged(id: string, signal = "go"): Promise<Awaited<ReturnType<typeof deliveries>>> {
  await running.signal(signal, id);
  await running.settled();
  return deliveries(id);
}

async function webhook(event: Parameters<typeof pagerWebhook>[0], headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { body, headers: signed } = pagerWebhook(event);
  return (await running.post("/v1/webhooks/beeper", body, { ...signed, ...headers })).status;
}

test("a message is sent by the channel's own connect, with its options and its address", async () => {
  const phone = await customer("sent");
  const [delivery] = await paged("sent");
  expect(pages()).toContainEqual({ to: phone, text: "Your car is ready, Ann", key: `Bearer ${PAGER_KEY}` });
  expect(delivery).toMatchObject({ status: "sent", provider_id: `page-${delivery?.delivery_id}` });
});

test.each([
  ["has said nothing", "none", "consent_missing"],
  ["has revoked it", "revoked", "consent_revoked"],
] as const)("opt_in by default: nothing goes out to a customer who %s", async (_what, status, code) => {
  const id = `consent-${status}`;
  const phone = await customer(id, status);
  expect(await paged(id)).toEqual([]);
  const [decision] = await running.decisions(id);
  expect(codesOf(decision as never)).toContain(code);
  expect(pages().filter(({ to }) => to === phone)).toEqual([]);
});

test("a customer without the channel's address gets no message, with the code no_channel", async () => {
  await running.signal("customer.updated", "nowhere", { traits: { firstName: "Ann" } });
  await running.signal("customer.consent", "nowhere", { channel: "beeper", status: "granted" });
  expect(await paged("nowhere")).toEqual([]);
  expect(codesOf((await running.decisions("nowhere"))[0] as never)).toContain("no_channel");
});

test("its webhooks are read: a receipt finds the delivery by the provider's id", async () => {
  const phone = await customer("receipt");
  const [delivery] = await paged("receipt");
  const event = { id: "r-1", event: "delivered", from: phone, page: delivery?.provider_id ?? "" };
  expect(await webhook(event)).toBe(200);
  expect(await webhook(event)).toBe(200);
  await running.settled();
  expect(await deliveries("receipt")).toMatchObject([{ status: "delivered" }]);
});

test("its own verification holds: an unsigned or wrongly signed webhook changes nothing", async () => {
  const phone = await customer("forged");
  const [delivery] = await paged("forged");
  const event = { id: "r-2", event: "bounced", from: phone, page: delivery?.provider_id ?? "" };
  expect((await running.post("/v1/webhooks/beeper", event)).status).toBe(401);
  expect(await webhook(event, { "x-pager-signature": "0".repeat(64) })).toBe(401);
  await running.settled();
  expect(await deliveries("forged")).toMatchObject([{ status: "sent" }]);
});

test("STOP ends the channel for the customer", async () => {
  const phone = await customer("stop");
  expect(await webhook({ id: "s-1", event: "text", from: phone, text: "Stop!" })).toBe(200);
  await running.settled();
  expect(await paged("stop")).toEqual([]);
  expect(codesOf((await running.decisions("stop"))[0] as never)).toContain("consent_revoked");
});

test("a reader that throws is a 502 for the provider, and the corrected webhook is accepted", async () => {
  const phone = await customer("broken");
  expect(await webhook("{no json")).toBe(502);
  expect(await webhook({ id: "b-1", event: "text", from: phone, text: "Is it ready?" })).toBe(200);
  await running.settled();
  expect(await running.rows("select type from signals where customer_id = $1 and type = 'message.received'", ["broken"])).toHaveLength(1);
});

test("a webhook unknown to the reader is a 400", async () => expect(await webhook({ id: "u-1", event: "moved" })).toBe(400));

test("a send with an uncertain outcome leaves its delivery uncertain, and other channels continue", async () => {
  await customer("garbage");
  provider.behave("garbage");
  const [delivery] = await paged("garbage");
  provider.behave("takes");
  expect(delivery).toMatchObject({ status: "uncertain", reason: expect.stringContaining("OUTCOME_UNKNOWN") });
  provider.behave("refuses");
  await customer("refused");
  expect(await paged("refused")).toMatchObject([
    { status: "failed", reason: expect.stringContaining("UPSTREAM_FAILED: pager refused with 400") },
  ]);
  provider.behave("takes");
  await running.signal("customer.updated", "boxed", {});
  expect(await paged("boxed", "both")).toMatchObject([{ channel: "box", status: "sent" }]);
});

test("a model writes its text, which is checked and no longer than the declaration allows", async () => {
  const phone = await customer("worded");
  await paged("worded", "word");
  expect(pages().filter(({ to }) => to === phone)).toMatchObject([{ text: "Your car is ready for you." }]);
  for (const [id, text] of [
    ["stated", "Your car is ready, 50% off."],
    ["long", `Your car is ready for you. ${"It is ready. ".repeat(20)}`],
  ] as const) {
    written = text;
    const other = await customer(id);
    await paged(id, "word");
    expect([id, pages().filter(({ to }) => to === other)]).toEqual([id, [expect.objectContaining({ text: "Your car is ready." })]]);
  }
});

test("docs/channels.md shows the channel that is tested here", () => {
  const page = readFileSync(join(PAGER_EXAMPLE, "..", "..", "docs", "channels.md"), "utf8");
  expect(/```ts\n\/\/ channels\/pager\.ts\n([\s\S]*?)```/.exec(page)?.[1]).toBe(
    readFileSync(join(PAGER_EXAMPLE, "channels", "pager.ts"), "utf8"),
  );
});
