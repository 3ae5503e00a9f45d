import type { Json } from "../domain/values/json.ts";
import type { LookUps } from "../operations/look-ups.ts";
import type { Actor, Operations } from "../operations/operation.ts";
import { type Declared, lookUpTable, MOST_AT_ONCE, operationTable, type Table } from "../operations/table.ts";
import type { ServerClient } from "./server-client.ts";

/** Operations through a running server. */
export const remoteOperations = (server: Asked): Operations => remote<Operations>(operationTable, server);

/** Look-ups through a running server. */
export const remoteLookUps = (server: Asked): LookUps => remote<LookUps>(lookUpTable, server);

// --- internal ---

type Asked = Pick<ServerClient, "get" | "post">;
type Input = Readonly<Record<string, Json | undefined>>;

/** A request for each line of a table. */
function remote<T>(table: Table<T>, server: Asked): T {
  const nouns = Object.entries(table).map(([noun, verbs]) => [
    noun,
    Object.fromEntries(
      Object.entries(verbs as Readonly<Record<string, Declared<unknown>>>).map(([verb, declared]) => [
        verb,
        (input: Input = {}, actor?: Actor) => ask(declared, input, actor, server),
      ]),
    ),
  ]);
  // `Table` has a line for each function of T, with the same input.
  return Object.fromEntries(nouns) as T;
}

async function ask(
  { method, path, list }: Declared<unknown>,
  input: Input,
  actor: Actor | undefined,
  { get, post }: Asked,
): Promise<unknown> {
  const { id, ...rest } = input;
  const at = path.replace("{id}", encodeURIComponent(String(id)));
  if (method === "post") return post(at, bodyOf({ ...actor, ...rest }));
  const query = queryOf(rest);
  const answer = await get<Record<string, unknown>>(query.size > 0 ? `${at}?${query}` : at);
  return list === undefined ? answer : (answer[list] ?? []);
}

function queryOf(given: Input): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(bodyOf(given))) {
    if (value !== false)
      query.set(name, typeof value === "object" ? JSON.stringify(value) : String(name === "limit" ? most(value) : value));
  }
  return query;
}

const most = (limit: Json): number => Math.min(Number(limit), MOST_AT_ONCE);

/** The request body: without `undefined`, empty lists of ids, and a false `all`. */
const bodyOf = (given: Input): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined || isOmitted(name, value) ? [] : [[name, value]])),
  );

const isOmitted = (name: string, value: Json): boolean =>
  (name === "all" && value === false) || (Array.isArray(value) && value.length === 0);
