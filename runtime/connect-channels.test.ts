import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { providers } from "../channels/inbound/index.ts";
import { channels } from "../channels/index.ts";
import type { ChannelRule, Policy } from "../domain/policy.ts";
import { NOW } from "../testing/builders.ts";
import { CHANNEL_OPTIONS } from "../workspace/schema.ts";
import { connectChannels, connectInbound } from "./connect-channels.ts";

const rule = (name: string, kind: ChannelRule["kind"], options: ChannelRule["options"]): ChannelRule => ({
  name,
  kind,
  address: "none",
  consent: "free",
  options,
});
/** Only its channels are looked at here. */
const policyOf = (...rules: ChannelRule[]) => ({ channels: Object.fromEntries(rules.map((one) => [one.name, one])) }) as unknown as Policy;

test("every channel whose provider sends webhooks has a reader, the others have none", () => {
  const readers = connectInbound(
    policyOf(
      rule("sms", "twilio", { authToken: "t", statusCallback: "https://care.example/v1/webhooks/sms" }),
      rule("unset", "twilio", {}),
      rule("email", "smtp", { inbound: { provider: "mailgun", signingKey: "k" } }),
      rule("plain", "smtp", {}),
      rule("chat", "chat", { inbound: { provider: "slack", signingSecret: "s" } }),
      rule("desk", "human", {}),
    ),
  );
  expect([...readers.keys()]).toEqual(["sms", "email", "chat"]);
});

test("a reader reads for its own channel", async () => {
  const readers = connectInbound(policyOf(rule("email", "smtp", { inbound: { provider: "postmark", username: "u", password: "p" } })));
  const request = {
    headers: { authorization: `Basic ${Buffer.from("u:p").toString("base64")}` },
    rawBody: Buffer.from(JSON.stringify({ RecordType: "Open", MessageID: "m-1", Recipient: "ann@example.com" })),
    url: "https://care.example/v1/webhooks/email",
  };
  expect(await readers.get("email")?.read(request, NOW)).toMatchObject({ kind: "signals", signals: [{ source: "channel/email" }] });
});

test.each([
  [{ provider: "postmark", username: "u" }, /^channel email cannot read webhooks: password: /],
  [{ provider: "sendgrid", publicKey: "not-set" }, /^channel email cannot read webhooks: publicKey: /],
  [{ provider: "pigeon" }, /^channel email cannot read webhooks: no provider pigeon$/],
])("what is wrong with %j is told with the channel's name", (inbound, message) => {
  const policy = policyOf(rule("email", "smtp", { inbound }));
  expect(() => connectInbound(policy)).toThrow(expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) }));
});

test("a channel that lacks what it needs is an error, or a file stands in for it", async () => {
  const policy = policyOf(rule("email", "smtp", { from: "a@b.example" }), rule("desk", "human", {}));
  await expect(connectChannels(policy, tmpdir())).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(/^channel email cannot be used live: url: expected the address of a mail server/),
  });
  const dataDir = await mkdtemp(join(tmpdir(), "sentient-"));
  const told: string[] = [];
  const open = await connectChannels(policy, dataDir, (channel) => told.push(channel));
  expect([[...open.keys()], told]).toEqual([["email"], ["email"]]);
  const message = { deliveryId: "d_1", customerId: "c-1", channel: "email", content: { subject: "Hello" }, at: NOW };
  await open.get("email")?.send(message, { signal: new AbortController().signal });
  expect(await readFile(join(dataDir, "outbox.jsonl"), "utf8")).toContain('"subject":"Hello"');
  await rm(dataDir, { recursive: true });
});

test.each(channels.map((channel) => [channel.kind, channel] as const))(
  "what %s takes is what a workspace may say about it",
  (kind, { options }) => {
    const taken = options instanceof z.ZodObject ? Object.keys(options.shape) : [];
    const given: readonly string[] = Object.keys(CHANNEL_OPTIONS[kind]).filter((name) => name !== "inbound");
    expect(taken.filter((name) => name !== "inbound").sort()).toEqual([...given].sort());
  },
);

test("every provider but Twilio is one that a workspace may name", () => {
  const { error } = CHANNEL_OPTIONS.smtp.inbound.safeParse({ provider: "?" });
  const known = error?.issues[0]?.message ?? "";
  expect(providers.map(({ provider }) => provider).filter((name) => !known.includes(name))).toEqual(["twilio"]);
});
