import { replayOnce, seededStory } from "./replay-once.ts";

/** What a graph execution costs: wakes one at a time or many together, with and without a checkpointer in memory. */
export async function benchGraph() {
  const story = seededStory({ customers: 300, signals: 600 });
  const rows = [["wakes an execution", "checkpointer", "executions", "seconds", "wakes a second", "times as long"]];
  try {
    let shortest: number | undefined;
    for (const [batch, checkpointed] of [
      [64, false],
      [64, true],
      [1, false],
      [1, true],
    ] as const) {
      const { wakes, seconds, executions } = await replayOnce(story.dir, { batch, checkpointed });
      shortest ??= seconds;
      rows.push([
        batch === 1 ? "1" : `up to ${batch}`,
        checkpointed ? "in memory" : "none",
        String(executions),
        seconds.toFixed(1),
        String(Math.round(wakes / seconds)),
        (seconds / shortest).toFixed(2),
      ]);
    }
  } finally {
    story.remove();
  }
  return { title: "graph: the same stream through the decisioning graph", rows };
}
