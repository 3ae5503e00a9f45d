import type { Signal } from "../../domain/entities/signal.ts";
import { idFrom } from "../../domain/entities/wake.ts";
import { SentientError } from "../../domain/errors.ts";
import { interpret } from "../../domain/moments/interpret.ts";
import { OPERATORS } from "../../domain/record/merge.ts";
import { canonicalJson, type JsonObject } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { Arrival } from "../../store/store.ts";
import { auditOf, momentToAct, OPERATOR, type OperationDeps, operate, storeTime, wakeAt } from "../deps.ts";
import type { Actor } from "../operation.ts";
import type { TouchRequest } from "./requests.ts";
import type { TouchView } from "./views.ts";

/**
 * Records that a person was in contact with a customer, as the signal `human.touch`. In a service it goes the way of every signal; on a
 * replayed store, whose clock no service advances, it is in the record at once.
 */
export async function recordTouch(request: TouchRequest, actor: Actor, deps: OperationDeps): Promise<TouchView> {
  const { policy, store } = deps;
  const { id, kind, department } = request;
  if (department !== undefined && !policy.departments.includes(department))
    throw new SentientError("BAD_INPUT", `no department ${department}; there are: ${policy.departments.join(", ") || "none"}`);
  const at = await momentToAct(deps);
  const customer = (await store.customers.load([id], policy, at)).get(id);
  if (!customer)
    throw new SentientError("NOT_FOUND", `no customer ${id} in the store; npx sentient customers search finds one by an address`);
  const { customerId } = customer;
  const arrival = arrivalOf(customerId, request, actor, at);
  const isNew = (await storeTime(deps)).isReplay ? await inRecord(arrival, actor, deps) : await inInbox(arrival, actor, deps);
  return {
    ...{ customerId, kind, ...(department === undefined ? {} : { department }), by: actor.by },
    ...{ signal: { source: arrival.source, id: arrival.id }, changed: isNew, ...(isNew ? { wakes: customerId } : {}) },
  };
}

// --- internal ---

function arrivalOf(
  customerId: string,
  { kind, department, key }: TouchRequest,
  { by, note }: Actor,
  at: number,
): Arrival & { customerId: string } {
  const data: JsonObject = {
    ...{ kind, by, ...(department === undefined ? {} : { department }), ...(note === undefined ? {} : { note }) },
  };
  const id = `touch ${key ?? idFrom("k", customerId, kind, by, String(at))}`;
  const event = { specversion: "1.0", id, source: OPERATORS, type: "human.touch", subject: customerId, time: iso(at), data };
  // Without the time: the same touch said twice is the same.
  const bodyHash = idFrom("b", customerId, canonicalJson(data));
  return { source: OPERATORS, id, type: "human.touch", customerId, identities: [], time: at, receivedAt: at, event, bodyHash };
}

const audited = ({ customerId, id, event }: Arrival & { customerId: string }, actor: Actor, deps: OperationDeps) => {
  const { kind, department } = (event as { data: JsonObject }).data; // made above
  const details = { signal: id, ...(kind === undefined ? {} : { kind }), ...(department === undefined ? {} : { department }) };
  return auditOf(deps, actor, { action: "customer.touched", target: customerId, customerId, details });
};

const differs = (id: string): SentientError =>
  new SentientError("CONFLICT", `${id} was recorded before as another contact; the first is kept`);

async function inInbox(arrival: Arrival & { customerId: string }, actor: Actor, deps: OperationDeps): Promise<boolean> {
  const reception = await deps.store.inbox.acceptAudited(arrival, audited(arrival, actor, deps));
  if (reception === "conflict") throw differs(arrival.id);
  return reception === "accepted";
}

async function inRecord(arrival: Arrival & { customerId: string }, actor: Actor, deps: OperationDeps): Promise<boolean> {
  const { store, policy } = deps;
  const { source, id, type, customerId, time, bodyHash, event } = arrival;
  const [known] = (await store.signals.known([{ source, id }])).values();
  if (known !== undefined && known !== bodyHash) throw differs(id);
  if (known !== undefined) return false;
  const seq = await store.operations.nextSeq();
  const { data } = event as { data: JsonObject }; // made above
  const signal: Signal = { source, id, type, customerId, time, data, seq };
  await operate(
    deps,
    customerId,
    time,
    (customer) => [
      ...interpret(customer, { kind: "signal", signal }, { policy, now: time, taken: () => false }).changes,
      wakeAt(OPERATOR, time),
    ],
    {
      operation: { audit: audited(arrival, actor, deps) },
      signal: { seq, source, id, type, customerId, time, receivedAt: time, event, bodyHash },
    },
  );
  return true;
}
