import { z } from "zod";
import { describeIssue } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { issueWords } from "../domain/values/issue-words.ts";
import { isObject, unstorable } from "../domain/values/json.ts";
import { MOST_AT_ONCE } from "./monitoring/queries.ts";
import type { Actor, Operations } from "./operation.ts";
import type { Declared } from "./table/declared.ts";
import { operationTable } from "./table.ts";

/** Operations whose inputs are checked by the table, as the HTTP API checks them: for callers without a compiler. Throw `BAD_INPUT`. */
export function checkedOperations(operations: Operations): Operations {
  const nouns = Object.entries(operationTable).map(([noun, verbs]) => {
    const functions = operations[noun as keyof Operations] as unknown as Readonly<Record<string, Run>>;
    const checked = Object.entries(verbs as unknown as Readonly<Record<string, Declared<never>>>).map(([verb, declared]) => [
      verb,
      async (input: unknown, actor: unknown) =>
        declared.method === "get"
          ? functions[verb]?.(checkedQuery(input ?? {}, declared))
          : functions[verb]?.(checkedInput(input, declared), checkedActor(actor)),
    ]);
    return [noun, Object.fromEntries(checked)];
  });
  // The table has a line for each function of `Operations`, with the same input.
  return Object.fromEntries(nouns) as Operations;
}

// --- internal ---

type Run = (input: object, actor?: Actor) => Promise<unknown>;

const ActorOf = z.object({
  by: z.string("expected the name of the operator").trim().min(1, "expected the name of the operator").max(200),
  note: z.string().max(2_000).optional(),
});

function checkedActor(given: unknown): Actor {
  const { by, note } = parsed(ActorOf, given, "actor");
  return { by, ...(note === undefined ? {} : { note }) };
}

/** A list of a program may be longer than one answer over HTTP, and is read page by page only where it says so. */
function checkedQuery(given: unknown, { input, paged }: Declared<never>): object {
  const { limit, ...query } = objectOf(given);
  const isPaged = paged === true && query["paged"] === true;
  const isLonger = Number.isSafeInteger(limit) && Number(limit) > MOST_AT_ONCE;
  const asked = { ...query, limit: isLonger ? MOST_AT_ONCE : limit };
  const texts = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return {
    ...parsed(input as z.ZodType<object>, Object.fromEntries(texts)),
    ...(isLonger ? { limit } : {}),
    ...(isPaged ? { paged } : {}),
  };
}

const Id = z.object({ id: z.string("expected an id").min(1, "expected an id") });

function checkedInput(given: unknown, { input, path }: Declared<never>): object {
  const value = objectOf(given);
  return { ...(path.includes("{id}") ? parsed(Id, value) : {}), ...parsed(input as z.ZodType<object>, value) };
}

function objectOf(given: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(given)) throw new SentientError("BAD_INPUT", "expected an object");
  const problem = unstorable(given, "");
  if (problem !== undefined) throw new SentientError("BAD_INPUT", problem);
  return given;
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, at?: string): T {
  const { success, data, error } = schema.safeParse(value, { error: issueWords });
  if (success) return data;
  const path = at === undefined ? [] : [at];
  throw new SentientError("BAD_INPUT", error.issues.map((issue) => describeIssue({ ...issue, path: [...path, ...issue.path] })).join("; "));
}
