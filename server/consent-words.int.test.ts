import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { codesOf } from "../testing/codes.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";

const settings = (more = "") => `
  channels: {Email: {kind: file, address: none}, sms: {kind: file, address: none}, desk: {kind: human}${more}}
  learning: {explore: none}
  record: {consentFrom: [crm]}
  moments: {mailed: {on: mail, expires: 30d}, texted: {on: text, expires: 30d}, tasked: {on: task, expires: 30d}, sent: {on: send, expires: 30d}}
`;
const experiences = [
  "id: a\nserves: [mailed]\nchannels: {Email: {text: Hello}}",
  "id: b\nserves: [texted]\nchannels: {sms: {text: Hello}}",
  "id: c\nserves: [tasked]\nchannels: {desk: {summary: Call}}",
];
const policy = policyOf(settings(), experiences);
/** The same with a channel that was added later. */
const later = policyOf(settings(", WhatsApp: {kind: file, address: none}"), [
  ...experiences,
  "id: d\nserves: [sent]\nchannels: {WhatsApp: {text: Hello}}",
]);

const MOMENTS: Readonly<Record<string, string>> = { mail: "mailed", text: "texted", task: "tasked", send: "sent" };

describe.each(engines)("words of consent, on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  let passed = 0;
  const now = () => Date.now() + passed;
  const told: [string, unknown][] = [];
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    const silent = () => {};
    const warn = (message: string, fields?: unknown) => void told.push([message, fields]);
    running = await openTestService(policy, place, { now, log: { info: silent, error: silent, warn } as never });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const consent = (subject: string, data: Json) =>
    on().post("/v1/signals", { specversion: "1.0", id: randomUUID(), source: "web", type: "customer.consent", subject, data });
  const codesAt = async (type: string, id: string) => {
    await on().signal(type, id);
    await on().settled();
    return codesOf((await on().decisions(id)).at(-1), MOMENTS[type]);
  };
  const importing = async (...lines: JsonObject[]) => {
    const response = await on().app.request("/v1/customers", {
      method: "POST",
      headers: { authorization: "Bearer operator-key-of-a-test", "content-type": "application/x-ndjson" },
      body: lines.map((line) => JSON.stringify(line)).join("\n"),
    });
    return (await response.json()) as JsonObject;
  };

  test.each<[JsonObject, hits: string]>([
    [{ channel: "Email", status: "revoked" }, "mail"],
    [{ channel: "email", status: "REVOKED" }, "mail"],
    [{ channel: " EMAIL\t", status: " Denied " }, "mail"],
    [{ channel: ["sms", "eMail"], status: "denied" }, "mail text"],
    [{ channel: "SMS", status: "Revoked" }, "text"],
    [{ status: "revoked" }, "mail text"],
    [{ channel: null, status: "denied" }, "mail text"],
    [{ channel: "  ", status: "revoked" }, "mail text"],
    [{ channel: "*", status: "revoked" }, "mail text"],
    [{ channel: "Desk", status: "revoked" }, "task"],
  ])("F10: %j is accepted, with its intended effect", async (data, hits) => {
    const id = randomUUID();
    expect((await consent(id, data)).status).toBe(202);
    for (const type of ["mail", "text", "task"])
      expect([type, await codesAt(type, id)]).toEqual([type, [hits.split(" ").includes(type) ? "consent_revoked" : "eligible"]]);
  });

  test.each<[JsonObject, string]>([
    [{ channel: "email", status: "unsubscribed" }, "data.status: expected granted, denied or revoked"],
    [{ channel: "email", status: true }, "data.status"],
    [{ channel: "email" }, "data.status"],
    [{ channel: "pigeon", status: "granted" }, "there is no channel pigeon; expected one of Email, sms, desk"],
    [{ channel: ["email", "pigeon"], status: "Granted" }, "there is no channel pigeon"],
    [{ status: "granted" }, "a grant names its channel"],
    [{ channel: " ", status: "granted" }, "a grant names its channel"],
    [{ channel: "*", status: "granted" }, "a grant names its channel"],
  ])("F10: %j is rejected, alone and among others", async (data, why) => {
    const alone = await consent("rejected", data);
    expect([alone.status, ((await alone.json()) as JsonObject).detail]).toEqual([400, expect.stringContaining(why)]);
    const event = (type: string, fields: JsonObject) => ({
      specversion: "1.0",
      id: randomUUID(),
      source: "web",
      type,
      subject: "r",
      data: fields,
    });
    const batch = await on().post("/v1/signals", [event("go", {}), event("customer.consent", data)]);
    expect([batch.status, await batch.json()]).toEqual([
      202,
      { accepted: 1, duplicates: 0, rejected: [{ index: 1, code: "BAD_INPUT", error: expect.stringContaining(why) }] },
    ]);
  });

  test("F10: a revocation for an unknown channel is kept by name and reported, once in the log and in the run", async () => {
    for (const id of ["kept", "kept too"]) expect((await consent(id, { channel: " WhatsApp ", status: "revoked" })).status).toBe(202);
    expect((await consent("long", { channel: "x".repeat(20_000), status: "revoked" })).status).toBe(202);
    await on().settled();
    expect(await on().rows("select channel, status from consents where customer_id = 'kept'")).toEqual([
      { channel: "whatsapp", status: "revoked" },
    ]);
    expect(told.filter(([, fields]) => JSON.stringify(fields).includes("whatsapp"))).toHaveLength(1);
    const [run] = await on().rows<{ steps: JsonObject[] }>("select steps from runs where customer_id = 'kept'");
    expect(run?.steps).toContainEqual(expect.objectContaining({ consent: "kept by its name: there is no channel whatsapp" }));
  });

  test("an import's line is accepted with every revocation in it; a grant for an unknown channel is reported with its line", async () => {
    const consents = [
      { channel: "EMAIL", status: "Revoked" },
      { channel: "pigeon", status: "granted" },
      { channel: "Fax", status: "denied" },
    ];
    expect(await importing({ id: "line", consents }, { id: "all", consents: [{ status: "denied" }] })).toMatchObject({
      imported: 2,
      problems: [{ line: 1, problem: expect.stringContaining("consents.1.channel: there is no channel pigeon") }],
      unknownChannels: ["fax"],
    });
    expect([await codesAt("mail", "line"), await codesAt("text", "line")]).toEqual([["consent_revoked"], ["eligible"]]);
    expect([await codesAt("mail", "all"), await codesAt("text", "all"), await codesAt("task", "all")]).toEqual([
      ["consent_revoked"],
      ["consent_revoked"],
      ["eligible"],
    ]);
  });

  const FUTURE = "2099-01-01T00:00:00Z";
  const soon = () => new Date(now() - 1).toISOString();
  test.each<[what: string, line: () => JsonObject, codes: string]>([
    ["without a time", () => ({ source: "crm" }), "consent_revoked"],
    ["of a source that is not named, with a later time", () => ({ source: "shop", at: soon() }), "consent_revoked"],
    ["with an earlier time", () => ({ source: "crm", at: "2026-01-01T00:00:00Z" }), "consent_revoked"],
    ["that is dated ahead", () => ({ source: "crm", at: FUTURE }), "consent_revoked"],
    ["of a named source with a later time", () => ({ source: "crm", at: soon() }), "eligible"],
  ])("friction: an imported grant %s leaves or undoes the customer's own revocation", async (what, line, codes) => {
    const id = `undone ${what}`;
    await consent(id, { channel: "email", status: "revoked" });
    passed += 1_000;
    await importing({ id, consents: [{ channel: "email", status: "granted" }], ...line() });
    expect(await codesAt("mail", id)).toEqual([codes]);
  });

  test("friction: an old file imported again does not undo a STOP, and a revocation in it undoes a grant", async () => {
    const line = { id: "again", source: "crm", at: "2026-01-01T00:00:00Z", consents: [{ channel: "email", status: "granted" }] };
    await importing(line);
    expect(await codesAt("mail", "again")).toEqual(["eligible"]);
    await consent("again", { status: "revoked" });
    await importing({ ...line, traits: { city: "Ulm" } });
    expect(await codesAt("mail", "again")).toEqual(["consent_revoked"]);
    await consent("again", { channel: "email", status: "granted" });
    passed += 1_000;
    await importing({ ...line, at: soon(), consents: [{ channel: "email", status: "denied" }] });
    expect(await codesAt("mail", "again")).toEqual(["consent_revoked"]);
  });

  test("F10: a channel that is added later finds consents under its name, and those for all channels", async () => {
    expect((await consent("found", { channel: "WHATSAPP", status: "denied" })).status).toBe(202);
    expect((await consent("found in all", { status: "denied" })).status).toBe(202);
    await on().settled();
    if (engine.name === "embedded") return; // Its store ends with its process.
    await running?.close();
    running = await openTestService(later, place ?? expect.fail("there is a place"), { now });
    for (const id of ["found", "found in all"]) expect(await codesAt("send", id)).toEqual(["consent_revoked"]);
    expect(await codesAt("send", "somebody")).toEqual(["eligible"]);
    await consent("found in all", { channel: "whatsapp", status: "granted" });
    expect(await codesAt("send", "found in all")).toEqual(["eligible"]);
  });
});
