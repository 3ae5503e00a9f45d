import { engines } from "../testing/service.ts";
import { type Measured, measuredRow, sentient, underLoad } from "./service-under-load.ts";

const CUSTOMERS = 10_000;
const SHAPE = { customers: CUSTOMERS, warmUpMs: 10_000, windowMs: Number(process.env.BENCH_WINDOW_MS ?? 15_000) };

/**
 * From an HTTP POST of a signal to the message at a local sink: one event a request, one in a hundred twice, as many on
 * their way as the service takes; then at half of that rate, for how long one takes.
 */
export async function benchService() {
  const rows = [
    ["", "decisions/s", "p50 at half", "p95 at half", "CPU s / 1000", "ours + PostgreSQL + Redis", "memory", "missing", "twice"],
  ];
  for (const engine of engines.filter(({ name }) => name !== "PostgreSQL")) {
    const place = await engine.place();
    try {
      const measured: Measured = await underLoad(sentient(place, CUSTOMERS), place, SHAPE);
      rows.push([engine.name, ...measuredRow(measured)]);
    } finally {
      await place.remove();
    }
  }
  return { title: `signals over HTTP to messages at a sink, ${CUSTOMERS} customers`, rows };
}
