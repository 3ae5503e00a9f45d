import { keepPromisesDue } from "../delivery/keep-promises.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { callTools } from "../queue/jobs.ts";

/**
 * Puts in order what a process that is gone left in the middle, before anybody works. Nobody else may be using the store.
 * What was being handed over or called outside is uncertain from now on; jobs that the queue still holds say nothing that
 * the rows do not, and working on them now would be doing the same from two sides.
 */
export async function settleWhatWasCut(deps: ToolDeps): Promise<void> {
  const { store, queue, now } = deps;
  await queue.clear(callTools);
  await store.deliveries.abandon({ now: now() });
  await store.calls.abandon(now());
  await keepPromisesDue(await store.deliveries.promisesDue(), deps);
}
