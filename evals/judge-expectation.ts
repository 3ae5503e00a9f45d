import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { iso, parseInstant } from "../domain/values/time.ts";
import type { Expectation, Match, Present, Rejected, TaskMatch } from "./golden.ts";
import { codesOf, codesOfCandidate, is, isAt, matches, textOf } from "./match-decision.ts";
import { MAX_NEAR, type NearDecision, nearestTo, seen } from "./near-decisions.ts";

/** Whether an expectation holds for the decisions of a case, with what there was instead if not. */
export type Judged =
  | { readonly holds: true }
  | { readonly holds: false; readonly because: string; readonly near?: readonly NearDecision[] };

/** The fields of a task that expectations check. */
export interface SeenTask {
  readonly customerId: string | null;
  readonly queue: string;
  readonly summary: string;
  readonly due: string;
  readonly facts: { readonly promise?: unknown };
}

/** A signal of the case that was refused, and why. */
export interface RefusedSignal {
  readonly id: string;
  readonly problem: string;
}

/** What a run leaves besides its decisions. */
export interface Beside {
  readonly tasks?: readonly SeenTask[];
  readonly refused?: readonly RefusedSignal[];
}

export function judgeExpectation(
  expectation: Expectation,
  decisions: readonly Decision[],
  policy: Policy,
  { tasks = [], refused = [] }: Beside = {},
): Judged {
  if ("rejected" in expectation) return judgeRejected(expectation, refused);
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

/** Decisions that a failed count lists. */
const MAX_COUNTED = 10;

const plain = (value: object): string =>
  Object.entries(value)
    .map(([key, field]) => `${key} ${inWords(field)}`)
    .join(", ");

function inWords(field: unknown): string {
  if (Array.isArray(field)) return field.join("+");
  return typeof field === "object" && field !== null ? `(${plain(field)})` : String(field);
}

function judgePresent(expected: Present, decisions: readonly Decision[], policy: Policy): Judged {
  const { at, reasons = [], until, to, says, saysNot, probability, candidates = {}, ...match } = expected;
  const here = at === undefined ? decisions : decisions.filter((decision) => isAt(decision, at));
  const found = here.filter(
    (decision) =>
      matches(decision, match, policy) &&
      reasons.every((code) => codesOf(decision, expected.experience).has(code)) &&
      (until === undefined || decision.until === iso(parseInstant(until) ?? 0)) &&
      Object.entries(candidates).every(([id, codes]) => [codes].flat().every((code) => codesOfCandidate(decision, id).includes(code))) &&
      (probability === undefined || decision.probability === probability) &&
      (to === undefined || decision.deliveries.some((delivery) => delivery.to === to)) &&
      (says === undefined || textOf(decision).includes(says)) &&
      (saysNot === undefined || !textOf(decision).includes(saysNot)),
  );
  if (found.length > 0) return { holds: true };
  const close = nearestTo(expected, decisions, policy);
  return { holds: false, because: close.length === 0 ? "there is no decision" : "no decision is like that; the nearest are", near: close };
}

/** A forbidden decision is one that sends a message, unless another action is named. */
function judgeNever({ says, ...match }: Match, decisions: readonly Decision[], policy: Policy): Judged {
  const found = decisions.filter(
    (decision) => matches(decision, { action: "deliver", ...match }, policy) && (says === undefined || textOf(decision).includes(says)),
  );
  return found.length === 0
    ? { holds: true }
    : { holds: false, because: "this must not be there", near: found.slice(0, MAX_NEAR).map(seen) };
}

function judgeCount(
  { min, max, ...match }: Match & { min?: number | undefined; max?: number | undefined },
  decisions: readonly Decision[],
  policy: Policy,
): Judged {
  const counted = decisions.filter((decision) => matches(decision, match, policy));
  const count = counted.length;
  if (max !== undefined && count > max)
    return { holds: false, because: `counted ${count}, expected at most ${max}`, near: counted.slice(0, MAX_COUNTED).map(seen) };
  if (min === undefined || count >= min) return { holds: true };
  const others = nearestTo(
    match,
    decisions.filter((decision) => !counted.includes(decision)),
    policy,
  );
  return {
    holds: false,
    because: `counted ${count}, expected at least ${min}`,
    near: [...counted.slice(0, MAX_COUNTED).map(seen), ...others],
  };
}

function judgeRejected({ rejected, because }: Rejected, refused: readonly RefusedSignal[]): Judged {
  const problems = refused.filter(({ id }) => id === rejected).map(({ problem }) => problem);
  if (problems.length === 0) return { holds: false, because: `signal ${rejected} was accepted` };
  if (because === undefined || problems.some((problem) => problem.includes(because))) return { holds: true };
  return { holds: false, because: `signal ${rejected} was refused because of something else: ${problems.join("; ")}` };
}

function judgeTask(wanted: TaskMatch, tasks: readonly SeenTask[]): Judged {
  if (tasks.some((task) => isTask(task, wanted))) return { holds: true };
  const found = tasks.slice(0, 3).map(taskInShort).join("; ");
  return { holds: false, because: found === "" ? "no task" : `saw ${found}` };
}

function judgeNoTask(unwanted: TaskMatch, tasks: readonly SeenTask[]): Judged {
  const found = tasks.find((task) => isTask(task, unwanted));
  return found ? { holds: false, because: `saw ${taskInShort(found)}` } : { holds: true };
}

function isTask(task: SeenTask, { customer, queue, promise, due, says }: TaskMatch): boolean {
  return (
    is(customer, task.customerId ?? undefined) &&
    is(queue, task.queue) &&
    (promise === undefined || task.facts.promise === promise) &&
    (due === undefined || task.due === iso(parseInstant(due) ?? 0)) &&
    (says === undefined || task.summary.includes(says))
  );
}

const taskInShort = ({ customerId, queue, summary, due }: SeenTask): string =>
  `${queue}: ${summary} (${customerId ?? "no customer"}, due ${due})`;
