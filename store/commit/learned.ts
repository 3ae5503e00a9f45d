import type { HourLesson, Lesson } from "../../domain/entities/lesson.ts";
import { type CommonHabit, NO_HABIT, readCommonHabit } from "../../domain/learning/common-habit.ts";
import { type Learned, NOTHING_LEARNED, readLearned } from "../../domain/learning/learning.ts";
import { armOf, EVERYONE, type Heir } from "../../domain/learning/lessons.ts";
import { type ArmState, armOfLesson, habitOfLesson, statesAfter } from "../../domain/learning/teach.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Queryable } from "../engines/database.ts";

/** The stored learned state of an arm (see `armOf`); its version grows with every write. */
export interface KeptArm {
  readonly version: number;
  readonly learned: Learned;
  /** Of a channel with `EVERYONE` as its experience: the hours at which it is taken up. */
  readonly habit?: CommonHabit;
}

/**
 * Applies lessons to their arms, and those about hours to their channels, in order and in the transaction that writes them. Rows are
 * locked in the order of their names.
 */
export async function teach(db: Queryable, lessons: readonly Lesson[], hours: readonly HourLesson[]): Promise<void> {
  if (lessons.length + hours.length === 0) return;
  const taught = [...lessons, ...hours.map(habitOfLesson)];
  const arms = [...new Map(taught.map((arm) => [armOfLesson(arm), columnsOf(arm)])).values()];
  const { rows } = await db.query<ArmRow>(LOCK, [storableJson(arms), storableJson(NOTHING_LEARNED)]);
  const before = new Map<string, ArmState>(rows.map((row) => [rowKey(row), stateOf(row)]));
  const states = statesAfter(lessons, hours, (arm) => before.get(arm));
  await db.query(KEEP, [storableJson(arms.map((arm) => ({ ...arm, state: states.get(rowKey(arm)) })))]);
}

/**
 * Gives the first variant of a channel what the experience had learned there before it got variants: once, however often its variants
 * change. The row of that time stays as it is, for a catalogue that goes back to one way of saying it.
 */
export async function adopt(db: Queryable, heirs: readonly Heir[]): Promise<void> {
  if (heirs.length > 0) await db.query(ADOPT, [storableJson(heirs.map(columnsOf))]);
}

/** The arms (SQL), with their state where it has changed since. `versions`: from `versionsOf`. */
export const CHANGED_ARMS = (versions: string): string => `
select l.experience_id, l.channel, l.variant, l.version::float8 as version,
       case when l.version is distinct from (${versions}::jsonb ->> (l.experience_id || E'\\n' || l.channel || case when l.variant = '' then '' else E'\\n' || l.variant end))::bigint
            then l.state end as state
  from learned l order by 1, 2, 3`;

/** A row of `CHANGED_ARMS`. */
export interface ChangedArm extends ArmRow {
  readonly version: number;
}

/** The versions of known arms, for `CHANGED_ARMS`. */
export const versionsOf = (known: ReadonlyMap<string, KeptArm>): string =>
  storableJson(Object.fromEntries([...known].map(([arm, { version }]) => [arm, version])));

/** All arms; the same map where none has changed. */
export function renewed(known: ReadonlyMap<string, KeptArm>, rows: readonly ChangedArm[]): ReadonlyMap<string, KeptArm> {
  if (rows.length === known.size && rows.every(({ state }) => state === null)) return known;
  const arms = rows.map((row): [string, KeptArm] => {
    const arm = rowKey(row);
    const before = known.get(arm);
    if (row.state === null && before) return [arm, before];
    const { version } = row;
    return [
      arm,
      row.experience_id === EVERYONE
        ? { version, learned: NOTHING_LEARNED, habit: readCommonHabit(row.state) ?? NO_HABIT }
        : { version, learned: readLearned(row.state) ?? NOTHING_LEARNED },
    ];
  });
  return new Map(arms);
}

// --- internal ---

interface ArmColumns {
  experience_id: string;
  channel: string;
  /** Empty where the experience says it in one way only. */
  variant: string;
}

interface ArmRow extends ArmColumns {
  state: Json;
}

type Arm = Pick<Lesson, "experienceId" | "channel" | "variant">;

const stateOf = (row: ArmRow): ArmState =>
  row.experience_id === EVERYONE ? (readCommonHabit(row.state) ?? NO_HABIT) : (readLearned(row.state) ?? NOTHING_LEARNED);

const columnsOf = ({ experienceId, channel, variant = "" }: Arm): ArmColumns => ({ experience_id: experienceId, channel, variant });

const rowKey = ({ experience_id, channel, variant }: ArmColumns): string =>
  armOf(experience_id, channel, variant === "" ? undefined : variant);

const ARMS = "jsonb_to_recordset($1::jsonb) as x(experience_id text, channel text, variant text)";

// Inserts a row for an arm without one, so there is always a row to lock.
const LOCK = `
with x as materialized (select experience_id, channel, variant from ${ARMS})
insert into learned as l (experience_id, channel, variant, state, version)
select experience_id, channel, variant, $2::jsonb, 0 from x order by experience_id collate "C", channel collate "C", variant collate "C"
on conflict (experience_id, channel, variant) do update set version = l.version
returning experience_id, channel, variant, state`;

const KEEP = `
update learned l set state = x.state, version = l.version + 1
  from jsonb_to_recordset($1::jsonb) as x(experience_id text, channel text, variant text, state jsonb)
 where l.experience_id = x.experience_id and l.channel = x.channel and l.variant = x.variant`;

const ADOPT = `
with left_to as (
  update learned l set heir = x.variant from ${ARMS}
   where l.experience_id = x.experience_id and l.channel = x.channel and l.variant = '' and l.heir is null
  returning l.experience_id, l.channel, l.heir, l.state
)
insert into learned (experience_id, channel, variant, state, version)
select experience_id, channel, heir, state, 0 from left_to
on conflict (experience_id, channel, variant) do nothing`;
