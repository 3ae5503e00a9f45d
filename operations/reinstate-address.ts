import type { UndeliverableAddress } from "../domain/entities/address.ts";
import { isSameIdentity } from "../domain/entities/address.ts";
import { SentientError } from "../domain/errors.ts";
import { auditOf, momentToAct, OPERATOR, type OperationDeps, operate, wakeAt } from "./deps.ts";
import type { Actor, LiftView, Outcome } from "./operation.ts";

/** Reinstates one undeliverable address of a customer, or all; the customer is judged again. */
export async function lift(id: string, actor: Actor, address: string | undefined, deps: OperationDeps): Promise<Outcome<LiftView>> {
  const { store, policy } = deps;
  const at = await momentToAct(deps);
  const customer = (await store.customers.load([id], policy, at)).get(id);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${id} in the store`);
  const { customerId } = customer;
  const isMeant = ({ type, value }: UndeliverableAddress): boolean =>
    address === undefined || isSameIdentity({ type, value }, { type, value: address });
  const meant = customer.gone.filter(isMeant);
  const lifted = meant.map(({ type, value, reason }) => ({ type, value, reason }));
  if (meant.length === 0) return { customerId, lifted, changed: false };
  const details = { types: meant.map(({ type }) => type) };
  const operation = { audit: auditOf(deps, actor, { action: "address.lifted", target: customerId, customerId, details }) };
  await operate(
    deps,
    customerId,
    at,
    ({ gone }) => [
      ...gone.filter(isMeant).map(({ type, value }) => ({ type: "address_lifted", address: { type, value } }) as const),
      wakeAt(OPERATOR, at),
    ],
    { operation },
  );
  return { customerId, lifted, changed: true, wakes: customerId };
}
