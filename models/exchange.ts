import OpenAI from "openai";
import type { ModelFailure } from "../domain/entities/model-answer.ts";
import type { RequestBody } from "./request.ts";

export interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Additional headers of every request. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** Result of one request: the response body, or why there is none. */
export type Exchange =
  | { readonly ok: true; readonly body: unknown }
  | {
      readonly ok: false;
      readonly failure: ModelFailure;
      readonly detail: string;
      /** Whether the endpoint may have processed it, and so may charge for it. */
      readonly mayCost: boolean;
      /** Retry delay requested by the endpoint. */
      readonly retryAfterMs?: number;
    };

/** A request to the endpoint. */
export interface Sent {
  /** Path below the endpoint's URL, like `/chat/completions`. */
  readonly path: string;
  /** JSON as the API takes it; its shape varies with the endpoint's dialect. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The most bytes of the response that are read. Default: 1 MB. */
  readonly maxBytes?: number;
  /** The code of a response that is not JSON. Default: `not_a_completion`. */
  readonly ifNoJson?: ModelFailure;
}

/** Creates a client without retries, logging and environment variables: those are decided here. */
export function openClient({ baseUrl, apiKey }: Endpoint): OpenAI {
  const unset = { organization: null, project: null, adminAPIKey: null, webhookSecret: null };
  return new OpenAI({ baseURL: baseUrl, apiKey, ...unset, maxRetries: 0, logLevel: "off" });
}

/** Sends one request, bounded by the signal. Needs a fresh signal each time: the client keeps its listeners. */
export async function exchange(
  client: OpenAI,
  { path, body: request, maxBytes = MAX_BYTES, ifNoJson = "not_a_completion" }: Sent,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Exchange> {
  const progress = { hasBegun: false, isTooLarge: false };
  const bounded = client.withOptions({ fetch: boundedFetch(progress, maxBytes) });
  try {
    const body: unknown = await bounded.post(path, { body: request, signal, headers });
    return { ok: true, body };
  } catch (error) {
    if (progress.isTooLarge) return failed("too_large", `more than ${maxBytes} bytes`, true);
    if (signal.aborted) return failed(progress.hasBegun ? "too_slow" : "timed_out", "the time limit of the call", true);
    // The content type says JSON, and the body is none.
    if (error instanceof SyntaxError) return failed(ifNoJson, "a response that is not JSON", true);
    return explain(error, progress.hasBegun);
  }
}

/** Whether the endpoint streams an answer to its end. Used by the probe only: half an answer is useless to us. */
export async function streams(client: OpenAI, request: RequestBody, signal: AbortSignal): Promise<boolean> {
  try {
    const body = { ...request, stream: true } as unknown as OpenAI.ChatCompletionCreateParamsStreaming; // As above.
    let last: string | null = null;
    for await (const { choices } of await client.chat.completions.create(body, { signal })) last = choices[0]?.finish_reason ?? last;
    return last !== null;
  } catch {
    return false;
  }
}

// --- internal ---

/** Many times the size of an answer. */
const MAX_BYTES = 1024 * 1024;

/** Reads the whole response while the signal holds, up to the size limit. */
function boundedFetch(progress: { hasBegun: boolean; isTooLarge: boolean }, maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    progress.hasBegun = true;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size <= maxBytes) continue;
      progress.isTooLarge = true;
      throw new Error("too large");
    }
    const { status, headers } = response;
    return new Response(status === 204 ? null : Buffer.concat(chunks), { status, headers: plain(headers) });
  };
}

/** Drops headers that describe the encoded body: it is already decoded. */
function plain(given: Headers): Headers {
  const headers = new Headers(given);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return headers;
}

function explain(error: unknown, hasBegun: boolean): Exchange {
  if (error instanceof OpenAI.APIConnectionError) return explainConnection(error, hasBegun);
  if (error instanceof OpenAI.APIError && error.status !== undefined) return explainStatus(error.status, error.headers);
  return failed("connection_lost", codeOf(error) ?? "the request could not be made", true);
}

function explainConnection(error: Error, hasBegun: boolean): Exchange {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return failed("connection_refused", code, false);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return failed("host_unknown", code, false);
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return failed("timed_out", code, false);
  return failed("connection_lost", code ?? "the connection broke", hasBegun || code === undefined);
}

function explainStatus(status: number, headers: Headers | undefined): Exchange {
  const detail = `status ${status}`;
  if (status === 401 || status === 403) return failed("unauthorized", detail, false);
  if (status === 408 || status === 409 || status >= 500) return failed("server_error", detail, false);
  if (status !== 429) return failed("bad_request", detail, false);
  const retryAfterMs = waitAskedFor(headers);
  return { ok: false, failure: "rate_limited", detail, mayCost: false, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Parses seconds or a date; other values are ignored. */
function waitAskedFor(headers: Headers | undefined): number | undefined {
  const given = headers?.get("retry-after")?.trim();
  if (!given) return undefined;
  const seconds = Number(given);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

const failed = (failure: ModelFailure, detail: string, mayCost: boolean): Exchange => ({ ok: false, failure, detail, mayCost });

/** The code of a network error, anywhere in the chain of causes. */
function codeOf(error: unknown): string | undefined {
  let next = error;
  for (let depth = 0; depth < 5 && next instanceof Error; depth++) {
    if ("code" in next && typeof next.code === "string") return next.code;
    // Several addresses of a host were tried.
    next = next instanceof AggregateError ? next.errors[0] : next.cause;
  }
  return undefined;
}
