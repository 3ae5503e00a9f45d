import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, listen } from "../../server/listen.ts";
import { policyOf } from "../../testing/policy.ts";
import { OPERATOR_KEY, openTestService, PLAIN_KEY, type TestService, WRITE_KEY } from "../../testing/service.ts";
import { runTyped } from "../../testing/typed/typed-command.ts";
import { createPaint, type Io } from "../io.ts";

let running: TestService;
let listening: Listening;
beforeAll(async () => {
  running = await openTestService(policyOf("record: {mergeFrom: [crm]}"), { remove: async () => {} });
  listening = await listen(running.app, { host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await listening.close();
  await running.close();
});

async function send(words: readonly string[], options: Readonly<Record<string, string>>, keys: Readonly<Record<string, string>>) {
  const out: string[] = [];
  const environment = { SENTIENT_URL: listening.url, ...keys };
  const io: Io = {
    ...{ out: (line) => void out.push(line), note: () => {}, warn: () => {}, progress: () => {}, environment },
    ...{ paint: createPaint(false), stdin: Readable.from([]), columns: 100, isTerminal: false, now: Date.now, isStopped: () => false },
  };
  await runTyped("signal", words, { json: true, store: "/nowhere", ...options }, io);
  await running.settled();
  return JSON.parse(out.join(""));
}

const BOTH = { SENTIENT_WRITE_KEYS: WRITE_KEY, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY };
const merge = (from: string, into: string, keys: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) =>
  send(["customer.merged"], { customer: from, data: JSON.stringify({ into }), ...more }, keys);
const links = () => running.rows("select customer_id, root_id, source from links order by customer_id");

test("a merge with an operator's key is an operator's, and otherwise a signal of its source", async () => {
  for (const id of ["a", "b", "c", "d"]) await send(["bought"], { customer: id }, BOTH);
  expect(await merge("a", "b", BOTH)).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(await merge("a", "b", BOTH)).toMatchObject({ accepted: 0, duplicates: 1 });
  // With a write key alone, and on behalf of a source, it is a signal like any other.
  await merge("c", "d", { SENTIENT_WRITE_KEYS: WRITE_KEY });
  expect(await links()).toEqual([{ customer_id: "a", root_id: "b", source: "sentient" }]);
  await merge("c", "d", BOTH, { source: "crm" });
  expect(await links()).toMatchObject([{ customer_id: "a" }, { customer_id: "c", root_id: "d", source: "crm" }]);
});

test("a merge without customers is refused before it is sent", async () => {
  await expect(send(["customer.merged"], { customer: "a" }, BOTH)).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("weak: a signal that the key has no right for is reported with the right; of several keys, the one with the right is shown", async () => {
  const grant = (keys: string) =>
    send(["customer.consent"], { customer: "a", data: '{"channel":"box","status":"granted"}' }, { SENTIENT_WRITE_KEYS: keys });
  await expect(grant(PLAIN_KEY)).rejects.toMatchObject({ code: "FORBIDDEN", message: expect.stringContaining("+consent") });
  expect(await grant(`${PLAIN_KEY},${WRITE_KEY}+consent`)).toMatchObject({ accepted: 1 });
  await expect(send(["delivery.bounced"], { customer: "a" }, { SENTIENT_WRITE_KEYS: PLAIN_KEY })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
});

test("weak: the rights of a key given as its hash are unknown, and the command reports it", async () => {
  const hash = `sha256:${"a".repeat(64)}`;
  await expect(send(["bought"], { customer: "a" }, { SENTIENT_WRITE_KEYS: hash })).rejects.toMatchObject({
    code: "UNAUTHORIZED",
    message: expect.stringContaining("the key itself, not its hash"),
  });
  expect(await send(["bought"], { customer: "a" }, { SENTIENT_WRITE_KEYS: `${hash},${WRITE_KEY}` })).toMatchObject({ accepted: 1 });
});
