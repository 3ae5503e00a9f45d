import type { Decision, DeliveryRecord } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { iso, parseInstant } from "../domain/values/time.ts";
import type { Expectation, Match, Present, TaskMatch } from "./golden.ts";

/** Whether an expectation holds for the decisions of a case, with the actual outcome if not. */
export type Judged = { readonly holds: true } | { readonly holds: false; readonly because: string };

/** The fields of a task that expectations check. */
export interface SeenTask {
  readonly customerId: string;
  readonly queue: string;
  readonly summary: string;
  readonly due: string;
  readonly facts: { readonly promise?: unknown };
}

export function judgeExpectation(
  expectation: Expectation,
  decisions: readonly Decision[],
  policy: Policy,
  tasks: readonly SeenTask[] = [],
): Judged {
  if ("task" in expectation) return judgeTask(expectation.task, tasks);
  if ("noTask" in expectation) return judgeNoTask(expectation.noTask, tasks);
  if ("never" in expectation) return judgeNever(expectation.never, decisions, policy);
  if ("count" in expectation) return judgeCount(expectation.count, decisions, policy);
  return judgePresent(expectation, decisions, policy);
}

/** An expectation as one line for a report. */
export function describeExpectation(expectation: Expectation): string {
  for (const kind of ["never", "count", "task", "noTask"] as const) {
    if (kind in expectation) return `${kind}: ${plain((expectation as Record<typeof kind, object>)[kind])}`;
  }
  return plain(expectation);
}

// --- internal ---

const plain = (value: object): string =>
  Object.entries(value)
    .map(([key, field]) => `${key} ${inWords(field)}`)
    .join(", ");

function inWords(field: unknown): string {
  if (Array.isArray(field)) return field.join("+");
  return typeof field === "object" && field !== null ? `(${plain(field)})` : String(field);
}

function judgePresent(expected: Present, decisions: readonly Decision[], policy: Policy): Judged {
  const { at, reasons = [], until, says, saysNot, probability, candidates = {}, ...match } = expected;
  const near = at === undefined ? decisions : decisions.filter((decision) => isAt(decision, at));
  const found = near.filter(
    (decision) =>
      matches(decision, match, policy) &&
      reasons.every((code) => codesOf(decision, expected.experience).has(code)) &&
      (until === undefined || decision.until === iso(parseInstant(until) ?? 0)) &&
      Object.entries(candidates).every(([id, codes]) => [codes].flat().every((code) => codesOfCandidate(decision, id).includes(code))) &&
      (probability === undefined || decision.probability === probability) &&
      (says === undefined || textOf(decision).includes(says)) &&
      (saysNot === undefined || !textOf(decision).includes(saysNot)),
  );
  if (found.length > 0) return { holds: true };
  const seen = near.slice(0, 3).map(inShort).join("; ");
  return { holds: false, because: seen === "" ? `no decision${at === undefined ? "" : ` at ${at}`}` : `saw ${seen}` };
}

/** A forbidden decision is one that sends a message, unless another action is named. */
function judgeNever({ says, ...match }: Match, decisions: readonly Decision[], policy: Policy): Judged {
  const found = decisions.find(
    (decision) => matches(decision, { action: "deliver", ...match }, policy) && (says === undefined || textOf(decision).includes(says)),
  );
  return found ? { holds: false, because: `saw ${inShort(found)}` } : { holds: true };
}

function judgeCount(
  { min, max, ...match }: Match & { min?: number | undefined; max?: number | undefined },
  decisions: readonly Decision[],
  policy: Policy,
): Judged {
  const count = decisions.filter((decision) => matches(decision, match, policy)).length;
  if (min !== undefined && count < min) return { holds: false, because: `counted ${count}` };
  if (max !== undefined && count > max) return { holds: false, because: `counted ${count}` };
  return { holds: true };
}

function judgeTask(wanted: TaskMatch, tasks: readonly SeenTask[]): Judged {
  if (tasks.some((task) => isTask(task, wanted))) return { holds: true };
  const seen = tasks.slice(0, 3).map(taskInShort).join("; ");
  return { holds: false, because: seen === "" ? "no task" : `saw ${seen}` };
}

function judgeNoTask(unwanted: TaskMatch, tasks: readonly SeenTask[]): Judged {
  const found = tasks.find((task) => isTask(task, unwanted));
  return found ? { holds: false, because: `saw ${taskInShort(found)}` } : { holds: true };
}

function isTask(task: SeenTask, { customer, queue, promise, due, says }: TaskMatch): boolean {
  return (
    is(customer, task.customerId) &&
    is(queue, task.queue) &&
    (promise === undefined || task.facts.promise === promise) &&
    (due === undefined || task.due === iso(parseInstant(due) ?? 0)) &&
    (says === undefined || task.summary.includes(says))
  );
}

const taskInShort = ({ customerId, queue, summary, due }: SeenTask): string => `${queue}: ${summary} (${customerId}, due ${due})`;

function isAt({ wake, decidedAt }: Decision, at: string): boolean {
  if (wake.kind === "signal" && wake.signalId === at) return true;
  const time = parseInstant(at);
  return time !== undefined && decidedAt === iso(time);
}

function matches(decision: Decision, { customer, experience, channel, department, action, before, after }: Match, policy: Policy): boolean {
  const { experienceId, decidedAt } = decision;
  const owner = policy.experiences.find(({ id }) => id === experienceId)?.department;
  const at = parseInstant(decidedAt) ?? 0;
  return (
    is(customer, decision.customerId) &&
    is(experience, experienceId) &&
    is(channel, decision.channel) &&
    is(department, owner) &&
    is(action, decision.action) &&
    (before === undefined || at < (parseInstant(before) ?? 0)) &&
    (after === undefined || at > (parseInstant(after) ?? 0))
  );
}

const is = (wanted: string | undefined, given: string | undefined): boolean => wanted === undefined || wanted === given;

/** Codes of the decision, and of the candidate that the expectation names. */
const codesOf = (decision: Decision, experience: string | undefined): Set<string> =>
  new Set([...decision.reasons.map(({ code }) => code), ...codesOfCandidate(decision, experience)]);

const codesOfCandidate = ({ candidates }: Decision, experience: string | undefined): string[] =>
  candidates.filter(({ experienceId }) => experienceId === experience).flatMap(({ reasons }) => reasons.map(({ code }) => code));

const textOf = ({ deliveries }: Decision): string =>
  deliveries.map(({ content = {} }: DeliveryRecord) => Object.values(content).map(inText).join("\n")).join("\n");

const inText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const inShort = ({ decidedAt, customerId, action, experienceId, channel, reasons }: Decision): string =>
  `${decidedAt} ${customerId} ${action}${experienceId === undefined ? "" : ` ${experienceId} by ${channel}`} (${[...new Set(reasons.map(({ code }) => code))].join(", ")})`;
