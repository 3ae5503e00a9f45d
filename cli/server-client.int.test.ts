import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { takeLock } from "../store/engines/lock.ts";
import { sentientIn } from "../testing/command-line.ts";
import { type Started, startSentient } from "../testing/process.ts";
import { OPERATOR_KEY, WRITE_KEY } from "../testing/service.ts";
import { findServer, serverThatOwns } from "./server-client.ts";

const KEYS = { SENTIENT_WRITE_KEYS: WRITE_KEY, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY };

/** Another user's server: it accepts every request. */
let server: Server;
let url = "";
let came: string[] = [];
let dir = "";
const started: Started[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    came.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
    response.setHeader("content-type", "application/json").end('{"accepted":1,"duplicates":0,"rejected":[],"decisions":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  came = [];
  dir = mkdtempSync(join(tmpdir(), "sentient-foreign-"));
  mkdirSync(join(dir, ".sentient"));
});
afterEach(async () => {
  for (const one of started) one.kill("SIGKILL");
  await Promise.all(started.splice(0).map(({ ended }) => ended));
  rmSync(dir, { recursive: true, force: true });
});

const data = () => join(dir, ".sentient");
const put = (file: string, value: unknown) => writeFileSync(join(data(), file), JSON.stringify(value));
const elsewhere = { pid: 1, began: "1", host: "elsewhere", since: "2026-06-01T12:00:00.000Z" };
/** As this process would write it: alive, on this host. */
const living = (): object => {
  const other = join(dir, "other");
  takeLock(other, () => new Date());
  return JSON.parse(readFileSync(join(other, "lock"), "utf8")) as object;
};
const foreignKeys = { writeKey: "write-key-of-theirs", operatorKey: "operator-key-of-theirs" };

const LOCKS: readonly (readonly [what: string, make: () => void])[] = [
  ["another host", () => put("lock", { ...elsewhere, url })],
  ["a process that lives here", () => put("lock", { ...living(), url })],
  ["init, which always lives", () => put("lock", { ...elsewhere, began: "", host: hostname(), url })],
  ["a process that lives here, with proofs made up", () => put("lock", { ...living(), url, proofs: ["x".repeat(43), WRITE_KEY] })],
  [
    "a process that lives here, proved by their keys",
    () => {
      takeLock(data(), () => new Date()).announce(url, [foreignKeys.writeKey, foreignKeys.operatorKey]);
    },
  ],
  [
    "a process that lives here, proved by our keys for another address",
    () => {
      takeLock(data(), () => new Date()).announce("http://127.0.0.1:1", [WRITE_KEY, OPERATOR_KEY]);
      put("lock", { ...(JSON.parse(readFileSync(join(data(), "lock"), "utf8")) as object), url });
    },
  ],
];

const EVENT = { type: "go", data: {} };

test.each(LOCKS)("B4: a foreign folder with the lock of %s gets no key of ours", async (_what, make) => {
  make();
  const environment = KEYS;
  const refused = { code: "UNAUTHORIZED", message: expect.stringContaining(`SENTIENT_URL=${url}`) };
  await expect(async () => serverThatOwns(data(), { environment })?.get("/v1/decisions")).rejects.toMatchObject(refused);
  const found = findServer({ store: data() }, { environment });
  await expect(async () => found.send(EVENT)).rejects.toMatchObject(refused);
  await expect(async () => found.post("/v1/pause")).rejects.toMatchObject(refused);
  expect(found.hasOperatorKey).toBe(false);
  expect(came).toEqual([]);
});

test("B4: a foreign folder with its own keys gets those, and none of ours", async () => {
  put("keys.json", foreignKeys);
  takeLock(data(), () => new Date()).announce(url, [foreignKeys.writeKey, foreignKeys.operatorKey]);
  await findServer({ store: data() }, { environment: KEYS }).send(EVENT);
  await serverThatOwns(data(), { environment: KEYS })?.get("/v1/decisions");
  expect(came).toEqual([`POST /v1/signals Bearer ${foreignKeys.writeKey}`, `GET /v1/decisions Bearer ${foreignKeys.operatorKey}`]);
});

