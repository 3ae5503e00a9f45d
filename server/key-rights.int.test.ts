import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, PLAIN_KEY, type Place, type TestService } from "../testing/service.ts";

const plain = { authorization: `Bearer ${PLAIN_KEY}` };
const GRANT = { channel: "sms", status: "granted" };
const RIGHTS_MISSING = ["consent", "receipts"] as const;

let count = 0;
const event = (type: string, data: JsonObject = {}) => ({
  specversion: "1.0",
  id: `k-${++count}`,
  source: "web",
  type,
  subject: "ann",
  data,
});
const TRIES = { consent: ["customer.consent", GRANT], receipts: ["delivery.bounced", { deliveryId: "d-1" }] } as const;

describe.each(engines)("weak: permissions of a plain write key, on $name", (engine) => {
  let place: Place;
  let running: TestService;
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(
      policyOf("channels: {box: {kind: file}, sms: {kind: file}}\ngovernance: {consent: {sms: opt_in}}"),
      place,
      {
        concurrency: 0,
      },
    );
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const post = (path: string, body: Json, headers: Readonly<Record<string, string>> = {}) =>
    running.post(path, body, { ...plain, ...headers });
  const consents = () => running.rows("select channel, status from consents order by channel");
  const waiting = async () => (await running.rows<{ n: number }>("select count(*)::int as n from inbox"))[0]?.n;

  test.each(RIGHTS_MISSING)("weak: without +%s every ingest route refuses it, and nothing of it is kept", async (right) => {
    const [type, data] = TRIES[right];
    const before = await waiting();
    const { data: _data, ...attributes } = event(type);
    const binary = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]));
    const track = { userId: "ann", type: "track", event: type, properties: data, messageId: `m-${++count}` };
    const answers = [
      await post("/v1/signals", event(type, data), { "content-type": "application/cloudevents+json" }),
      await post("/v1/signals", data, binary),
      await post("/v1/signals", [event(type, data), event(type, data)]),
      await post("/v1/track", track),
      await post("/v1/batch", { batch: [track] }),
      await running.app.request("/v1/track", {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${PLAIN_KEY}:`)}`, "content-type": "application/json" },
        body: JSON.stringify(track),
      }),
    ];
    for (const answer of answers) {
      const body = (await answer.json()) as { detail: string; rejected: JsonObject[] };
      expect([answer.status, answer.headers.get("content-type")]).toEqual([403, "application/problem+json"]);
      expect(body).toMatchObject({
        code: "FORBIDDEN",
        rejected: [expect.objectContaining({ index: 0, code: "FORBIDDEN" })].concat(body.rejected.slice(1) as never),
      });
      expect(body.detail).toContain(`+${right}`);
    }
    expect([await waiting(), await consents()]).toEqual([before, []]);
  });

  test("weak: permitted signals beside forbidden ones are accepted, each refusal separate; a refusal of another kind stays one", async () => {
    const mixed = await post("/v1/signals", [event("bought"), event("customer.consent", GRANT), { type: "broken" }]);
    expect([mixed.status, await mixed.json()]).toMatchObject([
      202,
      {
        accepted: 1,
        rejected: [
          { index: 1, code: "FORBIDDEN" },
          { index: 2, code: "BAD_INPUT" },
        ],
      },
    ]);
    const neither = await post("/v1/signals", [event("delivery.opened"), { type: "broken" }]);
    expect([neither.status, await neither.json()]).toMatchObject([400, { code: "BAD_INPUT" }]);
  });

  test("weak: a plain key may revoke and deny consent, and a key with the right may grant it", async () => {
    for (const status of ["revoked", "denied"])
      expect((await post("/v1/signals", event("customer.consent", { channel: "sms", status }))).status).toBe(202);
    const said = await running.post("/v1/signals", [event("customer.consent", GRANT), event("delivery.bounced", { deliveryId: "d-2" })]);
    expect([said.status, await said.json()]).toMatchObject([202, { accepted: 2, rejected: [] }]);
  });
});
