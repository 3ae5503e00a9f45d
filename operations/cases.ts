import type { Signal } from "../domain/entities/signal.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { interpret } from "../domain/moments/interpret.ts";
import { OPERATORS } from "../domain/record/merge.ts";
import { iso } from "../domain/values/time.ts";
import type { CasePlace, KeptCase } from "../store/store.ts";
import { auditOf, momentToAct, OPERATOR, type OperationDeps, operate, timeAs, wakeAt } from "./deps.ts";
import { type PageFrom, pagedList } from "./monitoring/paged-list.ts";
import type { Actor, CaseView, ListOptions, Operations, Outcome } from "./operation.ts";

export function caseOperations(deps: OperationDeps): Operations["cases"] {
  return {
    list: pagedList(deps.store, "cases", {
      read: (options: ListOptions, page) => deps.store.operations.cases({ ...options, page: page as PageFrom<CasePlace> }),
      place: ({ caseId, customerId, openedAt, closedAt }): CasePlace => ({ caseId, customerId, openedAt, closed: closedAt !== undefined }),
      show: (rows) => rows.map(viewOf),
    }),
    close: ({ id, customerId }, actor) => close(id, customerId, actor, deps),
  };
}

// --- internal ---

/** Closes an open case as the signal `case.closed` does, with what listens to it. */
async function close(caseId: string, customerId: string, actor: Actor, deps: OperationDeps): Promise<Outcome<CaseView>> {
  const { store, policy } = deps;
  if (!(await store.customers.load([customerId], policy, 0)).has(customerId))
    throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  const { rows: known } = await store.operations.cases({ customerId, limit: MAX_NAMED, all: true });
  const own = known.find((one) => one.caseId === caseId);
  if (own === undefined) throw new SentientError("NOT_FOUND", `${customerId} has no case ${caseId}; ${openOnes(known)}`);
  if (own.closedAt !== undefined)
    throw new SentientError("CONFLICT", `case ${caseId} was closed at ${iso(own.closedAt)}; ${openOnes(known)}`);
  const at = await momentToAct(deps);
  const id = idFrom("k", "case.closed", customerId, caseId, String(own.openedAt));
  const signal: Signal = {
    ...{ source: OPERATORS, id, type: "case.closed", customerId, time: at },
    ...{ data: { caseId, by: actor.by }, seq: await store.operations.nextSeq() },
  };
  const { source, type, seq, data } = signal;
  const event = { specversion: "1.0", id, source, type, subject: customerId, time: iso(at), data };
  const audit = auditOf(deps, actor, { action: "case.closed", target: caseId, customerId });
  const closing = (customer: Parameters<typeof interpret>[0]) => [
    ...interpret(customer, { kind: "signal", signal }, { policy, now: at, taken: () => false }).changes,
    wakeAt(OPERATOR, at),
  ];
  const stored = { seq, source, id, type, customerId, time: at, receivedAt: at, event, bodyHash: id };
  const changed = await operate(deps, customerId, at, closing, { operation: { audit }, signal: stored });
  return { ...viewOf({ ...own, closedAt: at }), changed, wakes: customerId };
}

/** The most cases of a customer that are looked at. */
const MAX_NAMED = 1_000;

function openOnes(known: readonly KeptCase[]): string {
  const open = known.filter(({ closedAt }) => closedAt === undefined).map(({ caseId }) => caseId);
  return open.length === 0 ? "none is open" : `open: ${open.slice(0, 20).join(", ")}`;
}

const viewOf = ({ openedAt, closedAt, ...one }: KeptCase): CaseView => ({
  ...one,
  openedAt: iso(openedAt),
  state: closedAt === undefined ? "open" : "closed",
  ...timeAs("closedAt", closedAt),
});
