import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("counters, times and gauges are printed in the text format of Prometheus", async () => {
  const metrics = createMetrics();
  metrics.add("sentient_signals_total", { result: "accepted" }, 2);
  metrics.add("sentient_signals_total", { result: "accepted" });
  metrics.add("sentient_webhooks_refused_total", { channel: 'a"b\\c\n', reason: "stale" });
  metrics.observe("sentient_batch_seconds", 0.02);
  metrics.observe("sentient_batch_seconds", 40);
  metrics.gauge("sentient_signals_waiting", async () => 7);
  metrics.gauge("sentient_store_trouble_seconds", () => Promise.reject(new Error("the database is down")));
  const text = await metrics.text();
  expect(text.split("\n").filter((line) => !line.startsWith("#") && !line.includes("_bucket"))).toEqual([
    'sentient_signals_total{result="accepted"} 3',
    'sentient_webhooks_refused_total{channel="a\\"b\\\\c\\n",reason="stale"} 1',
    "sentient_batch_seconds_sum 40.02",
    "sentient_batch_seconds_count 2",
    "sentient_signals_waiting 7",
    "",
  ]);
  expect(text).toContain('sentient_batch_seconds_bucket{le="0.01"} 0\nsentient_batch_seconds_bucket{le="0.025"} 1\n');
  expect(text).toContain('sentient_batch_seconds_bucket{le="30"} 1\nsentient_batch_seconds_bucket{le="+Inf"} 2\n');
  expect(text).toContain("# TYPE sentient_signals_total counter\n");
});

test("a gauge may have a value for each of its labels, or none", async () => {
  const metrics = createMetrics();
  metrics.gauge("sentient_version_in_force", async () => [{ labels: { policy_version: "abc" }, value: 5 }]);
  metrics.gauge("sentient_version_decided_by", () => []);
  const lines = (await metrics.text()).split("\n").filter((line) => line.startsWith("sentient_version"));
  expect(lines).toEqual(['sentient_version_in_force{policy_version="abc"} 5']);
});
