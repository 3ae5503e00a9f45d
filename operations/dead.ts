import { SentientError } from "../domain/errors.ts";
import { iso } from "../domain/values/time.ts";
import type { AuditEntry, DeadLetter, DeadPlace } from "../store/store.ts";
import { auditOf, type OperationDeps, only } from "./deps.ts";
import { type PageFrom, pagedList } from "./monitoring/paged-list.ts";
import type { Actor, DeadOptions, DeadSelection, DeadView, Operations } from "./operation.ts";

export function deadOperations(deps: OperationDeps): Operations["dead"] {
  const { store, now } = deps;
  return {
    list: pagedList(store, "dead", {
      read: (options: DeadOptions, page) => store.dead.list({ ...options, page: page as PageFrom<DeadPlace> }),
      place: ({ diedAt, id }): DeadPlace => ({ diedAt, id }),
      show: (rows) => rows.map(viewOf),
    }),
    async revive(selection, actor) {
      const revived = await store.dead.revive(await selected(selection, deps), entryFor("dead.revived", actor, deps));
      return { changed: revived.length > 0, revived: revived.map(viewOf) };
    },
    async discard(selection, actor) {
      const discarded = await store.dead.discard(await selected(selection, deps), now(), entryFor("dead.discarded", actor, deps));
      return { changed: discarded.length > 0, discarded: discarded.map(viewOf) };
    },
  };
}

// --- internal ---

/** The selected dead letters; throws for an unknown id. */
async function selected({ ids = [], code, all = false }: DeadSelection, { store }: OperationDeps): Promise<DeadLetter[]> {
  if (ids.length === 0 && code === undefined && !all)
    throw new SentientError("BAD_INPUT", "nothing is selected; name ids of dead letters, give --code C, or --all for every one of them");
  if (ids.length > 0 && all) throw new SentientError("BAD_INPUT", "ids and --all exclude each other; give one of them");
  if (ids.length === 0) return (await store.dead.list({ code })).rows;
  const { rows: found } = await store.dead.list({ ids });
  const chosen = ids.map((id) => named(id, found));
  return chosen.filter((one, place) => chosen.indexOf(one) === place && (code === undefined || one.code === code));
}

/** Letters may have been revived, discarded or forgotten since their ids were read. */
function named(id: string, letters: readonly DeadLetter[]): DeadLetter {
  const found = letters.filter((one) => one.id.startsWith(id)).sort((a) => (a.id === id ? -1 : 1));
  return only("dead letter", id, found, (one) => one.id, HINT);
}

const HINT = ": it may have been revived, discarded or forgotten; npx sentient dead list shows the ids";

/** Audit entry of one dead letter, with its customer, so that erasure finds it. Signal ids are left out. */
const entryFor =
  (action: string, actor: Actor, deps: OperationDeps) =>
  ({ id, customerId, code, signal, timer }: DeadLetter): AuditEntry =>
    auditOf(deps, actor, {
      action,
      target: id,
      customerId,
      details: { code, ...(signal ? { type: signal.type } : {}), ...(timer ? { timer: timer.name } : {}) },
    });

const viewOf = ({ id, customerId, code, message, tries, diedAt, signal, timer }: DeadLetter): DeadView => ({
  ...{ id, kind: timer ? "timer" : "signal", customerId },
  ...(signal ? { type: signal.type, source: signal.source, signalId: signal.id } : {}),
  ...(timer ? { timer: timer.name, due: iso(timer.due) } : {}),
  ...{ code, message, tries, since: iso(diedAt) },
});
