import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RIGHTS, type Right } from "../../domain/identity/key-rights.ts";
import type { Role } from "../../domain/identity/roles.ts";
import { policyOf } from "../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, PLAIN_KEY, SITE, type TestService, WRITE_KEY } from "../../testing/service.ts";
import { createApp } from "../app.ts";

/**
 * The callers of each route of the API: a role that has the permission, everyone (`open`, `proved`), a sender of signals (`write`), or a
 * write key with the right or a site key (`ask`, `receipts`).
 */
const NEEDS: Readonly<Record<string, string>> = {
  "GET /healthz": "open",
  "GET /metrics": "open",
  "GET /openapi.json": "open",
  "GET /readyz": "open",
  "GET /v1/approvals": "read",
  "GET /v1/approvals/{id}": "read",
  "GET /v1/approvals/{id}/preview": "content",
  "GET /v1/audit": "read",
  "GET /v1/calls": "read",
  "GET /v1/canaries": "read",
  "GET /v1/canaries/{id}": "read",
  "GET /v1/cases": "read",
  "GET /v1/catalogue/{id}": "read",
  "GET /v1/customers": "read",
  "GET /v1/customers/{id}": "read",
  "GET /v1/customers/{id}/contacts": "read",
  "GET /v1/customers/{id}/conversation": "content",
  "GET /v1/customers/{id}/holdings": "read",
  "GET /v1/customers/{id}/story": "read",
  "GET /v1/dead": "read",
  "GET /v1/decisions": "read",
  "GET /v1/decisions/{id}": "read",
  "GET /v1/decisions/{id}/explanation": "read",
  "POST /v1/decisions/{id}/what-if": "content",
  "GET /v1/deliveries": "read",
  "GET /v1/deliveries/{id}": "content",
  "GET /v1/deliveries/{id}/preview": "content",
  "GET /v1/erasures": "read",
  "GET /v1/experiences": "read",
  "GET /v1/experiences/report": "read",
  "GET /v1/experiences/{id}/render": "content",
  "GET /v1/outcomes": "read",
  "GET /v1/overview": "read",
  "GET /v1/pauses": "read",
  "GET /v1/policy": "read",
  "GET /v1/processes": "read",
  "GET /v1/promises": "read",
  "GET /v1/promises/{id}": "read",
  "GET /v1/proposals": "read",
  "GET /v1/proposals/{id}": "read",
  "GET /v1/rehearsals": "read",
  "GET /v1/rehearsals/{id}": "read",
  "GET /v1/rehearsals/{id}/decisions": "read",
  "GET /v1/runs": "read",
  "GET /v1/runs/{id}": "read",
  "GET /v1/stream": "read",
  "GET /v1/signals/{source}/{id}": "content",
  "GET /v1/session": "read",
  "GET /v1/sessions": "read",
  "GET /v1/search": "read",
  "GET /v1/tasks": "read",
  "GET /v1/tasks/{id}": "read",
  "GET /v1/unsubscribe/{token}": "proved",
  "GET /v1/versions": "read",
  "GET /v1/versions/{id}": "read",
  "GET /v1/versions/{id}/diff": "read",
  "GET /v1/versions/{id}/files": "admin",
  "GET /v1/why": "read",
  "POST /v1/alias": "write",
  "POST /v1/approvals/{id}/approve": "approve",
  "POST /v1/approvals/{id}/reject": "approve",
  "POST /v1/batch": "write",
  "POST /v1/canaries/{id}/approve": "admin",
  "POST /v1/canaries/{id}/stop": "operate",
  "POST /v1/cases/{id}/close": "task",
  "POST /v1/customers": "person",
  "POST /v1/customers/{id}/erase": "person",
  "POST /v1/customers/{id}/export": "person",
  "POST /v1/customers/{id}/judgement": "read",
  "POST /v1/customers/{id}/lift": "person",
  "POST /v1/customers/{id}/merge": "person",
  "POST /v1/customers/{id}/split": "person",
  "POST /v1/customers/{id}/touches": "task",
  "POST /v1/dead/discard": "operate",
  "POST /v1/dead/revive": "operate",
  "POST /v1/group": "write",
  "POST /v1/identify": "write",
  "POST /v1/intents/try": "read",
  "POST /v1/next": "ask",
  "POST /v1/page": "write",
  "POST /v1/pause": "operate",
  "POST /v1/promises/{id}/kept": "task",
  "POST /v1/proposals": "propose",
  "POST /v1/proposals/{id}/approve": "approve",
  "POST /v1/proposals/{id}/reject": "approve",
  "POST /v1/proposals/{id}/revise": "propose",
  "POST /v1/receipts": "receipts",
  "POST /v1/rehearsals": "propose",
  "POST /v1/rehearsals/{id}/cancel": "propose",
  "POST /v1/resume": "operate",
  "POST /v1/runs/{id}/retry": "operate",
  "POST /v1/screen": "write",
  "POST /v1/session": "proved",
  "POST /v1/session/end": "read",
  "POST /v1/sessions/{id}/end": "read",
  "POST /v1/signals": "write",
  "POST /v1/tasks/{id}/claim": "task",
  "POST /v1/tasks/{id}/done": "task",
  "POST /v1/tasks/{id}/return": "task",
  "POST /v1/track": "write",
  "POST /v1/unsubscribe/{token}": "proved",
  "POST /v1/versions": "admin",
  "POST /v1/versions/{id}/restore": "admin",
  "POST /v1/webhooks/{channel}": "proved",
};

