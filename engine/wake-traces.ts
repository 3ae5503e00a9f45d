import type { WakeRun } from "../agents/wake-run.ts";
import { type Span, type SpanOptions, type TraceParent, type Tracing, traced, traceParentOf } from "../telemetry/trace.ts";
import type { DueWake } from "./due-wake.ts";

/** Spans of the wakes of a batch, each in the trace of its cause. */
export interface WakeTraces {
  /** Trace parent of a run. */
  of(runId: string): TraceParent | undefined;
  /** Records the decisions of committed runs on their spans. */
  written(runs: readonly WakeRun[]): void;
}

/**
 * Runs `work` in one span for the batch, linked to the cause of each wake, and opens a span per wake: for a signal in the
 * trace of its request, for a timer in a new trace linked to the span that set it, because days may lie between.
 */
export async function inTraces<T>(
  wakes: readonly DueWake[],
  runOf: (due: DueWake) => string,
  tracing: Tracing,
  work: (traces: WakeTraces | undefined) => Promise<T>,
): Promise<T> {
  if (!tracing.isOn) return work(undefined);
  const links = wakes.flatMap((due) => ledBy(due).slice(0, 1));
  const counted = { "sentient.wakes": wakes.length };
  return traced(tracing, "decide batch", { kind: "consumer", parent: null, links, attributes: counted }, async (batch) => {
    const spans = new Map(wakes.map((due) => [runOf(due), tracing.begin("decide", optionsFor(due, runOf(due), batch))]));
    try {
      return await work({ of: (runId) => spans.get(runId)?.traceparent, written: (runs) => noteWritten(runs, spans) });
    } finally {
      for (const span of spans.values()) span.end();
    }
  });
}

// --- internal ---

const ledBy = ({ trace = "" }: DueWake): TraceParent[] => trace.split(" ").flatMap((one) => traceParentOf(one) ?? []);

function optionsFor(due: DueWake, runId: string, batch: Span): SpanOptions {
  const [first, ...others] = ledBy(due);
  const isSignal = due.wake.kind === "signal";
  const links = isSignal ? others : first === undefined ? [] : [first];
  return {
    kind: "consumer",
    parent: isSignal ? (first ?? null) : null,
    links: [...links, ...(batch.traceparent === undefined ? [] : [batch.traceparent])],
    attributes: { "sentient.run.id": runId, "sentient.wake": due.wake.kind, "sentient.written": false },
  };
}

/** Runs that are not committed lost a version conflict and are decided again. */
function noteWritten(runs: readonly WakeRun[], spans: ReadonlyMap<string, Span>): void {
  for (const { runId, judged } of runs) {
    const decided = judged?.changes.find((change) => change.type === "decided");
    const { decisionId, action, experienceId, channel } = decided?.type === "decided" ? decided.decision : {};
    spans.get(runId)?.set({
      "sentient.written": true,
      ...(decisionId === undefined ? {} : { "sentient.decision.id": decisionId, "sentient.action": action }),
      ...(experienceId === undefined ? {} : { "sentient.experience.id": experienceId, "sentient.channel": channel }),
    });
  }
}
