import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { CANARY, HOOK_SECRET } from "./canaries.ts";

export type Body = object | string | undefined;
export type Headers = Readonly<Record<string, string>>;

const TRAITS = { firstName: CANARY.name, email: CANARY.email, phone: CANARY.phone, password: CANARY.jsonBody };
/** A signal of a customer with every secret in it. */
export const event = (type: string, subject: string, data: object = {}) => ({
  ...{ specversion: "1.0", id: randomUUID(), source: "web", type, subject },
  data: { traits: { ...TRAITS, wish: subject }, ...data },
});

const wrongKey: Headers = { authorization: `Bearer wrong-${CANARY.header}` };
const basic: Headers = { authorization: `Basic ${Buffer.from(`${CANARY.header}:`).toString("base64")}` };
const signed = (body: string): Headers => {
  const now = new Date();
  const seconds = String(Math.floor(now.getTime() / 1000));
  return { "webhook-id": "m-1", "webhook-timestamp": seconds, "webhook-signature": new Webhook(HOOK_SECRET).sign("m-1", now, body) };
};
const FORGED: Headers = { "webhook-id": "m-2", "webhook-timestamp": "1", "webhook-signature": `v1,${CANARY.header}` };
const message = JSON.stringify({
  type: "message.received",
  timestamp: "2026-06-01T00:00:00Z",
  subject: "c-takes",
  data: { text: CANARY.text },
});
const text = (data: object) => ({ ...event("message.received", "c-takes"), data });
const person = JSON.stringify({ id: "imported", traits: TRAITS, identities: [{ type: "email", value: CANARY.email }] });

