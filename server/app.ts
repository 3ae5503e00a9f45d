import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import type { SiteKey, WriteKey } from "../domain/identity/key-rights.ts";
import type { PersonKey } from "../domain/identity/roles.ts";
import type { Service } from "../runtime/service.ts";
import { Codes } from "./access/codes.ts";
import { createCors, isForSites } from "./access/cors.ts";
import { createDoor } from "./access/door.ts";
import { createGuard } from "./access/guard.ts";
import type { Person } from "./access/person.ts";
import { createByProxy, type TrustedProxy } from "./access/proxy.ts";
import { createAnswering, failed } from "./answering.ts";
import { readFetched } from "./body.ts";
import { addConsole, type ConsoleFiles } from "./console.ts";
import type { HttpRequest } from "./http-request.ts";
import { Failures, Keys } from "./keys.ts";
import { problem } from "./problem.ts";
import { guardHeaders, responseOf } from "./reply.ts";
import { routes } from "./routes/index.ts";
import { createStraight, type Straight } from "./straight.ts";

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

/** The HTTP API as an application of the web framework, and the shorter way for what machines post. */
export type App = Hono & { readonly straight: Straight };

/** The HTTP API of a service: every route with its authentication, and every error as a problem document. */
export function createApp({ service, writeKeys, operatorKeys, checksAnswers = false, ...more }: AppOptions): App {
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
    // Set on the response itself: `context.header` makes a second response of it, with a stream that is then read.
    for (const [name, value] of Object.entries(guardHeaders(context.req.path))) context.res.headers.set(name, value);
  });
  const cors = createCors(siteKeys);
  const answering = createAnswering({ service, guard, failures, door, cors, publicUrl, checksAnswers });
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    if (isForSites(route.access)) app.options(path, ({ req }) => responseOf(cors.preflight(req.raw)));
    app.on(route.method.toUpperCase(), path, async (context) => responseOf(await answering(route, requestOf(context))));
  }
  if (more.console) addConsole(app, { files: more.console.files, publicUrl });
  app.notFound((context) => responseOf(problem("NOT_FOUND", `nothing is at ${context.req.method} ${context.req.path}`)));
  app.onError((error) => responseOf(failed(error, service)));
  return Object.assign(app, { straight: createStraight(routes, answering) });
}

// --- internal ---

/** The actor of a key without a name, where the request names none either. */
const OPERATOR = "operator";

const requestOf = (context: Context): HttpRequest => {
  const { req } = context;
  return {
    method: req.method,
    url: req.url,
    headers: req.raw.headers,
    get params() {
      return req.param();
    },
    get query() {
      return req.query();
    },
    get address() {
      return addressOf(context);
    },
    read: (most) => readFetched(req.raw, most),
  };
};

/** The client's address; undefined in a test without a connection. */
function addressOf(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? "";
  } catch {
    return "";
  }
}
