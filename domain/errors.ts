/**
 * Catalogue of failure codes, sorted by who has to act. A new code is added only when a caller would act differently on it.
 * `docs/errors.md` explains each code; a test keeps the two in step.
 */
export const errorCatalogue = {
  BAD_INPUT: {
    httpStatus: 400,
    exitCode: 2,
    retry: false,
    meaning: "invalid input; the message states where, and what was expected",
  },
  BAD_CONFIG: {
    httpStatus: 500,
    exitCode: 2,
    retry: false,
    meaning: "invalid workspace or environment; the operator has to fix it",
  },
  UNAUTHORIZED: { httpStatus: 401, exitCode: 1, retry: false, meaning: "the key is missing or unknown, or a signature is wrong" },
  FORBIDDEN: { httpStatus: 403, exitCode: 1, retry: false, meaning: "the key is valid and lacks the right to this" },
  TOO_LARGE: { httpStatus: 413, exitCode: 2, retry: false, meaning: "the request exceeds a size limit; send less at once" },
  OVERLOADED: {
    httpStatus: 429,
    exitCode: 1,
    retry: true,
    meaning: "back-pressure: too much is pending, or too many keys were wrong; retry later",
  },
  NOT_FOUND: { httpStatus: 404, exitCode: 1, retry: false, meaning: "no record with that id in the store" },
  CONFLICT: {
    httpStatus: 409,
    exitCode: 1,
    retry: false,
    meaning: "the same identity arrived with other content, or the state has changed since",
  },
  STORE_OWNED: { httpStatus: 503, exitCode: 1, retry: false, meaning: "another process owns the data folder" },
  STORE_TOO_NEW: { httpStatus: 503, exitCode: 1, retry: false, meaning: "the store was migrated by a newer version" },
  STORE_FAILED: { httpStatus: 503, exitCode: 1, retry: true, meaning: "the database could not be opened, or a statement failed" },
  QUEUE_FAILED: { httpStatus: 503, exitCode: 1, retry: true, meaning: "the queue could not be reached, or a job was lost in it" },
  NOT_READY: {
    httpStatus: 503,
    exitCode: 1,
    retry: true,
    meaning: "this process cannot run the version of the workspace that is in force; the message says what it lacks",
  },
  TOOL_FAILED: { httpStatus: 502, exitCode: 1, retry: false, meaning: "a tool refused or failed; nothing that depends on it is done" },
  TOOL_TIMED_OUT: { httpStatus: 504, exitCode: 1, retry: true, meaning: "a tool did not answer within its time limit" },
  OUTCOME_UNKNOWN: {
    httpStatus: 504,
    exitCode: 1,
    retry: false,
    meaning: "a request went out and nothing says what became of it; it may have had its effect",
  },
  UPSTREAM_FAILED: { httpStatus: 502, exitCode: 1, retry: true, meaning: "a provider answered with an error or not at all" },
  MODEL_MISBEHAVED: { httpStatus: 502, exitCode: 1, retry: false, meaning: "a language model's answer did not pass its checks" },
  CALL_NOT_RECORDED: {
    httpStatus: 502,
    exitCode: 1,
    retry: false,
    meaning: "a replay made a model call that has no answer in the recording",
  },
  INTERRUPTED: { httpStatus: 503, exitCode: 130, retry: false, meaning: "stopped by the operator; completed work is kept" },
} as const;

/** The code of a failure; `docs/errors.md` says what to do about each. */
export type ErrorCode = keyof typeof errorCatalogue;

/** The only error class of this project. `details` carries ids and numbers for the log, never message bodies or addresses. */
export class SentientError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { cause, ...details }: { cause?: unknown; [detail: string]: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SentientError";
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return errorCatalogue[this.code].retry;
  }
}

/** Returns the value, or throws where an earlier step failed to provide it: a bug in the flow, not a failure to handle. */
export function need<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`expected ${what} to be there by now`);
  return value;
}
