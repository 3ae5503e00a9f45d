import type { Json } from "../domain/values/json.ts";
import type { CanaryOperations } from "../operations/canaries/canaries.ts";
import { canaryTable } from "../operations/canaries/table.ts";
import type { LookUps } from "../operations/look-ups.ts";
import { MOST_AT_ONCE } from "../operations/monitoring/queries.ts";
import type { Actor, Operations } from "../operations/operation.ts";
import type { ProposalOperations } from "../operations/proposals/proposals.ts";
import { proposalTable } from "../operations/proposals/table.ts";
import type { RehearsalOperations } from "../operations/rehearsals/rehearsals.ts";
import { rehearsalTable } from "../operations/rehearsals/table.ts";
import type { Declared, Table } from "../operations/table/declared.ts";
import { lookUpTable, operationTable } from "../operations/table.ts";
import { versionTable } from "../operations/versions/table.ts";
import type { VersionOperations } from "../operations/versions/versions.ts";
import type { ServerClient } from "./server-client.ts";

/** Operations through a running server. */
export const remoteOperations = (server: Asked, warn?: Warn): Operations => remote<Operations>(operationTable, server, warn);

/** Look-ups through a running server. */
export const remoteLookUps = (server: Asked, warn?: Warn): LookUps => remote<LookUps>(lookUpTable, server, warn);

/** Versions through a running server. */
export const remoteVersions = (server: Asked, warn?: Warn): VersionOperations => remote<VersionOperations>(versionTable, server, warn);

/** Canaries through a running server. */
export const remoteCanaries = (server: Asked, warn?: Warn): CanaryOperations => remote<CanaryOperations>(canaryTable, server, warn);

/** Proposals through a running server. */
export const remoteProposals = (server: Asked, warn?: Warn): ProposalOperations => remote<ProposalOperations>(proposalTable, server, warn);

/** Rehearsals on a running server. */
export const remoteRehearsals = (server: Asked): RehearsalOperations => remote<RehearsalOperations>(rehearsalTable, server);

// --- internal ---

type Asked = Pick<ServerClient, "get" | "post">;
/** Reports a list that the server may have cut. */
type Warn = (text: string) => void;
type Input = Readonly<Record<string, Json | undefined>>;

/** A request for each line of a table. */
function remote<T>(table: Table<T>, server: Asked, warn: Warn = () => {}): T {
  const nouns = Object.entries(table).map(([noun, verbs]) => [
    noun,
    Object.fromEntries(
      Object.entries(verbs as Readonly<Record<string, Declared<unknown>>>).map(([verb, declared]) => [
        verb,
        (input: Input = {}, actor?: Actor) => ask(declared, input, actor, { ...server, warn }),
      ]),
    ),
  ]);
  // `Table` has a line for each function of T, with the same input.
  return Object.fromEntries(nouns) as T;
}

async function ask(
  { method, path, list, isSlow, takesBy }: Declared<unknown>,
  input: Input,
  actor: Actor | undefined,
  { get, post, warn }: Asked & { readonly warn: Warn },
): Promise<unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const at = inPath.reduce((filled, name) => filled.replace(`{${name}}`, encodeURIComponent(String(input[name]))), path);
  const { paged, ...rest } = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.includes(name)));
  if (method === "post") return post(at, bodyOf({ ...(takesBy ? { note: actor?.note } : actor), ...rest }), isSlow);
  const query = queryOf(rest);
  const answer = await get<Record<string, unknown>>(query.size > 0 ? `${at}?${query}` : at);
  if (list === undefined || paged === true) return answer;
  const found = answer[list] ?? [];
  if (Array.isArray(found) && found.length >= MOST_AT_ONCE && Number(rest.limit) > MOST_AT_ONCE)
    warn(`a server lists ${MOST_AT_ONCE} at most, so the rest is missing: narrow the list down, for example with --customer`);
  return found;
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
