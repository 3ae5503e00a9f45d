import type { ErrorCode } from "../../domain/errors.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { PlayStart } from "../../engine/playing/play-start.ts";
import type { RowsByCell } from "../../rehearsal/results/rows.ts";
import type { Frame, PathTally } from "../../rehearsal/results/tally.ts";
import type { Twins } from "../../rehearsal/twins.ts";
import type { SideFiles } from "./side-files.ts";

export type SideName = "against" | "with";

/** One side: its policy, and how customers stand under it when the play begins. */
export interface SideToPlay {
  readonly files: SideFiles;
  readonly start: PlayStart;
}

/** What is played. Plain data. */
export interface ThreadData {
  readonly sides: Readonly<Record<SideName, SideToPlay>>;
  readonly twins: Twins;
  readonly frame: Frame;
  readonly until: Instant;
  readonly seed: string;
  /** Whether what is behind the figures of the first path is collected. */
  readonly collects?: boolean;
}

/** What one side of a path came to; its rows where they are collected. */
export interface PlayedSide {
  readonly tally: PathTally;
  readonly rows?: RowsByCell;
}

/** Rows behind the figures of the first path, by side. */
export type FirstPathRows = Readonly<Partial<Record<SideName, RowsByCell>>>;

/** What every thread is given once: how customers stand comes with the first task of a side, as most threads play one side only. */
export interface ThreadBeginning extends Omit<ThreadData, "sides"> {
  readonly sides: Readonly<Record<SideName, Omit<SideToPlay, "start">>>;
}

/** What a thread is to do. */
export interface ThreadTask extends PathTask {
  /** With the first task of the side in this thread. */
  readonly start?: PlayStart;
}

/** One side of one path: the whole population, in one thread. */
export interface PathTask {
  readonly side: SideName;
  readonly path: number;
}

/** What a thread says. */
export type ThreadMessage =
  | (PathTask & { readonly kind: "progress"; readonly signals: number; readonly timers: number; readonly clock: Instant })
  | (PathTask & { readonly kind: "done"; readonly signals: number; readonly timers: number } & PlayedSide)
  | (PathTask & { readonly kind: "failed"; readonly code: ErrorCode | undefined; readonly message: string });
