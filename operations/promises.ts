import { SentientError } from "../domain/errors.ts";
import { endPromise } from "../domain/moments/promises.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { KeptPromise } from "../store/store.ts";
import { auditOf, lookUp, momentToAct, OPERATOR, type OperationDeps, only, operate, storeTime, timeAs, wakeAt } from "./deps.ts";
import type { Actor, Operations, Outcome, PromiseView } from "./operation.ts";

export function promiseOperations(deps: OperationDeps): Operations["promises"] {
  return {
    async list({ customerId, owner, limit, all = false }) {
      const { at } = await storeTime(deps);
      const some = customerId === undefined ? {} : { customerId };
      return (await deps.store.operations.promises({ ...some, owner, limit, all })).map((promise) => viewOf(promise, at));
    },
    show: async ({ id }) => viewOf(await find(id, deps), (await storeTime(deps)).at),
    kept: ({ id }, actor) => keep(id, actor, deps),
  };
}

// --- internal ---

const find = async (id: string, { store }: OperationDeps): Promise<KeptPromise> =>
  only("promise", id, await store.operations.promises(lookUp(id)), ({ promiseId }) => promiseId);

async function keep(id: string, actor: Actor, deps: OperationDeps): Promise<Outcome<PromiseView>> {
  const known = await find(id, deps);
  const at = await momentToAct(deps);
  const { promiseId, customerId, name, ended, endedAt } = known;
  if (ended === "kept") return { ...viewOf(known, at), changed: false };
  if (ended !== undefined)
    throw new SentientError("CONFLICT", `promise ${promiseId} was ${ended}${endedAt === undefined ? "" : ` at ${iso(endedAt)}`}`);
  await operate(
    deps,
    customerId,
    at,
    ({ promises }) => {
      const own = promises.filter((one) => one.promiseId === promiseId);
      return own.length === 0 ? [] : [...own.flatMap((one) => endPromise(one, "kept", at, actor.by)), wakeAt(OPERATOR, at)];
    },
    { operation: { audit: auditOf(deps, actor, { action: "promise.kept", target: promiseId, customerId, details: { promise: name } }) } },
  );
  return { ...viewOf(await find(promiseId, deps), at), changed: true, wakes: customerId };
}

function viewOf({ openedAt, due, ended, endedAt, ...promise }: KeptPromise, now: Instant): PromiseView {
  return {
    ...promise,
    ...{ openedAt: iso(openedAt), due: iso(due), overdue: ended === undefined && due <= now, state: ended ?? "open" },
    ...timeAs("endedAt", endedAt),
  };
}
