import { type Instant, iso } from "../../domain/values/time.ts";
import type { Store } from "../../store/store.ts";
import { timeAs } from "../deps.ts";
import { type ListRequest, searchedOf, spanOf } from "./span.ts";
import type { CallsView } from "./views.ts";

export interface CallsRequest extends ListRequest {
  /** Default: those that went wrong; of a customer, all. */
  readonly status?: "planned" | "running" | "failed" | "uncertain" | undefined;
  readonly tool?: string | undefined;
}

/** Calls of tools with a side effect, those that are open or went wrong, or those of a customer, the latest first. */
export async function listCalls(request: CallsRequest, store: Store, now: Instant): Promise<CallsView> {
  const span = spanOf(request, now);
  const { limit, customerId, status, tool } = request;
  const { entries, reached } = await store.handOvers.calls({ ...span, limit, customerId, status, tool });
  return {
    calls: entries.map(({ at, finishedAt, ...call }) => ({ ...call, at: iso(at), ...timeAs("finishedAt", finishedAt) })),
    searched: searchedOf(span, reached),
  };
}
