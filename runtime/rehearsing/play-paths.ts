import { availableParallelism, totalmem } from "node:os";
import { Worker } from "node:worker_threads";
import { SentientError } from "../../domain/errors.ts";
import type { Path } from "../../rehearsal/results/forward.ts";
import type { RowsByCell } from "../../rehearsal/results/rows.ts";
import type { PathTally } from "../../rehearsal/results/tally.ts";
import type { FirstPathRows, PathTask, SideName, SideToPlay, ThreadBeginning, ThreadData, ThreadMessage, ThreadTask } from "./path-task.ts";

export interface PlayPathsOptions extends ThreadData {
  /** How many futures, each under both policies. */
  readonly paths: number;
  /** Default: one less than there are processors, at least two. */
  readonly threads?: number;
  /** The most memory of a thread in MB. Default: what is left where they take six tenths of the machine's, at most 4,096. */
  readonly memoryMb?: number;
  readonly onProgress?: (progress: PathsProgress) => void;
  /** Ends all threads at once; paths of which both sides are played are told. */
  readonly signal?: AbortSignal;
}

export interface PathsProgress {
  /** Sides of paths that are played, of so many. */
  readonly done: number;
  readonly of: number;
  /** Signals and timers that were decided. */
  readonly wakes: number;
}

export interface PlayedPaths {
  /** In order; fewer than asked for where it was stopped. */
  readonly paths: readonly Path[];
  readonly wakes: number;
  /** Of the first path, where they are collected. */
  readonly rows: FirstPathRows;
  readonly isStopped: boolean;
}

/**
 * Plays every path under both policies, each side of a path in one thread, over as many threads as there are processors. The result does not
 * depend on their number.
 *
 * @throws `TOO_LARGE` where a thread runs out of memory; what a thread throws, such as `BAD_CONFIG` of files that do not compile
 */
export function playPaths({ paths, threads, memoryMb, onProgress, signal, ...data }: PlayPathsOptions): Promise<PlayedPaths> {
  return new PathsPlay(data, { paths, threads, memoryMb, onProgress, signal }).run();
}

// --- internal ---

interface Running {
  readonly worker: Worker;
  /** Sides of which it knows how customers stand. */
  readonly knows: Set<SideName>;
  task: PathTask | undefined;
}

type Asked = { readonly [Name in Exclude<keyof PlayPathsOptions, keyof ThreadData>]: PlayPathsOptions[Name] | undefined };

class PathsPlay {
  private readonly data: ThreadData;
  private readonly beginning: ThreadBeginning;
  private readonly asked: Asked;
  private readonly waiting: PathTask[];
  private readonly total: number;
  private readonly running = new Set<Running>();
  private readonly tallies = new Map<number, Partial<Record<SideName, PathTally>>>();
  /** Wakes of tasks that are done, and of those in progress. */
  private readonly wakes = new Map<string, number>();
  private readonly rows: Partial<Record<SideName, RowsByCell>> = {};
  private done = 0;

  constructor(data: ThreadData, asked: Asked) {
    this.data = data;
    const withoutStart = ({ start: _sent, ...side }: SideToPlay): Omit<SideToPlay, "start"> => side;
    this.beginning = { ...data, sides: { against: withoutStart(data.sides.against), with: withoutStart(data.sides.with) } };
    this.asked = asked;
    const numbers = Array.from({ length: asked.paths ?? 1 }, (_, path) => path);
    this.waiting = numbers.flatMap((path): PathTask[] => [
      { side: "against", path },
      { side: "with", path },
    ]);
    this.total = this.waiting.length;
  }

  async run(): Promise<PlayedPaths> {
    const { signal } = this.asked;
    try {
      const isStopped = await new Promise<boolean>((resolve, reject) => {
        if (signal?.aborted) return resolve(true);
        signal?.addEventListener("abort", () => resolve(true), { once: true });
        const threads = Math.min(this.asked.threads ?? Math.max(2, availableParallelism() - 1), this.total);
        for (let n = 0; n < threads; n++) this.begin(threads, () => resolve(false), reject);
      });
      return { paths: this.paths(), wakes: this.sum(), rows: this.rows, isStopped };
    } finally {
      await Promise.all([...this.running].map(({ worker }) => worker.terminate()));
    }
  }

  private begin(threads: number, onDone: () => void, onError: (error: unknown) => void): void {
    const memory = this.asked.memoryMb ?? Math.min(4_096, Math.floor((totalmem() * 0.6) / 2 ** 20 / threads));
    const worker = new Worker(ENTRY, {
      workerData: this.beginning,
      execArgv: ARGUMENTS,
      resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const one: Running = { worker, knows: new Set(), task: undefined };
    this.running.add(one);
    worker.on("message", (message: ThreadMessage) => {
      if (message.kind === "failed") return onError(errorOf(message));
      this.wakes.set(`${message.side}\n${message.path}`, message.signals + message.timers);
      if (message.kind === "done") this.finish(message, one);
      this.asked.onProgress?.({ done: this.done, of: this.total, wakes: this.sum() });
      if (this.done === this.total) onDone();
    });
    worker.on("error", (error) => onError(crashOf(error, memory, this.data.frame.customers.length)));
    // A thread that ends by itself has said nothing of its task.
    worker.on("exit", (code) => {
      if (one.task) onError(new Error(`the thread that played ${one.task.side} of path ${one.task.path} ended with code ${code}`));
    });
    this.next(one);
  }

  private finish({ side, path, tally, rows }: Extract<ThreadMessage, { kind: "done" }>, one: Running): void {
    if (rows) this.rows[side] = rows;
    this.tallies.set(path, { ...this.tallies.get(path), [side]: tally });
    this.done++;
    this.next(one);
  }

  private next(one: Running): void {
    // Among the next few: paths are finished in order, so that those of an interrupted play are whole.
    const place = this.waiting.slice(0, this.running.size).findIndex(({ side }) => one.knows.has(side));
    [one.task] = this.waiting.splice(Math.max(0, place), 1);
    if (!one.task) return;
    const { side } = one.task;
    const task: ThreadTask = one.knows.has(side) ? one.task : { ...one.task, start: this.data.sides[side].start };
    one.knows.add(side);
    one.worker.postMessage(task);
  }

  private paths(): Path[] {
    const all = [...this.tallies].sort(([a], [b]) => a - b);
    return all.flatMap(([, { against, with: other }]) => (against && other ? [{ against, with: other }] : []));
  }

  private sum(): number {
    return [...this.wakes.values()].reduce((sum, wakes) => sum + wakes, 0);
  }
}

/** A wake leaves much that is not needed any more, and little that is: room for it is collected less often. */
const YOUNG_MB = 64;

/** A clone has its sources alone, and reads TypeScript by a hook that threads do not inherit; a package has JavaScript. */
const isClone = import.meta.url.endsWith(".ts");
const ENTRY = new URL(isClone ? "./thread.ts" : "./thread.js", import.meta.url);
const ARGUMENTS = isClone ? ["--import", new URL("../../cli/typescript.js", import.meta.url).href] : [];

const errorOf = ({ code, message, side, path }: Extract<ThreadMessage, { kind: "failed" }>): Error =>
  code === undefined ? new Error(`path ${path}, ${side}: ${message}`) : new SentientError(code, message);

function crashOf(error: Error & { readonly code?: string }, memory: number, customers: number): Error {
  if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
  return new SentientError(
    "TOO_LARGE",
    `${customers} customers take more memory than a thread may have (${memory} MB); rehearse fewer of them (--customers N)`,
  );
}
