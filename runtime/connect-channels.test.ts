import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { providers } from "../channels/inbound/index.ts";
import { channels } from "../channels/index.ts";
import type { ChannelRule, Policy } from "../domain/entities/policy.ts";
import { NOW } from "../testing/builders.ts";
import { CHANNEL_OPTIONS } from "../workspace/schema.ts";
import { connectChannels } from "./connect-channels.ts";

const rule = (name: string, kind: ChannelRule["kind"], options: ChannelRule["options"]): ChannelRule => ({
  name,
  kind,
  address: "none",
  consent: "free",
  options,
});
/** Only its channels are looked at here. */
const policyOf = (...rules: ChannelRule[]) => ({ channels: Object.fromEntries(rules.map((one) => [one.name, one])) }) as unknown as Policy;

test("a channel that lacks what it needs is an error, or a file stands in for it", async () => {
  const policy = policyOf(rule("email", "smtp", { from: "a@b.example" }), rule("desk", "human", {}));
  await expect(connectChannels(policy, tmpdir())).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(/^channel email cannot be used live: url: expected the address of a mail server/),
  });
  const dataDir = await mkdtemp(join(tmpdir(), "sentient-"));
  const told: string[] = [];
  const open = await connectChannels(policy, dataDir, { standIn: (channel) => void told.push(channel) });
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
