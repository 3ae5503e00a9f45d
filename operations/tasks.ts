import type { Change, Draft } from "../domain/entities/change.ts";
import type { Customer, TouchKind } from "../domain/entities/customer.ts";
import type { Signal } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { interpret } from "../domain/moments/interpret.ts";
import { endPromise, REPLY } from "../domain/moments/promises.ts";
import { OPERATORS } from "../domain/record/merge.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { KeptTask, OperationWrite, StoredSignal, TaskPlace } from "../store/store.ts";
import { auditOf, lookUp, momentToAct, OPERATOR, type OperationDeps, only, operate, storeTime, timeAs, wakeAt } from "./deps.ts";
import { type PageFrom, pagedList, withNow } from "./monitoring/paged-list.ts";
import type { Actor, Operations, Outcome, TaskOptions, TaskView } from "./operation.ts";

export function taskOperations(deps: OperationDeps): Operations["tasks"] {
  const { store } = deps;
  return {
    list: pagedList(store, "tasks", {
      async read({ overdue = false, ...options }: TaskOptions, page) {
        const { at } = await storeTime(deps);
        await store.operations.expireTasks(at);
        const late = overdue ? { lateAt: at } : {};
        const found = await store.operations.tasks({ ...options, ...late, page: page as PageFrom<TaskPlace> });
        return withNow(found, at);
      },
      place: ({ one: { taskId, queue, due, state } }): TaskPlace => ({ taskId, queue, due, ended: !isOpen(state) }),
      show: (rows) => rows.map(({ one, at }) => viewOf(one, at)),
    }),
    show: async ({ id }) => viewOf(await find(id, deps), (await storeTime(deps)).at),
    claim: ({ id, takeOver = false }, actor) => claim(id, actor, takeOver, deps),
    return: ({ id }, actor) => giveBack(id, actor, deps),
    done: ({ id, contacted }, actor) => done(id, actor, contacted, deps),
  };
}

// --- internal ---

type Contact = Exclude<TouchKind, "delivery">;

async function find(id: string, { store, now }: OperationDeps): Promise<KeptTask> {
  const { at } = await storeTime({ store, now });
  await store.operations.expireTasks(at);
  return only("task", id, (await store.operations.tasks(lookUp(id))).rows, ({ taskId }) => taskId);
}

async function claim(id: string, actor: Actor, takeOver: boolean, deps: OperationDeps): Promise<Outcome<TaskView>> {
  const task = await find(id, deps);
  const at = await momentToAct(deps);
  const { taskId, state, claimedBy } = task;
  if (state === "claimed" && claimedBy === actor.by) return { ...viewOf(task, at), changed: false };
  if (state === "claimed" && !takeOver) throw claimedByOther(task);
  if (!isOpen(state)) throw ended(task);
  const details: JsonObject = claimedBy === undefined ? {} : { from: claimedBy };
  const operation: OperationWrite = {
    audit: auditOf(deps, actor, { action: "task.claimed", target: taskId, ...ofCustomer(task), details }),
    task: { taskId, from: takeOver ? ["open", "claimed"] : ["open"], state: "claimed", ...actor, at },
  };
  const isWritten = await write(task, operation, at, deps);
  const after = await find(taskId, deps);
  if (!isWritten) throw claimedByOther(after);
  return { ...viewOf(after, at), changed: true };
}

const claimedByOther = ({ taskId, claimedBy = "another operator", claimedAt }: KeptTask): SentientError =>
  new SentientError("CONFLICT", `task ${taskId} is claimed by ${claimedBy} since ${since(claimedAt)}; --take-over takes it over`);

/** Idempotent; only the holder returns a task. One whose time is over expires instead of waiting for another person. */
async function giveBack(id: string, actor: Actor, deps: OperationDeps): Promise<Outcome<TaskView>> {
  const task = await find(id, deps);
  const at = await momentToAct(deps);
  const { taskId, state, claimedBy } = task;
  if (state === "open") return { ...viewOf(task, at), changed: false };
  if (!isOpen(state)) throw ended(task);
  if (claimedBy !== actor.by) throw heldByOther(task);
  const operation: OperationWrite = {
    audit: auditOf(deps, actor, { action: "task.returned", target: taskId, ...ofCustomer(task) }),
    task: { taskId, from: ["claimed"], heldBy: actor.by, state: "open", ...actor, at },
  };
  const isWritten = await write(task, operation, at, deps);
  const after = await find(taskId, deps);
  if (!isWritten && after.state === "claimed") throw heldByOther(after);
  return { ...viewOf(after, at), changed: isWritten };
}

const ended = ({ taskId, state, endedAt }: KeptTask): SentientError =>
  new SentientError("CONFLICT", `task ${taskId} is ${state} since ${since(endedAt)}`);

