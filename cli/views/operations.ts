import { cutShort } from "../../domain/values/cut.ts";
import type { ApprovalView, AuditView, CaseView, DeadView, PauseView, PromiseView, TaskView } from "../../operations/operation.ts";
import type { Io, Paint } from "../io.ts";
import type { Operated } from "../operating.ts";
import { decisionLine, minuteOf } from "./decision-line.ts";
import { table } from "./table.ts";

/** Ids are shortened to the part that has to be typed. */
export const shortId = (id: string): string => id.slice(0, 12);

/** Tasks by queue, earliest due first. */
export function taskLines(tasks: readonly TaskView[], paint: Paint): string[] {
  const queues = [...new Set(tasks.map(({ queue }) => queue))];
  return queues.flatMap((queue) => [
    paint.bold(queue),
    ...table(
      tasks
        .filter((task) => task.queue === queue)
        .map((task) => [
          paint.dim(shortId(task.taskId)),
          dueOf(task, paint),
          task.customerId ?? paint.dim("no customer"),
          task.summary,
          paint.dim(stateOf(task)),
        ]),
      { indent: 2 },
    ),
  ]);
}

export const approvalLines = (approvals: readonly ApprovalView[], paint: Paint): string[] =>
  table(
    approvals.map((approval) => [
      paint.dim(shortId(approval.approvalId)),
      minuteOf(approval.askedAt),
      approval.customerId,
      approval.experienceId,
      wayOf(approval),
      approval.amount === undefined ? "" : String(approval.amount),
      approval.text === undefined ? "" : `“${cutShort(approval.text, 40)}”`,
      approval.reason,
      answerOf(approval, paint),
    ]),
  );

export const promiseLines = (promises: readonly PromiseView[], paint: Paint): string[] =>
  table(
    promises.map(({ promiseId, name, owner, customerId, due, overdue, state, endedAt = due, endedBy }) => [
      paint.dim(shortId(promiseId)),
      state === "open" ? dueOf({ due, overdue, state }, paint) : `${state} ${minuteOf(endedAt)}`,
      customerId,
      name,
      `owed by ${owner}`,
      endedBy === undefined ? "" : paint.dim(`by ${endedBy}`),
    ]),
  );

export const caseLines = (cases: readonly CaseView[], paint: Paint): string[] =>
  table(
    cases.map(({ caseId, customerId, subject = "", openedAt, state, closedAt = openedAt }) => [
      caseId,
      state === "open" ? `open since ${minuteOf(openedAt)}` : `closed ${minuteOf(closedAt)}`,
      customerId,
      paint.dim(subject),
    ]),
  );

export const pauseLines = (pauses: readonly PauseView[], paint: Paint): string[] =>
  table(
    pauses.map(({ scope, name = "", since, by, note = "" }) => [
      paint.yellow("paused"),
      scope === "all" ? "everything" : `${scope} ${name}`,
      paint.dim(`by ${by} since ${minuteOf(since)}`),
      note,
    ]),
  );

/** Dead letters: the reason, the time and the number of attempts. */
export const deadLines = (dead: readonly DeadView[], paint: Paint): string[] =>
  table(
    dead.map(({ id, kind, customerId, type, timer, code, message, tries, since }) => [
      paint.dim(shortId(id)),
      minuteOf(since),
      customerId,
      `${kind} ${type ?? timer ?? ""}`,
      paint.dim(`after ${tries} tries`),
      `${code}: ${message.split("\n")[0] ?? ""}`,
    ]),
  );

/** The result of an operation on dead letters. */
export function showSettledDead(result: object, letters: readonly DeadView[], what: string, json: boolean, io: Io): void {
  if (json) io.out(JSON.stringify(result));
  else for (const line of deadLines(letters, io.paint)) io.out(line);
  io.note(letters.length === 1 ? `1 dead letter is ${what}` : `${letters.length} dead letters are ${what}`);
}

export const auditLines = (entries: readonly AuditView[], paint: Paint): string[] =>
  table(
    entries.map(({ at, by, action, target, customerId = "", details }) => [
      paint.dim(minuteOf(at)),
      by,
      action,
      target,
      customerId === target ? "" : customerId,
      Object.keys(details).length === 0 ? "" : paint.dim(JSON.stringify(details)),
    ]),
  );

/** A list as one JSON value, or as a table, with a note where it is empty. */
export function showList<T>(
  items: readonly T[],
  lines: (items: readonly T[], paint: Paint) => string[],
  none: string,
  isJson: boolean,
  io: Io,
  limit?: number,
): void {
  if (isJson) io.out(JSON.stringify(items));
  else for (const line of lines(items, io.paint)) io.out(line);
  if (items.length === 0) io.note(none);
  noteIfCut(items.length, limit, io);
}

/** Says how to see more of a list that has as many entries as were asked for. */
export function noteIfCut(count: number, limit: number | undefined, { note }: Pick<Io, "note">): void {
  if (count > 0 && count === limit) note(`these are as many as --limit asks for (${limit}); there may be more: --limit ${limit * 2}`);
}

/** The result of an operation in a sentence, with the decisions that followed. */
export function showOperated<T extends object>(operated: Operated<T>, sentence: string, isJson: boolean, io: Io): void {
  const { result, decisions, judged } = operated;
  if (isJson) {
    io.out(JSON.stringify({ ...result, decisions }));
    return;
  }
  io.out(sentence);
  for (const decision of decisions) io.out(decisionLine(decision, io.paint));
  if (judged === "by the service") io.note("the running service decides the consequences within a second, or as soon as one runs");
  if (judged === "here" && decisions.length === 0) io.note("the customer was decided again; nothing else follows");
}

// --- internal ---

/** A channel, with what it says in one of several variants: `email/story`. */
const wayOf = ({ channel = "", variant }: Pick<ApprovalView, "channel" | "variant">): string =>
  variant === undefined ? channel : `${channel}/${variant}`;

function answerOf({ state, moment, expiresAt, answeredBy, answeredAt }: ApprovalView, paint: Paint): string {
  if (state === "pending") return paint.dim(`for ${moment}, open until ${minuteOf(expiresAt)}`);
  return `${state}${answeredBy === undefined ? "" : ` by ${answeredBy}`}${answeredAt === undefined ? "" : `, ${minuteOf(answeredAt)}`}`;
}

function dueOf({ due, overdue, state }: Pick<TaskView, "due" | "overdue"> & { readonly state: string }, paint: Paint): string {
  if (overdue) return paint.red(`overdue ${minuteOf(due)}`);
  return state === "open" || state === "claimed" ? `due ${minuteOf(due)}` : paint.dim(`due ${minuteOf(due)}`);
}

function stateOf({ state, claimedBy, endedBy, endedAt, contacted }: TaskView): string {
  if (state === "open") return "";
  if (state === "claimed") return `claimed by ${claimedBy}`;
  const actor = endedBy === undefined ? "" : ` by ${endedBy}`;
  return `${state}${actor}${endedAt === undefined ? "" : `, ${minuteOf(endedAt)}`}${contacted ? ", customer contacted" : ""}`;
}
