import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../../testing/service.ts";
import { createApp } from "../app.ts";
import { type Listening, listen } from "../listen.ts";

let running: TestService;
let [behind, strange]: (Listening | undefined)[] = [];
beforeAll(async () => {
  running = await openTestService(policyOf(""), { remove: async () => {} }, { concurrency: 0 });
  const at = (addresses: readonly string[]) =>
    listen(
      createApp({
        ...{ service: running.service, writeKeys: [], operatorKeys: [OPERATOR_KEY], publicUrl: "https://care.example.com/desk" },
        proxy: { userHeader: "x-user", rolesHeader: "x-groups", addresses },
      }),
      { host: "127.0.0.1", port: 0 },
    );
  [behind, strange] = [await at(["127.0.0.1/32"]), await at(["10.0.0.0/8"])];
});
afterAll(async () => {
  await behind?.close();
  await strange?.close();
  await running?.close();
});

const PAUSE = "/v1/pause";
const target = { scope: "channel", name: "box" };
const OURS = { "sec-fetch-site": "same-origin", origin: "https://care.example.com", "content-type": "application/json" };
const NAMED = { "x-user": "olga", "x-groups": "staff,operator" };

const ask = (server: Listening | undefined, path: string, headers: Readonly<Record<string, string>>, body?: object) =>
  fetch(`${server?.url}${path}`, { method: body ? "POST" : "GET", headers, ...(body ? { body: JSON.stringify(body) } : {}) });

test("whom the proxy names acts under that name, by the role that the proxy gives", async () => {
  const who = await ask(behind, "/v1/session", { ...OURS, ...NAMED });
  expect(await who.json()).toMatchObject({ person: { name: "olga", role: "operator", via: "proxy" } });
  expect((await ask(behind, PAUSE, { ...OURS, ...NAMED }, { target, by: "somebody" })).status).toBe(200);
  expect((await ask(behind, "/v1/customers/x/erase", { ...OURS, ...NAMED }, {})).status).toBe(403);
  const { audit } = await running.get<{ audit: { by: string }[] }>("/v1/audit?limit=1");
  expect(audit).toMatchObject([{ by: "olga", action: "paused" }]);
});

test("the same headers from a peer that is no proxy are nothing, whatever else they say", async () => {
  const forged = { ...OURS, ...NAMED, "x-forwarded-for": "10.0.0.5", "x-real-ip": "10.0.0.5", forwarded: "for=10.0.0.5" };
  expect((await ask(strange, "/v1/session", forged)).status).toBe(401);
});

test("without a role of ours the person is refused by name", async () => {
  const response = await ask(behind, "/v1/session", { ...OURS, "x-user": "max", "x-groups": "staff" });
  expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("none of the roles")]);
});

test.each([
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["another host of the same site", { "sec-fetch-site": "same-site", origin: "https://other.example.com" }],
  ["a browser that does not say", {}],
])("%s cannot use that the proxy knows the person", async (_what, from) => {
  const headers = { "content-type": "application/json", ...NAMED, ...(from as Record<string, string>) };
  expect((await ask(behind, "/v1/decisions", headers)).status).toBe(403);
  expect((await ask(behind, PAUSE, headers, { target })).status).toBe(403);
});

test("a key goes before what the proxy says", async () => {
  const headers = { ...OURS, ...NAMED, authorization: `Bearer ${OPERATOR_KEY}` };
  expect(await (await ask(behind, "/v1/session", headers)).json()).toMatchObject({ person: { name: "operator", via: "operator key" } });
  expect((await ask(behind, "/v1/session", { ...headers, authorization: "Bearer wrong-key-of-a-test" })).status).toBe(401);
});
