import { z } from "zod";
import type { DeadSelection } from "../../operations/operation.ts";
import { act, list } from "../operate.ts";
import type { AnyRoute } from "../route.ts";
import { PageQuery, wanted } from "../schemas.ts";

const ListQuery = PageQuery.extend({ all: z.enum(["true", "false"]).optional() });
const TasksQuery = ListQuery.extend({ queue: z.string().min(1).optional() });
const Target = z.discriminatedUnion("scope", [
  z.object({ scope: z.literal("all") }),
  z.object({ scope: z.enum(["channel", "department", "agent"]), name: z.string().min(1) }),
]);

const selected = ({ all, ...page }: z.infer<typeof ListQuery>) => ({ ...wanted(page), ...(all === "true" ? { all: true } : {}) });

const DeadQuery = PageQuery.extend({ code: z.string().min(1).optional() });
const DeadOnes = z.object({
  ids: z.array(z.string().min(1).max(200)).min(1).max(1_000).optional(),
  code: z.string().min(1).max(200).optional(),
  all: z.boolean().optional(),
});

const deadSelection = (ids: readonly string[] | undefined, code: string | undefined, all: boolean | undefined): DeadSelection => ({
  ...(ids === undefined ? {} : { ids }),
  ...(code === undefined ? {} : { code }),
  ...(all === undefined ? {} : { all }),
});

/** What operators see and do. */
export const operationRoutes: readonly AnyRoute[] = [
  list("/v1/tasks", "Work for humans, what is due first first.", TasksQuery, async ({ query, service }) => ({
    tasks: await service.operations.tasks.list({ ...selected(query), ...(query.queue === undefined ? {} : { queue: query.queue }) }),
  })),
  act(
    "/v1/tasks/{id}/claim",
    "Takes a task.",
    z.object({ takeOver: z.boolean().optional() }),
    ({ service }, id, actor, { takeOver = false }) => service.operations.tasks.claim(id, actor, { takeOver }),
  ),
  act(
    "/v1/tasks/{id}/done",
    "Ends a task; with `contacted` the customer was contacted over it, which is a touch.",
    z.object({ contacted: z.enum(["visit", "call", "chat"]).optional() }),
    ({ service }, id, actor, { contacted }) => service.operations.tasks.done(id, actor, contacted === undefined ? {} : { contacted }),
  ),
  list("/v1/approvals", "What waits for an approval.", ListQuery, async ({ query, service }) => ({
    approvals: await service.operations.approvals.list(selected(query)),
  })),
  act(
    "/v1/approvals/{id}/approve",
    "Approves: everything is judged again, and sent if it still wins.",
    z.object({}),
    ({ service }, id, actor) => service.operations.approvals.approve(id, actor),
  ),
  act("/v1/approvals/{id}/reject", "Rejects, for as long as the moment is open.", z.object({}), ({ service }, id, actor) =>
    service.operations.approvals.reject(id, actor),
  ),
  list("/v1/promises", "What we owe customers, what is due first first.", ListQuery, async ({ query, service }) => ({
    promises: await service.operations.promises.list(selected(query)),
  })),
  act("/v1/promises/{id}/kept", "Says that a promise is kept.", z.object({}), ({ service }, id, actor) =>
    service.operations.promises.kept(id, actor),
  ),
  act(
    "/v1/runs/{id}/retry",
    "Judges again what a run has left undone.",
    z.object({ force: z.boolean().optional() }),
    ({ service }, id, actor, { force = false }) => service.operations.runs.retry(id, actor, { force }),
  ),
  act("/v1/customers/{id}/export", "Everything held about a person, as one document.", z.object({}), ({ service }, id, actor) =>
    service.operations.customers.export(id, actor),
  ),
  act(
    "/v1/customers/{id}/erase",
    "Erases everything held about a person; only keyed hashes of the addresses stay.",
    z.object({}),
    ({ service }, id, actor) => service.operations.customers.erase(id, actor),
  ),
  act(
    "/v1/customers/{id}/lift",
    "Lets an address that was given up, or all of them, be written to again.",
    z.object({ address: z.string().min(1).max(4_000).optional() }),
    ({ service }, id, actor, { address }) => service.operations.customers.lift(id, actor, address === undefined ? {} : { address }),
  ),
  act(
    "/v1/customers/{id}/merge",
    "Makes a customer disappear into another one; both source records stay.",
    z.object({ into: z.string("expected into, the id of the other customer").min(1).max(512) }),
    ({ service }, id, actor, { into }) => service.operations.customers.merge(id, into, actor),
  ),
  act(
    "/v1/customers/{id}/split",
    "Removes the link by which a customer has disappeared into another one.",
    z.object({}),
    ({ service }, id, actor) => service.operations.customers.split(id, actor),
  ),
  list("/v1/pauses", "What is paused.", z.object({}), async ({ service }) => ({ pauses: await service.operations.pauses.list() })),
  act(
    "/v1/pause",
    "Pauses everything, a channel, a department or an agent.",
    z.object({ target: Target }),
    ({ service }, _id, actor, { target }) => service.operations.pauses.pause(target, actor),
  ),
  act("/v1/resume", "Ends a pause.", z.object({ target: Target }), ({ service }, _id, actor, { target }) =>
    service.operations.pauses.resume(target, actor),
  ),
  list("/v1/dead", "Signals and timers that were given up, with why, the latest first.", DeadQuery, async ({ query, service }) => ({
    dead: await service.operations.dead.list({ ...wanted(query), ...(query.code === undefined ? {} : { code: query.code }) }),
  })),
  act("/v1/dead/revive", "Lets them be tried again; a timer gets its time back.", DeadOnes, ({ service }, _id, actor, { ids, code, all }) =>
    service.operations.dead.revive(deadSelection(ids, code, all), actor),
  ),
  act(
    "/v1/dead/discard",
    "Gives them up for good; a signal stays a duplicate when it comes again.",
    DeadOnes,
    ({ service }, _id, actor, { ids, code, all }) => service.operations.dead.discard(deadSelection(ids, code, all), actor),
  ),
  list("/v1/audit", "What operators did, the latest first.", PageQuery, async ({ query, service }) => ({
    audit: await service.operations.audit.list(wanted(query)),
  })),
];
