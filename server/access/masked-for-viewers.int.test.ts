import type { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../domain/values/json.ts";
import { policyOf } from "../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService, WRITE_KEY } from "../../testing/service.ts";
import { createApp } from "../app.ts";

/** In every text, address, value, datum and note of the store. */
const CANARY = "canaryella";

const policy = policyOf(
  `
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
  moments: {m: {on: go, expires: 30d}, n: {on: ask, expires: 30d}, v: {on: big, expires: 30d}, w: {on: message.received, expires: 30d}}
  governance: {approval: [{when: experience.value > 5000, reason: high value}]}
  promises: {reply: {opens: message.received, due: 1d, owner: service}}
  `,
  [
    'serves: [m]\nchannels: {box: {text: "Dear {{ customer.firstName }} at {{ customer.email }}"}}',
    'id: t\nserves: [n]\nchannels: {desk: {summary: "Call {{ customer.firstName }}"}}',
    'id: v\nserves: [v]\nvalue: 9000\nchannels: {box: {text: "For {{ customer.firstName }}"}}',
    'id: s\nserves: [m]\nsuitability: [{when: customer.mood == "good", reason: her mood is good}]\nchannels: {box: {text: "Hello {{ customer.firstName }}"}}',
  ],
);

const VIEWER = "console-key-of-a-viewer";
const ANALYST = "console-key-of-an-analyst";

let running: TestService;
let app: Hono;
/** Ids in the store, by the noun of a path. */
let ids: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} });
  app = createApp({
    ...{ service: running.service, checksAnswers: true, writeKeys: [{ key: WRITE_KEY, rights: [] }], operatorKeys: [OPERATOR_KEY] },
    consoleKeys: [
      { key: VIEWER, name: "vic", role: "viewer" },
      { key: ANALYST, name: "ana", role: "analyst" },
    ],
  });
  const post = async (path: string, body: Json | string) => {
    const response = await running.post(path, body);
    expect([path, response.status < 300, await response.text()]).toEqual([path, true, expect.anything()]);
  };
  await post("/v1/customers", JSON.stringify({ id: "ann", traits: { firstName: CANARY, email: `${CANARY}@example.com`, mood: CANARY } }));
  await running.signal("traits.updated", "ann", { traits: { car: { model: CANARY } } });
  for (const type of ["go", "ask", "big"]) await running.signal(type, "ann", { datum: CANARY, [CANARY]: 1 });
  await running.signal("message.received", "ann", { text: `${CANARY} has a question`, channel: "box" });
  await running.signal("case.opened", "ann", { caseId: "case-1", subject: `${CANARY} is broken` });
  await running.settled();
  await running.rows(
    `insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, attempts, error, dead_at)
     values (900, 'web', 's-1', 'go', 'ann', now(), now(), '{}', 'h', 5, $1::jsonb, now())`,
    [JSON.stringify({ name: "error", message: CANARY })],
  );
  const note = `${CANARY} said so`;
  await post("/v1/pause", { target: { scope: "channel", name: "desk" }, note });
  const [{ taskId = "" } = {}] = (await running.get<{ tasks: { taskId?: string }[] }>("/v1/tasks")).tasks;
  await post(`/v1/tasks/${taskId}/claim`, { note });
  const [{ approvalId = "" } = {}] = (await running.get<{ approvals: { approvalId?: string }[] }>("/v1/approvals")).approvals;
  const decision = (await running.decisions("ann")).find(({ action }) => action === "deliver");
  ids = {
    ...{ customers: "ann", tasks: taskId, approvals: approvalId, experiences: "e" },
    ...{ decisions: decision?.decisionId ?? "", runs: decision?.runId ?? "", deliveries: decision?.deliveries[0]?.deliveryId ?? "" },
  };
});
afterAll(async () => running?.close());

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { security: readonly Record<string, string[]>[]; parameters?: readonly { name: string; in: string; required: boolean }[] }
        >
      >
    >
  >;
}

/** Query and body that a route may need. */
const GIVEN: Readonly<Record<string, string>> = { customer: "ann", experience: "e", q: "ann", text: "hello" };

