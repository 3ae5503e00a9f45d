import { type ErrorCode, errorCatalogue, SentientError } from "../domain/errors.ts";
import { isOutage, outageReason } from "../health/outage.ts";
import { Reply } from "./reply.ts";

/** An error as an RFC 9457 problem document. `code` is stable and explained in docs/errors.md. */
export function problem(
  code: ErrorCode,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const { httpStatus, meaning } = errorCatalogue[code];
  return new Reply(
    httpStatus,
    { ...PROBLEM, ...headers },
    JSON.stringify({ type: `urn:sentient:error:${code}`, title: meaning, status: httpStatus, code, detail, ...more }),
  );
}

/** The problem document for a thrown error. An unexpected error reveals only that it happened. */
export function problemOf(error: unknown): Reply {
  if (!(error instanceof SentientError)) {
    // The request is valid: the client may repeat it without loss.
    if (isOutage(error)) return problemOf(new SentientError("STORE_FAILED", outageReason(error)));
    const body = { type: "about:blank", title: "something unexpected happened", status: 500, detail: "the log of the server says more" };
    return new Reply(500, PROBLEM, JSON.stringify(body));
  }
  const { retryAfterSeconds, ...more } = error.details;
  const seconds = typeof retryAfterSeconds === "number" ? retryAfterSeconds : errorCatalogue[error.code].retry ? 5 : undefined;
  return problem(
    error.code,
    error.message,
    error.code === "OVERLOADED" ? more : typeof more.reason === "string" ? { reason: more.reason } : {},
    seconds === undefined ? {} : { "retry-after": String(seconds) },
  );
}

// --- internal ---

const PROBLEM = { "content-type": "application/problem+json" };
