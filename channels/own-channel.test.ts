import { expect, test } from "vitest";
import { z } from "zod";
import { OPERATORS } from "../domain/record/merge.ts";
import { NOW } from "../testing/builders.ts";
import type { AnyChannel } from "./channel.ts";
import { rejected } from "./outcome.ts";
import { guarded } from "./own-channel.ts";

const declared = { kind: "pager", options: z.object({}), content: z.object({ text: z.string() }) };
const signal = new AbortController().signal;
const message = { deliveryId: "d_1", customerId: "c-1", channel: "beeper", content: { text: "Hello" }, at: NOW };
const request = { headers: {}, rawBody: Buffer.from("{}"), url: "https://care.example/" };

const connecting = (connect: () => unknown) =>
  guarded({ ...declared, connect } as unknown as AnyChannel).connect?.({} as never, { dataDir: "" });
const sending = async (send: () => unknown) => (await connecting(() => ({ send })))?.send(message, { signal });
const reading = (open: () => unknown) => {
  const channel = guarded({ ...declared, connect: async () => ({}), inbound: { options: z.object({}), open } } as unknown as AnyChannel);
  return channel.inbound?.open({} as never, "beeper");
};
const broken = () => {
  throw new Error("line 7 of Ann's code");
};

test.each([
  ["throws", broken, /^connect of pager failed: line 7/],
  ["gives nothing", () => undefined, /gives no send; expected \{send\}/],
  ["takes nothing at once", () => ({ atOnce: 0, send: () => ({}) }), /atOnce that is no whole number from 1/],
  ["has a close that is none", () => ({ close: 1, send: () => ({}) }), /close that is no function/],
])(
  "connect that %s cannot be used live",
  async (_what, connect, words) =>
    await expect(connecting(connect)).rejects.toMatchObject({ code: "BAD_CONFIG", message: expect.stringMatching(words) }),
);

test("connect that never ends is given up", async () => {
  const channel = guarded({ ...declared, connect: () => new Promise(() => {}) } as unknown as AnyChannel);
  await expect(channel.connect?.({} as never, { dataDir: "", timeoutMs: 1 })).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: "connect of pager failed: it does not end",
  });
});

test.each([
  ["an id", { providerId: "p-1" }, { providerId: "p-1" }],
  ["nothing", undefined, {}],
  ["an id that is no text", { providerId: 7 }, {}],
  ["an id that cannot be stored", { providerId: "a\u0000b" }, {}],
  ["an id without end", { providerId: "x".repeat(501) }, {}],
])("a send that gives %s has been accepted", async (_what, result, expected) =>
  expect(await sending(async () => result)).toEqual(expected),
);

test("an error of send is passed on: only a rejection proves that no message was sent", async () => {
  const refusal = rejected("no such pager");
  await expect(sending(() => Promise.reject(refusal))).rejects.toBe(refusal);
  await expect(sending(broken)).rejects.toThrow("line 7");
});

test("an error while closing does not prevent closing", async () => {
  const open = await connecting(() => ({ send: () => ({}), close: () => Promise.reject(new Error("late")) }));
  await open?.close?.();
  const sync = await connecting(() => ({ send: () => ({}), close: broken }));
  await sync?.close?.();
});

const event = { specversion: "1.0", id: "e-1", source: "channel/beeper", type: "message.received", data: { deliveryId: "d_1" } };
test.each([
  ["throws", broken],
  ["gives nothing", () => undefined],
  ["gives a reason that there is not", () => ({ kind: "refused", reason: "late" })],
  ["gives a bad request without a problem", () => ({ kind: "bad_request" })],
  ["gives a signal without a type", () => ({ kind: "signals", signals: [{ ...event, type: undefined }] })],
  ["speaks as an operator", () => ({ kind: "signals", signals: [{ ...event, source: OPERATORS }] })],
  ["gives an answer that is none", () => ({ kind: "signals", signals: [], answer: "ok" })],
  ["gives an answer without a body", () => ({ kind: "signals", signals: [], answer: { contentType: "text/plain" } })],
  ["gives a type that is no header", () => ({ kind: "signals", signals: [], answer: { contentType: "a\nb", body: "" } })],
  ["gives a signal that is none", () => ({ kind: "signals", signals: [event, "hello"] })],
])("an inbound reader that %s fails the request, and its error text stays in the log", async (_what, read) => {
  const failed = reading(() => read)?.(request, NOW);
  await expect(failed).rejects.toMatchObject({
    code: "TOOL_FAILED",
    message: "the inbound reader of pager failed; the log says why",
    cause: expect.any(Error),
  });
});

test("an inbound reader that cannot be opened is reported to the operator", () =>
  expect(() => reading(broken)).toThrow(expect.objectContaining({ code: "BAD_CONFIG" })));

test("a reading is passed on, together with the sent messages", async () => {
  const knowing = (sent: readonly unknown[]) => (sent.length > 0 ? [event] : [{ ...event, type: "" }]);
  const answer = { contentType: "text/plain", body: "ok" };
  const read = await reading(() => async () => ({ kind: "signals", signals: [event], answer, knowing }))?.(request, NOW);
  expect(read).toMatchObject({ kind: "signals", signals: [event], answer });
  if (read?.kind !== "signals") throw new Error("expected signals");
  expect(read.knowing?.(["Hello"])).toEqual([event]);
  expect(() => read.knowing?.([])).toThrow(expect.objectContaining({ code: "TOOL_FAILED" }));
  for (const reading_ of [
    { kind: "refused", reason: "stale" },
    { kind: "bad_request", problem: "expected a page" },
  ])
    expect(await reading(() => () => reading_)?.(request, NOW)).toEqual(reading_);
});