const heldByOther = ({ taskId, claimedBy = "another operator", claimedAt }: KeptTask): SentientError =>
  new SentientError(
    "CONFLICT",
    `task ${taskId} is claimed by ${claimedBy} since ${since(claimedAt)}; only its holder returns it; --take-over on a claim takes it over`,
  );

/** Idempotent; that the customer was contacted for it may be reported later, once. */
async function done(id: string, actor: Actor, contacted: Contact | undefined, deps: OperationDeps): Promise<Outcome<TaskView>> {
  const task = await find(id, deps);
  const at = await momentToAct(deps);
  const { taskId, customerId, state } = task;
  const isNews = contacted !== undefined && task.contacted !== true;
  if (state === "done" && !isNews) return { ...viewOf(task, at), changed: false };
  if (isNews && customerId === undefined)
    throw new SentientError("BAD_INPUT", `task ${taskId} is about no customer, so that nobody was contacted over it; leave contacted out`);
  const touch = isNews && customerId !== undefined ? await touchOf({ ...task, customerId }, actor.by, contacted, at, deps) : undefined;
  const operation: OperationWrite = {
    audit: auditOf(deps, actor, { action: "task.done", target: taskId, ...ofCustomer(task), details: contacted ? { contacted } : {} }),
    task: {
      taskId,
      from: isNews ? ANY : ANY.filter((one) => one !== "done"),
      state: "done",
      ...actor,
      at,
      ...(touch ? { contacted: true } : {}),
    },
  };
  const changed = await write(task, operation, at, deps, { changesFor: (customer) => changesOf(task, customer, touch, at, deps), touch });
  return { ...viewOf(await find(taskId, deps), at), changed, ...(changed && customerId !== undefined ? { wakes: customerId } : {}) };
}

const ANY: readonly TaskView["state"][] = ["open", "claimed", "expired", "withdrawn", "done"];

/**
 * Consequences of a done task: its promise is kept, and a contact counts as a `human.touch` signal. A reply is kept by the contact alone:
 * a task that is done without one leaves it open.
 */
function changesOf(
  { taskId, promiseId }: KeptTask,
  customer: Customer,
  touch: StoredSignal | undefined,
  at: Instant,
  { policy }: OperationDeps,
): Change[] {
  const draft: Draft = touch
    ? interpret(customer, { kind: "signal", signal: signalOf(touch) }, { policy, now: at, taken: () => false })
    : { customer, changes: [] };
  const own = draft.customer.promises.filter((one) => one.promiseId === promiseId && one.name !== REPLY);
  return [...draft.changes, ...own.flatMap((one) => endPromise(one, "kept", at, `task ${taskId}`)), wakeAt(OPERATOR, at)];
}

/** The contact as a signal, with its place in the order of arrival. One per task. */
async function touchOf(
  { taskId, customerId, queue }: KeptTask & { readonly customerId: string },
  by: string,
  kind: Contact,
  at: Instant,
  { store, policy }: OperationDeps,
): Promise<StoredSignal> {
  const source = OPERATORS;
  const id = `task ${taskId}`;
  const department = policy.departments.includes(queue) ? { department: queue } : {};
  const data: JsonObject = { kind, by, task: taskId, ...department };
  const event = { specversion: "1.0", id, source, type: "human.touch", subject: customerId, time: iso(at), data };
  return {
    seq: await store.operations.nextSeq(),
    ...{ source, id, type: "human.touch", customerId, time: at, receivedAt: at, event, bodyHash: id },
  };
}

const signalOf = ({ source, id, type, customerId, time, seq, event }: StoredSignal): Signal => ({
  ...{ source, id, type, customerId, time, seq },
  data: (event as { data: JsonObject }).data, // made above
});

const isOpen = (state: KeptTask["state"]): boolean => state === "open" || state === "claimed";

const since = (at: Instant | undefined): string => (at === undefined ? "an unknown time" : iso(at));

const ofCustomer = ({ customerId }: KeptTask): { readonly customerId?: string } => (customerId === undefined ? {} : { customerId });

/** Writes an operation on a task, with what follows for its customer, if it has one; false if it was done before. */
async function write(
  { customerId }: KeptTask,
  operation: OperationWrite,
  at: Instant,
  deps: OperationDeps,
  { changesFor = () => [], touch }: { changesFor?: (customer: Customer) => readonly Change[]; touch?: StoredSignal | undefined } = {},
): Promise<boolean> {
  if (customerId === undefined) return deps.store.operations.moveTask(operation);
  return operate(deps, customerId, at, changesFor, { operation, ...(touch ? { signal: touch } : {}) });
}

function viewOf({ taskId, queue, summary, createdAt, due, claimedAt, endedAt, ...task }: KeptTask, now: Instant): TaskView {
  return {
    ...{ taskId, queue, summary, createdAt: iso(createdAt), due: iso(due), overdue: isOpen(task.state) && due <= now },
    ...task,
    ...timeAs("claimedAt", claimedAt),
    ...timeAs("endedAt", endedAt),
  };
}
