import { iso } from "../../domain/values/time.ts";
import type { KeptRehearsal, Store } from "../../store/store.ts";
import { only, timeAs } from "../deps.ts";
import type { KeptRequest, KeptResult, RehearsalError, RehearsalLine, RehearsalProgress } from "./views.ts";

/**
 * The rehearsal of an id, or of the beginning of one.
 *
 * @throws `NOT_FOUND`; `BAD_INPUT` where several begin so
 */
export const find = async (id: string, { store }: { readonly store: Pick<Store, "rehearsals"> }): Promise<KeptRehearsal> =>
  only("rehearsal", id, await store.rehearsals.beginningWith(id, 2), ({ rehearsalId }) => rehearsalId, HINT);

/** As a list has it. */
export function lineOf({ rehearsalId, status, by, at, startedAt, endedAt, request, progress, error }: KeptRehearsal): RehearsalLine {
  return {
    ...{ rehearsalId, status, by, at: iso(at) },
    ...timeAs("startedAt", startedAt),
    ...timeAs("endedAt", endedAt),
    ...(progress ? { progress: progress as unknown as RehearsalProgress } : {}),
    request: request as unknown as KeptRequest, // as `start` has written it
    ...(error ? { error: error as unknown as RehearsalError } : {}),
  };
}

/** What it came to; undefined where it is not done. */
export const resultOf = async (rehearsalId: string, { rehearsals }: Pick<Store, "rehearsals">): Promise<KeptResult | undefined> =>
  (await rehearsals.result(rehearsalId)) as unknown as KeptResult | undefined; // as it was played

// --- internal ---

const HINT = ", which keeps the latest ones; GET /v1/rehearsals lists them";
