import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { openCursor, sealCursor } from "../../domain/values/cursor.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Listed, Place, Within } from "../../store/reading/hand-overs.ts";
import type { Store } from "../../store/store.ts";
import { cursorKey } from "../deps.ts";
import { filterOf } from "./paged-list.ts";
import { type ListRequest, searchedOf, spanOf } from "./span.ts";
import type { Searched } from "./views.ts";

export interface PageOfSpan<Entry> {
  readonly entries: readonly Entry[];
  readonly searched: z.infer<typeof Searched>;
  readonly next?: string;
}

/** A page of a list within a span of time. Later pages keep the span of the first, so that nothing that came since moves them. */
export async function pageOfSpan<Entry>(
  name: string,
  request: ListRequest,
  store: Store,
  now: Instant,
  read: (within: Within) => Promise<Listed<Entry>>,
): Promise<PageOfSpan<Entry>> {
  const { limit, customerId, cursor } = request;
  const filter = { list: name, ...filterOf(request) };
  const key = await cursorKey(store, randomUUID);
  const place = cursor === undefined ? undefined : (openCursor(key, filter, cursor) as unknown as Sealed); // sealed below
  const { from, to } = place ?? spanOf(request, now);
  const { entries, reached } = await read({ from, to, limit, customerId, after: place && { at: place.at, id: place.id } });
  return {
    entries,
    searched: searchedOf({ from, to }, reached),
    ...(reached === undefined ? {} : { next: sealCursor(key, filter, { from, to, at: reached.at, id: reached.id }) }),
  };
}

// --- internal ---

type Sealed = Place & Pick<Within, "from" | "to">;