/** The permissions of each role, spelled out once more: a change of the table of roles shows here. */
const MAY: Readonly<Record<Role, readonly string[]>> = {
  viewer: ["read"],
  operator: ["read", "content", "task", "operate", "propose"],
  approver: ["read", "content", "approve"],
  steward: ["read", "content", "person"],
  analyst: ["read", "content", "propose"],
  admin: ["read", "content", "task", "operate", "approve", "propose", "person", "admin"],
};
const roles = Object.keys(MAY) as Role[];
const keyOf = (role: Role): string => `console-key-of-${role}`;
const senders = RIGHTS;
const keyWith = (right: Right): string => `write-key-with-${right}`;

let running: TestService;
let app: Hono;
let routes: readonly { readonly line: string; readonly method: string; readonly path: string; readonly needs: string }[] = [];

beforeAll(async () => {
  running = await openTestService(policyOf(""), { remove: async () => {} }, { concurrency: 0 });
  app = createApp({
    ...{ service: running.service, checksAnswers: true, operatorKeys: [OPERATOR_KEY] },
    writeKeys: [{ key: WRITE_KEY, rights: [] }, ...senders.map((right) => ({ key: keyWith(right), rights: [right] }))],
    siteKeys: [SITE],
    consoleKeys: roles.map((role) => ({ key: keyOf(role), name: `${role} of a test`, role })),
  });
  const { paths } = (await (await app.request("/openapi.json")).json()) as { paths: Record<string, object> };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((name) => {
      const line = `${name.toUpperCase()} ${path}`;
      return { line, method: name.toUpperCase(), path, needs: NEEDS[line] ?? "not in the table of this test" };
    }),
  );
});
afterAll(async () => running?.close());