test("B4: keys of a folder are sent to no other machine, and a named server gets those of the environment", async () => {
  put("keys.json", foreignKeys);
  put("lock", { ...elsewhere, url: "http://elsewhere.example" });
  const environment = { ...KEYS, SENTIENT_URL: url };
  await serverThatOwns(data(), { environment })?.get("/v1/decisions");
  await findServer({ store: data() }, { environment }).send(EVENT);
  expect(came).toEqual([`GET /v1/decisions Bearer ${OPERATOR_KEY}`, `POST /v1/signals Bearer ${WRITE_KEY}`]);
  const away = findServer({ store: data(), url: "http://elsewhere.example" }, { environment: {} });
  await expect(async () => away.send(EVENT)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

const run = async (words: readonly string[], environment: Readonly<Record<string, string>>) => {
  const { code, out, err } = await sentientIn({ dir }, words, environment);
  return { status: code, said: [...out, err].join("\n") };
};

test("B4: commands in a foreign folder send no keys; a server of ours on a data folder is found with its keys", async () => {
  put("lock", { ...elsewhere, url });
  for (const words of [["decisions", "list"], ["signal", "go", "--customer", "ann"], ["pause"], ["customers", "show", "ann"]]) {
    const { status, said } = await run(words, KEYS);
    expect([words, status, said]).toEqual([words, 1, expect.stringContaining("none is sent there")]);
  }
  expect(came).toEqual([]);

  rmSync(data(), { recursive: true });
  writeFileSync(
    join(dir, "sentient.yaml"),
    "version: 1\nname: Test\ndepartments: [sales]\nchannels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}\n",
  );
  const serve = startSentient(["serve", "--port", "0"], KEYS, dir);
  started.push(serve);
  await serve.line(/^listening at/);
  for (const words of [
    ["signal", "go", "--customer", "ann"],
    ["decisions", "list"],
  ])
    expect([words, (await run(words, KEYS)).status]).toEqual([words, 0]);
  const wrong = await run(["decisions", "list"], { SENTIENT_OPERATOR_KEYS: "another-key-of-a-test" });
  expect([wrong.status, wrong.said]).toEqual([1, expect.stringContaining("does not prove that the server knows any of your keys")]);
});

test("without a key for the server of SENTIENT_URL the error names the server, the variable and what to set it to", async () => {
  const found = findServer({}, { environment: { SENTIENT_URL: url } });
  const why = (variable: string) => ({
    code: "UNAUTHORIZED",
    message: `no key for the server at ${url}; set ${variable} to one of its keys (the key itself, not its hash)`,
  });
  await expect(async () => found.get("/v1/decisions")).rejects.toMatchObject(why("SENTIENT_OPERATOR_KEYS"));
  await expect(async () => found.send(EVENT)).rejects.toMatchObject(why("SENTIENT_WRITE_KEYS"));
  expect(came).toEqual([]);
});

test("a server that does not know the key: the error names the server and the variable", async () => {
  const strict = createServer(
    (_request, response) => void response.writeHead(401).end('{"code":"UNAUTHORIZED","detail":"expected an operator key"}'),
  );
  await new Promise<void>((resolve) => strict.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(strict.address() as AddressInfo).port}`;
  const found = findServer({}, { environment: { ...KEYS, SENTIENT_URL: at } });
  const why = (variable: string) => ({
    code: "UNAUTHORIZED",
    message: `the server at ${at} does not know this key; set ${variable} to one of its keys`,
  });
  await expect(found.get("/v1/decisions")).rejects.toMatchObject(why("SENTIENT_OPERATOR_KEYS"));
  await expect(found.post("/v1/pauses")).rejects.toMatchObject(why("SENTIENT_OPERATOR_KEYS"));
  await expect(found.send(EVENT)).rejects.toMatchObject(why("SENTIENT_WRITE_KEYS"));
  await new Promise((resolve) => strict.close(resolve));
});
