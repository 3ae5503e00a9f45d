import { z } from "zod";
import { isPermission, type Permission } from "../domain/identity/roles.ts";
import { isForSites } from "./access/cors.ts";
import type { Access, Answer, AnyRoute, RequestBody } from "./route.ts";
import { problemAnswer } from "./schemas.ts";

/** Describes routes as OpenAPI 3.1, from the same schemas that parse requests and describe responses. */
export function describeApi(routes: readonly AnyRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return {
    openapi: "3.1.0",
    info: { title: "Sentient", version: "1", description: "Signals in, decisions and their reasons out." },
    paths,
    components: {
      securitySchemes: {
        writeKey: { type: "http", scheme: "basic", description: "A write key as the user name, or as a bearer token." },
        siteKey: { type: "http", scheme: "bearer", description: "A site key, from a page of one of its origins." },
        session: { type: "apiKey", in: "cookie", name: "__Host-sentient", description: "A session of the console (POST /v1/session)." },
        operatorKey: {
          type: "http",
          scheme: "bearer",
          description: "An operator key, or the key of a person whose role has the permission.",
        },
      },
    },
  };
}

// --- internal ---

function securityOf(access: Access): readonly object[] {
  if (isPermission(access)) return [{ operatorKey: [access] }, { session: [access] }];
  if (isForSites(access)) return [{ writeKey: [] }, { siteKey: [] }];
  return access === "write" ? [{ writeKey: [] }] : [];
}

function operation({ path, method, access, summary, query, body, gives }: AnyRoute): object {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z]+(.)?/g, (_, next: string | undefined) => (next ?? "").toUpperCase())}`,
    summary,
    security: securityOf(access),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: contentOf(body.content) } } : {}),
    responses: { ...responses(gives), ...refusals(access), default: OTHERS },
  };
}

const REFUSED: Readonly<Record<number, Answer>> = {
  401: { description: "The key is missing or unknown.", type: "application/problem+json" },
};

const refusals = (access: Access): object =>
  securityOf(access).length === 0 ? {} : responses(isPermission(access) ? { ...REFUSED, 403: forbidden(access) } : REFUSED);

const forbidden = (permission: Permission): Answer => ({
  description: `The role of the key lacks the permission ${permission}.`,
  type: "application/problem+json",
});

/** An undeclared status is a problem document. */
const OTHERS = { description: "Another problem.", ...answerContent(problemAnswer("")) };

const pathParameters = (path: string): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }));

function queryParameters(query: z.ZodType | undefined): object[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query) as { properties?: Record<string, object>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }));
}

const contentOf = (content: RequestBody<unknown>["content"]): object =>
  Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema: schemaOf(schema) }]));

const responses = (gives: Readonly<Record<number, Answer>>): object =>
  Object.fromEntries(
    Object.entries(gives).map(([status, answer]) => [status, { description: answer.description, ...answerContent(answer) }]),
  );

function answerContent({ schema, type }: Answer): object {
  if (!schema && type === undefined) return {};
  return { content: { [type ?? "application/json"]: schema ? { schema: schemaOf(schema) } : {} } };
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}
