import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type TestService } from "../testing/service.ts";

const PASSWORD = "a-long-password-of-postmark";
const inbound = `inbound: {provider: postmark, username: pm, password: ${PASSWORD}}`;
const policy = policyOf(`channels: {email: {kind: webhook, ${inbound}}, other: {kind: webhook, ${inbound}}, box: {kind: file}}`);

let running: TestService | undefined;
let now = Date.now();
beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} }, { concurrency: 0, now: () => now, standIn: () => {} });
});
afterAll(async () => running?.close());

const bounce = JSON.stringify({ RecordType: "Bounce", MessageID: "m-1", Type: "HardBounce", Email: "ann@x.example" });
const statusOf = async (password: string | undefined, channel = "email"): Promise<Response> => {
  if (!running) throw new Error("the service is not open");
  const authorization = password === undefined ? {} : { authorization: `Basic ${btoa(`pm:${password}`)}` };
  return running.app.request(`/v1/webhooks/${channel}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization },
    body: bounce,
  });
};

test("weak: a client that guesses a webhook's password is throttled, and valid clients are not", async () => {
  const guesses = Array.from({ length: 30 }, (_, n) => (n % 5 === 0 ? undefined : `guess-${n}`));
  const answers: Response[] = [];
  for (const guess of guesses) answers.push(await statusOf(guess));
  expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(401), ...Array(10).fill(429)]);
  expect(answers.at(-1)?.headers.get("retry-after")).toBe("60");
  expect((await statusOf(PASSWORD)).status).toBe(200);
  // Each channel is throttled separately, until the minute has passed.
  expect((await statusOf("guess", "other")).status).toBe(401);
  now += 60_000;
  expect([(await statusOf("guess")).status, (await statusOf(PASSWORD)).status]).toEqual([401, 200]);
});

test("weak: guesses at a webhook do not count against API keys", async () => {
  for (let n = 0; n < 30; n++) await statusOf(`again-${n}`);
  const wrongKey = await running?.app.request("/v1/decisions", { headers: { authorization: "Bearer wrong-key-of-somebody" } });
  expect(wrongKey?.status).toBe(401);
});
