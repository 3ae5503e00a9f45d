import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import pg from "pg";
import { describe, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { RIGHTS } from "../domain/identity/key-rights.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { compilingWith } from "../runtime/open-workspace.ts";
import { openServiceOnStore, type ServiceOnStore, type ServiceOptions } from "../runtime/service.ts";
import { type App, createApp } from "../server/app.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "./policy.ts";
import { testsEmbedded } from "./test-files.ts";

/** The store and queue that a service under test runs on. */
export interface Engine {
  readonly name: string;
  /** Returns a separate place for each service. */
  place(): Promise<Place>;
}

export interface Place {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  remove(): Promise<void>;
}

const { DATABASE_URL, REDIS_URL } = process.env;

const embedded: Engine = { name: "embedded", place: async () => ({ remove: async () => {} }) };

/** A database of its own on the server: workers of several processes share it under their usual names. */
const onServer = (name: string, url: string, redisUrl?: string): Engine => ({
  name,
  async place() {
    const database = `sentient_test_${randomUUID().replaceAll("-", "")}`;
    await alone(url, `create database ${database}`);
    const databaseUrl = new URL(url);
    databaseUrl.pathname = `/${database}`;
    return {
      databaseUrl: databaseUrl.toString(),
      ...(redisUrl === undefined ? {} : { redisUrl }),
      remove: () => alone(url, `drop database if exists ${database} with (force)`),
    };
  },
});

/** Every available engine: servers if given, and the embedded one unless it is left out. */
export const engines: readonly Engine[] = [
  ...(testsEmbedded ? [embedded] : []),
  ...(DATABASE_URL ? [onServer("PostgreSQL", DATABASE_URL)] : []),
  ...(DATABASE_URL && REDIS_URL ? [onServer("PostgreSQL and Redis", DATABASE_URL, REDIS_URL)] : []),
];

/** A test that uses no server: `npm test -- --servers` leaves it out, because `npm test` runs it. */
export const testEmbedded = test.runIf(testsEmbedded);

/** The engines that several processes can share. */
export const sharedEngines = engines.filter(({ name }) => name !== "embedded");

/**
 * Describes tests on each of these engines, like `describe.each`. If none is available, one skipped test names the missing variables: the
 * test runner fails a file without tests.
 */
export function describeOn(chosen: readonly Engine[], title: string, tests: (engine: Engine) => void): void {
  describe.each(chosen)(title, tests);
  const missing = Object.entries({ DATABASE_URL, REDIS_URL }).filter(([, url]) => !url);
  if (chosen.length === 0)
    test.skip(`${title.replace("$name", "servers")}: ${missing.map(([name]) => name).join(" and ")} not set`, () => {});
}

export const WRITE_KEY = "write-key-of-a-test";
/** A write key without further rights, as used in a browser. */
export const PLAIN_KEY = "plain-key-of-a-test";
export const OPERATOR_KEY = "operator-key-of-a-test";

/** A site key of a test, from pages of one origin, and the secret of its tokens. */
export const SITE = { name: "shop", key: "site-key-of-a-test", origins: ["https://shop.example"] } as const;
export const SITE_SECRET = "site-secret-of-a-test-with-32-bytes";

/** A running service, called without a socket. */
export interface TestService {
  readonly service: ServiceOnStore;
  readonly app: App;
  /** Posts to the API with the required key. */
  post(path: string, body: Json | string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get<T>(path: string): Promise<T>;
  /** Sends one signal of a customer and expects it to be accepted. */
  signal(type: string, customerId: string, data?: JsonObject, more?: JsonObject): Promise<void>;
  decisions(customerId?: string): Promise<Decision[]>;
  /** Messages that the file channel received. */
  outbox(): readonly { readonly deliveryId: string; readonly customerId: string; readonly at: string; readonly content: JsonObject }[];
  rows<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Waits until nothing is pending or in flight. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestService(
  policy: Policy,
  place: Place,
  { checksAnswers = true, ...more }: Partial<ServiceOptions> & { readonly checksAnswers?: boolean } = {},
): Promise<TestService> {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-service-"));
  const { databaseUrl, redisUrl } = place;
  const service = await openServiceOnStore({
    ...{ policy, dataDir, log: silentLog, now: Date.now, concurrency: 1 },
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...more,
  });
  const app = createApp({
    service,
    writeKeys: [
      { key: WRITE_KEY, rights: RIGHTS },
      { key: PLAIN_KEY, rights: [] },
    ],
    operatorKeys: [OPERATOR_KEY],
    siteKeys: [SITE],
    siteSecret: SITE_SECRET,
    checksAnswers,
  });
  return {
    ...{ service, app },
    ...calling(app),
    ...looking(service, more.dataDir ?? dataDir),
    async close() {
      await service.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Polls until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, what = "what was waited for", ms = 240_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come about within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A service without workers whose people have a key each; golden decisions of what is proposed pass. */
export interface PeopleService<Name extends string> {
  readonly running: TestService;
  /** With a body it is a POST. */
  ask(path: string, body: Json | undefined, key: string): Promise<Answered>;
  /** With the key of somebody. */
  by(name: Name, path: string, body?: Json): Promise<Answered>;
}

/** @param people their roles, by name */
export async function openPeopleService<Name extends string>(
  people: Readonly<Record<Name, NonNullable<Parameters<typeof createApp>[0]["consoleKeys"]>[number]["role"]>>,
  more: Pick<Parameters<typeof openTestService>[2] & object, "rehearse"> = {},
): Promise<PeopleService<Name>> {
  const running = await openTestService(
    policyOf(""),
    { remove: async () => {} },
    {
      concurrency: 0,
      compile: compilingWith({ tools: [], channels: [] }, { environment: {} }),
      assess: async () => ({ problems: [], golden: [] }),
      ...more,
    },
  );
  const app = createApp({
    ...{ service: running.service, checksAnswers: true, operatorKeys: [OPERATOR_KEY], writeKeys: [{ key: WRITE_KEY, rights: [] }] },
    consoleKeys: (Object.keys(people) as Name[]).map((name) => ({ key: keyOf(name), name, role: people[name] })),
  });
  const ask = async (path: string, body: Json | undefined, key: string): Promise<Answered> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await app.request(path, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { running, ask, by: (name, path, body) => ask(path, body, keyOf(name)) };
}

// --- internal ---

const keyOf = (name: string): string => `console-key-of-${name}`;

async function alone(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function calling(app: Hono): Pick<TestService, "post" | "get" | "signal"> {
  const post: TestService["post"] = async (path, body, headers = {}) =>
    app.request(path, {
      method: "POST",
      headers: { authorization: `Bearer ${isIngest(path) ? WRITE_KEY : OPERATOR_KEY}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    post,
    async get<T>(path: string) {
      const response = await app.request(path, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    async signal(type, customerId, data = {}, more = {}) {
      const response = await post("/v1/signals", {
        specversion: "1.0",
        id: randomUUID(),
        source: "web",
        type,
        subject: customerId,
        data,
        ...more,
      });
      if (response.status !== 202) throw new Error(`${type} was answered with ${response.status}: ${await response.text()}`);
    },
  };
}

const INGEST = ["signals", "track", "identify", "page", "screen", "group", "alias", "batch", "next", "receipts"];
const isIngest = (path: string): boolean => INGEST.includes(path.split("/")[2] ?? "");

function looking({ store }: ServiceOnStore, dataDir: string): Pick<TestService, "decisions" | "outbox" | "rows" | "settled"> {
  const rows = async <Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> =>
    (await store.database.pool.query<Row>(sql, params)).rows;
  const open = async (): Promise<number> =>
    (
      await rows<{ n: number }>(
        `select (select count(*) from inbox where dead_at is null) + (select count(*) from deliveries where status in ('reserved', 'sending') and asked is null)
                + (select count(*) from lanes where until > clock_timestamp()) + (select count(*) from timers where due <= clock_timestamp()) as n`,
      )
    )[0]?.n ?? 0;
  return {
    rows,
    decisions: (customerId) => store.read.decisions({ limit: 10_000, ...(customerId === undefined ? {} : { customerId }) }),
    outbox: () => linesOf(join(dataDir, "outbox.jsonl")),
    settled: () => until(async () => Number(await open()) === 0, "an empty inbox and no open delivery"),
  };
}

function linesOf<Line>(path: string): Line[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  } catch {
    return [];
  }
}
