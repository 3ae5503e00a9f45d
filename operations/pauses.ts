import { nameOf, PAUSABLE_AGENTS, type PauseTarget } from "../domain/deciding/pause.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { iso } from "../domain/values/time.ts";
import type { KeptPause } from "../store/store.ts";
import { auditOf, momentToAct, type OperationDeps } from "./deps.ts";
import type { Actor, Operations, Outcome, PauseView } from "./operation.ts";

export function pauseOperations(deps: OperationDeps): Operations["pauses"] {
  const { store } = deps;
  return {
    list: async () => (await store.operations.pauses()).map(pauseView),
    pause: ({ target }, actor) => pause(target, actor, deps),
    async resume({ target }, actor) {
      const changed = await store.operations.resume(target, auditOf(deps, actor, { action: "resumed", target: nameOf(target) }));
      if (!changed) refuseUnknown(target, deps.policy);
      const woken = changed ? await store.operations.wakePaused(await momentToAct(deps)) : [];
      return { changed, still: (await store.operations.pauses()).map(pauseView), wakes: woken };
    },
  };
}

// --- internal ---

async function pause(target: PauseTarget, actor: Actor, deps: OperationDeps): Promise<Outcome<PauseView>> {
  refuseUnknown(target, deps.policy);
  const { store } = deps;
  const changed = await store.operations.pause(target, auditOf(deps, actor, { action: "paused", target: nameOf(target) }), actor.note);
  // Nobody takes up what is held for a tool: its hold ends by a wake. Wakes wait while an agent that decides is paused.
  const woken = changed ? await store.operations.wakeHeld(target, await momentToAct(deps)) : [];
  const wakes = woken.length > 0 ? { wakes: woken } : {};
  const set = (await store.operations.pauses()).find((one) => nameOf(one) === nameOf(target));
  // Resumed concurrently: report the requested pause.
  return { ...(set ? pauseView(set) : { ...target, since: iso(deps.now()), by: actor.by }), changed, ...wakes };
}

/** An unknown name is an error: it must not look as if something were paused. */
function refuseUnknown(target: PauseTarget, policy: Policy): void {
  if (target.scope === "all") return;
  const known = { channel: Object.keys(policy.channels), department: policy.departments, agent: PAUSABLE_AGENTS }[target.scope];
  if (!known.includes(target.name))
    throw new SentientError("BAD_INPUT", `no ${target.scope} ${target.name}; there are: ${known.join(", ") || "none"}`);
}

export const pauseView = ({ since, ...pause }: KeptPause): PauseView => ({ ...pause, since: iso(since) });
