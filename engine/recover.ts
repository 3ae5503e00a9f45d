import { keepPromisesDue } from "../delivery/keep-promises.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { callTools } from "../queue/jobs.ts";

/**
 * Crash recovery before the first work of a process that has the store to itself. Sends and external calls in flight become
 * uncertain. The queue is cleared: its jobs repeat what the rows say, and processing both would do the work twice.
 */
export async function recoverOnStart(deps: ToolDeps): Promise<void> {
  const { store, queue, now } = deps;
  await queue.clear(callTools);
  await store.deliveries.abandon({ now: now() });
  await store.calls.abandon(now());
  await keepPromisesDue(await store.deliveries.promisesDue(), deps);
}
