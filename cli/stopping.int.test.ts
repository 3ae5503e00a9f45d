import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Started, startSentient } from "../testing/process.ts";
import { OPERATOR_KEY, until, WRITE_KEY } from "../testing/service.ts";

/** Number of stops; each start takes a while. */
const STOPS = Number(process.env.STOPS ?? 3);

/**
 * More than a stop that uses its whole time limit takes on a busy machine, so that the stop reports the failure and not the
 * test's timeout.
 */
const STOP_MS = 60_000;

let dir = "";
const started: Started[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-stopping-"));
  mkdirSync(join(dir, "experiences"));
  writeFileSync(
    join(dir, "sentient.yaml"),
    "version: 1\nname: Test\ntimezone: UTC\nchannels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}\n",
  );
  writeFileSync(join(dir, "experiences", "e.yaml"), "id: e\nserves: [m]\nstatus: approved\nchannels: {box: {text: Hello}}\n");
});
afterAll(async () => {
  for (const one of started) one.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  rmSync(dir, { recursive: true, force: true });
});

async function serve(): Promise<{ readonly one: Started; readonly url: string }> {
  const one = startSentient(["serve", "--port", "0"], { SENTIENT_WRITE_KEYS: WRITE_KEY, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY }, dir);
  started.push(one);
  const [, url = ""] = await one.line(/^listening at (\S+)/);
  return { one, url };
}

const post = (url: string, id: string): Promise<number> =>
  fetch(`${url}/v1/signals`, {
    method: "POST",
    headers: { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/cloudevents+json" },
    body: JSON.stringify({ specversion: "1.0", id, source: "test", type: "go", subject: id }),
  }).then(
    ({ status }) => status,
    () => 0,
  );

const status = (url: string, path: string): Promise<number> =>
  fetch(url + path).then(
    (response) => response.status,
    () => 0,
  );

/** An incomplete request that the server has seen, so that the stop has something to wait for. */
async function beginRequest(url: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  const head = ["POST /v1/signals HTTP/1.1", `Host: ${host}`, `Authorization: Bearer ${WRITE_KEY}`, "Content-Length: 9"];
  socket.write(`${head.join("\r\n")}\r\nExpect: 100-continue\r\n\r\n`);
  await once(socket, "data");
  socket.write("{");
  return socket;
}

/** Posts until connections are refused; returns the acknowledged signals. */
async function load(url: string, round: number, isOver: () => boolean): Promise<string[]> {
  const acknowledged: string[] = [];
  const client = async (n: number): Promise<void> => {
    for (let k = 0; !isOver(); k++) {
      const id = `c-${round}-${n}-${k}`;
      if ((await post(url, id)) === 202) acknowledged.push(id);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  };
  await Promise.all([0, 1, 2].map(client));
  return acknowledged;
}

const again = "stopped again and again under load, it says that it is not ready before it goes, ends with 0, and loses nothing";
test(again, { timeout: (STOPS + 1) * STOP_MS }, async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < STOPS; round++) {
    const { one, url } = await serve();
    expect(await status(url, "/readyz")).toBe(200);
    let isOver = false;
    const loading = load(url, round, () => isOver);
    await new Promise((resolve) => setTimeout(resolve, 500));
    one.kill("SIGTERM");
    await one.line(/"finishing the work in progress"/);
    // It still responds, and reports that it is not ready.
    expect([await status(url, "/readyz"), await status(url, "/healthz"), await post(url, `late-${round}`)]).toEqual([503, 200, 202]);
    acknowledged.push(`late-${round}`);
    expect(await one.ended, one.lines.slice(-3).join("\n")).toBe(0);
    isOver = true;
    acknowledged.push(...(await loading));
  }
  const { one } = await serve();
  const outbox = (): string[] =>
    readFileSync(join(dir, ".sentient", "outbox.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { customerId: string }).customerId);
  await until(() => acknowledged.every((id) => outbox().includes(id)), "every message");
  expect(new Set(outbox()).size).toBe(outbox().length);
  expect(acknowledged.length).toBeGreaterThan(5 * STOPS);
  one.kill("SIGTERM");
  expect(await one.ended).toBe(0);
});

test.each([
  ["SIGTERM", "SIGTERM", 143],
  ["SIGTERM", "SIGINT", 130],
  ["SIGINT", "SIGTERM", 143],
] as const)("after %s a %s ends it at once", async (first, second, code) => {
  const { one, url } = await serve();
  const unfinished = await beginRequest(url);
  one.kill(first);
  await one.line(/"finishing the work in progress"/);
  one.kill(second);
  expect(await one.ended).toBe(code);
  unfinished.destroy();
  expect(one.lines.join("\n")).not.toContain('"message":"stopped"');
});
