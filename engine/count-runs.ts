import { draftOf, type WakeRun } from "../agents/wake-run.ts";
import { countOmitted } from "../domain/entities/omitted-traits.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Decider } from "./decide.ts";

/** Number of traits that these runs dropped because their customers' records are full. */
export const leftOutOf = (runs: readonly WakeRun[]): number =>
  runs.reduce((sum, one) => sum + countOmitted(one.before?.leftOut, draftOf(one)?.customer.leftOut), 0);

/** Number of deliveries that a tool sent after their hold was over. */
const confirmedLate = (runs: readonly WakeRun[]): number =>
  runs
    .flatMap((one) => draftOf(one)?.changes ?? [])
    .filter((change) => change.type === "delivery_moved" && change.confirmedLateBy !== undefined).length;

/** Wraps a decider so that dropped traits and late confirmations are counted in the metrics. */
export const countingRuns = (decider: Decider, metrics: Metrics): Decider => ({
  ...decider,
  decide: (wakes, writing = {}) =>
    decider.decide(wakes, {
      ...writing,
      onWritten(runs) {
        const count = leftOutOf(runs);
        if (count > 0) metrics.add("sentient_traits_left_out_total", {}, count);
        const late = confirmedLate(runs);
        if (late > 0) metrics.add("sentient_holds_confirmed_late_total", {}, late);
        writing.onWritten?.(runs);
      },
    }),
});
