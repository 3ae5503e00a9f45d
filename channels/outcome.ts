import { SentientError } from "../domain/errors.ts";

/*
 * A hand-over ends in one of three ways, and which one it was decides whether it may ever be tried again: the provider
 * has taken the message (a receipt), it certainly has not (`notTaken`), or nobody can tell (`unclear`).
 */

/**
 * What a refusal says about the customer herself, among the details of an error. Both are written into her record: she wants
 * nothing from this sender, as the provider knows; her address reaches nobody, now or later.
 */
export const OPTED_OUT = { optedOut: true } as const;
export const ADDRESS_GONE = { addressGone: true } as const;

export const saysOptedOut = (error: unknown): boolean => error instanceof SentientError && error.details.optedOut === true;
export const saysAddressGone = (error: unknown): boolean => error instanceof SentientError && error.details.addressGone === true;

/** The message certainly did not go out. `details` are codes and numbers, never texts or addresses. */
export const notTaken = (message: string, details: Readonly<Record<string, unknown>> = {}): SentientError =>
  new SentientError("UPSTREAM_FAILED", message, details);

/** The message may have gone out: the answer never came, or does not say. */
export const unclear = (message: string, details: Readonly<Record<string, unknown>> = {}): SentientError =>
  new SentientError("TOOL_TIMED_OUT", message, details);

export const isNotTaken = (error: unknown): boolean =>
  error instanceof SentientError && (error.code === "UPSTREAM_FAILED" || error.code === "BAD_CONFIG");
