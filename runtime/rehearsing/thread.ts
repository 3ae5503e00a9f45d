// A thread that plays paths: it is given everything once, then one task after the other.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { need, SentientError } from "../../domain/errors.ts";
import { playFuture } from "../../engine/playing/play-future.ts";
import type { PlayStart } from "../../engine/playing/play-start.ts";
import { futureOf } from "../../rehearsal/play-future.ts";
import type { PathTask, SideName, ThreadBeginning, ThreadMessage, ThreadTask } from "./path-task.ts";
import { compileSide } from "./side-files.ts";
import { startTallying } from "./start-tallying.ts";

if (parentPort) listen(parentPort, workerData as ThreadBeginning);

// --- internal ---

function listen(port: MessagePort, given: ThreadBeginning): void {
  const say = (message: ThreadMessage): void => port.postMessage(message);
  /** Both sides may be the same policy, and a thread may play one side only. */
  const compiled = new Map<string, ReturnType<typeof compileSide>>();
  const policyOf = (side: SideName): ReturnType<typeof compileSide> => {
    const { files } = given.sides[side];
    const known = compiled.get(files.policyVersion) ?? compileSide(files);
    compiled.set(files.policyVersion, known);
    return known;
  };
  const starts = new Map<SideName, PlayStart>();
  port.on("message", ({ start: sent, ...task }: ThreadTask) => {
    if (sent) starts.set(task.side, sent);
    const start = need(starts.get(task.side), "how customers stand");
    play(task, start, given, policyOf(task.side), say).then(say, (error: unknown) => {
      const code = error instanceof SentientError ? error.code : undefined;
      say({ ...task, kind: "failed", code, message: error instanceof Error ? error.message : String(error) });
    });
  });
}

/** Progress is told about once a second. */
const EVERY_MS = 1_000;

async function play(
  task: PathTask,
  start: PlayStart,
  { twins, until, seed, ...about }: ThreadBeginning,
  compiled: ReturnType<typeof compileSide>,
  say: (message: ThreadMessage) => void,
): Promise<ThreadMessage> {
  const { policy, tools } = await compiled;
  const { note, played } = startTallying(task, about);
  let told = performance.now();
  const { signals, timers } = await playFuture(start, policy, futureOf(twins, { until, seed, path: task.path }), {
    ...{ tools, until },
    onCommitted: note,
    onProgress: (progress) => {
      if (performance.now() - told < EVERY_MS) return;
      told = performance.now();
      say({ ...task, kind: "progress", ...progress });
    },
  });
  return { ...task, kind: "done", signals, timers, ...played() };
}
