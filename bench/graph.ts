import { replayOnce, seededStory } from "./replay-once.ts";

/** Cost of a graph execution: wakes one at a time or batched, with and without an in-memory checkpointer. */
export async function benchGraph() {
  const story = seededStory({ customers: 100, signals: 200 });
  const rows = [["wakes an execution", "checkpointer", "executions", "seconds of CPU", "wakes a second of CPU", "times as much"]];
  try {
    let least: number | undefined;
    for (const [batch, checkpointed] of [
      [64, false],
      [64, true],
      [1, false],
      [1, true],
    ] as const) {
      const { wakes, cpuSeconds, executions } = await replayOnce(story.dir, { batch, checkpointed });
      least ??= cpuSeconds;
      rows.push([
        batch === 1 ? "1" : `up to ${batch}`,
        checkpointed ? "in memory" : "none",
        String(executions),
        cpuSeconds.toFixed(1),
        String(Math.round(wakes / cpuSeconds)),
        (cpuSeconds / least).toFixed(2),
      ]);
    }
  } finally {
    story.remove();
  }
  return { title: "graph: the same stream through the decisioning graph", rows };
}
