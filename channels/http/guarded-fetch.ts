import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { SentientError } from "../../domain/errors.ts";
import { noTracing, outgoingTrace, type Tracing, traced } from "../../telemetry/trace.ts";

export interface GuardOptions {
  /** Host names that may be reached (`api.example.com`, or `*.example.com`); without it, every public host. */
  readonly allowedHosts?: readonly string[];
  /** Also addresses inside our own networks, and plain http: for development and tests. */
  readonly allowPrivate?: boolean;
  /** Milliseconds until the whole answer must be there. */
  readonly timeoutMs?: number;
  /** Bytes of an answer that are read; a longer one is cut off and fails. */
  readonly maxBytes?: number;
  /** How names are looked up (default: as this machine does). */
  readonly resolveName?: typeof resolveName;
  /** Tells others about requests, and who is asked where in a trace they belong. */
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
 * A way out that cannot be turned inwards. Where a URL leads is checked when the connection is made, on the address
 * that is then used, so that a name which changes its answer between checking and connecting gains nothing. Redirects
 * are not followed, and answers are bounded in size and time.
 */
export function createGuardedFetch({
  allowedHosts,
  allowPrivate = false,
  timeoutMs = 15_000,
  maxBytes = 64 * 1024,
  resolveName: resolver = resolveName,
  tracing = noTracing,
}: GuardOptions = {}): GuardedFetch {
  // Most runs send nothing: the library is loaded by the first request.
  const open = async () => {
    const { Agent, request } = await import("undici");
    const agent = new Agent({
      // Shorter than the whole: a connection that is never made then says so, instead of leaving open what was sent.
      connect: { lookup: guardedLookup(allowPrivate, resolver), timeout: timeoutMs / 2 },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: maxBytes,
      // One request at a time on a connection, which is kept for a moment: a hand-over of many messages to one provider shares a
      // few. Not for longer: a server closes what is idle, and a request that meets the closing leaves open what became of it.
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
    });
    return { agent, request };
  };
  let opened: ReturnType<typeof open> | undefined;
  const ask = async ({ method, headers = {}, body, signal }: GuardedRequest, target: URL): Promise<GuardedResponse> => {
    const limit = AbortSignal.timeout(timeoutMs);
    opened ??= open();
    const { agent, request } = await opened;
    try {
      const response = await request(target, {
        method,
        headers: { ...headers, ...outgoingTrace(tracing) },
        dispatcher: agent,
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
    } catch (error) {
      if (error instanceof SentientError) throw error;
      throw asFailure(error, target.host);
    }
  };
  return async (wanted) => {
    const { method } = wanted;
    const target = checkUrl(wanted.url, allowedHosts, allowPrivate);
    const attributes = { "http.request.method": method, "server.address": target.hostname, "server.port": portOf(target) };
    return traced(tracing, method, { kind: "client", attributes }, async (span) => {
      const response = await ask(wanted, target);
      span.set({ "http.response.status_code": response.status });
      if (response.status >= 400) span.fail(String(response.status));
      return response;
    });
  };
}

/** Whether an address is inside our own networks or otherwise not a public one. */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return true;
  // An IPv4 address can hide in an IPv6 one that a gateway would translate back.
  return parsed.kind() === "ipv6" && /^(64:ff9b:|2002:|::)/i.test(parsed.toString());
}

// --- internal ---

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === "http:" ? 80 : 443);
/** Shorter than any server waits with closing: theirs are 5 s and more. */
const IDLE_MS = 1_000;

/** Errors raised while looking a name up are wrapped by the client; this one says that it was us who refused. */
const REFUSED = "is not a public address";

function checkUrl(given: string, allowedHosts: readonly string[] | undefined, allowPrivate: boolean): URL {
  const url = parseUrl(given);
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) throw refused(`${url.protocol}//${url.host} is not https`);
  if (url.username !== "" || url.password !== "") throw refused(`the address of ${url.host} carries a user name or password`);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (allowedHosts && !allowedHosts.some((allowed) => matches(allowed, host)))
    throw refused(`${host} is not on the list of hosts that may be reached`);
  // An address that is written out is not looked up, so it is checked here.
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

/** Looks a name up and refuses when any of its addresses is not public. */
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

/** Codes of failures that come before anything is sent: no such name, nobody there, or not whom it claims to be. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

/** A connection that was never made cannot have had an effect; anything later may have. */
function wasNeverMade(error: unknown): boolean {
  const { code = "", syscall = "connect" } = error as NodeJS.ErrnoException;
  return BEFORE_SENDING.test(code) && (syscall === "connect" || syscall === "getaddrinfo");
}
