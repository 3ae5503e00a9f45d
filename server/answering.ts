import { errorCatalogue, SentientError } from "../domain/errors.ts";
import { isPermission, may } from "../domain/identity/roles.ts";
import { isOutage } from "../health/outage.ts";
import type { Service } from "../runtime/service.ts";
import { errorFields } from "../telemetry/log.ts";
import { noTracing, type SpanOptions, type Tracing, traced, traceParentOf } from "../telemetry/trace.ts";
import { type Cors, isForSites } from "./access/cors.ts";
import type { Door } from "./access/door.ts";
import type { Asking, Guard, Guarded } from "./access/guard.ts";
import { maskAnswer } from "./access/mask-answer.ts";
import { signerOf } from "./access/person.ts";
import { type Site, siteOf } from "./access/site.ts";
import { whyNotDeclared } from "./check-answer.ts";
import type { HttpRequest } from "./http-request.ts";
import type { Failures } from "./keys.ts";
import { parsed } from "./parse.ts";
import { problemOf } from "./problem.ts";
import { type Given, Reply, withHeaders } from "./reply.ts";
import type { Access, AnyRoute } from "./route.ts";
import { checkIds, checkUrl } from "./url-text.ts";

/** The answer of a route to a request, whichever way the request came. It never rejects. */
export type Answering = (route: AnyRoute, request: HttpRequest) => Promise<Given>;

export interface AnsweringOptions {
  readonly service: Service;
  readonly guard: Guard;
  readonly failures: Failures;
  readonly door: Door;
  readonly cors: Cors;
  readonly publicUrl: string | undefined;
  /** Whether an answer that its route does not declare becomes a 500. */
  readonly checksAnswers: boolean;
}

export const createAnswering =
  (options: AnsweringOptions): Answering =>
  async (route, request) => {
    try {
      const given = await answer(route, request, options);
      const wrong = options.checksAnswers ? await whyNotDeclared(route, given) : undefined;
      return wrong === undefined ? given : new Reply(500, TEXT, `${route.method} ${route.path} declares no such answer: ${wrong}`);
    } catch (error) {
      return failed(error, options.service);
    }
  };

/** The answer to an error that nothing expected. */
export function failed(error: unknown, { log }: Pick<Service, "log">): Reply {
  if (!(error instanceof SentientError)) log.error("a request failed", errorFields(error));
  return problemOf(error);
}

// --- internal ---

const TEXT = { "content-type": "text/plain; charset=utf-8" };

async function answer(route: AnyRoute, request: HttpRequest, options: AnsweringOptions): Promise<Given> {
  const { service } = options;
  const began = performance.now();
  const site = isForBrowsers(route.access) ? siteOf(request.headers.get("host") ?? undefined, options.publicUrl) : undefined;
  const caller = guarding(options.guard, route, { request, site });
  // A promise that is waited for takes turns of its own.
  const guarded = caller instanceof Promise ? await caller : caller;
  const asked = { options, guarded, site };
  const tracing = tracingFor(route, service);
  const given = tracing.isOn
    ? await traced(tracing, `${request.method} ${route.path}`, spanOf(route, request, guarded), async (span) => {
        const found = await run(route, request, asked);
        span.set({ "http.response.status_code": found.status });
        if (found.status >= 500) span.fail(String(found.status));
        return found;
      })
    : await run(route, request, asked);
  service.metrics.add("sentient_http_requests_total", { route: route.path, status: String(given.status) });
  service.metrics.observe("sentient_http_request_seconds", (performance.now() - began) / 1000);
  if (isForSites(route.access)) return options.cors.open(request, given);
  // No other site may embed what people read.
  return isPermission(route.access) ? withHeaders(given, { "cross-origin-resource-policy": "same-origin" }) : given;
}

/** The caller; a session that cannot be looked up is a problem like any other. */
function guarding(guard: Guard, route: AnyRoute, asking: Asking): Guarded | Promise<Guarded> {
  const guarded = guard(route, asking);
  return guarded instanceof Promise ? guarded.catch((error: unknown) => ({ refusal: problemOf(error) })) : guarded;
}

/** Probes and metrics scrapes are not traced, since they are too frequent. */
const tracingFor = ({ access, method, path }: AnyRoute, { tracing }: Service): Tracing =>
  access === "open" && method === "get" && !path.startsWith("/v1/") ? noTracing : tracing;

/** Authenticated requests may continue a trace; others start a new one. */
function spanOf({ access, path }: AnyRoute, { method, headers }: HttpRequest, guarded: Guarded): SpanOptions {
  const isKnown = "actor" in guarded && (access === "write" || isForSites(access) || isPermission(access));
  return {
    kind: "server",
    attributes: { "http.request.method": method, "http.route": path },
    parent: (isKnown ? traceParentOf(headers.get("traceparent") ?? undefined) : undefined) ?? null,
  };
}

interface Asked {
  readonly options: AnsweringOptions;
  readonly guarded: Guarded;
  readonly site: Site | undefined;
}

async function run(route: AnyRoute, request: HttpRequest, { options, guarded, site }: Asked): Promise<Given> {
  const { service, failures, door } = options;
  try {
    if ("refusal" in guarded) return guarded.refusal;
    checkUrl(request.url);
    const { params } = request;
    if (isPermission(route.access)) checkIds(params);
    const { actor, rights, person, key } = guarded;
    // One literal, without spreading: this is made for each request.
    const call = {
      service,
      request,
      params,
      query: route.query ? parsed(route.query, request.query) : NOTHING,
      body: await route.body?.read(request),
      actor,
      rights,
      person,
      key,
      door,
      site,
      signedAs: (given: string | undefined) => (person ? signerOf(person, given) : actor),
      isGuessing: (what: string) => failures.isTooMany(`${what}\n${request.address}`, service.now()),
    };
    const given = await route.run(call as never);
    return person && !may(person.role, "content") ? await maskAnswer(route, given) : given;
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
