import { type Config, readConfig } from "../config/config.ts";
import type { AskAnswer } from "../domain/entities/ask.ts";
import { type ErrorCode, errorCatalogue, SentientError } from "../domain/errors.ts";
import { isHashOfKey, RIGHTS, type Right, rightNeeded, type WriteKey } from "../domain/identity/key-rights.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { type OwningServer, serverOf } from "../runtime/open-store.ts";
import { readKeys } from "./folder-keys.ts";
import type { Io } from "./io.ts";
import { DEFAULT_DATA } from "./with-store.ts";

/** An event as typed; the server validates it. */
type SignalToSend = { readonly type: string; readonly data?: Json };

/** The client of a running server. */
export interface ServerClient {
  readonly url: string;
  readonly hasOperatorKey: boolean;
  /** Sends one signal; throws where it is refused. */
  send(event: SignalToSend): Promise<{ readonly accepted: number; readonly duplicates: number }>;
  /** Asks what a customer is to be given, with a write key that has the right. */
  ask(body: JsonObject): Promise<AskAnswer>;
  get<T>(path: string): Promise<T>;
  /** @param isSlow the answer may take minutes */
  post<T>(path: string, body?: Json, isSlow?: boolean): Promise<T>;
  /** Sends text unchanged. */
  postText<T>(path: string, text: string): Promise<T>;
}

/** The server for a command: the given one, the one that owns the given folder, that of SENTIENT_URL, the one that owns the default folder, or the default address. */
export function findServer(
  { url, store }: { readonly url?: string | undefined; readonly store?: string | undefined },
  { environment }: Pick<Io, "environment">,
): ServerClient {
  const config = readConfig(environment);
  const folder = store ?? DEFAULT_DATA;
  const isByFolder = url === undefined && (store !== undefined || config.serverUrl === undefined);
  const owner = isByFolder ? serverThatOwns(folder, { environment }) : undefined;
  return owner ?? clientAt(url ?? config.serverUrl ?? `http://127.0.0.1:${config.port ?? 3000}`, folder, config);
}

/**
 * The server that owns a data folder; undefined where none does. Where the lock proves no key of the user, the server of the
 * environment.
 */
export function serverThatOwns(dataDir: string, { environment }: Pick<Io, "environment">): ServerClient | undefined {
  const owner = serverOf(dataDir);
  if (owner === undefined) return undefined;
  const config = readConfig(environment);
  const keys = keysFor(owner, dataDir, config);
  return keys.operator.length === 0 && config.serverUrl !== undefined
    ? clientAt(config.serverUrl, dataDir, config)
    : clientOf(owner.url, keys);
}

// --- internal ---

/** Keys that may be sent to a server, in order of preference. */
interface ShownKeys {
  readonly write: readonly WriteKey[];
  readonly operator: readonly string[];
  /** Why the other keys are not sent. */
  readonly withheld?: string;
}

/** Keys of the environment; a hashed key cannot be sent. */
const namedKeys = ({ writeKeys, operatorKeys }: Config): ShownKeys => ({
  write: writeKeys.filter(({ key }) => !isHashOfKey(key)),
  operator: operatorKeys.filter((key) => !isHashOfKey(key)),
});

/** Keys that `dev` has made for a folder. */
function ownKeys(folder: string): ShownKeys {
  const keys = readKeys(folder);
  return keys ? { write: [{ key: keys.writeKey, rights: RIGHTS }], operator: [keys.operatorKey] } : { write: [], operator: [] };
}

/**
 * The keys for a server whose address comes from a folder, which another user may control: only those that the lock proves the
 * server to hold, whether the folder's own or the environment's.
 */
function keysFor({ url, isProvenBy }: OwningServer, folder: string, config: Config): ShownKeys {
  const [own, named] = [ownKeys(folder), namedKeys(config)];
  return {
    write: [...own.write, ...named.write].filter(({ key }) => isProvenBy(key)),
    operator: [...own.operator, ...named.operator].filter(isProvenBy),
    withheld: `the lock in ${folder} names a server at ${url} but does not prove that the server knows any of your keys, so none is sent there. If the server is yours, set SENTIENT_URL=${url}`,
  };
}

/** A server that the user names gets the keys of the environment; a folder's keys are for this machine. */
function clientAt(url: string, folder: string, config: Config): ServerClient {
  const named = namedKeys(config);
  const own = isOnThisMachine(url) ? ownKeys(folder) : { write: [], operator: [] };
  return clientOf(url, { write: [...named.write, ...own.write], operator: [...named.operator, ...own.operator] });
}

const isOnThisMachine = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

const TIMEOUT_MS = 30_000;

/** Several proposals may wait for one another. */
const SLOW_MS = 20 * 60_000;

function clientOf(url: string, { write, operator, withheld }: ShownKeys): ServerClient {
  const need = (key: string | undefined, variable: string): string => {
    if (key !== undefined) return key;
    throw new SentientError(
      "UNAUTHORIZED",
      withheld ?? `no key for the server at ${url}; set ${variable} to one of its keys (the key itself, not its hash)`,
    );
  };
  const operatorKey = (): ShownKey => ({ key: need(operator[0], "SENTIENT_OPERATOR_KEYS"), variable: "SENTIENT_OPERATOR_KEYS" });
  const writerWith = (needed: Right | undefined): ShownKey => {
    const allowed = needed === undefined ? undefined : write.find(({ rights }) => rights.includes(needed));
    return { key: need((allowed ?? write[0])?.key, "SENTIENT_WRITE_KEYS"), variable: "SENTIENT_WRITE_KEYS" };
  };
  return {
    url,
    hasOperatorKey: operator.length > 0,
    send: (event) => call(url, "/v1/signals", writerWith(rightNeeded(event)), JSON.stringify(event)),
    ask: (body) => call(url, "/v1/next", writerWith("ask"), JSON.stringify(body)),
    get: (path) => call(url, path, operatorKey()),
    post: (path, body = {}, isSlow = false) => call(url, path, operatorKey(), JSON.stringify(body), isSlow ? SLOW_MS : TIMEOUT_MS),
    postText: (path, text) => call(url, path, operatorKey(), text),
  };
}

/** A key, and the variable that names others. */
interface ShownKey {
  readonly key: string;
  readonly variable: string;
}

async function call<T>(url: string, path: string, { key, variable }: ShownKey, body?: string, timeoutMs = TIMEOUT_MS): Promise<T> {
  const response = await reach(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body }),
  });
  const answer = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (response.ok) return answer as T;
  if (response.status === 401)
    throw new SentientError("UNAUTHORIZED", `the server at ${url} does not know this key; set ${variable} to one of its keys`);
  const code = answer.code !== undefined && answer.code in errorCatalogue ? (answer.code as ErrorCode) : "UPSTREAM_FAILED";
  throw new SentientError(code, answer.detail ?? `the server at ${url} answered ${response.status}`);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { origin } = new URL(url);
    throw new SentientError("UPSTREAM_FAILED", `no server answers at ${origin}; start one with: npx sentient dev`, { cause: error });
  }
}
