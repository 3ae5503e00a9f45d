import type { z } from "zod";
import type { Right } from "../domain/identity/key-rights.ts";
import type { Service } from "../runtime/service.ts";

/** Who may call a route: anybody, who holds a write or an operator key, or who can prove it by what is sent. */
export type Access = "open" | "write" | "operator" | "proved";

/** What the handlers of routes work with. */
export interface ServerDeps {
  readonly service: Service;
}

/** One request, with the values of its path and its query. */
export interface Call<Query> extends ServerDeps {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** Who holds the key, for the audit. */
  readonly actor: string;
  /** Notes that whoever asks could not prove who he is; true when that was too often of late from where he is. */
  isGuessing(what: string): boolean;
  /** What a write key may do besides sending signals. */
  readonly rights: readonly Right[];
}

export interface Answer {
  readonly description: string;
  /** JSON of this shape; without it there is no body, or one of `type`. */
  readonly schema?: z.ZodType;
  readonly type?: string;
}

/** One route: how it is called, who may, what it says, and what it does. The description of the API is made from these. */
export interface Route<Query = unknown> {
  readonly method: "get" | "post";
  /** Values in braces: `/v1/decisions/{id}`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly query?: z.ZodType<Query>;
  /** Bodies that it takes, by content type. */
  readonly takes?: Readonly<Record<string, z.ZodType>>;
  readonly gives: Readonly<Record<number, Answer>>;
  run(call: Call<Query>): Promise<Response> | Response;
}

/** A route among others: what its query is only its own schema knows. */
export interface AnyRoute extends Omit<Route, "query" | "run"> {
  readonly query?: z.ZodType;
  run(call: Call<never>): Promise<Response> | Response;
}

/**
 * Defines a route.
 *
 * @example
 * export const getRun = defineRoute({
 *   method: "get", path: "/v1/runs/{id}", access: "operator", summary: "A run with its steps.",
 *   gives: { 200: { description: "The run.", schema: RunRecord } },
 *   run: async ({ params, service }) => json(await service.store.read.run(params.id ?? "")),
 * });
 */
export const defineRoute = <Query>(route: Route<Query>): Route<Query> => route;

export const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
