import type { Right, SiteKey } from "../../domain/identity/key-rights.ts";
import { isPermission, type Permission, ROLES } from "../../domain/identity/roles.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Sessions } from "../../operations/access/sessions.ts";
import type { HttpRequest } from "../http-request.ts";
import { type Failures, type Held, type Keys, presentedKey } from "../keys.ts";
import { problem } from "../problem.ts";
import type { Reply } from "../reply.ts";
import type { AnyRoute } from "../route.ts";
import { type CallingKey, type CallingSite, customerIn } from "./calling-key.ts";
import type { Door } from "./door.ts";
import { type Person, whyForbidden } from "./person.ts";
import type { ByProxy } from "./proxy.ts";
import { cookieIn, type Site, whyForeign } from "./site.ts";

/** The authenticated caller of a route. */
export interface Caller {
  /** The kind of access, or the name of the person. */
  readonly actor: string;
  /** Rights of a write key. */
  readonly rights: readonly Right[];
  /** On routes that need a permission. */
  readonly person?: Person;
  /** On routes that need a right. */
  readonly key?: CallingKey;
}

/** The caller, or the answer that refuses the request. */
export type Guarded = Caller | { readonly refusal: Reply };

/** The credentials of a request. */
export interface Asking {
  readonly request: HttpRequest;
  /** The site as the browser addresses it; undefined for a `Host` that is not ours. */
  readonly site: Site | undefined;
}

export interface GuardOptions {
  readonly writers: Keys<{ readonly rights: readonly Right[] }>;
  readonly people: Keys<Person>;
  readonly sites: Keys<Omit<SiteKey, "key">>;
  /** With which sites sign tokens; without it none is accepted. */
  readonly siteSecret: string | undefined;
  readonly door: Door;
  readonly sessions: Pick<Sessions, "find">;
  readonly byProxy: ByProxy;
  /** The origin of the console behind the proxy. */
  readonly publicOrigin: string | undefined;
  readonly failures: Failures;
  readonly now: () => Instant;
  /** Counts a refused key. */
  readonly onRefused: () => void;
}

/** A promise only where something is looked up. */
export type Guard = (route: Pick<AnyRoute, "access">, asking: Asking) => Guarded | Promise<Guarded>;

/** Decides who may call a route. */
export function createGuard({ writers, people, sites, siteSecret, failures, now, onRefused, ...byBrowser }: GuardOptions): Guard {
  const refuse = (wanted: Wanted, address: string): { refusal: Reply } => {
    onRefused();
    if (failures.isTooMany(address, now()))
      return { refusal: problem("OVERLOADED", "too many wrong keys; wait a minute", {}, { "retry-after": "60" }) };
    return { refusal: problem("UNAUTHORIZED", `expected ${wanted.what}`, {}, { "www-authenticate": wanted.scheme }) };
  };
  const writing: Guarding<"write"> = (access, asking) => {
    const rights = held(writers, asking)?.holder.rights;
    return rights ? { actor: access, rights } : refuse(WRITE, asking.request.address);
  };
  const calling: Guarding<"ask" | "receipts"> = (right, asking) => {
    const site = held(sites, asking);
    if (site) return bySite(site, asking, (token) => customerIn(token, site.holder, { siteSecret, now, onRefused }));
    const writer = held(writers, asking);
    if (!writer) return refuse(CALL, asking.request.address);
    const { rights } = writer.holder;
    return rights.includes(right) ? { actor: right, rights, key: { fingerprint: writer.fingerprint } } : { refusal: withoutRight(right) };
  };
  const operating: Guarding<Permission> = async (permission, asking) => {
    const isByKey = asking.request.headers.has("authorization");
    const found = isByKey ? held(people, asking)?.holder : await byProxyOr(asking, byBrowser);
    if (found === undefined) return refuse(OPERATE, asking.request.address);
    if ("refusal" in found) return found;
    const refusal = whyForbidden(found, permission);
    return refusal ? { refusal } : { actor: found.name, rights: [], person: found };
  };
  return ({ access }, asking) => {
    if (access === "write") return writing(access, asking);
    if (access === "ask" || access === "receipts") return calling(access, asking);
    return isPermission(access) ? operating(access, asking) : { actor: access, rights: [] };
  };
}

