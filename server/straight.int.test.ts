import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { openTestService, PLAIN_KEY, SITE, type TestService, WRITE_KEY } from "../testing/service.ts";
import { type Listening, listen } from "./listen.ts";

// What machines post goes straight from the socket to its route. The same requests through the web framework get the same answers.

const policy = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", [
  "serves: [m]\nchannels: {box: {text: Hello}}",
]);

let running: TestService | undefined;
let straight: Listening | undefined;
let framework: Listening | undefined;
/** Requests that were taken straight. */
let taken = 0;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};

beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} }, { concurrency: 0 });
  const { app } = running;
  const counting: typeof app.straight = (...given) => {
    const isTaken = app.straight(...given);
    if (isTaken) taken++;
    return isTaken;
  };
  straight = await listen({ fetch: app.fetch, straight: counting }, { host: "127.0.0.1", port: 0 });
  framework = await listen({ fetch: app.fetch }, { host: "127.0.0.1", port: 0 });
  await running.post("/v1/signals", JSON.parse(event({ id: "again" })));
});
afterAll(async () => {
  await straight?.close();
  await framework?.close();
  await running?.close();
});

interface Wire {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Sends the bytes of one request on a connection of its own, and reads until the server closes it. */
async function exchange(to: Listening | undefined, request: Uint8Array): Promise<string> {
  const { port, hostname } = new URL(to?.url ?? "");
  const socket = connect(Number(port), hostname).on("error", () => {});
  let heard = "";
  socket.on("data", (data) => {
    heard += data;
  });
  const ended = once(socket, "close");
  socket.write(request);
  await ended;
  return heard;
}

/** The answer without what differs by the clock, and by how the length of a body is told. */
function read(heard: string): Wire {
  const [head = "", ...body] = heard.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "").split("\r\n\r\n");
  const [line = "", ...headers] = head.split("\r\n");
  const kept = headers.map((one) => one.replace(/^[^:]+/, (name) => name.toLowerCase())).filter((one) => !one.startsWith("date:"));
  return { status: Number(line.split(" ")[1]), headers: kept.sort(), body: body.join("\r\n\r\n") };
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly version?: string;
  /** Added to those of an ordinary request, and taken from them where undefined. */
  readonly headers?: Headers;
  /** With ID in it for a fresh one. */
  readonly body?: string | Uint8Array | ((id: string) => Uint8Array);
  /** Whether the body goes in chunks, without a declared length. */
  readonly isChunked?: boolean;
}

const ORDINARY: Headers = {
  host: "server.example",
  authorization: `Bearer ${WRITE_KEY}`,
  "content-type": "application/cloudevents+json",
  connection: "close",
};

