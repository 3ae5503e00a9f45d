import { playFuture } from "../../engine/playing/play-future.ts";
import type { PlayStart } from "../../engine/playing/play-start.ts";
import { futureOf } from "../../rehearsal/play-future.ts";
import type { Path } from "../../rehearsal/results/forward.ts";
import type { RowsByCell } from "../../rehearsal/results/rows.ts";
import type { PathTally } from "../../rehearsal/results/tally.ts";
import { inputsOf } from "../load-tools.ts";
import type { PlayedSide, SideName, ThreadData } from "./path-task.ts";
import type { PathsProgress, PlayedPaths } from "./play-paths.ts";
import type { Side } from "./source.ts";
import { startTallying } from "./start-tallying.ts";

export interface PlayHereOptions extends Omit<ThreadData, "sides"> {
  readonly sides: Readonly<Record<SideName, { readonly side: Side; readonly start: PlayStart }>>;
  readonly paths: number;
  readonly onProgress?: (progress: PathsProgress) => void;
  readonly isStopped?: () => boolean;
}

/** Plays every path under both policies in this thread, one after the other: as `playPaths` does, without the seconds that threads take to start. */
export async function playHere({ paths, onProgress, isStopped = () => false, ...data }: PlayHereOptions): Promise<PlayedPaths> {
  const played: Path[] = [];
  const rows: Partial<Record<SideName, RowsByCell>> = {};
  let [done, wakes] = [0, 0];
  const play = async (side: SideName, path: number): Promise<PathTally | undefined> => {
    const one = await playSide(data, side, path, isStopped);
    wakes += one.wakes;
    if (one.rows) rows[side] = one.rows;
    if (one.tally) onProgress?.({ done: ++done, of: 2 * paths, wakes });
    return one.tally;
  };
  for (let path = 0; path < paths; path++) {
    const against = await play("against", path);
    const other = against && (await play("with", path));
    if (!against || !other) return { paths: played, wakes, rows, isStopped: true };
    played.push({ against, with: other });
  }
  return { paths: played, wakes, rows, isStopped: false };
}

// --- internal ---

/** Without a tally where it was stopped. */
async function playSide(
  { sides, twins, until, seed, ...about }: Omit<PlayHereOptions, "paths">,
  name: SideName,
  path: number,
  isStopped: () => boolean,
): Promise<{ readonly wakes: number } & Partial<PlayedSide>> {
  const { side, start } = sides[name];
  const { note, played } = startTallying({ side: name, path }, about);
  const { signals, timers, clock } = await playFuture(start, side.policy, futureOf(twins, { until, seed, path }), {
    ...{ until, tools: inputsOf(side.tools), isStopped },
    onCommitted: note,
  });
  return { wakes: signals + timers, ...(clock < until ? {} : played()) };
}