/** Requests, valid and invalid, whose responses state only the outcome or the reason. */
export const requests: readonly (readonly [name: string, method: string, path: string, status: number, body?: Body, headers?: Headers])[] =
  [
    ["a message of a customer", "POST", "/v1/signals", 202, text({ text: CANARY.text, channel: "hook", thread: CANARY.text })],
    ["an event that is no JSON", "POST", "/v1/signals", 400, `{"password": ${CANARY.jsonBody}`],
    ["an event without a type", "POST", "/v1/signals", 400, { ...event("", "c-1"), type: undefined }],
    ["an event whose time is a text", "POST", "/v1/signals", 400, { ...event("go", "c-1"), time: CANARY.text }],
    ["an event whose traits are a text", "POST", "/v1/signals", 202, event("go", "c-1", { traits: CANARY.jsonBody })],
    ["a field twice", "POST", "/v1/signals", 400, `{"data": {"a": "${CANARY.jsonBody}", "a": "${CANARY.text}"}}`],
    [
      "a binary event with a wrong body",
      "POST",
      "/v1/signals",
      400,
      `["${CANARY.jsonBody}"]`,
      { "ce-specversion": "1.0", "ce-type": CANARY.header },
    ],
    ["a batch with one good event", "POST", "/v1/signals", 202, [event("noted", "c-2"), { type: CANARY.jsonBody }]],
    ["a body that is not packed as it says", "POST", "/v1/signals", 400, CANARY.jsonBody, { "content-encoding": "gzip" }],
    ["an event that is too large", "POST", "/v1/signals", 413, event("go", "c-1", { text: CANARY.text.repeat(2_000) })],
    ["a wrong write key", "POST", "/v1/signals", 401, event("go", "c-1"), wrongKey],
    ["a wrong Basic key", "POST", "/v1/track", 401, {}, basic],
    ["track", "POST", "/v1/track", 202, { userId: "c-2", event: "noted", properties: TRAITS }],
    ["a track without a name", "POST", "/v1/track", 400, { userId: "c-2", event: { [CANARY.jsonBody]: CANARY.text } }],
    ["identify", "POST", "/v1/identify", 202, { userId: "c-2", traits: TRAITS }],
    ["an identify with wrong traits", "POST", "/v1/identify", 202, { userId: "c-2", traits: CANARY.jsonBody }],
    [
      "page",
      "POST",
      "/v1/page",
      202,
      { userId: "c-2", name: CANARY.text, properties: { url: `https://x.example/?token=${CANARY.query}` } },
    ],
    ["screen", "POST", "/v1/screen", 202, { userId: "c-2", name: CANARY.text }],
    ["group", "POST", "/v1/group", 202, { userId: "c-2", groupId: "g", traits: TRAITS }],
    ["alias", "POST", "/v1/alias", 202, { userId: "c-3", previousId: "c-2" }],
    [
      "a batch of a Segment client",
      "POST",
      "/v1/batch",
      202,
      { batch: [{ type: "track", userId: "c-2", event: "noted" }, { type: CANARY.jsonBody }] },
    ],
    ["a batch that is none", "POST", "/v1/batch", 400, { batch: CANARY.jsonBody }],
    ["a signed webhook", "POST", "/v1/webhooks/hook", 200, message, signed(message)],
    ["a forged webhook", "POST", "/v1/webhooks/hook", 401, message, FORGED],
    ["a signed webhook that says nothing known", "POST", "/v1/webhooks/hook", 400, `"${CANARY.text}"`, signed(`"${CANARY.text}"`)],
    [
      "a forged webhook of Twilio",
      "POST",
      "/v1/webhooks/sms",
      401,
      `From=${CANARY.phone}&Body=${CANARY.text}`,
      { "x-twilio-signature": CANARY.header },
    ],
    ["a webhook of no channel", "POST", "/v1/webhooks/nowhere", 404, message],
    ["a forged link for unsubscribing, opened", "GET", "/v1/unsubscribe/nobody", 404],
    ["a forged link for unsubscribing, used", "POST", "/v1/unsubscribe/nobody", 404, CANARY.text],
    ["nothing is there", "GET", "/v1/nothing", 404],
    ["a wrong operator key", "GET", "/v1/decisions", 401, undefined, wrongKey],
    ["a wrong query", "GET", `/v1/decisions?limit=${CANARY.query}`, 400],
    ["an unknown decision", "GET", "/v1/decisions/nothing/explanation", 404],
    ["an unknown run", "GET", "/v1/runs/nothing", 404],
    ["an unknown customer", "POST", "/v1/customers/nobody/export", 404, {}],
    ["a wrong pause", "POST", "/v1/pause", 400, { target: { scope: CANARY.jsonBody } }],
    ["a pause", "POST", "/v1/pause", 200, { target: { scope: "department", name: "care" } }],
    ["its end", "POST", "/v1/resume", 200, { target: { scope: "department", name: "care" } }],
    ["an operation that is no JSON", "POST", "/v1/resume", 400, CANARY.jsonBody],
    ["a task of nobody", "POST", "/v1/tasks/nothing/claim", 404, {}],
    ["an approval of nobody", "POST", "/v1/approvals/nothing/approve", 404, {}],
    ["a promise of nobody", "POST", "/v1/promises/nothing/kept", 404, {}],
    ["a merge into nobody", "POST", "/v1/customers/c-takes/merge", 404, { into: "nobody" }],
    [
      "records that can be imported, and one that cannot",
      "POST",
      "/v1/customers",
      200,
      `${person}\n{"id": "b", "traits": "${CANARY.jsonBody}"}\n{${CANARY.name}`,
    ],
    ["an address that is lifted and was not given up", "POST", "/v1/customers/imported/lift", 200, { address: CANARY.email }],
    ["dead letters of nobody", "POST", "/v1/dead/revive", 404, { ids: ["x_nothing"] }],
    ["dead letters that are none", "POST", "/v1/dead/revive", 400, { ids: CANARY.jsonBody }],
    ["whether it is ready", "GET", "/readyz", 200],
    ["the description of the API", "GET", "/openapi.json", 200],
  ];
