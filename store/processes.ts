import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Queryable } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";

/** The capabilities of a process, by name. */
export interface Knowledge {
  readonly channels: readonly string[];
  readonly tools: readonly string[];
  readonly experiences: readonly string[];
  /** Signal types and timers, each with a rule that it triggers: `type\nrule`. */
  readonly hears: readonly string[];
}

export interface ProcessEntry {
  readonly processId: string;
  readonly policyVersion: string;
  readonly knows: Knowledge;
}

/** A reserved delivery that no living process can carry out. */
export interface UnclaimedDelivery {
  readonly deliveryId: string;
  readonly channel: string;
  readonly experienceId: string;
  readonly reservedAt: Instant;
}

/** Registry of deciding processes: each leaves to the others what it cannot handle itself. */
export interface Processes {
  /** Heartbeat of a process, with its capabilities; to be repeated every few seconds. */
  announce(entry: ProcessEntry): Promise<void>;
  leave(processId: string): Promise<void>;
  /** How many living processes decide by each version. */
  versions(): Promise<{ readonly policyVersion: string; readonly count: number }[]>;
  /** Deliveries reserved before an instant whose channel or experience no living process knows; none if no process is registered. */
  unclaimed(reservedBefore: Instant, limit: number): Promise<UnclaimedDelivery[]>;
}

export function createProcesses(db: Queryable): Processes {
  return {
    announce: async ({ processId, policyVersion, knows }) => {
      await db.query(ANNOUNCE, [processId, policyVersion, storableJson(knows)]);
    },
    leave: async (processId) => {
      await db.query("update processes set left_at = clock_timestamp() where process_id = $1", [processId]);
    },
    versions: async () => {
      const { rows } = await db.query<{ policy_version: string; count: number }>(
        `select policy_version, count(*)::int as count from processes p where ${IS_ALIVE("p")} group by 1 order by 1`,
      );
      return rows.map(({ policy_version, count }) => ({ policyVersion: policy_version, count }));
    },
    unclaimed: async (reservedBefore, limit) => {
      const { rows } = await db.query<{ delivery_id: string; channel: string; experience_id: string; at: number }>(UNCLAIMED, [
        toTime(reservedBefore),
        limit,
      ]);
      return rows.map(({ delivery_id, channel, experience_id, at }) => ({
        deliveryId: delivery_id,
        channel,
        experienceId: experience_id,
        reservedAt: at,
      }));
    },
  };
}

/** Three heartbeat intervals. */
const IS_ALIVE = (table: string): string => `${table}.left_at is null and ${table}.seen_at > clock_timestamp() - interval '30 seconds'`;

/**
 * Signal types and timer keys (SQL: a text array, or null for none) that a process leaves to others: a living process with a newer
 * policy version has a rule for them that this one lacks.
 */
export const LEFT_TO_NEWER_PROCESSES = (processId: string): string => `(
  select array_agg(distinct split_part(h.heard, E'\\n', 1))
    from processes me
    join processes other on other.since > me.since and ${IS_ALIVE("other")}
   cross join lateral jsonb_array_elements_text(other.knows->'hears') h(heard)
   where me.process_id = ${processId} and not jsonb_exists(me.knows->'hears', h.heard))`;

// --- internal ---

/** A version seen within the last ten minutes keeps its start time, so a restart during a roll-out does not make an old version the newest. */
const ANNOUNCE = `
with forgotten as (
  delete from processes where seen_at < clock_timestamp() - interval '1 hour' and process_id <> $1
)
insert into processes (process_id, policy_version, since, seen_at, knows)
values ($1, $2, coalesce((select min(since) from processes where policy_version = $2 and seen_at > clock_timestamp() - interval '10 minutes'), clock_timestamp()),
        clock_timestamp(), $3::jsonb)
on conflict (process_id) do update set seen_at = excluded.seen_at, left_at = null, policy_version = excluded.policy_version, knows = excluded.knows,
  since = case when processes.policy_version = excluded.policy_version then processes.since else excluded.since end`;

const UNCLAIMED = `
select d.delivery_id, d.channel, d.experience_id, to_ms(d.reserved_at) as at
  from deliveries d
 where d.settled_at is null and d.status = 'reserved' and d.asked is null and d.reserved_at < $1::timestamptz
   and exists (select 1 from processes p where ${IS_ALIVE("p")})
   and not exists (select 1 from processes p where ${IS_ALIVE("p")}
                      and jsonb_exists(p.knows->'channels', d.channel) and jsonb_exists(p.knows->'experiences', d.experience_id))
 order by d.reserved_at limit $2`;
