import { afterAll, beforeAll, expect, test } from "vitest";
import { errorCatalogue } from "../domain/errors.ts";
import { policyOf } from "../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService, WRITE_KEY } from "../testing/service.ts";

const policy = policyOf(
  `
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
  moments: {m: {on: go, expires: 30d}, n: {on: ask, expires: 30d}, v: {on: big, expires: 30d}}
  governance: {approval: [{when: experience.value > 5000, reason: high value}]}
  promises: {callback: {opens: called, due: 1d, owner: service}}
  `,
  ["serves: [m]", "id: t\nserves: [n]\nchannels: {desk: {summary: Call her}}", "id: v\nserves: [v]\nvalue: 9000"],
);

let running: TestService | undefined;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};

beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} });
  for (const type of ["go", "ask", "big", "called"]) await running.signal(type, "ann");
  await running.signal("go", "zoe");
  await running.settled();
});
afterAll(async () => running?.close());

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const described = (): Promise<Described> => on().get<Described>("/openapi.json");
const everything = async () =>
  Object.entries((await described()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

test("every described route answers with a described status", async () => {
  const ids: Record<string, string> = { "/v1/customers/": "zoe" };
  const [decision] = await on().decisions("zoe");
  for (const { path, method, operation } of await everything()) {
    const id = path.startsWith("/v1/decisions")
      ? decision?.decisionId
      : path.startsWith("/v1/runs")
        ? decision?.runId
        : ids["/v1/customers/"];
    const key = operation.security[0] && "writeKey" in operation.security[0] ? WRITE_KEY : OPERATOR_KEY;
    const response = await on().app.request(path.replace(/\{\w+\}/, id ?? ""), {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(method === "POST" ? { body: "{}" } : {}),
    });
    expect([path, method, Object.keys(operation.responses)]).toEqual([path, method, expect.arrayContaining([String(response.status)])]);
  }
});

test("no fixed word of a path stands where another path has an id: it would hide what has that word as its id", async () => {
  const all = (await everything()).map(({ path, method }) => ({ method, path, parts: path.split("/") }));
  const isId = (part: string | undefined): boolean => part?.startsWith("{") ?? false;
  const hides = (fixed: readonly string[], open: readonly string[]): boolean =>
    fixed.length === open.length &&
    open.some((part, place) => isId(part) && !isId(fixed[place])) &&
    open.every((part, place) => part === fixed[place] || isId(part));
  const hidden = all.flatMap((a) =>
    all.filter((b) => a.method === b.method && hides(a.parts, b.parts)).map((b) => `${a.path} hides ${b.path}`),
  );
  expect(all.filter(({ parts }) => parts.some(isId)).length).toBeGreaterThan(2);
  expect(hidden).toEqual([]);
});

test("no two operations share an id", async () => {
  const ids = (await everything()).map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("without its key, or with the key of the other kind, no protected route answers", async () => {
  for (const { path, method, operation } of await everything()) {
    if (operation.security.length === 0) continue;
    const other = "writeKey" in (operation.security[0] ?? {}) ? OPERATOR_KEY : WRITE_KEY;
    for (const authorization of [undefined, "Bearer ", "Bearer wrong", `Bearer ${other}`, "Basic ???"]) {
      const response = await on().app.request(path, { method, headers: authorization === undefined ? {} : { authorization } });
      // After many wrong keys the client is throttled.
      expect([path, [401, 429].includes(response.status)]).toEqual([path, true]);
    }
  }
  const right = await on().app.request("/v1/experiences", { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
  expect(right.status).toBe(200);
});

test("a write key is accepted as the Basic user name", async () => {
  const response = await on().app.request("/v1/track", {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${WRITE_KEY}:`).toString("base64")}` },
    body: JSON.stringify({ userId: "basic", event: "seen" }),
  });
  expect(response.status).toBe(202);
});

test("errors are problem documents with a code of the catalogue", async () => {
  for (const [path, status] of [
    ["/v1/decisions/none", 404],
    ["/v1/customers/nobody", 404],
    ["/v1/decisions?limit=1000000", 400],
    ["/v1/decisions?limit=x", 400],
    ["/nowhere", 404],
  ] as const) {
    const response = await on().app.request(path, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
    const body = (await response.json()) as { code: string; status: number };
    expect([path, response.status, response.headers.get("content-type"), body.status]).toEqual([
      path,
      status,
      "application/problem+json",
      status,
    ]);
    expect(Object.keys(errorCatalogue)).toContain(body.code);
  }
});

test("operators list records and act on them", async () => {
  const { tasks } = await on().get<{ tasks: { taskId: string; summary: string }[] }>("/v1/tasks?customer=ann");
  expect(tasks).toMatchObject([{ summary: "Call her" }]);
  const done = await on().post(`/v1/tasks/${tasks[0]?.taskId}/done`, { by: "kim", contacted: "call" });
  expect(await done.json()).toMatchObject({ state: "done", endedBy: "kim", contacted: true });
  const { promises } = await on().get<{ promises: { promiseId: string; name: string }[] }>("/v1/promises");
  expect(promises).toMatchObject([{ name: "callback" }]);
  const { approvals } = await on().get<{ approvals: { approvalId: string }[] }>("/v1/approvals");
  expect(await on().get(`/v1/approvals/${approvals[0]?.approvalId}`)).toMatchObject({
    ...{ approvalId: approvals[0]?.approvalId, experienceId: "v", channel: "box", state: "pending" },
    ...{ amount: expect.any(Number), content: { text: expect.any(String) }, facts: expect.any(Object), reason: expect.any(String) },
  });
  const approved = await on().post(`/v1/approvals/${approvals[0]?.approvalId}/approve`, { by: "kim" });
  expect([approved.status, await approved.json()]).toMatchObject([200, { state: "approved" }]);
  await on().settled();
  expect((await on().decisions("ann")).at(-1)).toMatchObject({ action: "deliver", experienceId: "v", deliveries: [{ status: "sent" }] });
  const { audit } = await on().get<{ audit: { action: string; by: string }[] }>("/v1/audit");
  expect(audit.map(({ by }) => by)).toEqual(expect.arrayContaining(["kim"]));
});

test("lists go on with the cursor of their answer; any other cursor is no valid query", async () => {
  for (const change of ["pause", "resume"]) await on().post(`/v1/${change}`, { by: "kim", target: { scope: "channel", name: "box" } });
  for (const name of ["audit", "runs"] as const) {
    const whole = await on().get<Record<string, unknown>>(`/v1/${name}`);
    const { next, ...first } = await on().get<Record<string, unknown>>(`/v1/${name}?limit=1`);
    const { next: _, ...second } = await on().get<Record<string, unknown>>(`/v1/${name}?limit=1&cursor=${next}`);
    const rows = [first, second].map((page) => page[name] as unknown[]);
    const all = whole[name] as unknown[];
    expect([whole["next"], rows.flat()]).toEqual([undefined, name === "audit" ? all.slice(-2).reverse() : all.slice(0, 2)]);
    for (const query of [`cursor=${next}x`, `cursor=${next}&customer=zoe`, "cursor=x.y"]) {
      const response = await on().app.request(`/v1/${name}?${query}`, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
      expect([response.status, await response.json()]).toMatchObject([400, { code: "BAD_INPUT" }]);
    }
  }
  for (const path of ["tasks?all=true&", "deliveries?", "calls?"]) {
    const response = await on().app.request(`/v1/${path}cursor=x.y`, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
    expect([path, response.status]).toEqual([path, 400]);
  }
});

test("paused messages are not sent until resumed", async () => {
  expect((await on().post("/v1/pause", { by: "kim", target: { scope: "channel", name: "box" } })).status).toBe(200);
  await on().signal("go", "paul");
  await on().settled();
  expect(
    on()
      .outbox()
      .filter(({ customerId }) => customerId === "paul"),
  ).toEqual([]);
  expect((await on().post("/v1/resume", { by: "kim", target: { scope: "channel", name: "box" } })).status).toBe(200);
  await on().settled();
  expect(
    on()
      .outbox()
      .filter(({ customerId }) => customerId === "paul"),
  ).toHaveLength(1);
});

test("metrics are in the text format, with kinds only", async () => {
  const response = await on().app.request("/metrics");
  const text = await response.text();
  expect(text).toMatch(/^# TYPE sentient_signals_total counter$/m);
  expect(text).toMatch(/^sentient_signals_total\{result="accepted"\} \d+$/m);
  expect(text).not.toContain("paul");
});

test("a draining server is not ready, but alive", async () => {
  expect((await on().app.request("/readyz")).status).toBe(200);
  on().service.drain();
  expect((await on().app.request("/readyz")).status).toBe(503);
  expect((await on().app.request("/healthz")).status).toBe(200);
});
