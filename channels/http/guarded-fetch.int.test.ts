import type { lookup } from "node:dns";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { afterAll, expect, test } from "vitest";
import { type Behaviour, startHttpProvider } from "../../testing/providers/http-provider.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";

const local = await startHttpProvider({ status: 200, body: "secret" });
afterAll(() => local.close());

test.each([
  "https://127.0.0.1",
  "https://127.1",
  "https://0",
  "https://0x7f000001",
  "https://2130706433",
  "https://0177.0.0.1",
  "https://localhost",
  "https://LOCALHOST",
  "https://[::1]",
  "https://[::]",
  "https://[::ffff:127.0.0.1]",
  "https://[::ffff:7f00:1]",
  "https://[64:ff9b::7f00:1]",
  "https://[2002:7f00:1::]",
  "https://[fe80::1]",
  "https://[fc00::1]",
  "https://169.254.169.254/latest/meta-data",
  "https://100.64.0.1",
  "https://10.0.0.1",
  "https://172.16.0.1",
  "https://192.168.1.1",
  "https://224.0.0.1",
  "https://255.255.255.255",
  "https://user:password@example.com",
  "https://example.com@127.0.0.1",
  "https://127.0.0.1#@example.com",
  "http://127.0.0.1",
  "http://169.254.169.254/latest/meta-data",
  "http://example.com",
  "file:///etc/passwd",
  "gopher://example.com",
  "unix:/var/run/docker.sock",
  "//example.com",
  "",
])("%s is not reached", async (url) => {
  const request = createGuardedFetch({ timeoutMs: 5_000 });
  await expect(request({ method: "GET", url })).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringMatching(/^refused to connect/),
  });
});

test("a name of this machine that not every machine has is not reached either", async () => {
  const request = createGuardedFetch({ timeoutMs: 5_000 });
  const code = expect.stringMatching(/^(BAD_INPUT|UPSTREAM_FAILED)$/);
  for (const host of ["localhost.", "ip6-localhost", "metadata.google.internal"]) {
    await expect(request({ method: "GET", url: `https://${host}` })).rejects.toMatchObject({ code });
  }
});

test("the port, the path and the fragment do not change the address check", async () => {
  const request = createGuardedFetch({ timeoutMs: 5_000 });
  for (const rest of [":25", ":5432", ":6379/x", "/#@example.com", "/?example.com", "/\r\nHost: example.com"]) {
    await expect(request({ method: "POST", url: `https://127.0.0.1${rest}`, body: "x" })).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
});

test.each([
  ["two addresses, one of them inside", [["8.8.8.8", "10.0.0.1"]]],
  ["an address inside, written as IPv6", [["::ffff:127.0.0.1"]]],
  ["the address of the cloud's own data", [["169.254.169.254"]]],
  ["an address inside at the second look", [["8.8.8.8"], ["127.0.0.1"]]],
])("a name with %s is not connected to", async (_, answers) => {
  const asked: string[] = [];
  const resolveName = ((name: string, _options: unknown, callback: (error: null, addresses: object[]) => void) => {
    asked.push(name);
    const addresses = answers[asked.length - 1] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  }) as unknown as typeof lookup; // Of its many overloads only this one is used.
  const request = createGuardedFetch({ timeoutMs: 500, resolveName });
  const outcomes = [];
  // Each connection is looked up anew, and uses the address that was checked.
  for (const _look of answers) outcomes.push(await request({ method: "GET", url: "https://rebinding.example/" }).catch((error) => error));
  expect(outcomes.at(-1)).toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("is not a public address") });
  expect(asked).toHaveLength(answers.length);
});

