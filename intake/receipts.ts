import { checkSignal, type ReadSignal } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { isVisitor } from "../domain/identity/visitor.ts";
import type { Store } from "../store/store.ts";

/** What became of a delivery, as the page that shows it reports. */
export interface Receipt {
  readonly deliveryId: string;
  readonly kind: ReceiptKind;
}

export const RECEIPT_KINDS = ["opened", "clicked", "dismissed"] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** The caller of a report: a key with the right to, or a site on behalf of the customer named by its token, else of an anonymous visitor. */
export type Reporter = { readonly via: "key" } | { readonly via: "site"; readonly customerId?: string };

/**
 * Makes the signal of a receipt, for the customer of its delivery. The same receipt again is the same signal.
 *
 * @throws `NOT_FOUND` for an unknown delivery, `FORBIDDEN` for one that a site may not report on
 */
export async function readReceipt({ deliveryId, kind }: Receipt, by: Reporter, store: Store): Promise<ReadSignal> {
  const delivery = (await store.inbox.deliveriesNamed([deliveryId])).get(deliveryId);
  if (delivery?.deliveryId !== deliveryId) throw new SentientError("NOT_FOUND", `there is no delivery ${deliveryId}`);
  const { customerId } = delivery;
  const whyNot = by.via === "site" ? await whyNotOfSite(customerId, by.customerId, store) : undefined;
  if (whyNot !== undefined) throw new SentientError("FORBIDDEN", whyNot);
  return checkSignal({
    specversion: "1.0",
    id: `${deliveryId}.${kind}`,
    source: SOURCE,
    type: `delivery.${kind}`,
    subject: customerId,
    data: { deliveryId },
  });
}

// --- internal ---

/** One for all keys: what several report of one delivery happened once. */
const SOURCE = "receipts";

async function whyNotOfSite(customerId: string, named: string | undefined, store: Store): Promise<string | undefined> {
  const known = await store.customers.identitiesOf(customerId);
  if (named === undefined) return isVisitor(known) ? undefined : "this delivery is of a known customer; send the token that names them";
  return known.ids.includes(named) ? undefined : "this delivery is of another customer than the token names";
}
