import { createHmac, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../domain/values/time.ts";
import { unsubscribeLinks } from "../intake/unsubscribing.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";

/** For any order, spelling and date of consent signals: after the last opt-out, nothing is sent. */
const policy = policyOf(
  `
  channels: {Sms: {kind: twilio, accountSid: AC1, authToken: token, from: "+15550000000"}, desk: {kind: human}}
  learning: {explore: none}
  record: {consentFrom: [crm]}
  moments: {m: {on: go, expires: 30d}}
  `,
  ["transactional: true\nserves: [m]\nchannels: {Sms: {text: Hello}}"],
);

/** One consent signal, from the customer or from a third party. */
interface Said {
  readonly way: (typeof WAYS)[number];
  readonly isNo: boolean;
  readonly spelling: number;
  /** Its date, relative to its arrival; undefined where it has no date. */
  readonly offset: number | undefined;
}

const WAYS = ["signal", "batch", "segment", "stop", "one-click", "import of crm", "import of shop"] as const;
/** None is a multiple of the interval between two signals, so that no two have the same instant. */
const OFFSETS = [undefined, -30_001, -HOUR - 7, -3 * DAY - 13, 1_000, 20 * HOUR];
const NO_CHANNELS: Json[] = ["Sms", " SMS ", "sms", null, "", ["desk", "sMs"], "*"];
const GRANT_CHANNELS: Json[] = ["Sms", "sms ", "SMS"];
const NOES = ["revoked", " Denied", "REVOKED"];
const GRANTS = ["granted", "Granted "];

const saidBy: fc.Arbitrary<Said> = fc.record({
  way: fc.constantFrom(...WAYS),
  isNo: fc.boolean(),
  spelling: fc.nat(20),
  offset: fc.constantFrom(...OFFSETS),
});

const nth = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
const isImport = (way: string): boolean => way.startsWith("import");
/** These are always opt-outs, and dated now. */
const isAlwaysNo = (way: string): boolean => way === "stop" || way === "one-click";

/** The final consent: the last signal in the order of dates, none of them after its arrival. */
function lastWord(words: readonly (Said & { readonly now: Instant })[]): "no" | "grant" | undefined {
  let last: { readonly isNo: boolean; readonly at: Instant } | undefined;
  for (const { way, isNo: drawn, offset: given, now } of words) {
    const isNo = drawn || isAlwaysNo(way);
    const offset = isAlwaysNo(way) ? undefined : given;
    const at = now + Math.min(offset ?? 0, 0);
    const mayUndo = way === "import of crm" && offset !== undefined && offset <= 0;
    if (last && at < last.at) continue;
    if (last?.isNo && !isNo && isImport(way) && !mayUndo) continue;
    last = { isNo, at };
  }
  return last && (last.isNo ? "no" : "grant");
}

describe.each(engines)("opt-outs, on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  let passed = 0;
  let people = 0;
  const now = () => Date.now() + passed;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { now, publicUrl: "https://care.example", standIn: () => {} });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const importing = async (line: JsonObject) => {
    const response = await on().app.request("/v1/customers", {
      method: "POST",
      headers: { authorization: "Bearer operator-key-of-a-test", "content-type": "application/x-ndjson" },
      body: JSON.stringify(line),
    });
    expect(await response.json()).toMatchObject({ imported: 1, problems: [] });
  };

  const stop = async (phone: string) => {
    const url = "https://care.example/v1/webhooks/Sms";
    const form: Record<string, string> = { Body: "STOP", From: phone, MessageSid: randomUUID(), SmsStatus: "received", To: "+15550000000" };
    const signed =
      url +
      Object.keys(form)
        .sort()
        .map((name) => name + form[name])
        .join("");
    const signature = createHmac("sha1", "token").update(signed).digest("base64");
    const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
    const { status } = await on().app.request(url, { method: "POST", headers, body: new URLSearchParams(form).toString() });
    expect(status).toBe(200);
  };

  const click = async (customerId: string) => {
    const linkOf = await unsubscribeLinks(on().service.store, "https://care.example");
    const { status } = await on().app.request(linkOf({ customerId, channel: "Sms", deliveryId: `d-${customerId}` }), { method: "POST" });
    expect(status).toBe(200);
  };

  /** Sends the signals, one a minute. */
  const say = async (id: string, phone: string, { way, isNo, spelling, offset }: Said): Promise<Instant> => {
    passed += MINUTE;
    const at = now();
    const data = { channel: nth(isNo ? NO_CHANNELS : GRANT_CHANNELS, spelling), status: nth(isNo ? NOES : GRANTS, spelling) };
    const time = offset === undefined ? {} : { time: iso(at + offset) };
    const event = { specversion: "1.0", id: randomUUID(), source: "web", type: "customer.consent", subject: id, data, ...time };
    if (way === "stop") await stop(phone);
    else if (way === "one-click") await click(id);
    else if (isImport(way)) {
      const { channel, status } = data;
      const dated = offset === undefined ? {} : { at: iso(at + offset) };
      const word = Array.isArray(channel) ? channel.map((one) => ({ channel: one, status })) : [{ channel, status }];
      await importing({ id, source: way.split(" ").at(-1) ?? "", traits: { n: randomUUID() }, consents: word, ...dated });
    } else if (way === "segment") {
      const message = { type: "track", event: event.type, userId: id, messageId: event.id, properties: data };
      const dated = offset === undefined ? {} : { timestamp: iso(at + offset) };
      expect((await on().post("/v1/batch", { batch: [{ ...message, ...dated }] })).status).toBe(202);
    } else expect((await on().post("/v1/signals", way === "batch" ? [event] : event)).status).toBe(202);
    return at;
  };

  test("F1, F10: after a customer's last revocation nothing is sent, and after a newer grant it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(saidBy, { minLength: 1, maxLength: 6 }), async (words) => {
        const id = `c-${++people}`;
        const phone = `+1555${String(1_000_000 + people)}`;
        await importing({ id, identities: [{ type: "phone", value: phone }] });
        const spoken: (Said & { now: Instant })[] = [];
        for (const word of words) spoken.push({ ...word, now: await say(id, phone, word) });
        await on().signal("go", id);
        await on().settled();
        const sent = await on().rows("select 1 from deliveries where customer_id = $1", [id]);
        expect(sent.length, `${lastWord(spoken)}`).toBe(lastWord(spoken) === "grant" ? 1 : 0);
      }),
      { numRuns: engine.name === "embedded" ? 40 : 15 },
    );
  });
});
