import type { Lesson } from "../../domain/entities/lesson.ts";
import { type Learned, learn, NOTHING_LEARNED, readLearned } from "../../domain/learning/learning.ts";
import { armOf } from "../../domain/learning/lessons.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Queryable } from "../engines/database.ts";

/** The stored learned state of an arm (an experience on a channel); its version grows with every write. */
export interface KeptArm {
  readonly version: number;
  readonly learned: Learned;
}

/** Applies lessons to their arms in order, in the transaction that writes them. Arms are locked in the order of their names. */
export async function teach(db: Queryable, lessons: readonly Lesson[]): Promise<void> {
  if (lessons.length === 0) return;
  const arms = [...new Map(lessons.map(({ experienceId, channel }) => [armOf(experienceId, channel), { experienceId, channel }])).values()];
  const { rows } = await db.query<ArmRow>(LOCK, [storableJson(arms), storableJson(NOTHING_LEARNED)]);
  const states = new Map(rows.map((row) => [armOf(row.experience_id, row.channel), readLearned(row.state) ?? NOTHING_LEARNED]));
  for (const { experienceId, channel, features, reward } of lessons) {
    const arm = armOf(experienceId, channel);
    states.set(arm, learn(states.get(arm) ?? NOTHING_LEARNED, features, reward));
  }
  const learned = arms.map((arm) => ({ ...arm, state: states.get(armOf(arm.experienceId, arm.channel)) }));
  await db.query(KEEP, [storableJson(learned)]);
}

/**
 * Refreshes the learned state of all arms: reads only those that have changed since.
 *
 * @param known arms read before; not modified
 */
export async function readArms(db: Queryable, known: ReadonlyMap<string, KeptArm>): Promise<ReadonlyMap<string, KeptArm>> {
  const { rows } = await db.query<ArmRow & { version: number }>(
    `select l.experience_id, l.channel, l.version::float8 as version, case when l.version is distinct from ($1::jsonb ->> (l.experience_id || E'\\n' || l.channel))::bigint then l.state end as state
       from learned l order by 1, 2`,
    [storableJson(Object.fromEntries([...known].map(([arm, { version }]) => [arm, version])))],
  );
  if (rows.length === known.size && rows.every(({ state }) => state === null)) return known;
  const arms = rows.map((row): [string, KeptArm] => {
    const arm = armOf(row.experience_id, row.channel);
    const before = known.get(arm);
    if (row.state === null && before) return [arm, before];
    return [arm, { version: row.version, learned: readLearned(row.state) ?? NOTHING_LEARNED }];
  });
  return new Map(arms);
}

// --- internal ---

interface ArmRow {
  experience_id: string;
  channel: string;
  state: Json;
}

// Inserts a row for an arm without one, so there is always a row to lock.
const LOCK = `
with x as materialized (
  select "experienceId" as experience_id, channel from jsonb_to_recordset($1::jsonb) as x("experienceId" text, channel text)
)
insert into learned as l (experience_id, channel, state, version)
select experience_id, channel, $2::jsonb, 0 from x order by experience_id collate "C", channel collate "C"
on conflict (experience_id, channel) do update set version = l.version
returning experience_id, channel, state`;

const KEEP = `
update learned l set state = x.state, version = l.version + 1
  from jsonb_to_recordset($1::jsonb) as x("experienceId" text, channel text, state jsonb)
 where l.experience_id = x."experienceId" and l.channel = x.channel`;
