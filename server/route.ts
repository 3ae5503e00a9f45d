import type { z } from "zod";
import type { Right } from "../domain/identity/key-rights.ts";
import type { Permission } from "../domain/identity/roles.ts";
import type { Service } from "../runtime/service.ts";
import type { CallingKey } from "./access/calling-key.ts";
import type { Door } from "./access/door.ts";
import type { Person } from "./access/person.ts";
import type { Site } from "./access/site.ts";
import type { HttpRequest } from "./http-request.ts";
import type { Given } from "./reply.ts";

/**
 * Access to a route: public, with a write key, authenticated by the request's own contents, with a write key that has a right or a site
 * key, or by a person whose role has a permission.
 */
export type Access = "open" | "write" | "proved" | Extract<Right, "ask" | "receipts"> | Permission;

/** The values of path parameters, by name. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : unknown;

/** One request, with everything in it parsed as its route declares. */
export interface Call<Path extends string = string, Query = unknown, Body = unknown> {
  readonly service: Service;
  readonly request: HttpRequest;
  readonly params: ParamsOf<Path>;
  readonly query: Query;
  readonly body: Body;
  /** The person who asks, on a route that needs a permission; else the kind of access. */
  readonly actor: string;
  /** The same with role; undefined on other routes. */
  readonly person?: Person;
  /** The name for the audit: that of the person, or with an operator key, which names nobody, the one that the request gives. */
  signedAs(given: string | undefined): string;
  /** The site as the browser addresses it; undefined for a `Host` that is not ours. */
  readonly site?: Site;
  /** The check of keys and sessions. */
  readonly door: Door;
  /** Counts a failed authentication; true when there were too many recently from the client's address. */
  isGuessing(what: string): boolean;
  /** Rights of a write key besides sending signals. */
  readonly rights: readonly Right[];
  /** The key, on a route that needs a right. */
  readonly key?: CallingKey;
}

/** A request body: its description and its reader. The reader validates with the schemas that the description prints. */
export interface RequestBody<Body> {
  /** By content type. */
  readonly content: Readonly<Record<string, z.ZodType>>;
  /** @throws `BAD_INPUT`, `TOO_LARGE` */
  read(request: HttpRequest): Promise<Body>;
}

export interface Answer {
  readonly description: string;
  /** JSON of this shape; without a schema there is no body, or one of `type`. */
  readonly schema?: z.ZodType;
  readonly type?: string;
}

/**
 * One route: its method and path, access, input, output, and handler. Requests are parsed by it, and the API is described from
 * it.
 */
export interface Route<Path extends string = string, Query = unknown, Body = unknown> {
  readonly method: "get" | "post";
  /** With path parameters: `/v1/decisions/{id}`. */
  readonly path: Path;
  readonly access: Access;
  readonly summary: string;
  readonly query?: z.ZodType<Query>;
  readonly body?: RequestBody<Body>;
  /** By status. An undeclared status is a problem document. */
  readonly gives: Readonly<Record<number, Answer>>;
  run(call: Call<Path, Query, Body>): Promise<Given> | Given;
}

/** A route with its types erased: only its own declaration knows its parameters, query and body. */
export interface AnyRoute extends Omit<Route, "query" | "body" | "run"> {
  readonly query?: z.ZodType;
  readonly body?: RequestBody<unknown>;
  run(call: never): Promise<Given> | Given;
}

/**
 * Defines a route.
 *
 * @example
 * export const getRun = defineRoute({
 *   method: "get", path: "/v1/runs/{id}", access: "read", summary: "A run with its steps.",
 *   gives: { 200: { description: "The run.", schema: RunView } },
 *   run: async ({ params, service }) => json(await service.lookUps.runs.show(params)),
 * });
 */
export const defineRoute = <const Path extends string, Query = unknown, Body = unknown>(
  route: Route<Path, Query, Body>,
): Route<Path, Query, Body> => route;
