import { CHANGED_ARMS, type ChangedArm, type KeptArm, renewed, versionsOf } from "./commit/learned.ts";
import type { Queryable } from "./engines/database.ts";
import { type KeptPause, PAUSES, type PauseRow, pauseOf } from "./operations.ts";

/** What every decision reads, whoever its customer is. */
export interface SharedState {
  /** The learned state of all arms. */
  readonly arms: ReadonlyMap<string, KeptArm>;
  readonly pauses: readonly KeptPause[];
}

/** The shared state as a row of a statement. */
export interface SharedRow {
  readonly arms: ChangedArm[];
  readonly pauses: PauseRow[];
}

/**
 * Reads it in one statement.
 *
 * @param known arms read before, of which only the changed ones are read again; not modified
 */
export async function readSharedState(db: Queryable, known: ReadonlyMap<string, KeptArm>): Promise<SharedState> {
  const { rows } = await db.query<SharedRow>(READ, [versionsOf(known)]);
  return sharedState(rows[0], known);
}

export const sharedState = ({ arms, pauses }: SharedRow = { arms: [], pauses: [] }, known: ReadonlyMap<string, KeptArm>): SharedState => ({
  arms: renewed(known, arms),
  pauses: pauses.map(pauseOf),
});

/** The shared state (SQL), as the columns of a `SharedRow`. `versions`: of the arms read before, from `versionsOf`. */
export const SHARED_STATE = (versions: string): string => `${listOf(CHANGED_ARMS(versions))} as arms, ${listOf(PAUSES)} as pauses`;

// --- internal ---

const listOf = (select: string): string => `(select coalesce(jsonb_agg(x), '[]') from (${select}) x)`;

const READ = `select ${SHARED_STATE("$1")}`;
