import type { Policy } from "../../domain/entities/policy.ts";
import { isObject } from "../../domain/values/json.ts";

/** A field of the customer in a condition, as its author wrote it. */
const FIELD = /\bcustomer\.([A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)*)/g;

/** Traits that a policy reads: in conditions, in texts, in its settings. For suggestions; a name that is computed is not among them. */
export function pathsReadBy({ experiences, moments, stages, governance, record, learning }: Policy): string[] {
  const conditions = conditionsOf({ experiences, moments, stages, governance });
  return [
    ...new Set([
      ...conditions.flatMap((text) => [...text.matchAll(FIELD)].map(([, path = ""]) => path)),
      ...experiences.flatMap(({ routes, action }) =>
        [...routes.map(({ content }) => content), ...(action ? [action.input] : [])].flatMap(({ facts }) => facts.map(({ path }) => path)),
      ),
      ...Object.keys(record.fields),
      ...learning.features.flatMap((feature) => (feature.startsWith("customer.") ? [feature.slice("customer.".length)] : [])),
    ]),
  ];
}

/** The conditions of a policy, as their authors wrote them. */
export const conditionsOf = ({ experiences, moments, stages, governance }: Conditional): string[] => [
  ...textsIn({ experiences, moments, stages, governance }),
];

// --- internal ---

type Conditional = Pick<Policy, "experiences" | "moments" | "stages" | "governance">;

/** Every `text` of a compiled condition below a value. */
function* textsIn(value: unknown, seen = new Set<unknown>()): Generator<string> {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (isObject(value) && typeof value.text === "string" && typeof value.ask === "function") yield value.text;
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) yield* textsIn(inner, seen);
}
