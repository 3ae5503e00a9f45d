import { SentientError } from "../domain/errors.ts";

/*
 * The three outcomes of a send, which decide whether it may be repeated: the provider has accepted the message, it has
 * certainly rejected it (`rejected`), or the outcome is unknown (`outcomeUnknown`, and any other error).
 */

/** Details of `rejected`: the customer has opted out of this sender at the provider, which is added to the record. */
export const OPTED_OUT = { optedOut: true } as const;
/** Details of `rejected`: the address is permanently undeliverable, which is added to the record. */
export const ADDRESS_GONE = { addressGone: true } as const;

export const saysOptedOut = (error: unknown): boolean => error instanceof SentientError && error.details.optedOut === true;
export const saysAddressGone = (error: unknown): boolean => error instanceof SentientError && error.details.addressGone === true;

/** The message was certainly not sent. `details` are codes and numbers, never texts or addresses. */
export const rejected = (message: string, details: Readonly<Record<string, unknown>> = {}): SentientError =>
  new SentientError("UPSTREAM_FAILED", message, details);

/** The message may have been sent: the answer is missing or ambiguous. */
export const outcomeUnknown = (message: string, details: Readonly<Record<string, unknown>> = {}): SentientError =>
  new SentientError("OUTCOME_UNKNOWN", message, details);

export const isRejected = (error: unknown): boolean =>
  error instanceof SentientError && (error.code === "UPSTREAM_FAILED" || error.code === "BAD_CONFIG");
