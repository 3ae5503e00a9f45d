import { draftOf, type WakeRun } from "../agents/wake-run.ts";
import { countOmitted } from "../domain/entities/omitted-traits.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Decider } from "./decide.ts";

/** Number of traits that these runs dropped because their customers' records are full. */
export const leftOutOf = (runs: readonly WakeRun[]): number =>
  runs.reduce((sum, one) => sum + countOmitted(one.before?.leftOut, draftOf(one)?.customer.leftOut), 0);

/** Wraps a decider so that dropped traits are counted in the metrics. */
export const countingLeftOut = (decider: Decider, metrics: Metrics): Decider => ({
  ...decider,
  decide: (wakes, writing = {}) =>
    decider.decide(wakes, {
      ...writing,
      onWritten(runs) {
        const count = leftOutOf(runs);
        if (count > 0) metrics.add("sentient_traits_left_out_total", {}, count);
        writing.onWritten?.(runs);
      },
    }),
});
