/**
 * An answer with a text as its body: a value, until it is written to a socket or becomes a `Response`, so that what is answered most
 * needs neither streams nor objects of headers.
 */
export class Reply {
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;

  constructor(status: number, headers: Readonly<Record<string, string>>, body: string) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** What a route gives. */
export type Given = Reply | Response;

export const json = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply =>
  new Reply(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));

export const responseOf = (given: Given): Response =>
  given instanceof Reply ? new Response(given.body, { status: given.status, headers: given.headers }) : given;

/** The same with more headers, which replace those of the same name. */
export function withHeaders(given: Given, more: Readonly<Record<string, string>>): Given {
  if (given instanceof Reply) return new Reply(given.status, { ...given.headers, ...more }, given.body);
  for (const [name, value] of Object.entries(more)) given.headers.set(name, value);
  return given;
}

/** Headers of every answer: it may contain customers' data, so browsers must not interpret it as a page, and not keep it. */
export const guardHeaders = (path: string): Readonly<Record<string, string>> => (path.startsWith("/v1/") ? PRIVATE : NOT_A_PAGE);

// --- internal ---

const NOT_A_PAGE = { "x-content-type-options": "nosniff" };
const PRIVATE = { ...NOT_A_PAGE, "cache-control": "no-store" };
