import { expect, test } from "vitest";
import { insistently } from "../delivery/settling.ts";
import { SentientError } from "../domain/errors.ts";
import { createLog } from "../telemetry/log.ts";
import { backOff, createOutageMonitor, isOutage } from "./outage.ts";
import { createReadiness } from "./readiness.ts";

const full = Object.assign(new Error("no room"), { code: "53100" });

test("B1: rests grow, and never beyond ten seconds", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100, 1e9].map(backOff)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
});

test("trouble of the queue is trouble too; a fault of a request is none", () => {
  expect(["QUEUE_FAILED", "STORE_FAILED"].map((code) => isOutage(new SentientError(code as "QUEUE_FAILED", "no")))).toEqual([true, true]);
  for (const error of [new SentientError("BAD_INPUT", "no"), new TypeError("no"), undefined]) expect(isOutage(error)).toBe(false);
});

test("B1: what is known is written down however often the store refuses, and a fault of it is told at once", async () => {
  let refusals = 0;
  // Its rests are real: three of them.
  expect(await insistently(async () => (++refusals < 4 ? Promise.reject(full) : refusals))).toBe(4);
  const data = Object.assign(new Error("no"), { code: "22P05" });
  await expect(insistently(() => Promise.reject(data))).rejects.toBe(data);
});

test("B1: trouble is told when it begins and when it is over, each code by itself, and again when it comes back", () => {
  let now = 0;
  const lines: string[] = [];
  const outages = createOutageMonitor({
    log: createLog(
      (line) => lines.push(line),
      () => 0,
    ),
    ticks: () => now,
  });
  const told = () => lines.splice(0).map((line) => [JSON.parse(line).level, JSON.parse(line).code, JSON.parse(line).seconds]);
  for (; now < 60_000; now += 1_000) {
    outages.report(full);
    if (now > 0) outages.succeeded();
  }
  expect(told()).toEqual([["warn", "53100", undefined]]);
  expect(outages.seconds()).toBe(60);
  outages.report(Object.assign(new Error("no"), { code: "55P03" }));
  now += 20_000;
  outages.succeeded();
  expect(told()).toEqual([
    ["warn", "55P03", undefined],
    ["info", "53100", 59],
    ["info", "55P03", 0],
  ]);
  expect(outages.seconds()).toBe(0);
  outages.report(full);
  expect(told()).toEqual([["warn", "53100", undefined]]);
});

test("weak: it is not ready while something was refused of late and nothing written since, nor while it cannot write itself", async () => {
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

test("weak: who asks whether it is ready is answered while the database is not", async () => {
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
