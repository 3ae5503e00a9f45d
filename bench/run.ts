import { join } from "node:path";
import { replayOnce, seededStory } from "./replay-once.ts";

const EXAMPLES = join(import.meta.dirname, "..", "examples");

/** Throughput of `run` on the embedded store, in wakes a second, from the line in the file to the recorded delivery. */
export async function benchRun() {
  const rows = [["", "wakes", "decisions", "seconds", "wakes a second", "wakes a second of CPU"]];
  const story = seededStory({ customers: 150, signals: 1000 });
  try {
    for (const [name, dir] of [
      ["dealership (the demo)", join(EXAMPLES, "dealership")],
      ["seeded: 150 customers, 1,000 signals, half of the deliveries with an action", story.dir],
    ] as const) {
      const { wakes, decisions, seconds, cpuSeconds } = await replayOnce(dir);
      const speeds = [wakes / seconds, wakes / cpuSeconds].map((speed) => String(Math.round(speed)));
      rows.push([name, String(wakes), String(decisions), seconds.toFixed(1), ...speeds]);
    }
  } finally {
    story.remove();
  }
  return { title: "run: whole replays on the embedded store, in memory", rows };
}
