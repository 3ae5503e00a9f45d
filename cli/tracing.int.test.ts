import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import { type Started, startSentient } from "../testing/process.ts";
import { type FakeOpenAi, openFakeOpenAi } from "../testing/providers/fake-openai.ts";
import { type Received, startHttpProvider, type TestProvider } from "../testing/providers/http-provider.ts";
import { type OtlpReceiver, openOtlpReceiver, type ReceivedSpan } from "../testing/providers/otlp-receiver.ts";
import { type Engine, engines, OPERATOR_KEY, type Place, until, WRITE_KEY } from "../testing/service.ts";
import { sendMessage } from "../tools/send-message.ts";

/** Contents that no span may have: a name, an address, a customer's text, our text, keys. */
const CANARIES = ["Zanzibara", "zanzi@example.com", "my secret wish", "Warmly yours", "token-of-the-collector", "model-key", WRITE_KEY];

const FILES = {
  "sentient.yaml": `
version: 1
name: Test
timezone: UTC
channels:
  hook: {kind: webhook, url: "\${HOOK_URL}", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw, allowPrivate: true, address: none}
moments:
  wants: {on: go, expires: 30d}
  quiet: {absent: {signal: go, for: 1s}, expires: 1d}
model: {baseUrl: "\${OPENAI_BASE_URL}", name: small}
`,
  "experiences/judged.yaml": `
id: judged
serves: [wants]
status: approved
judge: The customer has a name.
channels: {hook: {payload: {text: "Warmly yours, {{ customer.firstName }}"}}}
`,
  "experiences/later.yaml": "id: later\nserves: [quiet]\nstatus: approved\nchannels: {hook: {payload: {text: Later}}}\n",
  "customers.jsonl": `${JSON.stringify({ id: "ann", traits: { firstName: "Zanzibara", email: "zanzi@example.com" } })}\n`,
};

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;
const PRODUCER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

let dir = "";
let collector: OtlpReceiver;
let model: FakeOpenAi;
let provider: TestProvider<Received>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sentient-tracing-"));
  mkdirSync(join(dir, "experiences"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, name), text);
  collector = await openOtlpReceiver();
  provider = await startHttpProvider({ status: 200, body: "{}" });
  model = await openFakeOpenAi(() => ({
    value: { verdicts: [{ criterion: "c1", verdict: "met", reason: "there is one", evidence: ["customer.openCases"] }] },
  }));
});
afterAll(async () => {
  await Promise.all([collector.close(), model.close(), provider.close()]);
  rmSync(dir, { recursive: true, force: true });
});

interface Running {
  readonly url: string;
  readonly writeKey: string;
  readonly operatorKey: string;
  readonly processes: readonly Started[];
}

const environmentOf = (place: Place): Record<string, string> => ({
  ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
  ...(place.redisUrl === undefined ? {} : { REDIS_URL: place.redisUrl }),
  SENTIENT_WRITE_KEYS: WRITE_KEY,
  SENTIENT_OPERATOR_KEYS: OPERATOR_KEY,
  HOOK_URL: provider.url,
  OPENAI_BASE_URL: model.url,
  OPENAI_API_KEY: "model-key",
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=token-of-the-collector",
  OTEL_SERVICE_NAME: "northwind",
  OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  OTEL_BSP_SCHEDULE_DELAY: "100",
});