// --- internal ---

type Guarding<Access> = (access: Access, asking: Asking) => Guarded | Promise<Guarded>;

/** The key that a request presents, with its holder. */
function held<Holder>(keys: Keys<Holder>, { request }: Asking): Held<Holder> | undefined {
  const key = presentedKey(request.headers.get("authorization") ?? undefined);
  return key === undefined ? undefined : keys.find(key);
}

/** A site key from another page is refused; without `Origin` a request is from no page. */
function bySite({ holder, fingerprint }: Held<Omit<SiteKey, "key">>, { request }: Asking, customerOf: CallingSite["customerOf"]): Guarded {
  const origin = request.headers.get("origin");
  if (origin !== null && !holder.origins.includes(origin))
    return { refusal: problem("FORBIDDEN", "this site key is not for the origin of this page; SENTIENT_SITE_KEYS lists its origins") };
  return { actor: holder.name, rights: [], key: { fingerprint, site: { name: holder.name, customerOf } } };
}

const withoutRight = (right: Right): Reply =>
  problem("FORBIDDEN", `this key has no right to this; it needs +${right} behind the key in SENTIENT_WRITE_KEYS`);

/** The person whom a trusted proxy names, or that of a session. Either a browser sends along by itself, so where it comes from counts. */
async function byProxyOr(asking: Asking, options: ByBrowser): Promise<Person | { readonly refusal: Reply } | undefined> {
  const { request } = asking;
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const named = options.byProxy(request.address, header);
  if (named === undefined) return bySession(asking, options);
  if ("withoutRole" in named)
    return { refusal: problem("FORBIDDEN", `the proxy gives ${named.withoutRole} none of the roles ${Object.keys(ROLES).join(", ")}`) };
  const foreign = whyForeign({ method: request.method, header }, options.publicOrigin ?? "");
  return foreign === undefined ? named : { refusal: problem("FORBIDDEN", foreign) };
}

type ByBrowser = Pick<GuardOptions, "door" | "sessions" | "byProxy" | "publicOrigin">;

/**
 * The person of a session. A browser sends its cookie along whoever makes it ask, so `Host` has to be ours and the request has to come
 * from our own pages.
 */
async function bySession(
  { request, site }: Asking,
  { door, sessions }: ByBrowser,
): Promise<Person | { readonly refusal: Reply } | undefined> {
  const cookies = request.headers.get("cookie") ?? undefined;
  if (cookies === undefined || !COOKIE_OF_OURS.test(cookies)) return undefined;
  if (!site) return { refusal: problem("FORBIDDEN", "Host is neither this machine nor the address of SENTIENT_PUBLIC_URL") };
  const token = cookieIn(cookies, site.cookie);
  if (token === undefined) return undefined;
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const foreign = whyForeign({ method: request.method, header }, site.origin);
  if (foreign !== undefined) return { refusal: problem("FORBIDDEN", foreign) };
  const session = await sessions.find(token);
  if (!session || !door.stillAdmits(session)) return { refusal: problem("UNAUTHORIZED", "the session has ended; sign in again") };
  return { name: session.name, role: session.role, via: "session", sessionId: session.id };
}

/** A cookie of the console, of whatever port. */
const COOKIE_OF_OURS = /(?:^|;\s*)(?:__Host-sentient|sentient-\d+)=/;

interface Wanted {
  readonly what: string;
  readonly scheme: string;
}

const WRITE: Wanted = { what: "a write key as Basic user name or bearer token", scheme: 'Basic realm="sentient"' };
const CALL: Wanted = { what: "a site key, or a write key with the right to this, as bearer token", scheme: "Bearer" };
const OPERATE: Wanted = { what: "an operator key as bearer token, or a session of the console", scheme: "Bearer" };
