import { hasPassed, type Instant } from "../domain/values/time.ts";

/**
 * Circuit breaker for an endpoint: after consecutive failures, calls are rejected for a while, so that a dead endpoint does not slow
 * every run down.
 */
export interface Breaker {
  /** Whether a request may be sent. While open, one trial request at a time passes. */
  mayPass(): boolean;
  succeeded(): void;
  failed(): void;
  /** The request allowed to pass gave no information about the endpoint. */
  unclear(): void;
}

export interface BreakerOptions {
  readonly now: () => Instant;
  /** Consecutive failures that open it. */
  readonly failures?: number;
  /** Initial open time; doubles after every failed trial, up to `mostMs`. */
  readonly openMs?: number;
  readonly mostMs?: number;
}

export function createBreaker({ now, failures = 5, openMs = 30_000, mostMs = 600_000 }: BreakerOptions): Breaker {
  let inARow = 0;
  let staysOpenFor = openMs;
  let openedAt: Instant | undefined;
  let isTrying = false;
  return {
    mayPass() {
      if (openedAt === undefined) return true;
      if (isTrying || !hasPassed(staysOpenFor, openedAt, now())) return false;
      isTrying = true;
      return true;
    },
    succeeded() {
      inARow = 0;
      staysOpenFor = openMs;
      openedAt = undefined;
      isTrying = false;
    },
    failed() {
      inARow++;
      if (isTrying) staysOpenFor = Math.min(staysOpenFor * 2, mostMs);
      if (isTrying || (openedAt === undefined && inARow >= failures)) openedAt = now();
      isTrying = false;
    },
    unclear() {
      isTrying = false;
    },
  };
}