function bytesOf(
  { method = "POST", path = "/v1/signals", version = "1.1", headers = {}, body = "", isChunked = false }: Request,
  id = "ID",
): Buffer {
  const content = Buffer.from(typeof body === "string" ? body.replaceAll("ID", id) : typeof body === "function" ? body(id) : body);
  const length = isChunked ? { "transfer-encoding": "chunked" } : { "content-length": String(content.length) };
  const lines = Object.entries({ ...ORDINARY, ...length, ...headers }).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one.replace("ID", id)}\r\n`),
  );
  const parts = isChunked ? [`${content.length.toString(16)}\r\n`, content, "\r\n0\r\n\r\n"] : [content];
  return Buffer.concat([`${method} ${path} HTTP/${version}\r\n${lines.join("")}\r\n`, ...parts].map((part) => Buffer.from(part)));
}

/** The answer of each way, with a fresh id for each where the text says ID. */
async function bothWays(request: Request): Promise<{ short: Wire; long: Wire; wasStraight: boolean }> {
  const given = async (to: Listening | undefined): Promise<Wire> => {
    const id = randomUUID();
    return read((await exchange(to, bytesOf(request, id))).replaceAll(id, "ID"));
  };
  const before = taken;
  const short = await given(straight);
  const wasStraight = taken > before;
  return { short, long: await given(framework), wasStraight };
}

const event = (more: object = {}): string =>
  JSON.stringify({ specversion: "1.0", id: "ID", source: "web", type: "go", subject: "ann", data: { n: 1 }, ...more });
const BINARY: Headers = {
  "content-type": "application/json",
  "ce-specversion": "1.0",
  "ce-id": "ID",
  "ce-source": "web",
  "ce-type": "go",
  "ce-subject": "%C3%A9ve",
};
const JSON_TYPE = { "content-type": "application/json" };
const BATCH = { "content-type": "application/cloudevents-batch+json" };
const gone = (name: string): Headers => ({ [name]: undefined });

test.each<[what: string, status: number, request: Request]>([
  ["one event", 202, { body: event() }],
  ["one event in chunks", 202, { body: event(), isChunked: true }],
  ["one event as plain JSON", 202, { body: event(), headers: JSON_TYPE }],
  ["one event without a content type", 202, { body: event(), headers: gone("content-type") }],
  ["one event whose sender waits to go on", 202, { body: event(), headers: { expect: "100-continue" } }],
  ["one event with a trace", 202, { body: event(), headers: { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` } }],
  ["one event, and one of its headers twice", 202, { body: event(), headers: { traceparent: ["x", "y"] } }],
  ["one event of HTTP/1.0", 202, { body: event(), version: "1.0" }],
  ["an event that was sent before", 202, { body: event({ id: "again" }) }],
  ["an event with another body than before", 400, { body: event({ id: "again", data: { n: 2 } }) }],
  ["an event in another language", 202, { body: event({ data: { n: "ばら 🌹" } }) }],
  ["an event after a byte order mark", 202, { body: `\uFEFF${event()}` }],
  ["a batch of two", 202, { body: `[${event()},${event({ id: "ID-2" })}]`, headers: BATCH }],
  ["a batch with a wrong one, as plain JSON", 202, { body: `[${event()},{"id":1}]`, headers: JSON_TYPE }],
  ["a batch of wrong ones", 400, { body: '[{"id":1},{"id":2}]', headers: BATCH }],
  ["an empty batch", 400, { body: "[]", headers: BATCH }],
  ["a batch that is none", 400, { body: event(), headers: BATCH }],
  ["an event by headers", 202, { body: "{}", headers: BINARY }],
  ["an event by headers alone", 202, { headers: BINARY }],
  ["an event by headers that are no attributes", 400, { body: "{}", headers: { ...BINARY, "ce-data": "{}" } }],
  ["an event by headers, one of them twice", 202, { body: "{}", headers: { ...BINARY, "ce-more": ["a", "b"] } }],
  ["an event by headers, with data that is not read", 400, { body: "<a/>", headers: { ...BINARY, "content-type": "text/xml" } }],
  ["no body", 400, {}],
  ["no JSON", 400, { body: "{" }],
  ["no event", 400, { body: "{}" }],
  ["an event without a customer", 400, { body: event({ subject: undefined }) }],
  ["a field twice", 400, { body: '{"a":1,"a":2}' }],
  ["an event ahead of time", 400, { body: event({ time: "2090-01-01T00:00:00Z" }) }],
  ["an event in the name of operators", 400, { body: event({ source: "sentient" }) }],
  ["an event that is too large", 413, { body: event({ data: { n: "x".repeat(33_000) } }) }],
  ["a body that is too large", 413, { body: "x".repeat(600_000) }],
  ["a body in chunks that is too large", 413, { body: "x".repeat(600_000), isChunked: true }],
  ["gzip", 202, { body: (id) => gzipSync(event({ id })), headers: { "content-encoding": "gzip" } }],
  ["brotli", 202, { body: (id) => brotliCompressSync(event({ id })), headers: { "content-encoding": "BR" } }],
  ["no gzip", 400, { body: event(), headers: { "content-encoding": "gzip" } }],
  ["gzip of too much", 413, { body: gzipSync("x".repeat(600_000)), headers: { "content-encoding": "gzip" } }],
  ["another encoding", 400, { body: event(), headers: { "content-encoding": "compress" } }],
  ["another charset", 400, { body: event({ data: { n: "é" } }), headers: { "content-type": "application/json; charset=latin1" } }],
  ["bytes that are not UTF-8", 400, { body: Buffer.from(event({ data: { n: "é" } }), "latin1") }],
  ["UTF-16", 400, { body: Buffer.from(event(), "utf16le") }],
  ["no key", 401, { body: event(), headers: gone("authorization") }],
  ["no key and too much", 401, { body: "x".repeat(600_000), headers: gone("authorization") }],
  ["a wrong key", 401, { body: event(), headers: { authorization: "Bearer wrong" } }],
  ["two keys", 401, { body: event(), headers: { authorization: [`Bearer ${WRITE_KEY}`, `Bearer ${WRITE_KEY}`] } }],
  ["a key as user name", 202, { body: event(), headers: { authorization: `Basic ${Buffer.from(`${WRITE_KEY}:`).toString("base64")}` } }],
  ["a key without the right", 403, { body: event({ type: "delivery.opened" }), headers: { authorization: `Bearer ${PLAIN_KEY}` } }],
  ["a call of Segment", 202, { path: "/v1/track", body: '{"messageId":"ID","userId":"ann","event":"go"}', headers: JSON_TYPE }],
  ["a batch of Segment", 202, { path: "/v1/batch", body: '{"batch":[{"type":"track","messageId":"ID","userId":"ann","event":"go"}]}' }],
  ["a wrong batch of Segment", 400, { path: "/v1/batch", body: "{}" }],
  ["a receipt of nothing", 404, { path: "/v1/receipts", body: '{"deliveryId":"none","kind":"opened"}', headers: JSON_TYPE }],
  ["a wrong receipt", 400, { path: "/v1/receipts", body: '{"kind":"read"}', headers: JSON_TYPE }],
  [
    "a receipt of a page",
    404,
    {
      path: "/v1/receipts",
      body: '{"deliveryId":"none","kind":"opened"}',
      headers: { authorization: `Bearer ${SITE.key}`, origin: SITE.origins[0] },
    },
  ],
  [
    "a receipt of a foreign page",
    403,
    { path: "/v1/receipts", body: "{}", headers: { authorization: `Bearer ${SITE.key}`, origin: "https://other.example" } },
  ],
  ["an ask of a channel that is none", 404, { path: "/v1/next", body: '{"customer":"ann","channel":"none"}', headers: JSON_TYPE }],
  ["an ask without the right", 403, { path: "/v1/next", body: "{}", headers: { authorization: `Bearer ${PLAIN_KEY}` } }],
])("%s is answered alike both ways, and straight", async (_what, status, request) => {
  const { short, long, wasStraight } = await bothWays(request);
  expect(short).toEqual(long);
  expect([short.status, wasStraight]).toEqual([status, true]);
});

