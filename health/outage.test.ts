import { expect, test } from "vitest";
import { retryWrite } from "../delivery/record-outcomes.ts";
import { SentientError } from "../domain/errors.ts";
import { createLog } from "../telemetry/log.ts";
import { backOff, createOutageMonitor, isOutage } from "./outage.ts";
import { createReadiness } from "./readiness.ts";

const full = Object.assign(new Error("no room"), { code: "53100" });

test("B1: back-off doubles, up to ten seconds", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100, 1e9].map(backOff)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
});

test("a failure of the queue is an outage too; an invalid request is not", () => {
  expect(["QUEUE_FAILED", "STORE_FAILED"].map((code) => isOutage(new SentientError(code as "QUEUE_FAILED", "no")))).toEqual([true, true]);
  for (const error of [new SentientError("BAD_INPUT", "no"), new TypeError("no"), undefined]) expect(isOutage(error)).toBe(false);
});

test("B1: a known result is written however often the store refuses; a data error is thrown at once", async () => {
  let refusals = 0;
  // Real back-off delays: three of them.
  expect(await retryWrite(async () => (++refusals < 4 ? Promise.reject(full) : refusals))).toBe(4);
  const data = Object.assign(new Error("no"), { code: "22P05" });
  await expect(retryWrite(() => Promise.reject(data))).rejects.toBe(data);
});

test("B1: the log states start and end of an outage once for each code, and again when it recurs", () => {
  let now = 0;
  const lines: string[] = [];
  const outages = createOutageMonitor({
    log: createLog(
      (line) => lines.push(line),
      () => 0,
    ),
    ticks: () => now,
  });
  const logged = () => lines.splice(0).map((line) => [JSON.parse(line).level, JSON.parse(line).code, JSON.parse(line).seconds]);
  for (; now < 60_000; now += 1_000) {
    outages.report(full);
    if (now > 0) outages.succeeded();
  }
  expect(logged()).toEqual([["warn", "53100", undefined]]);
  expect(outages.seconds()).toBe(60);
  outages.report(Object.assign(new Error("no"), { code: "55P03" }));
  now += 20_000;
  outages.succeeded();
  expect(logged()).toEqual([
    ["warn", "55P03", undefined],
    ["info", "53100", 59],
    ["info", "55P03", 0],
  ]);
  expect(outages.seconds()).toBe(0);
  outages.report(full);
  expect(logged()).toEqual([["warn", "53100", undefined]]);
});

test("weak: not ready after a failed write until one succeeds, nor while its own write probe fails", async () => {
  let now = 0;
  let failure: Error | undefined;
  let probes = 0;
  const outages = createOutageMonitor({
    log: createLog(
      () => {},
      () => 0,
    ),
    ticks: () => now,
  });
  const store = {
    async probeWrite() {
      probes++;
      if (failure) throw failure;
    },
  };
  const whyNotReady = createReadiness({ store, outages, ticks: () => now });
  expect(await whyNotReady()).toBeUndefined();
  outages.report(full);
  expect(await whyNotReady()).toBe("the disk of the database is full (53100)");
  outages.succeeded();
  now += 1;
  expect(await whyNotReady()).toBeUndefined();
  outages.report(full);
  now += 4_999;
  expect(await whyNotReady()).toContain("53100");
  now += 1;
  expect(await whyNotReady()).toBeUndefined();
  failure = Object.assign(new Error("no"), { code: "25006" });
  now += 1_000;
  const before = probes;
  expect(await Promise.all(Array.from({ length: 50 }, whyNotReady))).toEqual(Array(50).fill("the database is read-only (25006)"));
  expect(await whyNotReady()).toContain("25006");
  expect(probes - before).toBe(1);
});

test("weak: the readiness check answers while the database does not", async () => {
  const outages = createOutageMonitor({
    log: createLog(
      () => {},
      () => 0,
    ),
    ticks: () => 0,
  });
  const whyNotReady = createReadiness({ store: { probeWrite: () => new Promise(() => {}) }, outages, wait: async () => {} });
  expect(await whyNotReady()).toBe("the database does not answer");
});
