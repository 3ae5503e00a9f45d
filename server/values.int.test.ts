import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPermission } from "../domain/identity/roles.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, OPERATOR_KEY, openTestService, type TestService, WRITE_KEY } from "../testing/service.ts";
import { routes } from "./routes/index.ts";

const policy = policyOf(
  `
  channels: {box: {kind: file}}
  moments: {m: {on: go, expires: 30d}}
  `,
  ["serves: [m]\nchannels: {box: {text: Hello}}"],
);

describe.each(engines)("values on $name", (engine) => {
  let running: TestService;
  beforeAll(async () => {
    running = await openTestService(policy, await engine.place());
  });
  afterAll(() => running?.close());

  const call = (path: string, body: string | Uint8Array<ArrayBuffer> | undefined, headers: Record<string, string> = {}, key = WRITE_KEY) =>
    Promise.resolve(
      running.app.request(path, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body }),
      }),
    );
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => call("/v1/signals", body, headers);
  const event = (members: string) => `{"specversion":"1.0","id":"${randomUUID()}","source":"values","type":"go",${members}}`;
  const answerOf = async (response: Response): Promise<Record<string, unknown>> => ({
    status: response.status,
    ...((await response.json()) as Record<string, unknown>),
  });
  const customer = async (id: string) => answerOf(await call(`/v1/customers/${id}`, undefined, {}, OPERATOR_KEY));

  test("F4: user ids of a Segment client that a double cannot tell apart are two customers", async () => {
    for (const [id, name] of [
      ["1524831183200260097", "Ann"],
      ["1524831183200260098", "Bob"],
    ])
      expect((await call("/v1/identify", `{"userId":${id},"messageId":1${id},"traits":{"name":"${name}"}}`)).status).toBe(202);
    await running.settled();
    const names = await Promise.all(["1524831183200260097", "1524831183200260098"].map(customer));
    expect(names.map(({ fields }) => (fields as { value: string }[])[0]?.value)).toEqual(["Ann", "Bob"]);
  });

  test('F4: 42 and "42" are the same customer, on every ingest route', async () => {
    expect((await send(event('"subject":42,"data":{"traits":{"a":1}}'))).status).toBe(202);
    expect((await call("/v1/batch", '{"batch":[{"type":"identify","userId":"42","traits":{"b":1}}]}')).status).toBe(202);
    expect((await call("/v1/customers", '{"id":42,"traits":{"c":1}}\n', {}, OPERATOR_KEY)).status).toBe(200);
    await running.settled();
    expect(((await customer("42")).fields as { path: string }[]).map(({ path }) => path)).toEqual(["a", "b", "c"]);
  });

  test.each<[string, string, string]>([
    [
      "/v1/signals",
      '{"specversion":"1.0","id":"x","source":"v","type":"go","subject":"c","data":{"traits":{"n":9007199254740993}}}',
      "data.traits.n is",
    ],
    [
      "/v1/signals",
      '[{"specversion":"1.0","id":"x","source":"v","type":"go","subject":"c","data":{"a":[1,{"id":9007199254740993}]}}]',
      "data.a.1.id is",
    ],
    ["/v1/identify", '{"userId":"c","traits":{"order":1524831183200260097}}', "traits.order is"],
    ["/v1/batch", '{"batch":[{"type":"track","event":"go","userId":"c","properties":{"id":1524831183200260097}}]}', "properties.id is"],
  ])("F4: elsewhere such a number is refused with its path: %s %#", async (path, body, problem) => {
    expect(await answerOf(await call(path, body))).toMatchObject({ status: 400, detail: expect.stringContaining(problem) });
  });

  test("F4: an import refuses such a number with line and path", async () => {
    const answer = await answerOf(
      await call("/v1/customers", '{"id":"i-1"}\n{"id":"i-2","traits":{"n":9007199254740993}}\n', {}, OPERATOR_KEY),
    );
    expect(answer).toMatchObject({
      imported: 1,
      problems: [{ line: 2, problem: expect.stringContaining("traits.n is 9007199254740993") }],
    });
  });

  test("F13: null attributes are unset, in structured mode", async () => {
    expect((await send(event('"subject":"nulls","time":null,"data":null,"dataschema":null'))).status).toBe(202);
  });

  test.each<[string, string, Record<string, string>, RegExp]>([
    ["data_base64", `${event('"subject":"c","data_base64":"e30="')}`, {}, /data_base64: binary data is not read/],
    [
      "another type of data",
      `${event('"subject":"c","datacontenttype":"text/xml","data":{}')}`,
      {},
      /datacontenttype: text\/xml is not read/,
    ],
    [
      "another charset",
      event('"subject":"ü"'),
      { "content-type": "application/cloudevents+json; charset=ISO-8859-1" },
      /charset ISO-8859-1/,
    ],
    ["UTF-16", event('"subject":"c"'), { "content-type": "application/json; charset=utf-16" }, /charset utf-16/],
  ])("F13: %s is refused in structured mode", async (_, body, headers, detail) => {
    expect(await answerOf(await send(body, headers))).toMatchObject({ status: 400, detail: expect.stringMatching(detail) });
  });

  const binary = { "ce-specversion": "1.0", "ce-source": "values", "ce-type": "go" };
  test.each<[string, string, Record<string, string>, RegExp]>([
    ["a subject that is no UTF-8", "{}", { "ce-subject": "bad%FF" }, /ce-subject: expected percent-encoded UTF-8/],
    ["a percent sign alone", "{}", { "ce-subject": "100%" }, /ce-subject: expected percent-encoded/],
    ["half a surrogate pair", "{}", { "ce-subject": "%ED%A0%80" }, /ce-subject: expected percent-encoded/],
    ["NUL", "{}", { "ce-subject": "a%00b" }, /subject holds a NUL/],
    ["an extension that is no UTF-8", "{}", { "ce-subject": "c", "ce-partitionkey": "%C3" }, /ce-partitionkey: expected percent-encoded/],
    ["letters that are not encoded", "{}", { "ce-subject": "J\xfcrgen" }, /ce-subject: expected percent-encoded/],
    ["an attribute called data", "{}", { "ce-subject": "c", "ce-data": "{}" }, /ce-data: no attribute/],
    ["data_base64", "{}", { "ce-subject": "c", "ce-data_base64": "e30=" }, /ce-data_base64: no attribute/],
    ["a name that is none", "{}", { "ce-subject": "c", "ce-a-b": "1" }, /ce-a-b: no attribute/],
    [
      "data that is not JSON",
      "<a/>",
      { "ce-subject": "c", "content-type": "application/xml" },
      /content-type: application\/xml is not read/,
    ],
    ["text that looks like JSON", "{}", { "ce-subject": "c", "content-type": "text/plain" }, /content-type: text\/plain is not read/],
  ])("F13: %s is refused in binary mode", async (_, body, headers, detail) => {
    const answer = await answerOf(await send(body, { ...binary, "ce-id": randomUUID(), ...headers }));
    expect(answer).toMatchObject({ status: 400, detail: expect.stringMatching(detail) });
  });

  test("F13: in binary mode percent-encoded UTF-8 is decoded, and structured mode wins if both are given", async () => {
    expect((await send('{"caseId":7}', { ...binary, "ce-id": randomUUID(), "ce-subject": "J%C3%BCrgen%20%25" })).status).toBe(202);
    const both = await send(event('"subject":"structured"'), { ...binary, "ce-id": "b", "content-type": "application/cloudevents+json" });
    expect(both.status).toBe(202);
    await running.settled();
    expect((await customer(encodeURIComponent("Jürgen %"))).status).toBe(200);
    expect((await customer("structured")).status).toBe(200);
  });

  test("F9: a body that is not UTF-8 is refused, on every route with a body", async () => {
    const bodies = [Buffer.from('{"userId":"J\xfcrgen"}', "latin1"), Buffer.from('\uFEFF{"userId":"c"}', "utf16le")].map(
      (one) => new Uint8Array(one),
    );
    const taking = routes.filter(({ method, access }) => method === "post" && (access === "write" || isPermission(access)));
    expect(taking.length).toBeGreaterThan(20);
    for (const { path, access } of taking) {
      for (const body of bodies) {
        const response = await call(path.replace(/\{\w+\}/, "x"), body, {}, access === "write" ? WRITE_KEY : OPERATOR_KEY);
        expect([path, await answerOf(response)]).toEqual([
          path,
          expect.objectContaining({ status: 400, detail: expect.stringMatching(/UTF-8/) }),
        ]);
      }
    }
  });

  test("F9: a UTF-8 byte order mark is skipped, and the charset does not matter for ASCII", async () => {
    expect((await send(`\uFEFF${event('"subject":"bom"')}`)).status).toBe(202);
    expect((await send(event('"subject":"ascii"'), { "content-type": "application/json; charset=ISO-8859-1" })).status).toBe(202);
  });

  test("B8: a batch of 165,001 elements is refused as too large, with a short response", async () => {
    const body = new Uint8Array(gzipSync(`[${"{},".repeat(165_000)}{}]`));
    for (const [path, sent] of [
      ["/v1/signals", body],
      ["/v1/batch", new Uint8Array(gzipSync(`{"batch":[${"{},".repeat(165_000)}{}]}`))],
    ] as const) {
      const response = await call(path, sent, { "content-encoding": "gzip" });
      const answer = await response.text();
      expect([path, response.status, answer.length < 1_000]).toEqual([path, 413, true]);
      expect(answer).toMatch(/165001 events; at most 10000 are taken at once/);
    }
  });

  test("B8: the first hundred errors of a batch are reported and the rest counted, and other requests are not starved", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const answer = await answerOf(await send(`[${"{},".repeat(9_999)}{}]`));
    clearInterval(timer);
    expect(answer).toMatchObject({ status: 400, accepted: 0, moreRejected: 9_900 });
    expect(answer.rejected).toHaveLength(100);
    expect(turns).toBeGreaterThan(20);
    const some = await answerOf(await send(`[${'{"a":1},'.repeat(150)}${event('"subject":"among"')}]`));
    expect(some).toMatchObject({ status: 202, accepted: 1, moreRejected: 50 });
    const few = await answerOf(await send(`[{},${event('"subject":"among"')}]`));
    expect(few).not.toHaveProperty("moreRejected");
  });

  test.each(["%00", "a%00b", "%FF", "%zz", "%", "%ED%A0%80", "%C3", "x".repeat(600)])(
    "B14: %s in a path or a query never reaches the database",
    async (text) => {
      const operating = routes.filter(({ access }) => isPermission(access));
      for (const { path, method } of operating) {
        const paths = path.includes("{id}")
          ? [path.replace("{id}", text)]
          : [`${path}?customer=${text}`, `${path}?queue=${text}`, `${path}?${text}=1`];
        for (const one of paths) {
          const { status } = await call(one, method === "post" ? "{}" : undefined, {}, OPERATOR_KEY);
          const isFine = text.startsWith("x") && !path.includes("{id}") ? status < 500 : status === 400 || status === 404;
          expect([one, status, isFine]).toEqual([one, status, true]);
        }
      }
      for (const one of [`/v1/unsubscribe/${text}`, `/v1/webhooks/${text}`]) expect([400, 404]).toContain((await call(one, "")).status);
    },
  );

  test("B14: NUL in the body of an operator's route is refused", async () => {
    for (const { path } of routes.filter(({ access, method }) => isPermission(access) && method === "post")) {
      if (path === "/v1/customers") continue;
      const response = await call(path.replace("{id}", "x"), '{"by":"a\\u0000b","into":"\\u0000"}', {}, OPERATOR_KEY);
      expect([path, response.status]).toEqual([path, 400]);
    }
  });

  test("B14: the key is checked first", async () => {
    expect((await call("/v1/customers/%00", undefined, {}, "nobody")).status).toBe(401);
  });
});
