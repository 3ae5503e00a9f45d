import { join } from "node:path";
import { replayOnce, seededStory } from "./replay-once.ts";

const EXAMPLES = join(import.meta.dirname, "..", "examples");

/** Wakes a second of `run` on the embedded store: all the work, from the line in the file to the recorded delivery. */
export async function benchRun() {
  const rows = [["", "wakes", "decisions", "seconds", "wakes a second"]];
  const story = seededStory({ customers: 300, signals: 3000 });
  try {
    for (const [name, dir] of [
      ["dealership (the demo)", join(EXAMPLES, "dealership")],
      ["seeded: 300 customers, 3,000 signals, half of the deliveries with an action", story.dir],
    ] as const) {
      const { wakes, decisions, seconds } = await replayOnce(dir);
      rows.push([name, String(wakes), String(decisions), seconds.toFixed(1), String(Math.round(wakes / seconds))]);
    }
  } finally {
    story.remove();
  }
  return { title: "run: whole replays on the embedded store, in memory", rows };
}
