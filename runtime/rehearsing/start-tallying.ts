import { PathRows } from "../../rehearsal/results/path-rows.ts";
import { type Committed, Tallying } from "../../rehearsal/results/tally.ts";
import type { PathTask, PlayedSide, ThreadData } from "./path-task.ts";

/** Adds up one side of a path; of the first path it also collects what is behind its figures, where this is asked for. */
export function startTallying({ side, path }: PathTask, { frame, collects = false }: Pick<ThreadData, "frame" | "collects">) {
  const rows = collects && path === 0 ? new PathRows(side) : undefined;
  const tallying = new Tallying(frame, rows);
  return {
    note: (committed: Committed): void => tallying.note(committed),
    played(): PlayedSide {
      const tally = tallying.result();
      return { tally, ...(rows ? { rows: rows.rows() } : {}) };
    },
  };
}
