import type { WakeRun } from "../agents/wake-run.ts";
import { customerOf, identityOf, idFrom, type Wake } from "../domain/entities/wake.ts";
import type { DueWake } from "./due-wake.ts";

/** Ids rest on the wake alone: a wake that is tried again after another version was published is still the same one. */
export const wakeIdOf = ({ wake }: Pick<DueWake, "wake">): string => idFrom("k", customerOf(wake), identityOf(wake));

export const runOf = (wake: Wake): string => idFrom("r", customerOf(wake), identityOf(wake));

/** A wake before the first agent. */
export function newRun(due: DueWake): WakeRun {
  const { wake, now } = due;
  return { wakeId: wakeIdOf(due), runId: runOf(wake), wake, now, asked: [], rejected: [], steps: [] };
}
