import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, SECOND } from "../domain/values/time.ts";
import { policyOf } from "../testing/policy.ts";
import { OPERATOR_KEY, openTestService, PLAIN_KEY, SITE, SITE_SECRET, type TestService, WRITE_KEY } from "../testing/service.ts";

const VISITOR = { type: "anonymous_id", value: "a-1" };
const [PAGE = ""] = SITE.origins;

let running: TestService;
/** Deliveries by the customer they went to. */
let given: Readonly<Record<string, string>> = {};
let visitor = "";

beforeAll(async () => {
  running = await openTestService(policyOf("", ["limits: {perCustomer: 1}"]), { remove: async () => {} });
  await running.signal("go", "c-1", { identities: [{ type: "anonymous_id", value: "a-of-c-1" }] });
  await running.signal("go", "c-2");
  await running.post("/v1/signals", { specversion: "1.0", id: "of-visitor", source: "web", type: "go", data: { identities: [VISITOR] } });
  await running.settled();
  given = Object.fromEntries(running.outbox().map(({ customerId, deliveryId }) => [customerId, deliveryId]));
  visitor = Object.keys(given).find((id) => !["c-1", "c-2"].includes(id)) ?? "";
});
afterAll(async () => running?.close());

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
function tokenFor(sub: string, aheadMs = 10 * MINUTE, { secret = SITE_SECRET, alg = "HS256", more = {} } = {}): string {
  const text = `${part({ alg, typ: "JWT" })}.${part({ sub, exp: (Date.now() + aheadMs) / SECOND, ...more })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

async function report(body: object, key: string = SITE.key, headers: Readonly<Record<string, string>> = { origin: PAGE }) {
  const response = await running.post("/v1/receipts", body as never, { authorization: `Bearer ${key}`, ...headers });
  const { code, detail, ...rest } = (await response.json()) as { code?: string; detail?: string } & Record<string, unknown>;
  return { status: response.status, code, detail, rest, origin: response.headers.get("access-control-allow-origin") };
}
const received = (type: string) => running.rows<{ n: number }>("select count(*)::int as n from inbox where type = $1", [type]);

test("a site reports on a visitor's delivery without a token, on a customer's with one; the page may read the answer, and the same again is a duplicate", async () => {
  for (const body of [
    { deliveryId: given[visitor], kind: "clicked" },
    { deliveryId: given["c-1"], kind: "opened", token: tokenFor("c-1") },
  ]) {
    expect(await report(body)).toMatchObject({ status: 202, rest: { accepted: 1, duplicates: 0 }, origin: PAGE });
    expect(await report(body)).toMatchObject({ status: 202, rest: { accepted: 0, duplicates: 1 }, origin: PAGE });
  }
  await running.settled();
  const outcomes = await running.rows("select customer_id as of, kind from outcomes order by kind");
  expect(outcomes).toEqual(
    expect.arrayContaining([
      { of: visitor, kind: "clicked" },
      { of: "c-1", kind: "opened" },
    ]),
  );
});

test("a write key with the right reports on anybody's delivery, and gets no words for browsers", async () => {
  expect(await report({ deliveryId: given["c-2"], kind: "opened" }, WRITE_KEY, {})).toMatchObject({ status: 202, origin: null });
  expect(await report({ deliveryId: given["c-2"], kind: "opened" }, PLAIN_KEY, {})).toMatchObject({ status: 403, code: "FORBIDDEN" });
  expect((await report({ deliveryId: given["c-2"], kind: "opened" }, PLAIN_KEY, {})).detail).toContain("+receipts");
});

test.each<readonly [string, () => object, number, string]>([
  ["of a known customer without a token", () => ({ deliveryId: given["c-2"], kind: "clicked" }), 403, "send the token"],
  ["of a customer who only has an anonymous id besides", () => ({ deliveryId: given["c-1"], kind: "clicked" }), 403, "send the token"],
  ["of another customer", () => ({ deliveryId: given["c-2"], kind: "clicked", token: tokenFor("c-1") }), 403, "another customer"],
  ["of a visitor by a customer", () => ({ deliveryId: given[visitor], kind: "clicked", token: tokenFor("c-1") }), 403, "another customer"],
  ["with an expired token", () => ({ deliveryId: given["c-1"], kind: "clicked", token: tokenFor("c-1", -SECOND) }), 401, "expired"],
  [
    "with a token that lasts",
    () => ({ deliveryId: given["c-1"], kind: "clicked", token: tokenFor("c-1", 2 * HOUR) }),
    401,
    "an hour ahead",
  ],
  [
    "with a forged token",
    () => ({ deliveryId: given["c-1"], kind: "clicked", token: tokenFor("c-1", MINUTE, { secret: "x".repeat(32) }) }),
    401,
    "signature",
  ],
  [
    "with an unsigned token",
    () => ({ deliveryId: given["c-1"], kind: "clicked", token: tokenFor("c-1", MINUTE, { alg: "none" }) }),
    401,
    "HS256",
  ],
  [
    "with a token of another site",
    () => ({ deliveryId: given["c-1"], kind: "clicked", token: tokenFor("c-1", MINUTE, { more: { aud: "other" } }) }),
    401,
    "aud",
  ],
  ["of no delivery", () => ({ deliveryId: "d_none", kind: "clicked" }), 404, "there is no delivery d_none"],
  ["of another kind", () => ({ deliveryId: given[visitor], kind: "complained" }), 400, "kind: expected opened, clicked, dismissed"],
  ["of nothing", () => ({}), 400, "deliveryId: expected"],
])("a receipt %s is refused with a code, and nothing of it is kept", async (_what, body, status, detail) => {
  const answer = await report(body());
  expect(answer).toMatchObject({ status, code: expect.any(String), origin: PAGE });
  expect(answer.detail).toContain(detail);
  expect(await received("delivery.clicked")).toEqual([{ n: 0 }]);
});

test("a site key from a foreign page is refused, and the page may not read why", async () => {
  const body = { deliveryId: given[visitor], kind: "opened" };
  expect(await report(body, SITE.key, { origin: "https://evil.example" })).toMatchObject({ status: 403, code: "FORBIDDEN", origin: null });
  expect(await report(body, OPERATOR_KEY)).toMatchObject({ status: 401, code: "UNAUTHORIZED", origin: PAGE });
});
