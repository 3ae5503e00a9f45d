import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { Candidate, Decision } from "../../domain/entities/decision.ts";
import { readSuite } from "../../evals/golden.ts";
import { describeExpectation, judgeExpectation } from "../../evals/judge-expectation.ts";
import { createPaint } from "../io.ts";
import { demoLines } from "../views/demo-page.ts";
import { type DemoReport, demoReport, type Recording } from "../views/demo-report.ts";
import { widthOf } from "../views/table.ts";
import { record } from "./demo.ts";

const DEALERSHIP = join(import.meta.dirname, "..", "..", "examples", "dealership");
const suite = readSuite(join(DEALERSHIP, "evals", "story.yaml"));

let recording: Recording;
let report: DemoReport;

beforeAll(async () => {
  const quiet = { environment: {}, now: Date.now, note: () => {}, progress: () => {}, isStopped: () => false };
  recording = await record(DEALERSHIP, quiet);
  report = demoReport(recording, { followed: "c-dana", folder: "examples/dealership" });
});

test("the stream is read without a broken line or a conflict, and a repeated signal counts once", () => {
  const { problems, conflicts, duplicates, signals } = recording.result;
  expect({ problems, conflicts, duplicates }).toEqual({ problems: [], conflicts: [], duplicates: 1 });
  expect(signals).toBeGreaterThan(90);
});

test.each(suite.cases.flatMap(({ expect: all }) => all.map((one) => [describeExpectation(one), one] as const)))(
  "golden decision: %s",
  (_name, expectation) => {
    expect(judgeExpectation(expectation, recording.decisions, recording.policy)).toEqual({ holds: true });
  },
);

test("a price on which two systems disagree is not sent, and the record names each source's value", () => {
  const [reason] = candidateAt("c-priya", "2026-07-02T16:00:00Z", "payoff-quote").reasons;
  expect(reason?.code).toBe("fact_conflict");
  expect(reason?.detail).toMatch(/dealer says 15400.*leasing says 14900|leasing says 14900.*dealer says 15400/);
});

test("a ten-week-old price is not sent", () => {
  expect(candidateAt("c-wen", "2026-04-20T12:00:00Z", "trade-in-value").reasons.map(({ code }) => code)).toEqual(["fact_stale"]);
});

test("a waiting message is withdrawn when the car returns, and the decision that replaces it gives that reason", () => {
  const pending = decisionAt("c-dana", "2026-09-03T15:00:00Z");
  const back = decisionAt("c-dana", "2026-09-08T15:30:00Z");
  expect(back.supersedes).toBe(pending.decisionId);
  expect(candidateAt("c-dana", "2026-09-08T15:30:00Z", "upgrade-discount").reasons).toContainEqual(
    expect.objectContaining({ code: "suppressed", detail: "the car has gone back" }),
  );
});

test("promises that are not kept in time become tasks of their owners, and others do not", () => {
  const overdue = recording.tasks.filter(({ facts }) => facts.promise !== undefined).map(({ customerId, queue }) => [customerId, queue]);
  expect(overdue.sort()).toEqual([
    ["c-elena", "finance"],
    ["c-grace", "finance"],
  ]);
});

test("Dana's story: the messages of each department alone, and their fate", () => {
  const rows = report.followed.story.flatMap(({ day, rows: all }) => all.map(({ name, outcome }) => `${day}: ${name}, ${outcome}`));
  expect(rows).toEqual([
    "10 Feb: News about our models, sent",
    "12 Mar: Your lease-end options, sent",
    "12 Mar: The price to keep the car, sent later",
    "16 Mar: A customer has written, task for a human",
    "20 Apr: Upgrade now and save, sent",
    "12 May: News about our models, sent",
    "9 Jun: How did we do?, sent later",
    "9 Jun: Review us online, held back",
    "9 Aug: Your lease-end options, sent",
    "9 Aug: The price to keep the car, held back",
    "11 Aug: News about our models, held back",
    "29 Aug: Time for a service, sent",
    "1 Sep: Thank you for leasing, sent later",
    "1 Sep: Somebody undecided is here, task for a human",
    "1 Sep: Used cars, while here, held back",
    "3 Sep: Upgrade now and save, held back",
    "8 Sep: We have your car, sent",
    "10 Sep: News about our models, held back",
    "12 Sep: Your car's birthday, held back",
    "12 Sep: Your final charges, sent",
  ]);
});

