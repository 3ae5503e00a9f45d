import { bare, isServerAddress, readConfig, SERVER_ADDRESS } from "../config/config.ts";
import { type ErrorCode, errorCatalogue, SentientError } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import { serverOf } from "../runtime/open-store.ts";
import { type Arguments, text } from "./command.ts";
import type { Io } from "./io.ts";
import { readKeys } from "./local-server.ts";
import { DEFAULT_DATA } from "./with-store.ts";

/** A running server, as commands talk to it. */
export interface ServerClient {
  readonly url: string;
  readonly hasOperatorKey: boolean;
  /** Sends one signal; throws where it is not taken. */
  send(event: Json): Promise<{ readonly accepted: number; readonly duplicates: number }>;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: Json): Promise<T>;
  /** Sends text as it is. */
  postText<T>(path: string, text: string): Promise<T>;
}

/** The server that a command should talk to: the one that is named, or the one that owns the data folder, or the usual place. */
export function findServer({ options }: Arguments, { environment }: Pick<Io, "environment">): ServerClient {
  const config = readConfig(environment);
  const folder = text(options.store) ?? DEFAULT_DATA;
  const given = text(options.url);
  if (given !== undefined && !isServerAddress(given)) throw new SentientError("BAD_INPUT", `--url: expected ${SERVER_ADDRESS}`);
  const url = (given && bare(given)) ?? config.serverUrl ?? serverOf(folder) ?? `http://127.0.0.1:${config.port ?? 3000}`;
  const keys = readKeys(folder);
  return clientOf(url, { write: config.writeKeys[0] ?? keys?.writeKey, operator: config.operatorKeys[0] ?? keys?.operatorKey });
}

/** The server that owns a data folder; undefined where none does. */
export function serverThatOwns(dataDir: string, { environment }: Pick<Io, "environment">): ServerClient | undefined {
  const url = serverOf(dataDir);
  if (url === undefined) return undefined;
  const { writeKeys, operatorKeys } = readConfig(environment);
  const keys = readKeys(dataDir);
  return clientOf(url, { write: keys?.writeKey ?? writeKeys[0], operator: keys?.operatorKey ?? operatorKeys[0] });
}

// --- internal ---

interface KeyPair {
  readonly write: string | undefined;
  readonly operator: string | undefined;
}

const TIMEOUT_MS = 30_000;

function clientOf(url: string, { write, operator }: KeyPair): ServerClient {
  const asOperator = (): string => need(operator, "SENTIENT_OPERATOR_KEYS");
  return {
    url,
    hasOperatorKey: operator !== undefined,
    send: (event) => call(url, "/v1/signals", need(write, "SENTIENT_WRITE_KEYS"), JSON.stringify(event)),
    get: (path) => call(url, path, asOperator()),
    post: (path, body = {}) => call(url, path, asOperator(), JSON.stringify(body)),
    postText: (path, text) => call(url, path, asOperator(), text),
  };
}

function need(key: string | undefined, variable: string): string {
  if (key !== undefined) return key;
  throw new SentientError("UNAUTHORIZED", `no key for the server; set ${variable}`);
}

async function call<T>(url: string, path: string, key: string, body?: string): Promise<T> {
  const response = await reach(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body }),
  });
  const answer = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (response.ok) return answer as T;
  const code = answer.code !== undefined && answer.code in errorCatalogue ? (answer.code as ErrorCode) : "UPSTREAM_FAILED";
  throw new SentientError(code, answer.detail ?? `the server at ${url} answered ${response.status}`);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { origin } = new URL(url);
    throw new SentientError("UPSTREAM_FAILED", `no server answers at ${origin}; start one with: sentient dev`, { cause: error });
  }
}
