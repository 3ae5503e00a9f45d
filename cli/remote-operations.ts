import type { Json, JsonObject } from "../domain/values/json.ts";
import type { Actor, DeadSelection, Operations } from "../operations/operation.ts";
import type { ServerClient } from "./server-client.ts";

/** The same operations, done by the running server. */
export function remoteOperations({ get, post }: Pick<ServerClient, "get" | "post">): Operations {
  const listOf = async <T>(name: string, options: Readonly<Record<string, string | number | boolean | undefined>>): Promise<T[]> => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(options)) if (value !== undefined && value !== false) query.set(key, String(value));
    const answer = await get<Record<string, T[]>>(`/v1/${name}?${query}`);
    return answer[name] ?? [];
  };
  const act = <T>(path: string, actor: Actor, more: JsonObject = {}): Promise<T> =>
    post<T>(path, Object.fromEntries(Object.entries({ ...actor, ...more }).filter(([, value]) => value !== undefined)) as Json);
  const at = (noun: string, id: string, verb: string): string => `/v1/${noun}/${encodeURIComponent(id)}/${verb}`;
  return {
    tasks: {
      list: (options) => listOf("tasks", { ...options }),
      claim: (id, actor, options) => act(at("tasks", id, "claim"), actor, { ...options }),
      done: (id, actor, options) => act(at("tasks", id, "done"), actor, { ...options }),
    },
    approvals: {
      list: (options) => listOf("approvals", { ...options }),
      approve: (id, actor) => act(at("approvals", id, "approve"), actor),
      reject: (id, actor) => act(at("approvals", id, "reject"), actor),
    },
    promises: {
      list: (options) => listOf("promises", { ...options }),
      kept: (id, actor) => act(at("promises", id, "kept"), actor),
    },
    runs: { retry: (id, actor, options) => act(at("runs", id, "retry"), actor, { ...options }) },
    customers: {
      export: (id, actor) => act(at("customers", id, "export"), actor),
      erase: (id, actor) => act(at("customers", id, "erase"), actor),
      lift: (id, actor, options) => act(at("customers", id, "lift"), actor, { ...options }),
      merge: (id, into, actor) => act(at("customers", id, "merge"), actor, { into }),
      split: (id, actor) => act(at("customers", id, "split"), actor),
    },
    pauses: {
      list: () => listOf("pauses", {}),
      pause: (target, actor) => act("/v1/pause", actor, { target: { ...target } }),
      resume: (target, actor) => act("/v1/resume", actor, { target: { ...target } }),
    },
    dead: {
      list: (options) => listOf("dead", { ...options }),
      revive: (selection, actor) => act("/v1/dead/revive", actor, selectionBody(selection)),
      discard: (selection, actor) => act("/v1/dead/discard", actor, selectionBody(selection)),
    },
    audit: { list: (options) => listOf("audit", { ...options }) },
  };
}

// --- internal ---

const selectionBody = ({ ids = [], code, all = false }: DeadSelection): JsonObject => ({
  ...(ids.length > 0 ? { ids: [...ids] } : {}),
  ...(code === undefined ? {} : { code }),
  ...(all ? { all } : {}),
});
