import { expect, test } from "vitest";
import { DAY } from "../../domain/values/time.ts";
import { NOW } from "../../testing/builders.ts";
import type { Counts } from "./counts.ts";
import { figureOf, figuresByName } from "./figures.ts";
import { forwardOf } from "./forward.ts";
import { type Frame, type PathTally, Tallying } from "./tally.ts";

const FRAME: Frame = { from: NOW, days: 7, customers: ["c-1", "c-2"] };
const OPTIONS = { frame: FRAME, worthOf: () => 100, notModelled: ["new customers"] };

const EMPTY: Counts = new Tallying({ ...FRAME, customers: [] }).result().all;

const tally = (given: Partial<Counts>, left: PathTally["left"] = []): PathTally => ({
  all: { ...EMPTY, customers: 2, ...given },
  groups: [],
  left,
});

test("a figure is the mean over paths, and the bounds of 90 of 100 of them", () => {
  expect(figureOf(Array.from({ length: 101 }, (_, n) => n))).toEqual({ mean: 50, low: 5, high: 95 });
  expect([figureOf([3]), figureOf([])]).toEqual([
    { mean: 3, low: 3, high: 3 },
    { mean: 0, low: 0, high: 0 },
  ]);
});

test("names that one path does not have count as zero in it, whatever the names are", () => {
  const paths = [JSON.parse('{"constructor": 2}'), { sms: 4 }];
  expect(figuresByName(paths)).toEqual({ constructor: figureOf([2, 0]), sms: figureOf([0, 4]) });
});

test("the difference is taken path by path: what both sides share does not blur it", () => {
  const path = (against: number, other: number) => ({ against: tally({ deliveries: against }), with: tally({ deliveries: other }) });
  const forward = forwardOf([path(10, 9), path(110, 109), path(60, 59)], OPTIONS);
  expect(forward.difference.deliveries).toEqual({ mean: -1, low: -1, high: -1 });
  expect(forward.against.deliveries.low).toBeLessThan(20);
});

test("every figure of the contract is there, of both sides and the difference, by the same names", () => {
  const against = tally({ byChannel: { email: 2 }, deferred: { quiet_hours: 1 }, contacts: 4, successes: { e: 2 } });
  const forward = forwardOf([{ against, with: tally({ byChannel: { sms: 1 }, contacts: 1 }) }], OPTIONS);
  expect(Object.keys(forward.with)).toEqual([
    ...["deliveries", "byExperience", "byChannel", "byDepartment", "silences", "deferred"],
    ...["contactsPerCustomerWeek", "tasks", "successes", "value", "nothing"],
  ]);
  expect(forward.difference).toMatchObject({
    byChannel: { email: { mean: -2 }, sms: { mean: 1 } },
    deferred: { quiet_hours: { mean: -1 } },
    contactsPerCustomerWeek: { mean: -1.5 },
    successes: { mean: -2 },
    value: { mean: -200 },
  });
});

test("who is left out, and who is reached, is told with how often and by which rule", () => {
  const gets = (...left: PathTally["left"]) => tally({ nothing: left.length }, left);
  const forward = forwardOf(
    [
      { against: gets([1, "holdout"]), with: gets([0, "cap_reached: weekly"]) },
      { against: gets(), with: gets([0, "cap_reached: weekly"]) },
    ],
    OPTIONS,
  );
  expect(forward.leftOut).toEqual([{ customerId: "c-1", against: 0, with: 1, rule: "cap_reached: weekly" }]);
  expect(forward.reached).toEqual([{ customerId: "c-2", against: 0.5, with: 0, rule: "holdout" }]);
});

test("groups are compared like all", () => {
  const frame: Frame = { ...FRAME, groups: { names: ["lease", "owner"], of: [0, 1] } };
  const side = (deliveries: number): PathTally => ({
    ...tally({ deliveries }),
    groups: [
      { ...EMPTY, customers: 1, deliveries },
      { ...EMPTY, customers: 1 },
    ],
  });
  const { groups } = forwardOf([{ against: side(3), with: side(1) }], { ...OPTIONS, frame });
  expect(groups?.map(({ name, customers, difference }) => [name, customers, difference.deliveries.mean])).toEqual([
    ["lease", 1, -2],
    ["owner", 1, 0],
  ]);
});

test("days of deliveries and tasks, weeks by contacts and rules are there for pictures", () => {
  const tallying = new Tallying(FRAME);
  tallying.note({
    ...{ customerId: "c-1", at: NOW + DAY },
    changes: [{ type: "task_added", task: { taskId: "t", queue: "desk", summary: "", due: NOW, at: NOW, facts: {} } }],
  });
  const side = tallying.result();
  const { details } = forwardOf([{ against: side, with: side }], OPTIONS);
  expect(details.with).toMatchObject({ nothingBy: { "no moment opened": { mean: 2 } } });
  expect(details.with.contactsInAWeek.map(({ mean }) => mean)).toEqual([1, 0, 0, 0, 0]);
  expect(details.with.tasksByDay.desk?.map(({ mean }) => mean)).toEqual([0, 1, 0, 0, 0, 0, 0]);
});
