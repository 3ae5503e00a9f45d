import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { JsonObject } from "../../domain/values/json.ts";
import { HOUR } from "../../domain/values/time.ts";
import { createRuntime, type Runtime } from "../../runtime/create-runtime.ts";
import type { Asks } from "../../store/asks.ts";
import { silentLog } from "../../telemetry/log.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { until } from "../../testing/service.ts";
import { createAsking } from "./asking.ts";
import { newAsk, readAsk } from "./new-ask.ts";

const policy = policyOf("channels: {web: {kind: pull}}", ["id: e\nserves: [asking]\nchannels: {web: {content: {headline: Hello}}}"]);
const NOON = at("2026-06-02T12:00:00Z");
const BY = { source: "key:site" };
const BODY: JsonObject = { id: "a-1", customer: "c-1", channel: "web", within: "30ms" };

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ policy, live: true, now: () => NOON, standIn: () => {} });
});
beforeEach(() => runtime.store.clear());
afterAll(() => runtime.close());

/** A process that answers asks, whose statements about them may be told of before and after. */
function asking(told: (asks: Asks) => Partial<Asks> = () => ({}), openAsks = runtime.decider.openAsks) {
  const { store } = runtime;
  const decider = { ...runtime.decider, openAsks };
  const outages = { report: () => {}, succeeded: () => {} };
  const asks = { ...store.asks, ...told(store.asks) };
  return createAsking({
    ...{ store: { ...store, asks }, decider, now: () => NOON, newId: randomUUID, log: silentLog, metrics: createMetrics(), outages },
  });
}

/** Another process writes of the same ask when this one is about to mark it as late. */
const meanwhile =
  (write: () => Promise<unknown>) =>
  ({ markLate }: Asks): Partial<Asks> => ({
    async markLate(asks) {
      await write();
      return markLate(asks);
    },
  });

/** Another process leases the customer for an hour. */
async function holdElsewhere(): Promise<void> {
  const lease = { owner: "another", leaseMs: HOUR, now: NOON };
  const {
    asks: [held],
  } = await runtime.store.asks.open([{ source: "another", id: "another", customerId: "c-1" }], lease);
  expect(held).toMatchObject({ isLeased: true });
}

/** The ask as another process took it, a second before. */
const elsewhere = () =>
  newAsk(readAsk(BODY), { ...BY, id: "a-1", seq: 900, customerId: "c-1", at: NOON - 1_000 }, runtime.decider.channels()).signal;

/** What another process answered to it. */
const writeAnswer = (answer: JsonObject, askedAt: string) =>
  runtime.store.database.pool.query(
    "insert into asks (source, id, customer_id, channel, at, body_hash, answer) values ($1, 'a-1', 'c-1', 'web', $2, $3, $4)",
    [BY.source, askedAt, readAsk(BODY).bodyHash, answer],
  );

test("an ask that is late here and was answered by another process meanwhile gets that answer", async () => {
  await holdElsewhere();
  const answer = { customerId: "c-1", decidedAt: "2026-06-02T11:59:59Z", late: false, places: {} };
  expect(await asking(meanwhile(() => writeAnswer(answer, "2026-06-02T11:59:59Z"))).next(BODY, BY)).toEqual(answer);
});

test("an ask that was answered by a process whose clock is ahead gets that answer", async () => {
  const answer = { customerId: "c-1", decidedAt: "2026-06-02T12:00:01Z", late: false, places: {} };
  await writeAnswer(answer, "2026-06-02T12:00:01Z");
  expect(await asking().next(BODY, BY)).toEqual(answer);
});

test("an ask that is late in two processes is answered the same by both", async () => {
  const { store } = runtime;
  await holdElsewhere();
  const late = { customerId: "c-1", decidedAt: "2026-06-02T11:59:59Z", late: true, places: {} };
  expect(await asking(meanwhile(() => store.asks.markLate([{ signal: elsewhere(), channel: "web" }]))).next(BODY, BY)).toEqual(late);
  expect(await asking().next(BODY, BY)).toEqual(late);
});

test("an ask that is late before it has its place in the order of arrival is given one, and recorded as late", async () => {
  const { openAsks } = runtime.decider;
  const slowly: typeof openAsks = async (asks, lease) => {
    await pause(10);
    return openAsks(asks, lease);
  };
  const body = { ...BODY, within: "1ms" };
  expect(await asking(undefined, slowly).next(body, BY)).toMatchObject({ customerId: "c-1", late: true });
  await until(async () => (await runtime.store.asks.find({ ...BY, id: "a-1" }))?.late === true, "the late ask");
  const { rows } = await runtime.store.database.pool.query("select event->'late' as late, seq is not null as placed from signals");
  expect(rows).toEqual([{ late: true, placed: true }]);
});
