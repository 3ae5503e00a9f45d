import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgres } from "../store/engines/postgres.ts";
import { createLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { type Received, startHttpProvider, type TestProvider } from "../testing/providers/http-provider.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../testing/service.ts";
import { createApp } from "./app.ts";

/** Secrets and content, none of which may occur in logs, errors, metrics, the audit or reasons. */
const CANARY = {
  writeKey: "canary-write-key-1",
  wrongKey: "canary-wrong-key-2",
  basicKey: "canary-basic-key-3",
  hookSecret: `whsec_${Buffer.from("canary secret 4 of bytes").toString("base64")}`,
  query: "canary-query-5",
  firstName: "Canary-Firstname-6",
  email: "canary7@example.com",
  phone: "+15550000008",
  text: "canary message 9, do not tell",
  header: "canary-header-10",
  providerEcho: "canary-echo-11",
  password: "canary-password-12",
};

let running: TestService | undefined;
let provider: TestProvider<Received> | undefined;
const lines: string[] = [];

beforeAll(async () => {
  provider = await startHttpProvider({ status: 200, body: JSON.stringify({ echo: CANARY.providerEcho }) });
  const policy = policyOf(
    `
    channels:
      hook: {kind: webhook, address: none, url: "${provider.url}", secret: "${CANARY.hookSecret}", allowPrivate: true, headers: {x-key: ${CANARY.header}}}
    moments: {m: {on: go, expires: 30d}}
    `,
    ['serves: [m]\nchannels: {hook: {payload: {text: "Dear {{ customer.firstName }}"}}}'],
  );
  const log = createLog((line) => lines.push(line), Date.now);
  running = await openTestService(policy, { remove: async () => {} }, { log });
});
afterAll(async () => {
  await running?.close();
  await provider?.close();
});

test("S1 no secret and no customer text is in logs, metrics, errors or the audit, on success and on failure", async () => {
  if (!running || !provider) throw new Error("the service is not open");
  const { service } = running;
  const app = createApp({ service, writeKeys: [{ key: CANARY.writeKey, rights: [] }], operatorKeys: [OPERATOR_KEY] });
  const answers: string[] = [];
  const call = async (path: string, init: RequestInit = {}): Promise<number> => {
    const response = await app.request(path, init);
    const body = await response.text();
    if (response.status >= 400) answers.push(`${path.split("?")[0]} ${JSON.stringify([...response.headers])} ${body}`);
    return response.status;
  };
  const post = (path: string, body: unknown, authorization = `Bearer ${CANARY.writeKey}`) =>
    call(path, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", "x-secret": CANARY.header },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const event = (type: string, data: object) => ({ specversion: "1.0", id: randomUUID(), source: "canaries", type, subject: "c-1", data });
  const traits = { firstName: CANARY.firstName, email: CANARY.email, phone: CANARY.phone, deep: { er: { password: CANARY.password } } };

  for (const behaviour of ["takes", "refuses", "takes_then_fails", "closes", "garbage"] as const) {
    provider.behave(behaviour);
    expect(await post("/v1/signals", event("go", { traits }))).toBe(202);
    await running.settled();
  }
  expect(await post("/v1/signals", event("message.received", { channel: "hook", text: CANARY.text, thread: "t" }))).toBe(202);
  expect(await post("/v1/signals", { ...event("go", { text: CANARY.text }), time: CANARY.text })).toBe(400);
  expect(await post("/v1/signals", `{"a": ${CANARY.password}`)).toBe(400);
  expect(await post("/v1/signals", event("go", {}), `Bearer ${CANARY.wrongKey}`)).toBe(401);
  expect(await post("/v1/track", {}, `Basic ${Buffer.from(`${CANARY.basicKey}:`).toString("base64")}`)).toBe(401);
  expect(await post("/v1/webhooks/hook", { type: "message.received", data: { text: CANARY.text } })).toBe(401);
  expect(await call(`/v1/decisions?limit=x&secret=${CANARY.query}`, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } })).toBe(400);
  expect(await post("/v1/pause", { target: CANARY.text }, `Bearer ${OPERATOR_KEY}`)).toBe(400);
  await running.settled();
  // The store fails during a request, with the query's parameters in its error.
  const broken = { ...service, ingest: { ...service.ingest, take: () => Promise.reject(new Error(`bad row: ${JSON.stringify(traits)}`)) } };
  const failing = createApp({ service: broken, writeKeys: [{ key: CANARY.writeKey, rights: [] }], operatorKeys: [OPERATOR_KEY] });
  const failed = await failing.request("/v1/signals", {
    method: "POST",
    headers: { authorization: `Bearer ${CANARY.writeKey}` },
    body: JSON.stringify(event("go", { traits })),
  });
  answers.push(await failed.text());
  expect(failed.status).toBe(500);

  const audit = JSON.stringify(await running.rows("select * from audit"));
  const metrics = await (await app.request("/metrics")).text();
  const reasons = JSON.stringify(await running.rows("select status, reason from deliveries"));
  const said = { logs: lines.join("\n"), errors: answers.join("\n"), metrics, audit, reasons };
  expect(lines.length).toBeGreaterThan(0);
  expect(reasons).toContain("uncertain");
  for (const [where, text] of Object.entries(said)) {
    for (const [what, canary] of Object.entries(CANARY)) expect([where, what, text.includes(canary)]).toEqual([where, what, false]);
  }
});

test("S2 an unreachable database is reported without its password", async () => {
  const url = `postgres://ann:${CANARY.password}@127.0.0.1:1/nowhere`;
  const error = await openPostgres({ url }).then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.message).toContain("127.0.0.1:1/nowhere");
  expect(`${error?.message} ${error?.stack}`).not.toContain(CANARY.password);
});
