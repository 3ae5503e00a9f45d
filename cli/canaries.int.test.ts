import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../runtime/open-store.ts";
import { CANARY, HOOK_SECRET_PART, OPERATOR, openSurroundings, type Surroundings, WRITE } from "../testing/canaries.ts";
import { commands } from "../testing/canary-commands.ts";
import { type Body, event, type Headers, requests } from "../testing/canary-requests.ts";
import { sentientIn } from "../testing/command-line.ts";
import { type Started, startSentient } from "../testing/process.ts";
import type { FakeAnswer } from "../testing/providers/fake-openai.ts";
import type { Behaviour } from "../testing/providers/http-provider.ts";
import { until } from "../testing/service.ts";

let around: Surroundings;
let serve: Started;
let url = "";
/** All output, by the place where it occurred. */
const said: Record<string, string> = { "output of commands": "", answers: "" };
/** Responses that return content on request: the canaries must occur here, otherwise they never entered the system. */
let given = "";
let paths = 0;

beforeAll(async () => {
  around = await openSurroundings();
  await withRows(refuseSome);
  serve = startSentient(["serve", "--port", "0", "--json", "--debug"], around.environment, around.dir);
  const [line] = await serve.line(/^\{"url".*/);
  ({ url } = JSON.parse(line) as { url: string });
});
afterAll(async () => {
  serve.kill("SIGKILL");
  await serve.ended;
  await around.close();
});

async function call(method: string, path: string, body: Body, headers: Headers = {}): Promise<{ status: number; text: string }> {
  const key = /^\/v1\/(signals|track|identify|page|screen|group|alias|batch)/.test(path) ? WRITE : OPERATOR;
  const response = await fetch(`${url}${path}${path.includes("?") ? "&" : "?"}token=${CANARY.query}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-secret": CANARY.header, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: `${JSON.stringify([...response.headers])} ${await response.text()}` };
}

for (const [name, method, path, status, body, headers] of requests)
  test(name, async () => {
    const answer = await call(method, path, body, headers);
    said["answers"] += `\n${answer.text}`;
    expect(answer).toMatchObject({ status });
    paths++;
  });

/** Works on the database of the service while the service is stopped. */
async function withRows(work: (rows: (sql: string) => Promise<string>) => Promise<void>): Promise<void> {
  const store = await openStore({ dataDir: join(around.dir, ".sentient"), now: Date.now });
  await work(async (sql) => JSON.stringify((await store.database.pool.query(sql)).rows));
  await store.close();
}

/** Customers' data that the database refuses and repeats in its error. */
async function refuseSome(rows: (sql: string) => Promise<string>): Promise<void> {
  await rows("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room for %', new.event; end $$");
  for (const [table, customerId] of Object.entries({ inbox: "c-refused", signals: "c-doomed" }))
    await rows(
      `create trigger refuse before insert on ${table} for each row when (new.customer_id = '${customerId}') execute function refuse()`,
    );
}

type Wake = readonly [name: string, customerId: string, type: string, wanted: RegExp, arrange?: () => void];
const hook = (behaviour: Behaviour) => () => around.hook.behave(behaviour);
const model = (answer: FakeAnswer) => () => around.answers(answer);
const verdict = (reason: string) => ({ value: { verdicts: [{ criterion: "c1", verdict: "met", reason, evidence: ["customer.wish"] }] } });
const error = (status: number) => model({ status, body: JSON.stringify({ error: { message: `${CANARY.modelError}: ${CANARY.text}` } }) });

/** Everything a signal leads to, with providers, model and tools that work and that fail. */
const wakes: readonly Wake[] = [
  ["a provider that takes", "c-takes", "go", /^deliver sent$/, hook("takes")],
  ["a provider that refuses", "c-refuses", "go", /^deliver failed$/, hook("refuses")],
  ["a provider that fails with an echo", "c-fails", "go", /^deliver uncertain$/, hook("takes_then_fails")],
  ["a provider that closes the connection", "c-closes", "go", /^deliver uncertain$/, hook("closes")],
  ["a provider that answers garbage", "c-garbage", "go", /^deliver uncertain$/, hook("garbage")],
  ["a provider that wants no more", "c-many", "go", /^deliver uncertain$/, hook("too_many")],
  ["a provider that refuses and repeats all it got", "c-sms", "text", /^deliver failed$/, hook("takes")],
  ["a mail that is taken", "c-mail", "mail", /^deliver sent$/],
  ["a model that words nothing", "c-word", "word", /^deliver sent$/, model({ value: { [CANARY.modelError]: CANARY.text } })],
  ["a mail server that refuses the recipient", "c-unknown", "mail", /^deliver failed$/, () => around.mail.behave("refuses")],
  ["a mail server that closes the connection", "c-cut", "mail", /^deliver uncertain$/, () => around.mail.behave("closes")],
  ["a task for a human", "c-help", "help", /^deliver/],
  ["something that needs an approval", "c-buy", "buy", /^await_approval/],
  ["a tool that fails with a cause", "c-act", "act", /^deliver (failed|uncertain)/],
  ["a verdict of the model", "c-met", "ask", /^deliver sent$/, model(verdict(CANARY.modelError))],
  ["a model that refuses the request", "c-400", "ask", /^silence/, error(400)],
  ["a model that knows no such key", "c-401", "ask", /^silence/, error(401)],
  ["a model that answers no JSON", "c-text", "ask", /^silence/, model({ text: `${CANARY.modelError} ${CANARY.text}` })],
];

test("a database that rejects a signal and repeats it", async () => {
  const answer = await call("POST", "/v1/signals", event("go", "c-refused"));
  said.answers += answer.text;
  expect(answer).toMatchObject({ status: 503 });
  await serve.line(/"a request failed"/);
  paths++;
});

test("a database that rejects a decision and repeats it", async () => {
  expect(await call("POST", "/v1/signals", event("go", "c-doomed"))).toMatchObject({ status: 202 });
  await serve.line(/"a wake failed"/);
  paths++;
});

test("a provider that hangs", async () => {
  around.hook.behave("hangs");
  const reached = around.hook.next();
  expect(await call("POST", "/v1/signals", event("go", "c-hangs"))).toMatchObject({ status: 202 });
  await reached;
});

async function outcomeOf(customerId: string): Promise<string> {
  const answer = await fetch(`${url}/v1/decisions?customer=${customerId}`, { headers: { authorization: `Bearer ${OPERATOR}` } });
  const { decisions } = (await answer.json()) as { decisions: { action: string; deliveries: { status: string }[] }[] };
  const last = decisions.at(-1);
  return last === undefined ? "" : [last.action, ...last.deliveries.map(({ status }) => status)].join(" ");
}
for (const [name, customerId, type, wanted, arrange] of wakes)
  test(name, async () => {
    arrange?.();
    expect(await call("POST", "/v1/signals", event(type, customerId))).toMatchObject({ status: 202 });
    let outcome = "";
    const isSettled = async () => {
      outcome = await outcomeOf(customerId);
      return outcome !== "" && !/reserved|sending/.test(outcome);
    };
    await until(isSettled, `what becomes of ${customerId}`);
    expect(outcome).toMatch(wanted);
    paths++;
  });

async function idIn(path: string, list: string, id: string): Promise<string> {
  const { text: answer } = await call("GET", path, undefined);
  const found = JSON.parse(answer.slice(answer.lastIndexOf(`{"${list}"`))) as Record<string, Record<string, string>[]>;
  return found[list]?.[0]?.[id] ?? "";
}
const onTask = async () => `/v1/tasks/${await idIn("/v1/tasks", "tasks", "taskId")}`;
const onApproval = async () => `/v1/approvals/${await idIn("/v1/approvals", "approvals", "approvalId")}`;
const onRun = async () => `/v1/runs/${await idIn("/v1/runs?customer=c-fails", "runs", "runId")}`;
const onLink = async () => /\/v1\/unsubscribe\/[\w.-]+/.exec(around.mail.taken[0]?.raw.replaceAll(/=?\r\n\s?/g, "") ?? "")?.[0] ?? "";

/**
 * What operators and customers do next; responses that show a task or an address return its contents.
 * What operators themselves write (`by`, `note`) is kept in the audit on purpose.
 */
const acts: readonly (readonly [
  name: string,
  method: string,
  path: () => Promise<string>,
  status: number,
  body?: object | undefined,
  gives?: true,
])[] = [
  ["a task is taken", "POST", async () => `${await onTask()}/claim`, 200, { by: "zoe" }, true],
  ["a task is taken from somebody", "POST", async () => `${await onTask()}/claim`, 409, { by: "kim" }],
  ["a task is done", "POST", async () => `${await onTask()}/done`, 200, { contacted: "call" }, true],
  ["an approval", "POST", async () => `${await onApproval()}/approve`, 200, {}],
  ["a run is judged again", "POST", async () => `${await onRun()}/retry`, 409, {}],
  ["a run is judged again in spite of it", "POST", async () => `${await onRun()}/retry`, 200, { force: true }],
  ["an address that was given up is lifted", "POST", async () => "/v1/customers/c-unknown/lift", 200, {}, true],
  ["two customers become one", "POST", async () => "/v1/customers/c-cut/merge", 200, { into: "c-closes" }],
  ["and two again", "POST", async () => "/v1/customers/c-cut/split", 200, {}],
  ["a customer is erased", "POST", async () => "/v1/customers/c-400/erase", 200, {}],
  ["a link for unsubscribing is opened", "GET", onLink, 200],
  ["a link for unsubscribing is used", "POST", onLink, 200],
  ["the audit is looked at", "GET", async () => "/v1/audit?limit=1000", 200],
  // Their purpose is to return content to an operator: its presence is no leak, and shows that it entered the system.
  ["a record", "GET", async () => "/v1/customers/c-takes", 200, undefined, true],
  ["an export", "POST", async () => "/v1/customers/c-takes/export", 200, {}, true],
  ["decisions", "GET", async () => "/v1/decisions?limit=1000", 200, undefined, true],
  ["runs", "GET", async () => "/v1/runs?limit=1000", 200, undefined, true],
  ["tasks", "GET", async () => "/v1/tasks?all=true", 200, undefined, true],
  ["approvals", "GET", async () => "/v1/approvals?all=true", 200, undefined, true],
  ["promises", "GET", async () => "/v1/promises?all=true", 200, undefined, true],
];
for (const [name, method, path, status, body, gives] of acts)
  test(name, async () => {
    const answer = await call(method, await path(), body);
    if (gives) given += answer.text;
    else said.answers += `\n${answer.text}`;
    expect(answer).toMatchObject({ status });
    paths++;
  });

/** Commands in a process of their own, as a user's are: those that load the workspace's tools, and one of each kind. The rest run here. */
const IN_OWN_PROCESS: readonly string[] = [
  "serve on a database that is not there",
  "serve on a data folder that another one owns",
  "a replay of signals that are none",
  "what is reachable",
  "a signal",
];

async function typed(name: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
  if (IN_OWN_PROCESS.includes(name)) {
    const one = startSentient(words, environment, around.dir);
    return { status: await one.ended, lines: one.lines };
  }
  const { code, out, err } = await sentientIn({ dir: around.dir }, words, environment);
  return { status: code, lines: [...out, ...err.split("\n")] };
}

describe("commands", () => {
  for (const [name, words, exit, more = {}] of commands)
    test(name, async () => {
      const ended = await typed(name, [...words, "--debug"], { ...around.environment, ...more });
      said["output of commands"] += `\n${ended.lines.join("\n")}`;
      expect(ended).toMatchObject({ status: exit });
      paths++;
    });
});

test("every canary was received", async () => {
  await until(async () => (await outcomeOf("c-hangs")) === "deliver uncertain", "the end of the hand-over that hangs");
  paths++;
  await until(async () => (await call("GET", "/v1/dead", undefined)).text.includes("c-doomed"), "a signal that is given up");
  // The cause of a dead letter is for the person who investigates it: the error is stored with the signal, unredacted, and
  // nowhere else.
  given += (await call("GET", "/v1/dead", undefined)).text;
  paths++;
  for (const customerId of ["c-9", "c-act"]) given += (await call("POST", `/v1/customers/${customerId}/export`, {})).text;
  const { hook, sms, mail, model } = around;
  const outside = [
    ...hook.taken.map(({ url: target, headers }) => `${target} ${headers["x-key"]}`),
    ...sms.taken.map(
      ({ headers, body }) => `${atob(headers.authorization?.slice("Basic ".length) ?? "")} ${decodeURIComponent(`${body}`)}`,
    ),
    ...mail.taken.map(({ to }) => to.join()),
    ...model.requests.map(({ user }) => user),
  ].join("\n");
  // The rest is output of stand-ins: they accept a mail only with the password, and have answered their requests.
  const { userinfo, cause, providerEcho, modelError, mailPassword, ...ours } = CANARY;
  expect(Object.values(ours).filter((canary) => !`${given} ${outside}`.includes(canary))).toEqual([]);
  expect([sms.taken.length > 0, mail.taken.length > 0, model.requests.length >= 5]).toEqual([true, true, true]);
  expect(model.requests.some(({ authorization }) => authorization?.includes(CANARY.envKey))).toBe(true);
  expect(given.includes("break_off")).toBe(true);
});

test("and none is in logs, traces, metrics, errors or the audit", async () => {
  said["metrics"] = (await call("GET", "/metrics", undefined)).text;
  serve.kill("SIGTERM");
  expect(await serve.ended).toBe(0);
  await withRows(async (rows) => {
    said["audit in the database"] = await rows("select * from audit");
    said["reasons of deliveries"] = await rows("select status, reason from deliveries");
  });
  said["output of the service"] = serve.lines.join("\n");
  said["traces"] = around.collector.bodies.join("\n");
  const hits = Object.entries(said).flatMap(([where, words]) =>
    Object.entries({ ...CANARY, HOOK_SECRET_PART }).flatMap(([what, canary]) => (words.includes(canary) ? [`${what} in ${where}`] : [])),
  );
  expect(hits).toEqual([]);
  const { envKey, header, userinfo, mailPassword, providerEcho, cause } = CANARY;
  expect(
    [envKey, header, userinfo, mailPassword, providerEcho, cause, HOOK_SECRET_PART].filter((secret) => given.includes(secret)),
  ).toEqual([]);
  expect(paths).toBeGreaterThanOrEqual(40);
  // Everything was captured: each place where a canary could occur has content.
  expect(around.collector.spans.length).toBeGreaterThan(100);
  expect(said).toMatchObject({
    "output of the service": expect.stringMatching(/"a request failed".*"a wake is given up".*"stopped"/s),
    "output of commands": expect.stringMatching(/PostgreSQL at postgres:\/\/ann@127.*caused by: /s),
    answers: expect.stringContaining("urn:sentient:error:BAD_INPUT"),
    metrics: expect.stringContaining("sentient_http_requests_total"),
    "audit in the database": expect.stringContaining("customers.imported"),
    "reasons of deliveries": expect.stringContaining("uncertain"),
  });
});
