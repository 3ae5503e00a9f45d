import { type Instant, iso } from "../../domain/values/time.ts";
import type { Store } from "../../store/store.ts";
import { timeAs } from "../deps.ts";
import { pageOfSpan } from "./page-of-span.ts";
import type { ListRequest } from "./span.ts";
import type { CallsView } from "./views.ts";

export interface CallsRequest extends ListRequest {
  /** Default: those that went wrong; of a customer, all. */
  readonly status?: "planned" | "running" | "failed" | "uncertain" | undefined;
  readonly tool?: string | undefined;
}

/** Calls of tools with a side effect, those that are open or went wrong, or those of a customer, the latest first. */
export async function listCalls(request: CallsRequest, store: Store, now: Instant): Promise<CallsView> {
  const { status, tool } = request;
  const { entries, ...page } = await pageOfSpan("calls", request, store, now, (within) =>
    store.handOvers.calls({ ...within, status, tool }),
  );
  return {
    calls: entries.map(({ at, finishedAt, ...call }) => ({ ...call, at: iso(at), ...timeAs("finishedAt", finishedAt) })),
    ...page,
  };
}
