import { draftOf, type WakeRun } from "../agents/wake-run.ts";
import { countOmitted } from "../domain/entities/omitted-traits.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Decider } from "./decide.ts";

/** Traits that these runs left out because the records of their customers are full. */
export const leftOutOf = (runs: readonly WakeRun[]): number =>
  runs.reduce((sum, one) => sum + countOmitted(one.before?.leftOut, draftOf(one)?.customer.leftOut), 0);

/** The same decider, with what it leaves out counted. */
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