test.each<[what: string, status: number, request: Request]>([
  ["another method", 404, { method: "PUT", body: event() }],
  ["a reading of signals", 404, { method: "GET", headers: gone("content-length") }],
  ["a HEAD", 404, { method: "HEAD", headers: gone("content-length") }],
  ["a preflight", 204, { method: "OPTIONS", path: "/v1/next", headers: { origin: SITE.origins[0] } }],
  ["a query", 202, { path: "/v1/signals?a=1", body: event() }],
  ["a query that is no text", 400, { path: "/v1/signals?a=%ff", body: event() }],
  ["a path in other letters", 202, { path: "/v1/%73ignals", body: event() }],
  ["a path with a slash more", 404, { path: "/v1/signals/", body: event() }],
  ["a whole address", 202, { path: "http://server.example/v1/signals", body: event() }],
  ["a host in brackets", 202, { headers: { host: "[::1]:8080" }, body: event() }],
  ["a host that is none", 400, { headers: { host: "a b" }, body: event() }],
  ["no host, of HTTP/1.0", 400, { headers: gone("host"), version: "1.0", body: event() }],
])("%s is left to the web framework, whichever way is there", async (_what, status, request) => {
  const { short, long, wasStraight } = await bothWays(request);
  expect(short).toEqual(long);
  expect([short.status, wasStraight]).toEqual([status, false]);
});

