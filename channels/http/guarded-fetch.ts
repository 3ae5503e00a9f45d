import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import type { Dispatcher } from "undici";
import { SentientError } from "../../domain/errors.ts";
import { noTracing, outgoingTrace, type Tracing, traced } from "../../telemetry/trace.ts";
import { exchange } from "./exchange.ts";

export interface GuardOptions {
  /** Allowed host names (`api.example.com`, or `*.example.com`); without it, every public host. */
  readonly allowedHosts?: readonly string[];
  /** Also allows private addresses and plain http: for development and tests. */
  readonly allowPrivate?: boolean;
  /** Milliseconds until the whole response must have arrived. */
  readonly timeoutMs?: number;
  /** Maximum bytes of a response; a longer one is aborted and fails. */
  readonly maxBytes?: number;
  /** DNS resolver (default: the system's). */
  readonly resolveName?: typeof resolveName;
  /** Observes requests, for logs and traces. */
  readonly tracing?: Tracing;
}

export interface GuardedRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface GuardedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export type GuardedFetch = (request: GuardedRequest) => Promise<GuardedResponse>;

/**
 * A fetch for outgoing requests with SSRF protection. The target is checked at connection time, on the address that is then
 * used, so DNS rebinding gains nothing. Redirects are not followed, and responses are bounded in size and time.
 */
export function createGuardedFetch({
  allowedHosts,
  allowPrivate = false,
  timeoutMs = 15_000,
  maxBytes = 64 * 1024,
  resolveName: resolver = resolveName,
  tracing = noTracing,
}: GuardOptions = {}): GuardedFetch {
  // Loaded lazily: most runs send nothing.
  const open = async (): Promise<Dispatcher> => {
    const { Agent } = await import("undici");
    return new Agent({
      // Shorter than the total timeout: a failed connection is then reported as such, and not as an unknown outcome.
      connect: { lookup: guardedLookup(allowPrivate, resolver), timeout: timeoutMs / 2 },
      // The total timeout covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxBytes,
      // No pipelining; connections are kept alive briefly, so many messages to one provider share a few. Not longer: servers
      // close idle connections, and a request that meets the close has an unknown outcome.
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
    });
  };
  let opening: Promise<Dispatcher> | undefined;
  let agent: Dispatcher | undefined;
  const ask = async ({ method, headers = {}, body, signal }: GuardedRequest, { origin, path, host }: Target): Promise<GuardedResponse> => {
    opening ??= open();
    agent ??= await opening;
    const trace = tracing.isOn ? outgoingTrace(tracing) : undefined;
    try {
      const request = {
        origin,
        path,
        method,
        headers: trace ? { ...headers, ...trace } : headers,
        ...(body === undefined ? {} : { body }),
      };
      return await exchange(agent, request, { timeoutMs, signal });
    } catch (error) {
      if (error instanceof SentientError) throw error;
      throw asFailure(error, host);
    }
  };
  // A channel sends most messages to one address.
  let last: Target | undefined;
  return async (wanted) => {
    const { method, url } = wanted;
    if (last?.url !== url) last = checkedTarget(url, allowedHosts, allowPrivate);
    const target = last;
    if (!tracing.isOn) return ask(wanted, target);
    const attributes = { "http.request.method": method, "server.address": target.hostname, "server.port": target.port };
    return traced(tracing, method, { kind: "client", attributes }, async (span) => {
      const response = await ask(wanted, target);
      span.set({ "http.response.status_code": response.status });
      if (response.status >= 400) span.fail(String(response.status));
      return response;
    });
  };
}

/** Whether an address is private or otherwise not public. */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return true;
  // An IPv6 address can embed an IPv4 one that a gateway would translate back.
  return parsed.kind() === "ipv6" && /^(64:ff9b:|2002:|::)/i.test(parsed.toString());
}

// --- internal ---

/** Where a request goes, by a URL that was checked. */
interface Target {
  /** The URL as it was given. */
  readonly url: string;
  readonly origin: string;
  readonly path: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
}

function checkedTarget(url: string, allowedHosts: readonly string[] | undefined, allowPrivate: boolean): Target {
  const checked = checkUrl(url, allowedHosts, allowPrivate);
  const { origin, pathname, search, host, hostname } = checked;
  return { url, origin, path: `${pathname}${search}`, host, hostname, port: portOf(checked) };
}

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === "http:" ? 80 : 443);
/** Shorter than the keep-alive timeouts of servers, which are 5 s and more. */
const IDLE_MS = 1_000;

/** The client wraps errors raised during a DNS look-up; this one marks our own refusal. */
const REFUSED = "is not a public address";

function checkUrl(given: string, allowedHosts: readonly string[] | undefined, allowPrivate: boolean): URL {
  const url = parseUrl(given);
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) throw refused(`${url.protocol}//${url.host} is not https`);
  if (url.username !== "" || url.password !== "") throw refused(`the address of ${url.host} carries a user name or password`);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (allowedHosts && !allowedHosts.some((allowed) => matches(allowed, host)))
    throw refused(`${host} is not on the list of hosts that may be reached`);
  // A literal address is not looked up, so it is checked here.
  if (isIP(host) !== 0 && !allowPrivate && isPrivateAddress(host)) throw refused(`${host} ${REFUSED}`);
  return url;
}

function parseUrl(given: string): URL {
  try {
    return new URL(given);
  } catch {
    throw refused("not a URL");
  }
}

const matches = (allowed: string, host: string): boolean =>
  allowed.startsWith("*.") ? host.endsWith(allowed.slice(1)) : host.toLowerCase() === allowed.toLowerCase();

const refused = (why: string): SentientError => new SentientError("BAD_INPUT", `refused to connect: ${why}`);

type Addresses = readonly { readonly address: string; readonly family: number }[];

/** Looks a name up and refuses it when any of its addresses is not public. */
function guardedLookup(allowPrivate: boolean, resolver: typeof resolveName): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (problem: NodeJS.ErrnoException | null, [first, ...rest]: Addresses): void => {
      if (options.all) callback(problem, first ? [first, ...rest] : []);
      else callback(problem, first?.address ?? "", first?.family);
    };
    resolver(hostname, { ...options, all: true }, (error, addresses) => {
      const problem = error ?? privateAmong(hostname, allowPrivate ? [] : addresses);
      answer(problem, problem ? [] : addresses);
    });
  };
}

function privateAmong(hostname: string, addresses: readonly { address: string }[]): Error | null {
  const bad = addresses.find(({ address }) => isPrivateAddress(address));
  return bad ? new Error(`${hostname} leads to ${bad.address}, which ${REFUSED}`) : null;
}

function asFailure(error: unknown, host: string): SentientError {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes(REFUSED)) return refused(message);
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return new SentientError("OUTCOME_UNKNOWN", `${host} did not answer in time`, { cause: error });
  }
  return new SentientError(wasNeverMade(error) ? "UPSTREAM_FAILED" : "OUTCOME_UNKNOWN", `${host}: ${message}`, { cause: error });
}

/** Codes of failures before anything is sent: unknown host, connection refused, invalid certificate. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

/** A failed connection cannot have had an effect; any later failure may have. */
function wasNeverMade(error: unknown): boolean {
  const { code = "", syscall = "connect" } = error as NodeJS.ErrnoException;
  return BEFORE_SENDING.test(code) && (syscall === "connect" || syscall === "getaddrinfo");
}
