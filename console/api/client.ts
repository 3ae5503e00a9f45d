// The only place that asks the server. Requests carry the cookie of the session; failures become a `Problem`.

/** A member of a query string; those without a value are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface ProblemDocument {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
}

/** A failed request, from its RFC 9457 problem document. `status` is 0 where the server was not reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, { code, title, detail }: ProblemDocument, retryAfterSeconds?: number) {
    super(detail ?? title ?? `the server answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = code ?? (status === 0 ? "UNREACHABLE" : `HTTP_${status}`);
    this.title = title ?? "the request failed";
    this.detail = detail ?? "";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The path of the console: `/console`, or what stands before it behind a proxy. */
export const consolePath = (): string => {
  const named = document.querySelector<HTMLMetaElement>('meta[name="base"]')?.content ?? "";
  return named.startsWith("/") ? named : "/console";
};

/** The address of a path of the API, like `/v1/tasks`, with its query. */
export function apiUrl(path: string, query: Query = {}, base = consolePath()): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") search.set(name, String(value));
  const text = search.toString();
  return `${base.replace(/\/console$/, "")}${path}${text === "" ? "" : `?${text}`}`;
}

/** Seconds to wait, from a `Retry-After` header: a number of seconds or a date. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** Reads the problem of an answer that is none of ours as well, e.g. of a proxy. */
export async function problemOf(response: Response, now: number): Promise<Problem> {
  const isProblem = /json/.test(response.headers.get("content-type") ?? "");
  const body: unknown = isProblem ? await response.json().catch(() => ({})) : {};
  return new Problem(response.status, (body ?? {}) as ProblemDocument, retryAfter(response.headers.get("retry-after"), now));
}

/** Listeners for the end of the session, and for the server's return. */
type Listener = (event: "signed-out" | "signed-in") => void;
const listeners = new Set<Listener>();

export const onSession = (listener: Listener): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const tellSession: Listener = (event) => {
  for (const listener of listeners) listener(event);
};

async function ask<Answer>(path: string, init: RequestInit, query?: Query): Promise<Answer> {
  const response = await fetch(apiUrl(path, query), { credentials: "same-origin", ...init }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, { title: "the server does not answer", detail: "Nothing was changed, as far as this page knows." });
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
  // Every other answer stands where it was asked for; a session that is over concerns the whole page.
  if (response.status === 401 && path !== "/v1/session") tellSession("signed-out");
  throw await problemOf(response, Date.now());
}

/** The server ends its own reads after seconds; an answer that is lost on the way must not keep the page from asking again. */
const READ_MS = 30_000;

/** Reads `path`, e.g. `/v1/tasks`. */
export const get = <Answer>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer> =>
  ask<Answer>(
    path,
    { headers: { accept: "application/json" }, signal: AbortSignal.any([AbortSignal.timeout(READ_MS), ...(signal ? [signal] : [])]) },
    query,
  );

/** Changes something. It is never repeated by itself: after a sign-in it may be another person who is asking. */
export const post = <Answer>(path: string, body: unknown = {}): Promise<Answer> =>
  ask<Answer>(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** `/v1/customers/{id}/lift` with its id: ids may contain slashes. */
export const pathOf = (template: string, id: string): string => template.replace("{id}", encodeURIComponent(id));
