import { createECDH, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import webPush from "web-push";
import { need } from "../domain/errors.ts";
import { pager } from "../examples/pager/channels/pager.ts";
import { NOW } from "../testing/builders.ts";
import { PAGER_KEY } from "../testing/own-channel.ts";
import { startHttpProvider } from "../testing/providers/http-provider.ts";
import { startSmtpProvider } from "../testing/providers/smtp-provider.ts";
import { channelContract, heldToTheContract } from "./channel.contract.ts";
import type { AnyChannel, OpenChannel, OutgoingMessage } from "./channel.ts";
import { chat } from "./chat/chat.ts";
import { file } from "./file/file.ts";
import { channels } from "./index.ts";
import { guarded } from "./own-channel.ts";
import { push } from "./push/push.ts";
import { smtp } from "./smtp/smtp.ts";
import { twilio } from "./twilio/twilio.ts";
import { webhook } from "./webhook/webhook.ts";

const TEXT = "Your car, plate ZZ-1234, is ready";
const message = (deliveryId: string, content: OutgoingMessage["content"], to?: string): OutgoingMessage => ({
  deliveryId,
  customerId: "c-1",
  channel: "care",
  content,
  at: NOW,
  ...(to === undefined ? {} : { to }),
});

async function open(channel: AnyChannel, options: Record<string, unknown>, timeoutMs?: number): Promise<OpenChannel> {
  const parsed = channel.options.parse(options);
  return need(channel.connect, "a channel that sends")(parsed as never, {
    dataDir: tmpdir(),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

channelContract({
  name: "smtp",
  start: startSmtpProvider,
  connect: (url, timeoutMs) => open(smtp, { url, from: "Care <care@northwind.example>" }, timeoutMs),
  message: (id) => message(id, { subject: TEXT, body: `<p>${TEXT}</p>` }, "ann@example.com"),
  secrets: ["mail-s3cret", TEXT, "ann@example.com"],
  // A reply after DATA is the server's verdict: with 4xx or 5xx it has not accepted the mail.
  known: { takes_then_fails: "rejected", too_many: "rejected" },
});

const sid = "AC0123456789";
channelContract({
  name: "twilio",
  start: () => startHttpProvider({ status: 201, body: JSON.stringify({ sid: "SM1", status: "queued" }) }),
  connect: (url, timeoutMs) => open(twilio, { accountSid: sid, authToken: "tw-s3cret", from: "+15555550199", url }, timeoutMs),
  message: (id) => message(id, { text: TEXT }, "+15555550100"),
  secrets: ["tw-s3cret", Buffer.from(`${sid}:tw-s3cret`).toString("base64"), TEXT, "5555550100", "ann@example.com"],
});

const vapid = webPush.generateVAPIDKeys();
const browser = createECDH("prime256v1");
const keys = { p256dh: browser.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
channelContract({
  name: "push",
  start: () => startHttpProvider({ status: 201, body: "", headers: { location: "https://push.example/m/1" } }),
  connect: (_, timeoutMs) => open(push, { subject: "mailto:care@northwind.example", ...vapid, allowPrivate: true }, timeoutMs),
  message: (id, url) => message(id, { title: TEXT }, JSON.stringify({ endpoint: `${url}/push/s3cret-endpoint`, keys })),
  secrets: [vapid.privateKey, "s3cret-endpoint", TEXT, "ann@example.com"],
});

channelContract({
  name: "chat",
  start: () => startHttpProvider({ status: 200, body: "ok" }),
  connect: (url, timeoutMs) => open(chat, { url: `${url}/services/T1/s3cret-hook`, allowPrivate: true }, timeoutMs),
  message: (id) => message(id, { text: TEXT }),
  secrets: ["s3cret-hook", TEXT, "ann@example.com"],
});

channelContract({
  name: "webhook",
  start: () => startHttpProvider({ status: 204, body: "" }),
  connect: (url, timeoutMs) =>
    open(webhook, { url: `${url}/hooks?key=s3cret-hook`, secret: "whsec_c2VjcmV0LXNpZ25pbmcta2V5", allowPrivate: true }, timeoutMs),
  message: (id) => message(id, { payload: { text: TEXT } }),
  secrets: ["s3cret-hook", "c2VjcmV0LXNpZ25pbmcta2V5", TEXT, "ann@example.com"],
});

channelContract({
  name: "a workspace's own channel",
  start: () => startHttpProvider({ status: 201, body: JSON.stringify({ id: "page-1" }) }),
  connect: (url, timeoutMs) => open(guarded(pager), { url, key: PAGER_KEY, allowPrivate: true }, timeoutMs),
  message: (id) => message(id, { text: TEXT }, "+15555550100"),
  secrets: [PAGER_KEY, TEXT, "5555550100", "ann@example.com"],
});

test("every kind that sends live is covered by the contract or stays on this machine", () => {
  const live = channels.flatMap(({ kind, makesTask, isAsked }) => (makesTask || isAsked || kind === "file" ? [] : [kind]));
  expect(live.filter((kind) => !heldToTheContract.has(kind))).toEqual([]);
});

test("the file gets a line for each message, in order", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "sentient-"));
  const box = await file.connect({}, { dataDir });
  const signal = new AbortController().signal;
  await box.send(message("d_1", { text: "one\ntwo" }, "ann@example.com"), { signal });
  await box.send(message("d_2", { text: "three" }), { signal });
  const lines = (await readFile(join(dataDir, "outbox.jsonl"), "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { deliveryId: "d_1", to: "ann@example.com", content: { text: "one\ntwo" }, at: "2026-06-01T15:00:00Z" },
    { deliveryId: "d_2", content: { text: "three" } },
  ]);
  await rm(dataDir, { recursive: true });
});
