import { z } from "zod";
import type { Experience as Entry } from "../../domain/entities/policy.ts";
import { type AnyRoute, defineRoute, json } from "../route.ts";
import { Experience } from "../schemas.ts";

export const experienceRoutes: readonly AnyRoute[] = [
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

/** An entry of the catalogue without its compiled parts. */
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
