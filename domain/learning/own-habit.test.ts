import { expect, test } from "vitest";
import type { DeliveryNote, DeliveryStatus, Outcome, OutcomeKind } from "../entities/customer.ts";
import { DAY, HOUR } from "../values/time.ts";
import { NO_HABIT, ratesOf } from "./common-habit.ts";
import { evidenceOf, habitOf } from "./own-habit.ts";

const MONDAY = Date.parse("2026-06-01T00:00:00Z");
const NOW = MONDAY + 60 * DAY;
const zone = "UTC";
const RATES = ratesOf(NO_HABIT);
const FLAT = { ...RATES, byCell: RATES.byCell.map(() => 1) };

interface Sent {
  readonly at: number;
  readonly taken?: number;
  readonly kind?: OutcomeKind;
  readonly status?: DeliveryStatus;
  readonly channel?: string;
}

function historyOf(sent: readonly Sent[]) {
  const about = (index: number, { channel = "email" }: Sent) => ({ deliveryId: `m-${index}`, experienceId: "e", channel });
  const deliveries = sent.map(
    (one, index): DeliveryNote => ({ ...about(index, one), status: one.status ?? "sent", at: one.at, moments: [] }),
  );
  const outcomes = sent.flatMap((one, index): Outcome[] =>
    one.taken === undefined ? [] : [{ ...about(index, one), kind: one.kind ?? "opened", at: one.taken }],
  );
  return { deliveries, outcomes };
}

const evidence = (sent: readonly Sent[], now = NOW) => evidenceOf(historyOf(sent), "email", FLAT, { zone, now });
/** The probability of each class on weekdays: like everyone, then around each hour. */
const weekdays = (sent: readonly Sent[], byCell = FLAT.byCell) => {
  const { habits } = habitOf({ byCell }, evidence(sent));
  return Array.from({ length: 25 }, (_, one) => habits.reduce((sum, { weekday, weight }) => sum + (weekday === one ? weight : 0), 0));
};
const mornings = (days: readonly number[]): Sent[] => days.map((day) => ({ at: MONDAY + day * DAY + 9 * HOUR }));
const read = (days: readonly number[], hour: number): Sent[] =>
  mornings(days).map((one) => ({ ...one, taken: Math.floor(one.at / DAY) * DAY + (hour + 0.5) * HOUR }));

test("without evidence one is as likely like everyone as around some hour, and every hour as likely as another", () => {
  const [everyone, ...hours] = weekdays([]);
  expect(everyone).toBeCloseTo(0.5);
  for (const hour of hours) expect(hour).toBeCloseTo(0.5 / 24);
});

test("an hour at which everyone takes up is likely hers beforehand", () => {
  const byCell = FLAT.byCell.map((_, cell) => (cell === 20 ? 6 : 1));
  const classes = weekdays([], byCell);
  expect(classes[21]).toBeGreaterThan(2 * (classes[10] ?? 0));
});

test("who opens every evening what came in the morning has the evening", () => {
  const classes = weekdays(read([0, 1, 2, 3, 4, 7, 8], 19));
  expect(classes.indexOf(Math.max(...classes))).toBe(20);
  expect((classes[19] ?? 0) + (classes[20] ?? 0) + (classes[21] ?? 0)).toBeGreaterThan(0.8);
});

test("what one weekend shows says nothing about weekdays", () => {
  const classes = weekdays(read([5, 6, 12, 13, 19, 20], 19));
  expect(Math.abs((classes[20] ?? 0) - 0.5 / 24)).toBeLessThan(0.01);
});

test("what is opened at once says little: it came at that hour", () => {
  const [soon, later] = [weekdays(read([0, 1, 2], 9)), weekdays(read([0, 1, 2], 19))];
  expect(soon[10]).toBeLessThan(0.3);
  expect(later[20]).toBeGreaterThan(soon[10] ?? 1);
});

test.each<[string, Sent, number]>([
  ["opened", { at: MONDAY, taken: MONDAY + HOUR }, 1],
  ["clicked", { at: MONDAY, taken: MONDAY + HOUR, kind: "clicked" }, 1],
  ["replied to", { at: MONDAY, taken: MONDAY + HOUR, kind: "replied" }, 1],
  ["converted", { at: MONDAY, taken: MONDAY + HOUR, kind: "converted" }, 1],
  ["ignored", { at: MONDAY, taken: MONDAY + 7 * DAY, kind: "ignored" }, 0],
  ["complained about", { at: MONDAY, taken: MONDAY + HOUR, kind: "complained" }, 0],
  ["opened after three days", { at: MONDAY, taken: MONDAY + 4 * DAY }, 0],
])("a delivery that was %s", (_, sent, count) => {
  expect(evidence([sent]).count).toBe(count);
});

test.each<[string, Sent]>([
  ["bounced", { at: MONDAY, status: "bounced" }],
  ["is not sent yet", { at: MONDAY, status: "reserved" }],
  ["went on another channel", { at: MONDAY, channel: "sms", taken: MONDAY + HOUR }],
])("a delivery that %s is no evidence", (_, sent) => {
  expect(evidence([sent])).toEqual(evidence([]));
});

test("a delivery that is opened and clicked counts once, when it was opened", () => {
  const history = historyOf([{ at: MONDAY, taken: MONDAY + HOUR }]);
  const clicked: Outcome = { deliveryId: "m-0", experienceId: "e", channel: "email", kind: "clicked", at: MONDAY + 5 * HOUR };
  const both = { ...history, outcomes: [clicked, ...history.outcomes] };
  expect(evidenceOf(both, "email", FLAT, { zone, now: NOW })).toEqual(evidenceOf(history, "email", FLAT, { zone, now: NOW }));
});

test("only the latest 60 deliveries count", () => {
  const many = Array.from({ length: 200 }, (_, index): Sent => ({ at: MONDAY + index * HOUR, taken: MONDAY + (index + 1) * HOUR }));
  expect(evidence(many).count).toBe(60);
});

test("what was sent more than 180 days ago no longer counts", () => {
  expect(evidence([{ at: NOW - 180 * DAY, taken: NOW - 179 * DAY }]).count).toBe(0);
  expect(evidence([{ at: NOW - 179 * DAY, taken: NOW - 178 * DAY }]).count).toBe(1);
});

test("who takes up much has a high level, whatever the hour", () => {
  const [much, little] = [habitOf(FLAT, evidence(read([0, 1, 2, 3, 4], 12))), habitOf(FLAT, evidence(mornings([0, 1, 2, 3, 4])))];
  const level = ({ shape, habits }: typeof much) => habits.reduce((sum, { weight, rate }) => sum + (weight * shape) / rate, 0);
  expect(level(much)).toBeGreaterThan(1);
  expect(level(little)).toBeLessThan(1);
});
