import { hasPassed, type Instant } from "../domain/values/time.ts";

/** Keeps a dead endpoint from slowing everybody down: after some failures in a row nobody asks it for a while. */
export interface Breaker {
  /** Whether a request may go out now. While it is open, one request at a time may try whether the endpoint is back. */
  mayPass(): boolean;
  succeeded(): void;
  failed(): void;
  /** The request that was let pass said nothing about the endpoint. */
  unclear(): void;
}

export interface BreakerOptions {
  readonly now: () => Instant;
  /** Failures in a row that open it. */
  readonly failures?: number;
  /** How long it stays open at first; twice as long after every try that fails, up to `mostMs`. */
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
