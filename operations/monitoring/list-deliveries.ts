import type { Instant } from "../../domain/values/time.ts";
import { iso } from "../../domain/values/time.ts";
import type { Store } from "../../store/store.ts";
import { timeAs } from "../deps.ts";
import { pageOfSpan } from "./page-of-span.ts";
import type { ListRequest } from "./span.ts";
import type { DeliveriesView } from "./views.ts";

export interface DeliveriesRequest extends ListRequest {
  /** Default: those that went wrong; of a customer, all. */
  readonly status?: "reserved" | "sending" | "bounced" | "failed" | "uncertain" | undefined;
  readonly channel?: string | undefined;
}

/** Deliveries that are open or went wrong, or those of a customer, the latest first, without their texts. */
export async function listDeliveries(request: DeliveriesRequest, store: Store, now: Instant): Promise<DeliveriesView> {
  const { status, channel } = request;
  const { entries, ...page } = await pageOfSpan("deliveries", request, store, now, (within) =>
    store.handOvers.deliveries({ ...within, status, channel }),
  );
  return {
    deliveries: entries.map(({ reservedAt, settledAt, ...delivery }) => ({
      ...delivery,
      reservedAt: iso(reservedAt),
      ...timeAs("settledAt", settledAt),
    })),
    ...page,
  };
}
