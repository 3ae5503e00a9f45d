import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import type { AnyChannel } from "../channels/channel.ts";
import type { ChannelRule, Policy } from "../domain/entities/policy.ts";
import { NOW } from "../testing/builders.ts";
import { connectChannels } from "./connect-channels.ts";

const rule = (name: string, kind: string, options: ChannelRule["options"]): ChannelRule => ({
  ...{ name, kind, options },
  ...{ address: "none", consent: "free", makesTask: kind === "human", isTouch: kind !== "human", text: {} },
});
/** Only its channels matter here. */
const policyOf = (...rules: ChannelRule[]) => ({ channels: Object.fromEntries(rules.map((one) => [one.name, one])) }) as unknown as Policy;

test("a channel whose schema throws cannot be used live", async () => {
  const options = z.object({ url: z.string() }).refine(() => {
    throw new Error("no such file");
  });
  const pager: AnyChannel = { kind: "pager", options, content: z.object({}), connect: async () => ({ send: async () => ({}) }) };
  await expect(connectChannels(policyOf(rule("beeper", "pager", { url: "x" })), tmpdir(), { own: [pager] })).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: "channel beeper cannot be used live: the schema failed: no such file",
  });
});

test("every channel that lacks an option is named at once", async () => {
  const policy = policyOf(rule("email", "smtp", { from: "a@b.example" }), rule("sms", "twilio", {}));
  await expect(connectChannels(policy, tmpdir())).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(/^channel email cannot be used live: .*\nchannel sms cannot be used live: /),
  });
});

test("a channel without a required option is an error, or a file replaces it", async () => {
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