test("with a list of hosts only those are reached, each with its own subdomains", async () => {
  const request = createGuardedFetch({ allowedHosts: ["api.example.com", "*.example.org"], timeoutMs: 5_000 });
  for (const host of ["example.com", "xapi.example.com", "api.example.com.evil.example", "example.org", "evilexample.org"]) {
    await expect(request({ method: "GET", url: `https://${host}/` })).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
});

test("a redirect is not followed", async () => {
  const visits: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    visits.push(url);
    response.writeHead(302, { location: "/inside" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 60_000 });
  const { status } = await request({ method: "GET", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  expect({ status, visits }).toEqual({ status: 302, visits: ["/"] });
  server.closeAllConnections();
  server.close();
});

test("a header value cannot inject a second header", async () => {
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 60_000 });
  const before = local.taken.length;
  await expect(request({ method: "POST", url: local.url, headers: { a: "b\r\nc: d" } })).rejects.toThrow();
  expect(local.taken.length).toBe(before);
});

test.each<[Behaviour, string]>([
  ["hangs", "OUTCOME_UNKNOWN"],
  ["closes", "OUTCOME_UNKNOWN"],
  ["garbage", "OUTCOME_UNKNOWN"],
  ["endless", "OUTCOME_UNKNOWN"],
])("after a server that %s the outcome is uncertain", async (behaviour, code) => {
  local.behave(behaviour);
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 1_500 });
  await expect(request({ method: "POST", url: local.url, body: "x" })).rejects.toMatchObject({ code });
  local.behave("takes");
});

test("after an unreachable, unknown or unauthenticated server nothing was sent", async () => {
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 60_000 });
  const closed = await startHttpProvider({ status: 200, body: "" });
  await closed.close();
  for (const url of [closed.url, "https://nobody.invalid/"]) {
    await expect(request({ method: "POST", url, body: "x" })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  }
});

test("after a connection that is never accepted nothing was sent", async () => {
  // Accepts connections and never answers the TLS handshake.
  const silent = createSocketServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 4_000 });
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  await expect(request({ method: "POST", url, body: "x" })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  silent.close();
});

test("a stop in the middle ends the request and its connection; the outcome is uncertain", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.once("request", (request) => {
      request.socket.once("close", () => resolve());
      stop.abort();
    });
  });
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 60_000 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await expect(request({ method: "POST", url, body: "x", signal: stop.signal })).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  await closed;
  server.close();
});

test("what is stopped before it begins is not sent", async () => {
  local.taken.splice(0);
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 60_000 });
  const stopped = request({ method: "POST", url: local.url, body: "x", signal: AbortSignal.abort() });
  await expect(stopped).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  await request({ method: "POST", url: `${local.url}/next`, body: "x" });
  expect(local.taken.map(({ url }) => url)).toEqual(["/next"]);
});

test("a body that comes slowly and never ends is given up after the whole time", async () => {
  const server = createServer((_, response) => {
    const more = setInterval(() => response.write("x"), 10);
    response.once("close", () => clearInterval(more));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 300 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await expect(request({ method: "POST", url, body: "x" })).rejects.toMatchObject({
    code: "OUTCOME_UNKNOWN",
    message: expect.stringContaining("did not answer in time"),
  });
  server.close();
});

test("after the server has closed an idle connection the next request opens another", async () => {
  const closings: Promise<void>[] = [];
  const server = createSocketServer((socket) => {
    closings.push(new Promise((resolve) => socket.once("close", () => resolve())));
    // Keep-alive by its words, yet closed.
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const request = createGuardedFetch({ allowPrivate: true, timeoutMs: 60_000 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const connections of [1, 2, 3]) {
    expect(await request({ method: "POST", url, body: "x" })).toMatchObject({ status: 200, text: "ok" });
    await Promise.all(closings);
    expect(closings).toHaveLength(connections);
  }
  server.close();
});

test("requests in a row share connections, each goes to its own address, and each address is checked", async () => {
  const visits: { readonly url: string; readonly from: number | undefined }[] = [];
  const server = createServer(({ url = "", socket }, response) => {
    visits.push({ url, from: socket.remotePort });
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const request = createGuardedFetch({ allowedHosts: ["127.0.0.1"], allowPrivate: true, timeoutMs: 60_000 });
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const path of ["/a?x=1", "/b#part", "/a?x=1", "/c", "/d", "/e"]) await request({ method: "POST", url: `${at}${path}`, body: "x" });
  for (const url of ["http://127.0.0.2/", "http://name@127.0.0.1/", "http://127.0.0.2/"]) {
    await expect(request({ method: "POST", url, body: "x" })).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
  expect(visits.map(({ url }) => url)).toEqual(["/a?x=1", "/b", "/a?x=1", "/c", "/d", "/e"]);
  // A connection is free again only in the next turn of the event loop.
  expect(new Set(visits.map(({ from }) => from)).size).toBeLessThanOrEqual(2);
  server.closeAllConnections();
  server.close();
});
