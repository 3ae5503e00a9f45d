import { everyExperience, type Policy } from "../../domain/entities/policy.ts";
import { DAY, iso } from "../../domain/values/time.ts";
import { comingUnder } from "../../engine/playing/coming-under.ts";
import { backtestHistory } from "../../rehearsal/backtest-history.ts";
import { notModelled } from "../../rehearsal/not-modelled.ts";
import { forwardOf, type Path } from "../../rehearsal/results/forward.ts";
import { fieldReader, groupsBy } from "../../rehearsal/results/groups.ts";
import { movedRows } from "../../rehearsal/results/moved-rows.ts";
import { policyDifferences } from "../../rehearsal/results/policies.ts";
import type { Backtested, RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import type { RehearsalRow, RowPart, RowsByCell } from "../../rehearsal/results/rows.ts";
import type { Frame } from "../../rehearsal/results/tally.ts";
import { learnTwins, type Twins } from "../../rehearsal/twins.ts";
import { playBoth } from "./play-both.ts";
import { playHere } from "./play-here.ts";
import { type PathsProgress, type PlayedPaths, type PlayPathsOptions, playPaths } from "./play-paths.ts";
import type { Side, Source } from "./source.ts";
import { askLog, valueOfLog } from "./value-of-log.ts";

export interface RehearseOptions {
  readonly against: Side;
  readonly with: Side;
  readonly days: number;
  readonly paths: number;
  readonly seed: string;
  /** The field by which results are told apart. */
  readonly by?: string | undefined;
  /** The fewest customers of a group that is told by itself. Default: one. */
  readonly leastOfGroup?: number;
  /** The last part of the record that is foretold from what came before: above 0 and below 1. */
  readonly backtest?: number | undefined;
  readonly onProgress?: (done: string, at: RehearseProgress) => void;
  /** Bounds of the threads that play; default: as `playPaths` has them. */
  readonly bounds?: Pick<PlayPathsOptions, "threads" | "memoryMb">;
  readonly isStopped?: () => boolean;
  /** Receives what is behind the numbers: of each cell and side at most 200 rows, those of a part together, once it was played. */
  readonly onRow?: (row: RehearsalRow) => void;
}

/** How far it is: signals of the recorded stream on one side, sides of paths, or plays of what was foretold. */
export interface RehearseProgress {
  readonly part: "recorded" | "forward" | "backtest";
  readonly done: number;
  /** Missing where nobody knows. */
  readonly of?: number;
}

/** A rehearsal, or what of it was done until it was stopped. */
export type Rehearsed =
  | { readonly isStopped: false; readonly result: RehearsalResult }
  /** `done` in words; a result over the paths of which both sides were played, where there are any. */
  | { readonly isStopped: true; readonly done: string; readonly result?: RehearsalResult };

/**
 * Rehearses two policies: on the recorded stream, on the same futures, and by the log. The same source, options and seed give the same result,
 * on every machine. Nothing leaves the machine, and nothing is written.
 *
 * @throws `BAD_INPUT` where `by` names what no customer has
 */
export async function rehearse(source: Source, options: RehearseOptions): Promise<Rehearsed> {
  const { against, with: other, days, paths, seed, backtest, onRow, isStopped = () => false } = options;
  const policies = [other.policy, against.policy];
  // Before anything is played: a path that nobody has is told at once.
  const frame = frameOf(source, options);
  const twins = learnTwins(source.history, { policies, most: source.customers.length });
  const record = await playRecord(source, options);
  if (!record) return { isStopped: true, done: "nothing: the recorded stream was being played" };
  const { paths: played, rows } = await playAll(source, twins, frame, options);
  const backtested = backtest === undefined || isStopped() ? undefined : await backtestOf(source, options, backtest);
  const resultOf = (over: readonly Path[]): RehearsalResult => ({
    ...{ simulated: true, seed, days, customers: frame.customers.length, paths: over.length },
    ...(frame.customers.length < source.history.population ? { sampleOf: source.history.population } : {}),
    from: iso(source.at),
    policies: { against: against.policy.version, with: other.policy.version, differ: policyDifferences(against.policy, other.policy) },
    recorded: record.recorded,
    forward: forwardOf(over, { frame, worthOf: worthIn(policies), notModelled: [...notInStart(source, policies), ...notModelled(twins)] }),
    value: record.value,
    ...(backtested ? { backtest: backtested } : {}),
  });
  const result = played.length > 0 ? resultOf(played) : undefined;
  if (onRow && result) tellTo(onRow, "forward")([...(rows.against ?? []), ...(rows.with ?? []), ...movedRows(result.forward, result.from)]);
  if (played.length === paths && result && !isStopped()) return { isStopped: false, result };
  const done = `the recorded part, and ${played.length} of ${paths} paths`;
  return { isStopped: true, done, ...(result ? { result } : {}) };
}

// --- internal ---

/** The recorded stream under both policies, and what its log says the other one is worth; undefined where it was stopped. */
async function playRecord(source: Source, options: RehearseOptions): Promise<Pick<RehearsalResult, "recorded" | "value"> | undefined> {
  const { against, with: other, seed, onRow, onProgress = () => {}, isStopped = () => false } = options;
  const question = askLog(source, against, other);
  const recorded = await playBoth(source, {
    ...{ against, with: other, isStopped },
    onProgress: (side, signals) => onProgress(`recorded stream, ${side}: ${signals} signals`, { part: "recorded", done: signals }),
    ...(onRow ? { onRows: tellTo(onRow, "recorded") } : {}),
    ...("watch" in question ? { asked: question } : {}),
  });
  return recorded && { recorded, value: await valueOfLog(source, question, seed) };
}

function frameOf({ at, customers, lastRules }: Source, { against, days, by, leastOfGroup }: RehearseOptions): Frame {
  return {
    ...{ from: at, days, customers: customers.map(({ customerId }) => customerId) },
    ...(by === undefined ? {} : { groups: groupsBy(by, customers, fieldReader(by, against.policy, at), leastOfGroup) }),
    standing: customers.map(({ customerId, standing }) => (standing && lastRules.get(customerId)) ?? null),
  };
}

const tellTo =
  (onRow: (row: RehearsalRow) => void, part: RowPart) =>
  (rows: RowsByCell): void => {
    for (const [cell, of] of rows) for (const row of of) onRow({ part, cell, ...row });
  };

/** Plays of fewer days of a customer are done before threads have started. */
const FEW_DAYS = 25_000;

/** Plays both sides of every path; of what is stopped, the paths that are done. */
async function playAll(
  source: Source,
  twins: Twins,
  frame: Frame,
  { against, with: other, days, paths, seed, bounds = {}, onRow, onProgress = () => {}, isStopped = () => false }: RehearseOptions,
): Promise<PlayedPaths> {
  const until = source.at + days * DAY;
  const starts = {
    against: await source.startFor(against.policy),
    with: comingUnder(await source.startFor(other.policy), other.policy, against.policy),
  };
  const tell = ({ done, of, wakes }: PathsProgress): void =>
    onProgress(`${done} of ${of} plays, ${wakes} wakes`, { part: "forward", done, of });
  const all = { twins, frame, until, seed, paths, collects: onRow !== undefined, onProgress: tell };
  if (frame.customers.length * days * paths <= FEW_DAYS)
    return playHere({
      ...{ ...all, isStopped },
      sides: { against: { side: against, start: starts.against }, with: { side: other, start: starts.with } },
    });
  const stop = new AbortController();
  const look = setInterval(() => isStopped() && stop.abort(), LOOK_MS);
  try {
    return await playPaths({
      ...{ ...all, ...bounds, signal: stop.signal },
      sides: { against: { files: against.files, start: starts.against }, with: { files: other.files, start: starts.with } },
    });
  } catch (error) {
    // An interrupt reaches everything that this process has started: a thread that it breaks off while it starts has played nothing.
    if (isStopped()) return { paths: [], wakes: 0, rows: {}, isStopped: true };
    throw error;
  } finally {
    clearInterval(look);
  }
}

/** How often it is looked whether threads are to stop. */
const LOOK_MS = 100;

const notInStart = ({ notInStart: lacking }: Source, policies: readonly Policy[]): string[] => [...new Set(policies.flatMap(lacking))];

/** What a success of an experience is worth, by the first policy that has it: one measure for both sides. */
function worthIn(policies: readonly Policy[]): (experienceId: string) => number {
  const worths = new Map<string, number>();
  for (const policy of policies)
    for (const { id, value, success } of everyExperience(policy)) if (!worths.has(id)) worths.set(id, value * (success?.reward ?? 1));
  return (experienceId) => worths.get(experienceId) ?? 0;
}

/** Undefined where it was stopped. */
async function backtestOf(
  { history, customers }: Source,
  { against, with: other, paths, seed, onProgress = () => {}, isStopped = () => false }: RehearseOptions,
  share: number,
): Promise<Backtested | undefined> {
  const policies = [other.policy, against.policy];
  const onPlay = (done: number): void => onProgress(`backtest: ${done} of ${paths} plays`, { part: "backtest", done, of: paths });
  const tested = await backtestHistory(history, { policies, share, paths, seed, most: customers.length, onPlay, isStopped });
  if (!tested) return undefined;
  return {
    intervals: tested.intervals.map(({ name, of, came, mean, low, high, held }) => ({
      ...{ name: of === "outcome" ? `outcome ${name}` : name, actual: came, interval: { mean, low, high }, held },
    })),
    held: tested.held,
    share: tested.share ?? 0,
    notForetold: tested.notForetold,
  };
}
