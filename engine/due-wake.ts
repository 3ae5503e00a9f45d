import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { Wake } from "../domain/entities/wake.ts";
import type { Instant } from "../domain/values/time.ts";
import type { StoredSignal } from "../store/store.ts";

/** A wake to be decided, and the signal behind it as it will be kept. */
export interface DueWake {
  readonly wake: Wake;
  readonly now: Instant;
  readonly signal?: StoredSignal;
  /** Identities that the signal brings. */
  readonly identities?: readonly IdentityClaim[];
  /** What a signal came with, with blanks between: what deciding it is a part of, and what else led to it. Of a timer: what set it. */
  readonly trace?: string;
}
