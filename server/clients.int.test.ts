import { randomUUID } from "node:crypto";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { CloudEvent, emitterFor, httpTransport, Mode } from "cloudevents";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type TestService, until, WRITE_KEY } from "../testing/service.ts";
import { type Listening, listen } from "./listen.ts";

let running: TestService | undefined;
let listening: Listening | undefined;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};
const url = (): string => listening?.url ?? "";

beforeAll(async () => {
  running = await openTestService(policyOf("moments: {m: {on: [go, lease.updated], expires: 30d}}"), { remove: async () => {} });
  listening = await listen(running.app, { host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await listening?.close();
  await running?.close();
});

const signalsOf = (customerId: string) =>
  on().rows("select type, event->'data' as data from signals where customer_id = $1 order by seq", [customerId]);

test("Segment's own client only needs its host changed", async () => {
  const analytics = new Analytics({ writeKey: WRITE_KEY, host: url(), flushAt: 3 });
  const failures: unknown[] = [];
  analytics.on("error", (error) => failures.push(error));
  analytics.identify({ userId: "seg", traits: { firstName: "Ann", email: "ann@example.org" } });
  analytics.track({ userId: "seg", anonymousId: "anon-7", event: "lease.updated", properties: { active: true } });
  analytics.page({ anonymousId: "anon-7", name: "Leases" });
  await analytics.closeAndFlush();
  expect(failures).toEqual([]);
  await on().settled();
  expect(await signalsOf("seg")).toMatchObject([
    { type: "customer.updated", data: { traits: { firstName: "Ann" } } },
    { type: "lease.updated", data: { active: true } },
    { type: "page.viewed", data: { name: "Leases" } },
  ]);
  expect(await on().decisions("seg")).toMatchObject([{ action: "deliver", deliveries: [{ status: "sent" }] }]);
});

test("Segment's client is notified of a wrong key", async () => {
  const analytics = new Analytics({ writeKey: "wrong", host: url(), flushAt: 1, maxRetries: 0 });
  const failures: unknown[] = [];
  analytics.on("error", (error) => failures.push(error));
  analytics.track({ userId: "nobody", event: "go" });
  await analytics.closeAndFlush();
  await until(() => failures.length > 0, "the client's error");
  expect(await signalsOf("nobody")).toEqual([]);
});

test.each([{ gzip: true }, { gzip: false }])("RudderStack's own client only needs its data plane's address (%j)", async ({ gzip }) => {
  const userId = `rudder-${gzip}`;
  const failures: unknown[] = [];
  const analytics = new RudderAnalytics(WRITE_KEY, {
    dataPlaneUrl: url(),
    gzip,
    retryCount: 0,
    errorHandler: (error) => failures.push(error),
  });
  analytics.identify({ userId, traits: { firstName: "Ann", email: `${userId}@example.org` } });
  analytics.track({ userId, event: "lease.updated", properties: { active: true } });
  analytics.page({ userId, name: "Leases", category: "cars", properties: { url: "https://shop.example.org/leases" } });
  analytics.screen({ userId, name: "Offers" });
  analytics.group({ userId, groupId: "family-7", traits: { size: 3 } });
  analytics.alias({ userId, previousId: `anon-${gzip}` });
  analytics.track({ userId: "", anonymousId: `anon-${gzip}`, event: "search" });
  await analytics.flush();
  await on().settled();
  expect(failures).toEqual([]);
  expect(await signalsOf(userId)).toMatchObject([
    { type: "customer.updated", data: { traits: { firstName: "Ann" } } },
    { type: "lease.updated", data: { active: true } },
    { type: "page.viewed", data: { name: "Leases", category: "cars", url: "https://shop.example.org/leases" } },
    { type: "screen.viewed", data: { name: "Offers" } },
    { type: "group.joined", data: { groupId: "family-7", group: { size: 3 } } },
    { type: "customer.aliased", data: { previousId: `anon-${gzip}` } },
    { type: "search", data: {} },
  ]);
  expect(await on().decisions(userId)).toMatchObject([{ action: "deliver", deliveries: [{ status: "sent" }] }]);
});

test("RudderStack's client is notified of a wrong key", async () => {
  const failures: unknown[] = [];
  const errorHandler = (error: unknown) => failures.push(error);
  const analytics = new RudderAnalytics("wrong", { dataPlaneUrl: url(), retryCount: 0, logLevel: "none", errorHandler });
  analytics.track({ userId: "nobody", event: "go" });
  await analytics.flush();
  await until(() => failures.length > 0, "the client's error");
  expect(failures).toMatchObject([{ response: { status: 401, data: { code: "UNAUTHORIZED" } } }]);
  expect(await signalsOf("nobody")).toEqual([]);
});

test.each([Mode.STRUCTURED, Mode.BINARY])("the SDK of CloudEvents sends in %s mode", async (mode) => {
  const answers: unknown[] = [];
  const transport = httpTransport(`${url()}/v1/signals`);
  const emit = emitterFor(
    async (message, options) => {
      const answer = await transport(message, { ...options, headers: { ...message.headers, authorization: `Bearer ${WRITE_KEY}` } });
      answers.push(answer);
      return answer;
    },
    { mode },
  );
  const customerId = `ce-${mode}`;
  await emit(new CloudEvent({ type: "go", source: "shop", subject: customerId, id: randomUUID(), data: { size: "größer" } }));
  await on().settled();
  expect(answers).toMatchObject([{ body: expect.stringContaining('"accepted":1') }]);
  expect(await signalsOf(customerId)).toEqual([{ type: "go", data: { size: "größer" } }]);
});

test("the SDK of CloudEvents sends batches", async () => {
  const events = ["a", "b"].map((name) => new CloudEvent({ type: "go", source: "shop", subject: `batch-${name}`, data: {} }));
  const response = await fetch(`${url()}/v1/signals`, {
    method: "POST",
    headers: { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/cloudevents-batch+json" },
    body: JSON.stringify(events),
  });
  expect([response.status, await response.json()]).toEqual([202, { accepted: 2, duplicates: 0, rejected: [] }]);
});

test("compressed bodies are decompressed, never beyond the size limit", async () => {
  const send = (body: RequestInit["body"], headers: Record<string, string>) =>
    fetch(`${url()}/v1/signals`, {
      method: "POST",
      headers: { authorization: `Bearer ${WRITE_KEY}`, ...headers },
      body,
      duplex: "half",
    } as RequestInit);
  const { gzipSync } = await import("node:zlib");
  const event = JSON.stringify({ specversion: "1.0", id: randomUUID(), source: "web", type: "go", subject: "zip" });
  expect((await send(gzipSync(event), { "content-encoding": "gzip" })).status).toBe(202);
  expect((await send(gzipSync(Buffer.alloc(256 * 1024 * 1024)), { "content-encoding": "gzip" })).status).toBe(413);
  expect((await send("x".repeat(600_000), {})).status).toBe(413);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  expect((await send(endless, {})).status).toBe(413);
  expect((await send(Buffer.from([0xff, 0xfe, 0x7b]), {})).status).toBe(400);
  expect((await send(event, { "content-encoding": "rot13" })).status).toBe(400);
});