/** The status of a request that changes nothing: of nobody, or with nothing in it. */
async function statusOf(
  { method, path }: { readonly method: string; readonly path: string },
  key?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await app.request(path.replaceAll(/\{\w+\}/g, "nobody"), {
    method,
    headers: { "content-type": "application/json", ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    ...(method === "POST" ? { body: "{}" } : {}),
  });
  expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  // A stream of events would go on for ever.
  await response.body?.cancel();
  return response.status;
}

const isOfSenders = (needs: string): boolean => ["write", ...RIGHTS].includes(needs);
const isForPeople = (needs: string): boolean => MAY.admin.includes(needs);

test("the table of this test has every route, and no other", () => {
  expect(routes.map(({ line }) => line).sort()).toEqual(Object.keys(NEEDS).sort());
});

describe.each([...roles, "operator key" as const])("%s", (who) => {
  const [key, role] = who === "operator key" ? [OPERATOR_KEY, "admin" as const] : [keyOf(who), who];

  test("gets 403 from each route that its role has no permission for, 401 from those of senders, and neither from the others", async () => {
    const seen = await Promise.all(routes.map(async (route) => [route.line, answerOf(await statusOf(route, key))]));
    const expected = routes.map(({ line, needs }) => [
      line,
      isOfSenders(needs) ? "401" : isForPeople(needs) && !MAY[role].includes(needs) ? "403" : answerOf(200),
    ]);
    expect(seen.filter(([line]) => !isProved(line as string))).toEqual(expected.filter(([line]) => !isProved(line as string)));
  });
});

/** Too many wrong keys are answered with 429. */
const answerOf = (status: number): string => (status === 429 ? "401" : [401, 403].includes(status) ? String(status) : "allowed");
const isProved = (line: string): boolean => NEEDS[line] === "proved";

test.each([
  ["no key", undefined],
  ["a wrong key", "wrong-key-of-a-test"],
  ["an empty key", ""],
  ["a key with something behind it", `${keyOf("admin")}x`],
  ["the key of a sender who is not configured here", PLAIN_KEY],
])("%s opens nothing but what is open", async (_what, key) => {
  for (const route of routes) {
    if (isProved(route.line)) continue;
    expect([route.line, answerOf(await statusOf(route, key))]).toEqual([route.line, route.needs === "open" ? "allowed" : "401"]);
  }
});

test.each([
  ["another port of this machine", { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:4000" }],
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["another site that hides", { "sec-fetch-site": "cross-site" }],
  ["a browser that says nothing", {}],
])("a page of %s gets into no route with an admin's cookie, and may read no answer", async (_what, from) => {
  const host = "127.0.0.1:3000";
  const ours = { host, "content-type": "application/json", "sec-fetch-site": "same-origin", origin: `http://${host}` };
  const body = JSON.stringify({ key: keyOf("admin") });
  const signedIn = await app.request("/v1/session", { method: "POST", headers: ours, body });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  expect(signedIn.status).toBe(200);
  // Without the routes that end the session: its cookie would open nothing afterwards.
  for (const route of routes.filter(({ needs, line }) => isForPeople(needs) && !line.endsWith("/end"))) {
    const seen = await Promise.all([
      statusOf(route, undefined, { ...ours, cookie }),
      statusOf(route, undefined, { host, "content-type": "application/json", cookie, ...from }),
    ]);
    expect([route.line, ...seen.map(answerOf)]).toEqual([route.line, "allowed", "403"]);
  }
});

test("a write key gets into no route of people, and what is not there is 404 for everyone", async () => {
  for (const route of routes.filter(({ needs }) => isForPeople(needs)))
    expect([route.line, answerOf(await statusOf(route, WRITE_KEY))]).toEqual([route.line, "401"]);
  for (const key of [undefined, OPERATOR_KEY, keyOf("viewer")])
    expect(await statusOf({ method: "GET", path: "/v1/nothing" }, key)).toBe(404);
});

describe.each([
  ["a plain write key", WRITE_KEY, []],
  ...senders.map((right) => [`a write key with ${right}`, keyWith(right), [right]] as const),
] as const)("%s", (_what, key, rights: readonly string[]) => {
  test("sends signals, and gets 403 from the routes of a right that it has not", async () => {
    for (const { line, needs, ...route } of routes.filter((one) => isOfSenders(one.needs)))
      expect([line, answerOf(await statusOf(route, key))]).toEqual([line, needs === "write" || rights.includes(needs) ? "allowed" : "403"]);
  });
});

test("a site key opens the routes of sites and nothing else", async () => {
  for (const { line, needs, ...route } of routes.filter(({ line: one }) => !isProved(one))) {
    const isOpened = needs === "open" || ["ask", "receipts"].includes(needs);
    expect([line, answerOf(await statusOf(route, SITE.key))]).toEqual([line, isOpened ? "allowed" : "401"]);
  }
});

test("other origins read the routes of sites and nothing else, and from the origins of site keys alone", async () => {
  const [ours = ""] = SITE.origins;
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" };
  for (const { line, needs, method, path } of routes) {
    const isForSites = ["ask", "receipts"].includes(needs);
    const asked = async (origin: string, sent: string, headers: object) => {
      const response = await app.request(path.replaceAll(/\{\w+\}/g, "nobody"), {
        method: sent,
        headers: { origin, ...headers },
        ...(sent === "POST" ? { body: "{}" } : {}),
      });
      await response.body?.cancel();
      const told = [...response.headers].filter(([name]) => name.startsWith("access-control-allow-origin") || name === "vary");
      return [response.status === 204, Object.fromEntries(told)];
    };
    const open = { "access-control-allow-origin": ours, vary: "Origin" };
    for (const [sent, headers] of [
      ["OPTIONS", preflight],
      [method, { authorization: `Bearer ${SITE.key}` }],
      [method, {}],
    ] as const) {
      expect([line, sent, await asked(ours, sent, headers)]).toEqual([
        line,
        sent,
        [isForSites && sent === "OPTIONS", isForSites ? open : {}],
      ]);
      for (const foreign of ["https://evil.example", "null", `${ours}.evil.example`, "http://shop.example", `${ours}:444`])
        expect([line, sent, foreign, await asked(foreign, sent, headers)]).toEqual([
          line,
          sent,
          foreign,
          [false, isForSites ? { vary: "Origin" } : {}],
        ]);
    }
  }
});

test("403 names the missing permission and what the role has", async () => {
  const response = await app.request("/v1/pause", { method: "POST", headers: { authorization: `Bearer ${keyOf("viewer")}` }, body: "{}" });
  expect([response.status, await response.json()]).toEqual([
    403,
    expect.objectContaining({
      code: "FORBIDDEN",
      permission: "operate",
      detail: "this needs the permission operate; the role viewer has read",
    }),
  ]);
});

describe("the audit", () => {
  const asked = (key: string, path: string, body: object | string) =>
    app.request(path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const target = { scope: "channel", name: "box" };

  test("names the person of the key, whatever the request says; with an operator key it names whom the request names", async () => {
    expect((await asked(keyOf("operator"), "/v1/pause", { target, by: "somebody else" })).status).toBe(200);
    expect((await asked(OPERATOR_KEY, "/v1/resume", { target, by: "kim" })).status).toBe(200);
    expect((await asked(OPERATOR_KEY, "/v1/pause", { target })).status).toBe(200);
    expect((await asked(keyOf("steward"), "/v1/customers", '{"id": "new"}')).status).toBe(200);
    const { audit } = await running.get<{ audit: { by: string; action: string }[] }>("/v1/audit");
    expect(audit.slice(-4).map(({ by, action }) => [by, action])).toEqual([
      ["operator of a test", "paused"],
      ["kim", "resumed"],
      ["operator", "paused"],
      ["steward of a test", "customers.imported"],
    ]);
    expect(JSON.stringify(audit)).not.toMatch(new RegExp(`${OPERATOR_KEY}|console-key-of`));
  });
});