/** `dev` without a server; `serve` and a `worker` with one. */
async function begin(engine: Engine, place: Place): Promise<Running> {
  const environment = environmentOf(place);
  if (engine.name === "embedded") {
    const dev = startSentient(["dev", "--port", "0", "--json"], environment, dir);
    const [line] = await dev.line(/^\{"url".*/);
    const { url = "", writeKey = "", operatorKey = "" } = JSON.parse(line) as Record<string, string>;
    return { url, writeKey, operatorKey, processes: [dev] };
  }
  const serve = startSentient(["serve", "--port", "0", "--json"], environment, dir);
  const [line] = await serve.line(/^\{"url".*/);
  const worker = startSentient(["worker"], environment, dir);
  await worker.line(/"working"/);
  return { url: (JSON.parse(line) as { url: string }).url, writeKey: WRITE_KEY, operatorKey: OPERATOR_KEY, processes: [serve, worker] };
}

const send = ({ url, writeKey }: Running, id: string, more: object = {}, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/signals`, {
    method: "POST",
    headers: { authorization: `Bearer ${writeKey}`, "content-type": "application/cloudevents+json", ...headers },
    body: JSON.stringify({ specversion: "1.0", id, source: "web", type: "go", subject: "ann", data: { wish: "my secret wish" }, ...more }),
  });

const parentIdOf = (traceparent: string | undefined): string | undefined => traceparent?.split("-")[2];

describe.each(engines)("on $name", (engine) => {
  let place: Place | undefined;
  let running: Running | undefined;
  let from = 0;
  const spans = (name: string | RegExp): ReceivedSpan[] =>
    collector.spans.slice(from).filter((one) => (typeof name === "string" ? one.name === name : name.test(one.name)));

  beforeAll(async () => {
    from = collector.spans.length;
    place = await engine.place();
    running = await begin(engine, place);
  });
  afterAll(async () => {
    for (const one of running?.processes ?? []) one.kill("SIGKILL");
    await Promise.all((running?.processes ?? []).map(({ ended }) => ended));
    await place?.remove();
  });
  const it = (): Running => {
    if (!running) throw new Error("nothing runs");
    return running;
  };

  test("a request, its decision, model calls and deliveries are one trace, without content", async () => {
    expect((await send(it(), "s-1", {}, { traceparent: CALLER })).status).toBe(202);
    await until(() => spans("execute_tool send_message").length > 0, "the delivery's span");
    await until(() => spans("POST").length > 0, "the request's span");
    const [server] = spans("POST /v1/signals");
    const [decided] = spans("decide");
    const [asked] = spans("chat small");
    const [sent] = spans("execute_tool send_message");
    const [posted] = spans("POST");
    expect([server, decided, asked, sent, posted].map((one) => one?.traceId)).toEqual([TRACE, TRACE, TRACE, TRACE, TRACE]);
    expect(server?.parentSpanId).toBe(parentIdOf(CALLER));
    expect(decided?.parentSpanId).toBe(server?.spanId);
    expect(asked?.parentSpanId).toBe(decided?.spanId);
    expect(sent?.parentSpanId).toBe(decided?.spanId);
    expect(posted?.parentSpanId).toBe(sent?.spanId);
    expect(server?.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.route": "/v1/signals",
      "http.response.status_code": 202,
    });
    expect(decided?.attributes).toMatchObject({
      "sentient.action": "deliver",
      "sentient.experience.id": "judged",
      "sentient.written": true,
    });
    expect(asked?.attributes).toMatchObject({
      ...{ "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "small" },
      ...{ "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20 },
    });
    expect(sent?.attributes).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "send_message",
      "gen_ai.tool.description": sendMessage.description,
      "sentient.outcome": "sent",
    });
    expect(sent?.resource).toMatchObject({ "service.name": "northwind", "deployment.environment.name": "test" });
    expect(collector.headers().authorization).toBe("token-of-the-collector");
    const headers = { authorization: `Bearer ${it().operatorKey}` };
    const run = await (await fetch(`${it().url}/v1/runs/${decided?.attributes["sentient.run.id"]}`, { headers })).json();
    expect(run).toMatchObject({ traceId: TRACE, wake: { kind: "signal", type: "go" } });
    expect(Object.keys((run as { wake: object }).wake)).not.toContain("traceId");
  });

  test("outgoing calls carry the trace context", () => {
    expect(parentIdOf(model.requests.at(-1)?.traceparent)).toBe(spans("chat small")[0]?.spanId);
    expect(provider.taken.map(({ headers }) => parentIdOf(headers.traceparent))).toContain(spans("POST")[0]?.spanId);
  });

  test("a batch is linked to its causes, and agent spans carry the agents' names", async () => {
    await until(() => spans("decide batch").length > 0, "the batch");
    const [batch] = spans("decide batch");
    expect(batch?.traceId).not.toBe(TRACE);
    expect(batch?.links).toEqual([{ traceId: TRACE, spanId: spans("POST /v1/signals")[0]?.spanId }]);
    const agents = spans(/^invoke_agent /).filter(({ traceId }) => traceId === batch?.traceId);
    expect(agents.map(({ attributes }) => attributes["gen_ai.agent.name"])).toEqual(
      expect.arrayContaining(["signal-interpreter", "eligibility-judge", "content-generator", "channel-executor"]),
    );
    const judge = agents.find(({ attributes }) => attributes["gen_ai.agent.name"] === eligibilityJudge.name);
    expect(judge?.attributes["gen_ai.agent.description"]).toBe(eligibilityJudge.purpose);
    expect(agents.every(({ parentSpanId }) => parentSpanId === batch?.spanId)).toBe(true);
  });

  test("a timer begins its own trace, linked to its cause", async () => {
    await until(() => spans("decide").some(({ attributes }) => attributes["sentient.experience.id"] === "later"), "the timer's decision");
    const timer = spans("decide").find(({ attributes }) => attributes["sentient.experience.id"] === "later");
    expect(timer?.attributes["sentient.wake"]).toBe("timer");
    expect(timer?.parentSpanId ?? "").toBe("");
    expect(timer?.links).toContainEqual({ traceId: TRACE, spanId: spans("decide")[0]?.spanId });
  });

  test("an event with its own trace context joins that trace, and is the same event when received again by another path", async () => {
    expect((await send(it(), "s-2", { traceparent: PRODUCER })).status).toBe(202);
    const again = await send(it(), "s-2", { traceparent: CALLER });
    expect(await again.json()).toMatchObject({ duplicates: 1, rejected: [] });
    const own = (): ReceivedSpan | undefined => spans("decide").find(({ traceId }) => PRODUCER.includes(traceId));
    await until(() => own() !== undefined, "the decision in the producer's trace");
    expect(own()?.parentSpanId).toBe(parentIdOf(PRODUCER));
    const servers = spans("POST /v1/signals").map(({ traceId, spanId }) => ({ traceId, spanId }));
    expect(servers).toContainEqual(own()?.links[0]);
  });

  test("without a key an incoming trace context is ignored", async () => {
    const { url } = it();
    const refused = await fetch(`${url}/v1/decisions`, { headers: { traceparent: CALLER, authorization: "Bearer wrong" } });
    expect(refused.status).toBe(401);
    await until(() => spans("GET /v1/decisions").length > 0, "the refusal");
    expect(spans("GET /v1/decisions")[0]?.traceId).not.toBe(TRACE);
  });

  test("no export or log contains customer text, an address, or a key", async () => {
    for (const one of it().processes) one.kill("SIGTERM");
    const ended = await Promise.all(it().processes.map((one) => one.ended));
    expect(ended).toEqual(ended.map(() => 0));
    const exported = [
      ...collector.bodies,
      ...it().processes.flatMap(({ lines }) => lines.filter((line) => line.startsWith('{"time"'))),
    ].join("\n");
    expect(exported).toContain("decide batch");
    expect(CANARIES.filter((canary) => exported.includes(canary))).toEqual([]);
    expect(provider.taken.some(({ body }) => body.toString().includes("Warmly yours, Zanzibara"))).toBe(true);
  });
});

test("invalid tracing variables are reported before any work starts", async () => {
  const dev = startSentient(["dev"], { OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere", OTEL_TRACES_SAMPLER: "some" }, dir);
  expect(await dev.ended).toBe(2);
  expect(dev.lines.join("\n")).toMatch(/OTEL_EXPORTER_OTLP_ENDPOINT: expected .*OTEL_TRACES_SAMPLER: /);
});
