import { promisesAfterSending } from "../domain/moments/promises.ts";
import type { KeptDelivery, PromisesDue } from "../store/store.ts";
import { changeCustomer } from "./change-customer.ts";
import type { ToolDeps } from "./tool-deps.ts";

type Deps = Pick<ToolDeps, "store" | "policy">;

/** Records the promises that deliveries keep or make, each once, also after a crash between sending and this. */
export async function keepPromisesDue(due: readonly PromisesDue[], deps: Deps): Promise<void> {
  for (const { deliveryId, customerId, keeps, makes, at } of due) {
    await changeCustomer(customerId, deps, at, (customer) => promisesAfterSending(customer, keeps, makes, at), { promisesOf: deliveryId });
  }
}

/** Records the promises that these messages keep or make, now that they are sent. */
export async function keepPromises(sent: readonly KeptDelivery[], deps: Deps): Promise<void> {
  const ids = sent.filter(({ keeps, makes }) => keeps.length > 0 || makes !== undefined).map(({ deliveryId }) => deliveryId);
  if (ids.length > 0) await keepPromisesDue(await deps.store.deliveries.promisesDue(ids), deps);
}
