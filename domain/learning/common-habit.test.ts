import { expect, test } from "vitest";
import { seededRandom } from "../values/random.ts";
import { DAY, HOUR } from "../values/time.ts";
import { type CommonHabit, learnHour, NO_HABIT, ratesOf, readCommonHabit } from "./common-habit.ts";

const MONDAY = Date.parse("2026-06-01T00:00:00Z");
const zone = "UTC";
const all = (lessons: readonly { sentAt: number; until: number; taken: boolean }[]): CommonHabit =>
  lessons.reduce((habit, lesson) => learnHour(habit, { ...lesson, zone }), NO_HABIT);

/** Deliveries at every hour of weekdays, read by a hazard of age and hour. */
function readBy(rate: (age: number, hour: number) => number, count: number) {
  const random = seededRandom("readers");
  return Array.from({ length: count }, (_, index) => {
    const sentAt = MONDAY + (index % 5) * DAY + random() * DAY;
    for (let age = 0; age < 72; age += 0.25) {
      const at = sentAt + age * HOUR;
      if (random() < 0.25 * rate(age, new Date(at).getUTCHours())) return { sentAt, until: at, taken: true };
    }
    return { sentAt, until: sentAt + 7 * DAY, taken: false };
  });
}

test("without evidence every hour is as good as any other", () => {
  expect(new Set(ratesOf(NO_HABIT).byCell)).toEqual(new Set([1]));
});

test("what is opened in the evening is a habit of the evening", () => {
  const { byCell } = ratesOf(all(readBy((_, hour) => (hour >= 19 && hour < 22 ? 0.2 : 0.01), 1500)));
  const evening = [19, 20, 21].map((hour) => byCell[hour] ?? 0);
  expect(Math.min(...evening)).toBeGreaterThan(5 * Math.max(byCell[3] ?? 0, byCell[12] ?? 0));
});

test("what is opened soon after a send is no habit of that hour", () => {
  // Everything is sent at ten, and what is opened is opened within the hour.
  const lessons = Array.from({ length: 500 }, (_, index) => {
    const sentAt = MONDAY + (index % 5) * DAY + 10 * HOUR;
    return index % 3 === 0 ? { sentAt, until: sentAt + HOUR / 2, taken: true } : { sentAt, until: sentAt + 7 * DAY, taken: false };
  });
  const { byAge, byCell } = ratesOf(all(lessons));
  expect(byAge[0]).toBeGreaterThan(10 * (byAge[1] ?? 0));
  expect(byCell[10]).toBeLessThan(2);
});

test("ages and hours are told apart where both count", () => {
  const lessons = readBy((age, hour) => (age < 1 ? 0.3 : 0.02) * (hour >= 12 ? 1.5 : 0.5), 3000);
  const { byAge, byCell } = ratesOf(all(lessons));
  const mean = (from: number) => byCell.slice(from, from + 12).reduce((sum, one) => sum + one, 0) / 12;
  expect((byAge[0] ?? 0) / (byAge[1] ?? 1)).toBeGreaterThan(8);
  expect(mean(12) / mean(0)).toBeGreaterThan(2.2);
  expect(mean(12) / mean(0)).toBeLessThan(3.8);
});

test("the state stays small, forgets, and is read back as it was written", () => {
  const taught = all(readBy((_, hour) => 0.01 + hour / 500, 2000));
  const written = JSON.stringify(taught);
  expect(written.length).toBeLessThan(4_096);
  expect(readCommonHabit(JSON.parse(written))).toEqual(taught);
  const before = taught.takenByAge.reduce((sum, one) => sum + one, 0);
  const after = learnHour(taught, { sentAt: MONDAY, until: MONDAY + 7 * DAY, taken: false, zone }).takenByAge.reduce(
    (sum, one) => sum + one,
    0,
  );
  expect(after).toBeLessThan(before);
  expect(after).toBeGreaterThan(0.999 * before);
});

test("what is taken up after three days is no longer watched", () => {
  const late = all([{ sentAt: MONDAY, until: MONDAY + 4 * DAY, taken: true }]);
  expect([late.takenByCell, late.takenByAge].flat().every((count) => count === 0)).toBe(true);
  expect(late.waited.reduce((sum, one) => sum + one, 0)).toBeCloseTo(72);
});

test.each([[undefined], [{ version: 2 }], [{ ...NO_HABIT, waited: [1] }], [{ version: 1, outcomes: 0 }]])("%j is no state", (stored) => {
  expect(readCommonHabit(stored)).toBeUndefined();
});
