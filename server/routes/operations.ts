import { z } from "zod";
import type { CanaryOperations } from "../../operations/canaries/canaries.ts";
import { canaryTable } from "../../operations/canaries/table.ts";
import type { LookUps } from "../../operations/look-ups.ts";
import type { Actor, Operations } from "../../operations/operation.ts";
import type { ProposalOperations } from "../../operations/proposals/proposals.ts";
import { proposalTable } from "../../operations/proposals/table.ts";
import type { RehearsalOperations } from "../../operations/rehearsals/rehearsals.ts";
import { rehearsalTable } from "../../operations/rehearsals/table.ts";
import type { Declared, Table } from "../../operations/table/declared.ts";
import { lookUpTable, operationTable } from "../../operations/table.ts";
import { versionTable } from "../../operations/versions/table.ts";
import type { VersionOperations } from "../../operations/versions/versions.ts";
import type { Service } from "../../runtime/service.ts";
import { jsonBody } from "../json-body.ts";
import { json } from "../reply.ts";
import { type Answer, type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** The actor and the note of the audit entry. */
const ActorBody = z.object({
  by: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe("Who acts with an operator key (default: operator). The key or session of a person names them itself, and this is ignored."),
  note: z.string().max(2_000).optional(),
});

/** Look-ups and operations for operators: a route for each line of the tables of operations. */
export const operationRoutes: readonly AnyRoute[] = [
  ...routesOf<LookUps>(lookUpTable, ({ lookUps }) => lookUps, ask),
  ...routesOf<Operations>(operationTable, ({ operations }) => operations, act),
  ...routesOf<CanaryOperations>(canaryTable, ({ canaries }) => ({ canaries }), act),
  ...routesOf<ProposalOperations>(proposalTable, ({ proposals }) => ({ proposals }), act),
  ...routesOf<RehearsalOperations>(rehearsalTable, ({ rehearsals }) => ({ rehearsals }), act),
  ...routesOf<VersionOperations>(versionTable, ({ versions }) => ({ versions }), act),
];

// --- internal ---

type Run = (input: object, actor: Actor) => Promise<unknown>;

function routesOf<T>(table: Table<T>, of: (service: Service) => T, post: typeof act): AnyRoute[] {
  return Object.entries(table).flatMap(([noun, verbs]) =>
    Object.entries(verbs as Readonly<Record<string, Declared<never>>>).map(([verb, declared]) => {
      // `Table` has a line for each function of T, with the same input.
      const run = (service: Service): Run => (of(service) as Readonly<Record<string, Readonly<Record<string, Run>>>>)[noun]?.[verb] as Run;
      return declared.method === "get" ? read(declared, run) : post(declared, run);
    }),
  );
}

function ofId(path: string): Readonly<Record<number, Answer>> {
  return path.includes("{id}") ? { 404: problemAnswer("No record has that id.") } : {};
}

/** A list, or a single entry. */
function read({ permission, path, summary, input, answer, list, paged }: Declared<never>, run: (service: Service) => Run): AnyRoute {
  return defineRoute({
    method: "get",
    path,
    access: permission,
    summary,
    query: input as z.ZodType<object>,
    gives: {
      200: { description: list === undefined ? "The records found." : "The list.", schema: answer },
      400: problemAnswer("The query is not valid."),
      ...ofId(path),
    },
    async run({ service, params, query, actor }) {
      const found = await run(service)({ ...query, ...(params as object), ...(paged ? { paged } : {}) }, { by: actor });
      // Lists that are read page by page are answers of their own.
      return json(list === undefined || !Array.isArray(found) ? found : { [list]: found });
    },
  });
}

/** A question with a body: nothing is changed, so no actor is named. */
function ask({ permission, path, summary, input, answer }: Declared<never>, run: (service: Service) => Run): AnyRoute {
  return defineRoute({
    method: "post",
    path,
    access: permission,
    summary,
    body: jsonBody(input as z.ZodType<object>),
    gives: {
      200: { description: "The answer.", schema: answer },
      400: problemAnswer("What was sent is not valid."),
      ...ofId(path),
    },
    run: async ({ service, params, body, actor }) => json(await run(service)({ ...body, ...(params as object) }, { by: actor })),
  });
}

type Acts = z.infer<typeof ActorBody>;

/** An operation. Customers that have to be judged again are woken. */
function act(declared: Declared<never>, run: (service: Service) => Run): AnyRoute {
  const { permission, path, summary, input, answer, maxBytes, takesBy = false, isAccepted = false } = declared;
  const [status, description] = isAccepted ? [202, "It was begun."] : [200, "The new state, and whether this request changed it."];
  return defineRoute({
    method: "post",
    path,
    access: permission,
    summary,
    body: jsonBody<Acts>(takesBy ? (input as z.ZodType<object>) : z.intersection(ActorBody, input as z.ZodType<object>), maxBytes),
    gives: {
      [status]: { description, schema: answer },
      400: problemAnswer("The request is not valid."),
      ...ofId(path),
      409: problemAnswer("The state has changed, and this is no longer possible."),
    },
    async run({ service, params, body: { by, note, ...input }, signedAs, person }) {
      const isVerified = person !== undefined && person.via !== "operator key";
      const actor = { by: signedAs(takesBy ? undefined : by), isVerified, ...(note === undefined ? {} : { note }) };
      const given = { ...input, ...(takesBy ? { by } : {}), ...(params as object) };
      const result = await run(service)(given, actor);
      service.nudge();
      return json(result, status);
    },
  });
}