test("an answer says what browsers and caches must not do with it", async () => {
  const { short } = await bothWays({ body: event() });
  expect(short).toEqual({
    status: 202,
    headers: [
      "cache-control: no-store",
      "connection: close",
      "content-length: 43",
      "content-type: application/json",
      "x-content-type-options: nosniff",
    ],
    body: '{"accepted":1,"duplicates":0,"rejected":[]}',
  });
});

const metric = async (name: string): Promise<number> => {
  const text = await (await on().app.request("/metrics")).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1) ?? 0,
  );
};

test("requests one after the other on one connection are answered in their order, also where one is refused unread", async () => {
  const kept = { connection: undefined };
  const many = Buffer.concat([
    bytesOf({ body: event({ id: "p-1" }), headers: kept }),
    bytesOf({ body: "x".repeat(100_000), headers: { ...kept, authorization: "Bearer wrong" } }),
    bytesOf({ body: "x".repeat(600_000), headers: kept }),
    bytesOf({ body: "x".repeat(600_000), headers: kept, isChunked: true }),
    bytesOf({ path: "/healthz", method: "GET", headers: { ...kept, "content-length": undefined } }),
    bytesOf({ body: event({ id: "p-2" }) }),
  ]);
  const statusesOf = (heard: string): string[] => heard.match(/(?<=HTTP\/1\.1 )\d+/g) ?? [];
  expect(statusesOf(await exchange(straight, many))).toEqual(["202", "401", "413", "413", "200", "202"]);
  expect(statusesOf(await exchange(framework, many))).toEqual(["202", "401", "413", "413", "200", "202"]);
});

test("a request that is cut off is none: it is counted as refused, and nothing of it is kept", async () => {
  for (const to of [straight, framework]) {
    const refusals = 'sentient_http_requests_total{route="/v1/signals",status="400"}';
    const before = [await metric(refusals), await on().rows("select id from inbox where id = 'cut-off'")];
    const { port, hostname } = new URL(to?.url ?? "");
    const socket = connect(Number(port), hostname);
    const bytes = bytesOf({ body: event({ id: "cut-off" }) });
    socket.write(bytes.subarray(0, bytes.length - 10));
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await expect.poll(() => metric(refusals)).toBe((before[0] as number) + 1);
    expect(await on().rows("select id from inbox where id = 'cut-off'")).toEqual([]);
  }
});

test("a signal is kept also when its sender does not wait for the answer", async () => {
  for (const [id, to] of [
    ["left-1", straight],
    ["left-2", framework],
  ] as const) {
    const { port, hostname } = new URL(to?.url ?? "");
    const socket = connect(Number(port), hostname);
    socket.end(bytesOf({ body: event({ id }) }));
    await expect.poll(() => on().rows("select id from inbox where id = $1", [id])).toEqual([{ id }]);
    socket.destroy();
  }
});

test("who guesses keys is slowed down, whichever way he comes", async () => {
  const guess = async (to: Listening | undefined): Promise<Wire> =>
    read(await exchange(to, bytesOf({ body: event(), headers: { authorization: `Bearer ${randomUUID()}` } })));
  const refused = await metric("sentient_keys_refused_total");
  const statuses: number[] = [];
  for (let n = 0; n < 24; n++) statuses.push((await guess(n % 2 === 0 ? straight : framework)).status);
  expect(statuses.slice(-2)).toEqual([429, 429]);
  expect(await metric("sentient_keys_refused_total")).toBe(refused + 24);
  const [one, other] = [await guess(straight), await guess(framework)];
  expect(one).toEqual(other);
  expect(one.headers).toContain("retry-after: 60");
  // A request with a right key is not limited.
  expect((await bothWays({ body: event() })).short.status).toBe(202);
});
