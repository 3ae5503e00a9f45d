import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { errorCatalogue, SentientError } from "../domain/errors.ts";
import type { SiteKey, WriteKey } from "../domain/identity/key-rights.ts";
import { isPermission, may, type PersonKey } from "../domain/identity/roles.ts";
import { isOutage } from "../health/outage.ts";
import type { Service } from "../runtime/service.ts";
import { errorFields } from "../telemetry/log.ts";
import { noTracing, type SpanOptions, type Tracing, traced, traceParentOf } from "../telemetry/trace.ts";
import { Codes } from "./access/codes.ts";
import { type Cors, createCors, isForSites } from "./access/cors.ts";
import { createDoor, type Door } from "./access/door.ts";
import { type Asking, createGuard, type Guard, type Guarded } from "./access/guard.ts";
import { maskAnswer } from "./access/mask-answer.ts";
import { type Person, signerOf } from "./access/person.ts";
import { createByProxy, type TrustedProxy } from "./access/proxy.ts";
import { type Site, siteOf } from "./access/site.ts";
import { whyNotDeclared } from "./check-answer.ts";
import { addConsole, type ConsoleFiles } from "./console.ts";
import { Failures, Keys } from "./keys.ts";
import { parsed } from "./parse.ts";
import { problem, problemOf } from "./problem.ts";
import type { Access, AnyRoute } from "./route.ts";
import { routes } from "./routes/index.ts";
import { checkIds, checkUrl } from "./url-text.ts";

export interface AppOptions {
  readonly service: Service;
  readonly writeKeys: readonly WriteKey[];
  /** Keys that act as admin and name nobody. */
  readonly operatorKeys: readonly string[];
  /** Keys of people with roles. */
  readonly consoleKeys?: readonly PersonKey[];
  /** Keys for pages of sites, and the secret of their tokens. */
  readonly siteKeys?: readonly SiteKey[];
  readonly siteSecret?: string | undefined;
  /** Codes that sign in once. */
  readonly codes?: Codes;
  /** The pages of the console; without it there is none. */
  readonly console?: { readonly files: ConsoleFiles | undefined };
  /** A reverse proxy that signs people in. */
  readonly proxy?: TrustedProxy | undefined;
  /** The address from outside. */
  readonly publicUrl?: string | undefined;
  /**
   * Whether each response is checked against the declaration of its route, and becomes a 500 where it does not match: for
   * tests.
   */
  readonly checksAnswers?: boolean;
}

/** The HTTP API of a service: every route with its authentication, and every error as a problem document. */
export function createApp({ service, writeKeys, operatorKeys, checksAnswers = false, ...more }: AppOptions): Hono {
  const app = new Hono();
  const failures = new Failures();
  const { consoleKeys = [], siteKeys = [], siteSecret, codes = new Codes(service.now), publicUrl } = more;
  const people = new Keys<Person>([
    ...operatorKeys.map((key) => ({ key, name: OPERATOR, role: "admin", via: "operator key" }) as const),
    ...consoleKeys.map((key) => ({ ...key, via: "key" }) as const),
  ]);
  const door = createDoor(people, codes);
  const guard = createGuard({
    ...{ writers: new Keys(writeKeys), people, sites: new Keys(siteKeys), siteSecret, door, sessions: service.sessions, failures },
    byProxy: createByProxy(more.proxy),
    publicOrigin: publicUrl === undefined ? undefined : new URL(publicUrl).origin,
    now: service.now,
    onRefused: () => service.metrics.add("sentient_keys_refused_total"),
  });
  app.use(async (context, next) => {
    await next();
    // Responses contain customers' data: browsers must not interpret them as a page, and not keep them. The headers are set on the
    // response itself: `context.header` makes a second response of it, with a stream that is then read.
    const { headers } = context.res;
    headers.set("x-content-type-options", "nosniff");
    if (context.req.path.startsWith("/v1/")) headers.set("cache-control", "no-store");
  });
  const cors = createCors(siteKeys);
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    if (isForSites(route.access)) app.options(path, ({ req }) => cors.preflight(req.raw));
    app.on(route.method.toUpperCase(), path, async (context) => {
      const answered = await answer(route, context, service, { guard, failures, door, cors, publicUrl });
      const wrong = checksAnswers ? await whyNotDeclared(route, answered) : undefined;
      return wrong === undefined
        ? answered
        : new Response(`${route.method} ${route.path} declares no such answer: ${wrong}`, { status: 500 });
    });
  }
  if (more.console) addConsole(app, { files: more.console.files, publicUrl });
  app.notFound((context) => problem("NOT_FOUND", `nothing is at ${context.req.method} ${context.req.path}`));
  app.onError((error) => {
    if (!(error instanceof SentientError)) service.log.error("a request failed", errorFields(error));
    return problemOf(error);
  });
  return app;
}