test("the reasons are in everyday language", () => {
  const why = (day: string, name: string) =>
    report.followed.story.filter((event) => event.day === day).flatMap(({ rows }) => rows.filter((row) => row.name === name))[0]?.says;
  expect(why("3 Sep", "Upgrade now and save")).toBe(
    "Dana came by 2 days before and had a call the day before; the week's 2 contacts are used up; then the car has gone back",
  );
  expect(why("10 Sep", "News about our models")).toBe("finance owes Dana the final charges first; then the last two were not looked at");
  expect(why("1 Sep", "Thank you for leasing")).toBe("sent on 15 Sep: the lease has not ended yet");
});

test("no customer receives messages above the caps, visits and calls counted", () => {
  const { decisions, policy, signals } = recording;
  const transactional = policy.experiences.filter(({ outside }) => outside.includes("caps")).map(({ id }) => id);
  const tooMany = decisions.filter(({ action, channel, experienceId = "", customerId, decidedAt }) => {
    if (action !== "deliver" || !["email", "sms"].includes(channel ?? "") || transactional.includes(experienceId)) return false;
    const before = contacts(customerId, decisions, signals).filter(({ at }) => at < Date.parse(decidedAt));
    const within = (days: number) => before.filter(({ at }) => Date.parse(decidedAt) - at < days * DAY);
    const byMarketing = within(30).filter(({ experience }) => department(experience) === "marketing");
    const isMarketing = department(experienceId) === "marketing";
    return within(7).length >= 2 || within(1).length >= 1 || (isMarketing && byMarketing.length >= 2);
  });
  expect(tooMany.map(({ decisionId }) => decisionId)).toEqual([]);
  expect(report.totals.attention.sentient.aboveCaps).toBe(0);
});

test("departments working alone send far above the caps", () => {
  const { alone, sentient } = report.totals.attention;
  expect(alone.aboveCaps).toBeGreaterThan(20);
  expect(sentient.busiestWeek).toBeLessThan(alone.busiestWeek);
});

test("the figures add up: messages held back are those that the departments would have sent and the engine did not", () => {
  const { alone, sent, extra, held, because } = report.totals;
  expect(alone - (sent - extra)).toBe(held);
  expect(because.reduce((sum, { count }) => sum + count, 0)).toBe(held);
  expect(report.customers.reduce((sum, customer) => sum + customer.sent, 0)).toBe(sent);
  const delivered = recording.decisions.flatMap(({ deliveries }) => deliveries.filter(({ content }) => content?.summary === undefined));
  expect(sent).toBe(delivered.length);
});

test("the page keeps to eighty columns and is as informative without colours", () => {
  const plain = demoLines(report, { paint: createPaint(false), columns: 80 });
  expect(plain.filter((line) => widthOf(line) > 80)).toEqual([]);
  const coloured = demoLines(report, { paint: createPaint(true), columns: 80 });
  expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain.map((line) => line.trimEnd()));
});

const DAY = 24 * 60 * 60 * 1000;
const department = (experience: string | undefined) => recording.policy.experiences.find(({ id }) => id === experience)?.department;

function contacts(customerId: string, decisions: readonly Decision[], signals: Recording["signals"]) {
  const messages = decisions
    .filter((one) => one.customerId === customerId && one.action === "deliver" && ["email", "sms"].includes(one.channel ?? ""))
    .map((one) => ({ at: Date.parse(one.decidedAt), experience: one.experienceId }));
  const people = signals.filter(({ type, subject }) => type === "human.touch" && subject === customerId);
  return [...messages, ...people.map(({ time = "" }) => ({ at: Date.parse(time), experience: undefined }))];
}

function decisionAt(customerId: string, time: string): Decision {
  const decision = recording.decisions.find((one) => one.customerId === customerId && one.decidedAt === time);
  if (!decision) throw new Error(`no decision for ${customerId} at ${time}`);
  return decision;
}

function candidateAt(customerId: string, time: string, experienceId: string): Candidate {
  const candidate = decisionAt(customerId, time).candidates.find((one) => one.experienceId === experienceId);
  if (!candidate) throw new Error(`${experienceId} was no candidate for ${customerId} at ${time}`);
  return candidate;
}

test("W25: what the demo proposes next can be typed as it stands in a project", () => {
  expect(report.next.length).toBeGreaterThan(2);
  expect(report.next.filter(({ command }) => !command.startsWith("npx sentient "))).toEqual([]);
});
