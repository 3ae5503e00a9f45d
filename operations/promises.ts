import { SentientError } from "../domain/errors.ts";
import { endPromise } from "../domain/moments/promises.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { KeptPromise, PromisePlace } from "../store/store.ts";
import { auditOf, lookUp, momentToAct, OPERATOR, type OperationDeps, only, operate, storeTime, timeAs, wakeAt } from "./deps.ts";
import { type PageFrom, pagedList, withNow } from "./monitoring/paged-list.ts";
import type { Actor, Operations, Outcome, PromiseOptions, PromiseView } from "./operation.ts";

export function promiseOperations(deps: OperationDeps): Operations["promises"] {
  return {
    list: pagedList(deps.store, "promises", {
      async read(options: PromiseOptions, page) {
        const { at } = await storeTime(deps);
        return withNow(await deps.store.operations.promises({ ...options, page: page as PageFrom<PromisePlace> }), at);
      },
      place: ({ one: { promiseId, due, ended } }): PromisePlace => ({ promiseId, due, ended: ended !== undefined }),
      show: (rows) => rows.map(({ one, at }) => viewOf(one, at)),
    }),
    show: async ({ id }) => viewOf(await find(id, deps), (await storeTime(deps)).at),
    kept: ({ id }, actor) => keep(id, actor, deps),
  };
}

// --- internal ---

const find = async (id: string, { store }: OperationDeps): Promise<KeptPromise> =>
  only("promise", id, (await store.operations.promises(lookUp(id))).rows, ({ promiseId }) => promiseId);

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
