import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService, until, WRITE_KEY } from "../testing/service.ts";
import { type Listening, listen } from "./listen.ts";

let running: TestService | undefined;
let listening: Listening | undefined;
const lines: string[] = [];
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};

beforeAll(async () => {
  const log = createLog((line) => lines.push(line), Date.now);
  running = await openTestService(policyOf("moments: {m: {on: go, expires: 30d}}"), { remove: async () => {} }, { log });
  listening = await listen(running.app, { host: "127.0.0.1", port: 0, requestMs: 1_000 });
});
afterAll(async () => {
  await listening?.close();
  await running?.close();
});
beforeEach(() => {
  lines.length = 0;
});

const errors = (): string[] => lines.filter((line) => line.includes('"level":"error"'));
const ROUTES = [
  ["/v1/signals", WRITE_KEY],
  ["/v1/batch", WRITE_KEY],
  ["/v1/customers", OPERATOR_KEY],
  ["/v1/pause", OPERATOR_KEY],
] as const;
const EVENT = '{"specversion":"1.0","id":"1","source":"web","type":"go","subject":"ann"}';
const BODIES: readonly (readonly [string, Record<string, string>, Uint8Array<ArrayBuffer>])[] = [
  ["gzip cut short", { "content-encoding": "gzip" }, new Uint8Array(gzipSync(EVENT).subarray(0, 20))],
  ["gzip with a wrong sum", { "content-encoding": "gzip" }, withWrongSum(gzipSync(EVENT))],
  ["what is no gzip", { "content-encoding": "gzip" }, new TextEncoder().encode(EVENT)],
  ["what is no deflate", { "content-encoding": "deflate" }, new TextEncoder().encode(EVENT)],
  ["what is no brotli", { "content-encoding": "br" }, new TextEncoder().encode(EVENT)],
  ["an encoding that nobody knows", { "content-encoding": "zstd" }, new TextEncoder().encode(EVENT)],
  ["what is not UTF-8", {}, new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
  ["half a sign", {}, new Uint8Array([0x22, 0xf0, 0x9f])],
  ["no JSON", {}, new TextEncoder().encode("{")],
];

test.each(ROUTES.flatMap(([path, key]) => BODIES.map(([what, headers, body]) => [path, what, key, headers, body] as const)))(
  "weak: on %s, %s is the client's error, and not logged as ours",
  async (path, _, key, headers, body) => {
    const response = await fetch(`${listening?.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body,
    });
    // A line of golden records that is no JSON is reported as a problem of that line.
    expect(response.status === 400 || (path === "/v1/customers" && response.status === 200)).toBe(true);
    expect(errors()).toEqual([]);
  },
);

test.each([
  ["with a length", "content-length: 1000\r\n\r\n{"],
  ["in pieces", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"],
  ["in pieces that are none", "transfer-encoding: chunked\r\n\r\nzz\r\n"],
])("weak: a client that hangs up in the middle of a body %s is not logged as our error", async (_, rest) => {
  const before = await requests();
  for (const [path, key] of ROUTES)
    await hangUp(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n${rest}`,
    );
  await until(async () => (await requests()) >= before + ROUTES.length, "an end of every request");
  expect(errors()).toEqual([]);
});

/** Requests whose end this process has counted. */
async function requests(): Promise<number> {
  const text = await on().service.metrics.text();
  return [...text.matchAll(/^sentient_http_requests_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

function withWrongSum(packed: Buffer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packed);
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 0xff;
  return bytes;
}

/** Disconnects as soon as the server has read the request's head and asks for the rest. */
function hangUp(text: string): Promise<void> {
  const { port } = new URL(listening?.url ?? "");
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
    socket.once("data", () => socket.destroy());
    socket.on("error", () => {}).on("close", () => resolve());
  });
}
