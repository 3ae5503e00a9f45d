import type { HourLesson, Lesson } from "../entities/lesson.ts";
import { type CommonHabit, learnHour, NO_HABIT } from "./common-habit.ts";
import { type Learned, learn, NOTHING_LEARNED } from "./learning.ts";
import { armOf, EVERYONE } from "./lessons.ts";

/** What an arm has learned; of a channel with `EVERYONE` as its experience, the hours at which it is taken up. */
export type ArmState = Learned | CommonHabit;

/** The arm that a lesson teaches. */
export const armOfLesson = ({ experienceId, channel, variant }: Pick<Lesson, "experienceId" | "channel" | "variant">): string =>
  armOf(experienceId, channel, variant);

/** Where a lesson about hours is kept, in the form of an arm. */
export const habitOfLesson = ({ channel }: Pick<HourLesson, "channel">): Pick<Lesson, "experienceId" | "channel"> => ({
  experienceId: EVERYONE,
  channel,
});

/** The states of the arms that lessons teach, after all of them in order. */
export function statesAfter(
  lessons: readonly Lesson[],
  hours: readonly HourLesson[],
  before: (arm: string) => ArmState | undefined,
): Map<string, ArmState> {
  const states = new Map<string, ArmState>();
  const stateOf = (arm: string): ArmState | undefined => states.get(arm) ?? before(arm);
  for (const lesson of lessons) {
    const arm = armOfLesson(lesson);
    states.set(arm, learn((stateOf(arm) as Learned | undefined) ?? NOTHING_LEARNED, lesson.features, lesson.reward));
  }
  for (const lesson of hours) {
    const arm = armOfLesson(habitOfLesson(lesson));
    states.set(arm, learnHour((stateOf(arm) as CommonHabit | undefined) ?? NO_HABIT, lesson));
  }
  return states;
}
