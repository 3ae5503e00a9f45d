import type { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PersonKey } from "../../domain/identity/roles.ts";
import { keepingOf } from "../../domain/record/retention.ts";
import { HOUR, MINUTE } from "../../domain/values/time.ts";
import { policyOf } from "../../testing/policy.ts";
import { engines, OPERATOR_KEY, openTestService, type Place, type TestService, WRITE_KEY } from "../../testing/service.ts";
import { createApp } from "../app.ts";
import { Codes } from "./codes.ts";

const HOST = "127.0.0.1:3000";
const ORIGIN = `http://${HOST}`;
const ANN: PersonKey = { key: "key-of-ann-in-a-test", name: "ann", role: "approver" };
const VIC: PersonKey = { key: "key-of-vic-in-a-test", name: "vic", role: "viewer" };

/** As a page of the console asks. */
const OURS = { host: HOST, "sec-fetch-site": "same-origin" };
const WRITES = { ...OURS, origin: ORIGIN, "content-type": "application/json" };

const START = Date.parse("2026-06-01T12:00:00Z");

describe.each(engines)("sessions on $name", (engine) => {
  let place: Place;
  let running: TestService;
  let now = START;
  let codes: Codes;
  let app: Hono;
  const appWith = (consoleKeys: readonly PersonKey[], operatorKeys: readonly string[] = [OPERATOR_KEY], publicUrl?: string): Hono =>
    createApp({
      ...{ service: running.service, checksAnswers: true, operatorKeys, consoleKeys, codes, publicUrl },
      writeKeys: [{ key: WRITE_KEY, rights: [] }],
    });

  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policyOf("name: Test dealer"), place, { concurrency: 0, now: () => now });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });
  beforeEach(async () => {
    now += 100 * HOUR;
    codes = new Codes(() => now);
    app = appWith([ANN, VIC]);
    await running.rows("delete from console_sessions");
  });

  const signIn = (given: object, headers: Readonly<Record<string, string>> = WRITES, on = app) =>
    on.request("/v1/session", { method: "POST", headers, body: JSON.stringify(given) });
  /** The cookie of a new session. */
  const cookieOf = async (given: object, on = app): Promise<string> => {
    const response = await signIn(given, WRITES, on);
    expect([response.status, await response.text()]).toEqual([200, expect.anything()]);
    return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  };
  const get = (path: string, cookie: string, headers: Readonly<Record<string, string>> = OURS, on = app) =>
    on.request(path, { headers: { ...headers, cookie } });
  const post = (path: string, cookie: string, body: object = {}, headers: Readonly<Record<string, string>> = WRITES) =>
    app.request(path, { method: "POST", headers: { ...headers, cookie }, body: JSON.stringify(body) });

  test("a key signs in: the cookie gets the person in, and the answer says who, where and what they may", async () => {
    const response = await signIn({ key: ANN.key });
    expect(response.headers.get("set-cookie")).toMatch(/^sentient-3000=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const expected = {
      person: { name: "ann", role: "approver", permissions: ["read", "content", "approve"], via: "session" },
      workspace: { name: "Test dealer", zone: "America/Chicago" },
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      at: new Date(now).toISOString().replace(".000Z", "Z"),
      policyVersion: running.service.policy.version,
    };
    expect(await response.json()).toEqual(expected);
    const cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect(await (await get("/v1/session", cookie)).json()).toEqual(expected);
    expect([(await get("/v1/pauses", cookie)).status, (await post("/v1/pause", cookie)).status]).toEqual([200, 403]);
  });

  test("with a key as bearer token one asks who one is, and has no session to end", async () => {
    const headers = { authorization: `Bearer ${VIC.key}` };
    expect(await (await app.request("/v1/session", { headers })).json()).toMatchObject({
      person: { name: "vic", role: "viewer", via: "key" },
    });
    const asOperator = await app.request("/v1/session", { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
    expect(await asOperator.json()).toMatchObject({ person: { name: "operator", role: "admin", via: "operator key" } });
    expect(await (await app.request("/v1/session/end", { method: "POST", headers })).json()).toEqual({ changed: false });
  });

  test("the store keeps the hash of a token and not the token, nor any key", async () => {
    const token = (await cookieOf({ key: ANN.key })).split("=")[1] ?? "";
    const all = JSON.stringify(await running.rows("select to_jsonb(s) as s from console_sessions s"));
    expect(all).toContain('"hash":');
    for (const secret of [token, ANN.key]) expect(all).not.toContain(secret);
  });

  test("a store that refuses writes is read all the same: the use of a session is noted later", async () => {
    const cookie = await cookieOf({ key: ANN.key });
    now += 10 * MINUTE;
    await running.rows(
      "create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '53100'; end $$",
    );
    await running.rows("create trigger refuse before update on console_sessions for each row execute function refuse()");
    expect((await get("/v1/tasks", cookie)).status).toBe(200);
    await running.rows("drop trigger refuse on console_sessions");
    const seen = async () => (await running.rows("select seen_at as at from console_sessions"))[0]?.["at"];
    const before = await seen();
    expect((await get("/v1/tasks", cookie)).status).toBe(200);
    expect(await seen()).not.toEqual(before);
  });

  test("signing in and out is in the audit, in the name of the person", async () => {
    const cookie = await cookieOf({ key: ANN.key });
    const ended = await post("/v1/session/end", cookie);
    expect([ended.headers.get("set-cookie"), await ended.json()]).toEqual([
      "sentient-3000=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0",
      { changed: true },
    ]);
    expect((await get("/v1/session", cookie)).status).toBe(401);
    const { audit } = await running.get<{ audit: object[] }>("/v1/audit?limit=2");
    const of = { by: "ann", target: expect.stringMatching(/^[0-9a-f]{16}$/), details: { name: "ann", role: "approver" } };
    expect(audit).toMatchObject([
      { ...of, action: "session.begun" },
      { ...of, action: "session.ended" },
    ]);
  });

  test("a person acts under the name of the session, whatever the request says", async () => {
    const admin = appWith([{ ...ANN, role: "admin" }]);
    const cookie = await cookieOf({ key: ANN.key }, admin);
    const body = JSON.stringify({ target: { scope: "channel", name: "box" }, by: "somebody" });
    await admin.request("/v1/pause", { method: "POST", headers: { ...WRITES, cookie }, body });
    await admin.request("/v1/resume", { method: "POST", headers: { ...WRITES, cookie }, body });
    const { audit } = await running.get<{ audit: { by: string }[] }>("/v1/audit?limit=2");
    expect(audit.map(({ by }) => by)).toEqual(["ann", "ann"]);
  });

  test.each([
    ["unused for two hours", [2 * HOUR], [401]],
    ["used just before two hours are over", [2 * HOUR - 2 * MINUTE, 2 * HOUR - 2 * MINUTE], [200, 200]],
    ["used all the time, for twelve hours", Array(7).fill(1.75 * HOUR), [...Array(6).fill(200), 401]],
  ])("a session %s", async (_what, steps, statuses) => {
    const cookie = await cookieOf({ key: ANN.key });
    const seen: number[] = [];
    for (const step of steps) {
      now += step;
      seen.push((await get("/v1/session", cookie)).status);
    }
    expect(seen).toEqual(statuses);
  });

  test.each<readonly [string, readonly PersonKey[], number]>([
    ["its key is still configured", [ANN, VIC], 200],
    ["its key is configured as its hash", [{ ...ANN, key: "sha256:" }], 200],
    ["its key is no longer configured", [VIC], 401],
    ["its key is that of a person with another role", [{ ...ANN, role: "viewer" }], 401],
    ["its key is that of another person", [{ ...ANN, name: "bea" }], 401],
    ["the person has another key", [{ ...ANN, key: "another-key-of-ann-in-a-test" }], 401],
  ])("a session lasts over a restart where %s: %s", async (_what, keys, status) => {
    const cookie = await cookieOf({ key: ANN.key });
    const { createHash } = await import("node:crypto");
    const hashed = keys.map((one) =>
      one.key === "sha256:" ? { ...one, key: `sha256:${createHash("sha256").update(ANN.key).digest("hex")}` } : one,
    );
    expect((await get("/v1/session", cookie, OURS, appWith(hashed))).status).toBe(status);
  });

  test("several servers on a store share sessions, and one ends what another began", async () => {
    const [one, two] = [appWith([ANN, VIC]), appWith([ANN, VIC])];
    const cookie = await cookieOf({ key: ANN.key }, one);
    expect((await get("/v1/session", cookie, OURS, two)).status).toBe(200);
    await two.request("/v1/session/end", { method: "POST", headers: { ...WRITES, cookie }, body: "{}" });
    expect((await get("/v1/session", cookie, OURS, one)).status).toBe(401);
  });

  test("one sees and ends one's own sessions, an admin those of all", async () => {
    const [first, second, vic] = [await cookieOf({ key: ANN.key }), await cookieOf({ key: ANN.key }), await cookieOf({ key: VIC.key })];
    const admin = await cookieOf({ key: OPERATOR_KEY });
    const sessionsOf = async (cookie: string) =>
      ((await (await get("/v1/sessions", cookie)).json()) as { sessions: { id: string; by: string; current: boolean }[] }).sessions;
    const mine = await sessionsOf(first);
    expect(mine.map(({ by, current }) => [by, current]).sort()).toEqual([
      ["ann", false],
      ["ann", true],
    ]);
    expect((await sessionsOf(vic)).map(({ by }) => by)).toEqual(["vic"]);
    expect((await sessionsOf(admin)).map(({ by }) => by).sort()).toEqual(["ann", "ann", "operator", "vic"]);
    const [{ id: vics = "" } = {}] = await sessionsOf(vic);
    const other = mine.find(({ current }) => !current)?.id;
    expect((await post(`/v1/sessions/${vics}/end`, first)).status).toBe(404);
    expect((await post(`/v1/sessions/${other}/end`, first)).status).toBe(200);
    expect((await post(`/v1/sessions/${vics}/end`, admin)).status).toBe(200);
    expect(await Promise.all([first, second, vic].map(async (cookie) => (await get("/v1/session", cookie)).status))).toEqual([
      200, 401, 401,
    ]);
    const { audit } = await running.get<{ audit: object[] }>("/v1/audit?limit=1");
    expect(audit).toMatchObject([{ by: "operator", action: "session.ended", details: { name: "vic" } }]);
  });

  test("a code signs in once", async () => {
    const operator = appWith([], ["operator-key-of-a-folder"]);
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256").update("operator-key-of-a-folder").digest();
    const fingerprint = createHash("sha256").update(hash).digest("hex").slice(0, 32);
    const code = codes.issue({ name: "olga", role: "admin", fingerprint });
    const cookie = await cookieOf({ code }, operator);
    expect(await (await get("/v1/session", cookie, OURS, operator)).json()).toMatchObject({ person: { name: "olga", role: "admin" } });
    expect((await signIn({ code }, WRITES, operator)).status).toBe(401);
    expect((await get("/v1/session", cookie, OURS, appWith([], ["another-operator-key"]))).status).toBe(401);
  });

  test.each([
    ["neither", {}],
    ["both", { key: ANN.key, code: "x" }],
    ["no text", { key: 7 }],
    ["a key without end", { key: "x".repeat(1_001) }],
  ])("signing in with %s is no valid request", async (_what, given) => {
    expect((await signIn(given)).status).toBe(400);
  });

  test("of 1,000 wrong keys all but the first are answered with 429, and the right key is let in all the same", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 1_000; n++) statuses.push((await signIn({ key: `wrong-key-number-${n}` })).status);
    expect([statuses.filter((status) => status === 401).length, statuses.filter((status) => status === 429).length]).toEqual([20, 980]);
    expect((await signIn({ key: ANN.key })).status).toBe(200);
  });

  test("a write key, and a hash in place of its key, sign nobody in", async () => {
    for (const key of [WRITE_KEY, "", " ", `${ANN.key} `]) expect((await signIn({ key })).status).not.toBe(200);
  });

  test("a stream ends at once with its session: signed out, or ended by another", async () => {
    const signOut = (cookie: string) => post("/v1/session/end", cookie);
    const endByAdmin = async () => {
      const admin = await cookieOf({ key: OPERATOR_KEY });
      const { sessions } = (await (await get("/v1/sessions", admin)).json()) as { sessions: { id: string; by: string }[] };
      return post(`/v1/sessions/${sessions.find(({ by }) => by === "ann")?.id}/end`, admin);
    };
    for (const end of [signOut, endByAdmin]) {
      const cookie = await cookieOf({ key: ANN.key });
      const stream = await get("/v1/stream", cookie);
      const ended = stream.text();
      expect((await end(cookie)).status).toBe(200);
      expect(await ended).toMatch(/event: bye\ndata: \{\}\n\n$/);
      expect((await get("/v1/stream", cookie)).status).toBe(401);
    }
  });

  test("a session that has ended is 401 however often it asks: that is no guess", async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 50; n++) statuses.add((await get("/v1/session", `sentient-3000=${"a".repeat(43)}`)).status);
    expect([...statuses]).toEqual([401]);
  });

  test.each([
    ["an empty token", ""],
    ["a short token", "abc"],
    ["a long token", "a".repeat(8_000)],
    ["no base64url", `${"a".repeat(42)}'`],
    ["a hash", "0".repeat(64)],
  ])("%s opens nothing", async (_what, token) => {
    expect((await get("/v1/session", `sentient-3000=${token}`)).status).toBe(401);
  });

  describe("a page elsewhere", () => {
    const from: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      "same-origin": { "sec-fetch-site": "same-origin", origin: ORIGIN },
      "same-site": { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:4000" },
      "cross-site": { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      none: { "sec-fetch-site": "none" },
      absent: {},
    };
    test.each(
      Object.keys(from).flatMap((site) =>
        (["cookie", "bearer"] as const).flatMap((by) => (["GET", "POST"] as const).map((method) => [site, by, method] as const)),
      ),
    )("%s, by %s, %s", async (site, by, method) => {
      const signed = by === "cookie" ? { cookie: await cookieOf({ key: ANN.key }) } : { authorization: `Bearer ${ANN.key}` };
      const response = await app.request(method === "GET" ? "/v1/decisions" : "/v1/approvals/none/approve", {
        method,
        headers: { host: HOST, "content-type": "application/json", ...from[site], ...signed },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
      const isAllowed = by === "bearer" || site === "same-origin";
      expect(response.status).toBe(isAllowed ? (method === "GET" ? 200 : 404) : 403);
    });

    test.each(Object.keys(from).filter((site) => site !== "same-origin"))("%s: nobody is signed in", async (site) => {
      const response = await signIn({ key: ANN.key }, { host: HOST, "content-type": "application/json", ...from[site] });
      expect([response.status, response.headers.get("set-cookie")]).toEqual([403, null]);
      if (site === "absent") expect(await response.text()).toContain("Sec-Fetch-Site");
    });

    test.each([
      ["a foreign name that leads here", "evil.example:3000"],
      ["the public address where none is configured", "care.example.com"],
    ])("%s: 403 for a cookie and for signing in, nothing for a bearer key", async (_what, host) => {
      const cookie = await cookieOf({ key: ANN.key });
      const headers = { ...OURS, host, origin: `http://${host}`, "content-type": "application/json" };
      expect((await get("/v1/decisions", cookie, headers)).status).toBe(403);
      expect((await signIn({ key: ANN.key }, headers)).status).toBe(403);
      expect((await app.request("/v1/decisions", { headers: { host, authorization: `Bearer ${ANN.key}` } })).status).toBe(200);
    });

    test("the cookie of another port is not read", async () => {
      const cookie = await cookieOf({ key: ANN.key });
      const headers = { ...OURS, host: "127.0.0.1:4000" };
      expect((await get("/v1/decisions", cookie, headers)).status).toBe(401);
    });

    test("over https the cookie is bound to the host", async () => {
      const secure = appWith([ANN], [], "https://care.example.com");
      const headers = { ...WRITES, host: "care.example.com", origin: "https://care.example.com" };
      const response = await signIn({ key: ANN.key }, headers, secure);
      expect(response.headers.get("set-cookie")).toMatch(/^__Host-sentient=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Secure$/);
      const cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
      expect((await get("/v1/session", cookie, { ...OURS, host: "care.example.com" }, secure)).status).toBe(200);
    });

    test("no answer allows another origin to read it", async () => {
      const cookie = await cookieOf({ key: ANN.key });
      for (const method of ["GET", "HEAD", "OPTIONS"]) {
        const response = await app.request("/v1/decisions", { method, headers: { ...OURS, cookie, origin: "https://evil.example" } });
        expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
        expect(response.status).toBe(method === "OPTIONS" ? 404 : 403);
      }
    });
  });

  test("expired sessions are pruned", async () => {
    await cookieOf({ key: ANN.key });
    const { pruning } = running.service.store;
    const keep = keepingOf(running.service.policy);
    expect(await pruning.prune("console_sessions", keep, now + 11 * HOUR, 10)).toBe(0);
    expect(await pruning.prune("console_sessions", keep, now + 13 * HOUR, 10)).toBe(1);
  });
});
