import { CHANGED_ARMS, type ChangedArm, type KeptArm, renewed, versionsOf } from "./commit/learned.ts";
import type { Queryable } from "./engines/database.ts";
import { type KeptPause, PAUSES, type PauseRow, pauseOf } from "./operations.ts";

/** What every decision reads, whoever its customer is. */
export interface SharedState {
  /** The learned state of all arms. */
  readonly arms: ReadonlyMap<string, KeptArm>;
  readonly pauses: readonly KeptPause[];
}

/**
 * Reads it in one statement.
 *
 * @param known arms read before, of which only the changed ones are read again; not modified
 */
export async function readSharedState(db: Queryable, known: ReadonlyMap<string, KeptArm>): Promise<SharedState> {
  const { rows } = await db.query<{ arms: ChangedArm[]; pauses: PauseRow[] }>(SHARED_STATE, [versionsOf(known)]);
  const { arms = [], pauses = [] } = rows[0] ?? {};
  return { arms: renewed(known, arms), pauses: pauses.map(pauseOf) };
}

// --- internal ---

const listOf = (select: string): string => `(select coalesce(jsonb_agg(x), '[]') from (${select}) x)`;

const SHARED_STATE = `select ${listOf(CHANGED_ARMS)} as arms, ${listOf(PAUSES)} as pauses`;