/** Every route that a viewer may read, with ids that are there. */
async function readable(): Promise<{ readonly method: string; readonly path: string; readonly url: string }[]> {
  const { paths } = (await (await app.request("/openapi.json")).json()) as Described;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security, parameters = [] }]) => {
      if (security[0]?.operatorKey?.[0] !== "read") return [];
      const query = new URLSearchParams(
        parameters.filter((one) => one.in === "query" && one.required).map(({ name }): [string, string] => [name, GIVEN[name] ?? ""]),
      );
      const noun = path.split("/")[2] ?? "";
      const url = `${path.replaceAll(/\{\w+\}/g, ids[noun] ?? "nothing")}${query.size > 0 ? `?${query}` : ""}`;
      return [{ method: method.toUpperCase(), path, url }];
    }),
  );
}

async function answer({ method, url }: { readonly method: string; readonly url: string }, key: string) {
  const response = await app.request(url, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify(GIVEN) } : {}),
  });
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status: response.status, text: "" };
  }
  return { status: response.status, text: await response.text() };
}

test("a viewer reads every such route and sees no text, address, value, datum or note in any answer", async () => {
  const routes = await readable();
  expect(routes.length).toBeGreaterThan(15);
  for (const route of routes) {
    const { status, text } = await answer(route, VIEWER);
    expect([route.path, status < 500, text.includes(CANARY)], text).toEqual([route.path, true, false]);
  }
});

test.each([
  "/v1/customers/{id}",
  "/v1/customers/{id}/story",
  "/v1/decisions/{id}",
  "/v1/decisions",
  "/v1/decisions/{id}/explanation",
  "/v1/approvals/{id}",
  "/v1/approvals",
  "/v1/tasks",
  "/v1/cases",
  "/v1/pauses",
  "/v1/dead",
  "/v1/audit",
])("%s is masked for a viewer, and has it all for any other role", async (path) => {
  const route = (await readable()).find((one) => one.path === path && one.method === "GET");
  if (!route) throw new Error(`no route ${path}`);
  const [viewer, analyst] = [await answer(route, VIEWER), await answer(route, ANALYST)];
  expect([viewer.status, analyst.status]).toEqual([200, 200]);
  expect(analyst.text).toContain(CANARY);
  expect(viewer.text).toContain("•••");
});

test("a viewer sees who, when, what and why of a decision: everything but the texts", async () => {
  const read = async (key: string) => JSON.parse((await answer({ method: "GET", url: `/v1/decisions/${ids.decisions}` }, key)).text);
  const [viewer, analyst] = [await read(VIEWER), await read(ANALYST)];
  const bones = ({ deliveries, candidates, reasons, ...rest }: typeof analyst) => ({
    ...rest,
    deliveries: deliveries.map(({ deliveryId, channel, status }: Record<string, Json>) => ({ deliveryId, channel, status })),
    candidates: candidates.map(({ reasons: why, ...one }: { reasons: { code: string; stage: string }[] }) => ({
      ...one,
      reasons: why.map(({ code, stage }) => ({ code, stage })),
    })),
    codes: reasons.map(({ code }: { code: string }) => code),
  });
  expect(bones(viewer)).toEqual(bones(analyst));
});

test("the overview says the same to a viewer, and lists of hand-overs and calls all but addresses and reasons", async () => {
  await running.rows("update deliveries set status = 'failed', reason = $1 where channel = 'box'", [`550 ${CANARY} is unknown`]);
  await running.rows(
    `insert into tool_calls (call_key, tool, customer_id, input, status, created_at, error) values ('k', 'open_case', 'ann', '{}', 'failed', now(), $1::jsonb)`,
    [JSON.stringify({ code: "TOOL_FAILED", message: CANARY })],
  );
  const read = async (url: string, key: string) => JSON.parse((await answer({ method: "GET", url }, key)).text);
  const [{ at: _a, pauses: _p, ...viewer }, { at: _b, pauses: _q, ...analyst }] = [
    await read("/v1/overview", VIEWER),
    await read("/v1/overview", ANALYST),
  ];
  expect({ ...viewer, since: "" }).toEqual({ ...analyst, since: "" });
  const { deliveries } = await read("/v1/deliveries", VIEWER);
  expect(deliveries).toMatchObject([{ customerId: "ann", channel: "box", status: "failed", reason: "•••" }]);
  expect((await read("/v1/calls", VIEWER)).calls).toMatchObject([
    { key: "k", tool: "open_case", error: { code: "TOOL_FAILED", message: "•••" } },
  ]);
});

test("what is content alone is refused to a viewer", async () => {
  for (const url of [`/v1/experiences/e/render?customer=ann`]) {
    expect((await answer({ method: "GET", url }, VIEWER)).status).toBe(403);
    expect((await answer({ method: "GET", url }, ANALYST)).text).toContain(CANARY);
  }
});
