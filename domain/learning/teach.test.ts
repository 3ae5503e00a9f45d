import { expect, test } from "vitest";
import type { Lesson } from "../entities/lesson.ts";
import { HOUR } from "../values/time.ts";
import { learnHour, NO_HABIT } from "./common-habit.ts";
import { learn, NOTHING_LEARNED } from "./learning.ts";
import { armOf, EVERYONE } from "./lessons.ts";
import { type ArmState, armOfLesson, statesAfter } from "./teach.ts";

const lesson = (experienceId: string, reward: 0 | 1): Lesson => ({
  ...{ deliveryId: "d", experienceId, channel: "email", features: ["a"], reward, at: 0 },
});

test("lessons are learned in order, each from what its arm knew before; other arms stay as they are", () => {
  const before = new Map<string, ArmState>([[armOf("known", "email"), learn(NOTHING_LEARNED, ["b"], 1)]]);
  const lessons = [lesson("known", 0), lesson("new", 1), lesson("known", 1)];
  const states = statesAfter(lessons, [], (arm) => before.get(arm));
  const known = learn(learn(learn(NOTHING_LEARNED, ["b"], 1), ["a"], 0), ["a"], 1);
  expect([...states]).toEqual([
    [armOf("known", "email"), known],
    [armOf("new", "email"), learn(NOTHING_LEARNED, ["a"], 1)],
  ]);
});

test("a lesson about hours teaches its channel, under everyone", () => {
  const hour = { deliveryId: "d", channel: "email", sentAt: 0, until: HOUR, taken: true, zone: "UTC" };
  const states = statesAfter([], [hour, hour], () => undefined);
  expect([...states]).toEqual([[armOf(EVERYONE, "email"), learnHour(learnHour(NO_HABIT, hour), hour)]]);
  expect(armOfLesson({ experienceId: "e", channel: "sms", variant: "short" })).toBe(armOf("e", "sms", "short"));
});