// --- internal ---

/** The actor of a key without a name, where the request names none either. */
const OPERATOR = "operator";

/** The authentication of each kind of access. */
interface Gate {
  readonly guard: Guard;
  readonly failures: Failures;
  readonly door: Door;
  readonly cors: Cors;
  readonly publicUrl: string | undefined;
}

async function answer(route: AnyRoute, context: Context, service: Service, gate: Gate): Promise<Response> {
  const began = performance.now();
  const site = isForBrowsers(route.access) ? siteOf(context.req.header("host"), gate.publicUrl) : undefined;
  const guarded = await guarding(gate.guard, route, { request: context.req.raw, site, address: addressOf(context) });
  const response = await traced(
    tracingFor(route, service),
    `${context.req.method} ${route.path}`,
    spanOf(route, context, guarded),
    async (span) => {
      const given = await run(route, context, { ...gate, service, guarded, site });
      span.set({ "http.response.status_code": given.status });
      if (given.status >= 500) span.fail(String(given.status));
      return given;
    },
  );
  // No other site may embed what people read.
  if (isPermission(route.access)) response.headers.set("cross-origin-resource-policy", "same-origin");
  if (isForSites(route.access)) gate.cors.open(context.req.raw, response);
  service.metrics.add("sentient_http_requests_total", { route: route.path, status: String(response.status) });
  service.metrics.observe("sentient_http_request_seconds", (performance.now() - began) / 1000);
  return response;
}

/** The caller; a session that cannot be looked up is a problem like any other. */
async function guarding(guard: Guard, route: AnyRoute, asking: Asking): Promise<Guarded> {
  try {
    return await guard(route, asking);
  } catch (error) {
    return { refusal: problemOf(error) };
  }
}

/** Probes and metrics scrapes are not traced, since they are too frequent. */
const tracingFor = ({ access, method, path }: AnyRoute, { tracing }: Service): Tracing =>
  access === "open" && method === "get" && !path.startsWith("/v1/") ? noTracing : tracing;

/** Authenticated requests may continue a trace; others start a new one. */
function spanOf({ access, path }: AnyRoute, { req }: Context, guarded: Guarded): SpanOptions {
  const isKnown = "actor" in guarded && (access === "write" || isForSites(access) || isPermission(access));
  return {
    kind: "server",
    attributes: { "http.request.method": req.method, "http.route": path },
    parent: (isKnown ? traceParentOf(req.header("traceparent")) : undefined) ?? null,
  };
}

interface Asked extends Gate {
  readonly service: Service;
  readonly guarded: Guarded;
  readonly site: Site | undefined;
}

async function run(route: AnyRoute, context: Context, { service, guarded, failures, door, site }: Asked): Promise<Response> {
  try {
    if ("refusal" in guarded) return guarded.refusal;
    checkUrl(context.req.url);
    if (isPermission(route.access)) checkIds(context.req.param());
    const query = route.query ? parsed(route.query, context.req.query()) : NOTHING;
    const call = {
      service,
      request: context.req.raw,
      params: context.req.param(),
      query,
      body: await route.body?.read(context.req.raw),
      ...guarded,
      ...{ door, site },
      signedAs: (given: string | undefined) => (guarded.person ? signerOf(guarded.person, given) : guarded.actor),
      isGuessing: (what: string) => failures.isTooMany(`${what}\n${addressOf(context)}`, service.now()),
    };
    const response = await route.run(call as never);
    return guarded.person && !may(guarded.person.role, "content") ? await maskAnswer(route, response) : response;
  } catch (error) {
    noteFailure(error, route, service);
    return problemOf(error);
  }
}

function noteFailure(error: unknown, { path }: AnyRoute, { outages, log }: Service): void {
  const isTheirs = error instanceof SentientError && errorCatalogue[error.code].httpStatus < 500;
  const cause = error instanceof SentientError ? error.cause : error;
  if (cause !== undefined && isOutage(cause)) outages.report(cause);
  else if (cause !== undefined && !isTheirs) log.error("a request failed", { route: path, ...errorFields(cause) });
}

/** A route without a declared query ignores it. */
const NOTHING = {};

/** Routes that a page of the console may call; those of signals, asks and receipts take a key alone. */
const isForBrowsers = (access: Access): boolean => access !== "write" && !isForSites(access);

/** The client's address; undefined in a test without a connection. */
function addressOf(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? "";
  } catch {
    return "";
  }
}
