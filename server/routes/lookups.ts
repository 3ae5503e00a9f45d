import { z } from "zod";
import { explainWithCost } from "../../domain/deciding/explained.ts";
import type { Experience as Entry } from "../../domain/entities/policy.ts";
import { customerProfile } from "../../operations/profile.ts";
import { type Answer, type AnyRoute, defineRoute, json } from "../route.ts";
import { Decision, Experience, PageQuery, Profile, problemAnswer, Run, wanted } from "../schemas.ts";

const unknown: Readonly<Record<number, Answer>> = { 404: problemAnswer("There is none of that id.") };

/** What operators look up. */
export const lookupRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "get",
    path: "/v1/customers/{id}",
    access: "operator",
    summary: "A golden record: every field with its source and age.",
    gives: { 200: { description: "The record.", schema: Profile }, ...unknown },
    run: async ({ params: { id = "" }, service }) => json(await customerProfile(id, service, service.now())),
  }),
  defineRoute({
    method: "get",
    path: "/v1/decisions",
    access: "operator",
    summary: "The latest decisions, the last of them last.",
    query: PageQuery,
    gives: { 200: { description: "The decisions.", schema: z.object({ decisions: z.array(Decision) }) } },
    run: async ({ query, service }) => json({ decisions: await service.store.read.decisions(wanted(query)) }),
  }),
  defineRoute({
    method: "get",
    path: "/v1/decisions/{id}",
    access: "operator",
    summary: "A decision, by its id or the beginning of it.",
    gives: { 200: { description: "The whole record.", schema: Decision }, ...unknown },
    run: async ({ params: { id = "" }, service }) => json(await service.store.read.decision(id)),
  }),
  defineRoute({
    method: "get",
    path: "/v1/decisions/{id}/explanation",
    access: "operator",
    summary: "Why, why not the others, what would have changed it, and what a language model was asked for it.",
    gives: { 200: { description: "The explanation.", schema: z.looseObject({}) }, ...unknown },
    async run({ params: { id = "" }, service }) {
      const { read } = service.store;
      const decision = await read.decision(id);
      return json(explainWithCost(decision, await read.run(decision.runId)));
    },
  }),
  defineRoute({
    method: "get",
    path: "/v1/runs",
    access: "operator",
    summary: "Executions of the graph, the latest first.",
    query: PageQuery,
    gives: { 200: { description: "The runs.", schema: z.object({ runs: z.array(Run) }) } },
    run: async ({ query, service }) => json({ runs: await service.store.read.runs(wanted(query)) }),
  }),
  defineRoute({
    method: "get",
    path: "/v1/runs/{id}",
    access: "operator",
    summary: "The steps and tool calls of a run.",
    gives: { 200: { description: "The run.", schema: Run }, ...unknown },
    run: async ({ params: { id = "" }, service }) => json(await service.store.read.run(id)),
  }),
  defineRoute({
    method: "get",
    path: "/v1/experiences",
    access: "operator",
    summary: "The catalogue: what can be done for a moment.",
    gives: { 200: { description: "The experiences.", schema: z.object({ experiences: z.array(Experience) }) } },
    run: ({ service }) => json({ experiences: service.policy.experiences.map(shown) }),
  }),
];

// --- internal ---

/** An entry of the catalogue without what is compiled. */
const shown = ({
  id,
  name,
  department,
  status,
  serves,
  goal,
  value,
  lever,
  limits,
  transactional,
  routes,
  action,
  success,
  promise,
}: Entry) => ({
  ...{ id, name, status, serves, value, lever, transactional },
  ...(department === undefined ? {} : { department }),
  ...(goal === undefined ? {} : { goal }),
  channels: routes.map(({ channel }) => channel),
  ...(action ? { action: action.tool } : {}),
  ...(limits ? { limits } : {}),
  ...(success ? { success } : {}),
  ...(promise ? { promise } : {}),
});
