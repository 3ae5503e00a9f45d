import { type IdentityClaim, identitiesOf, type SignalEvent } from "../domain/entities/signal.ts";
import type { Wake } from "../domain/entities/wake.ts";
import type { JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { NextWake, StoredSignal } from "../store/store.ts";

/** A wake to be decided, and its signal as it will be stored. */
export interface DueWake {
  readonly wake: Wake;
  readonly now: Instant;
  readonly signal?: StoredSignal;
  /** Identities in the signal. */
  readonly identities?: readonly IdentityClaim[];
  /** Space-separated trace parents. Signal: the parent of its decision, then links to other causes. Timer: the span that set it. */
  readonly trace?: string;
  /** Whether an ask was answered as late meanwhile: it is not written then. */
  readonly isOver?: () => boolean;
  /** Called when the transaction that answers an ask is being committed. */
  readonly onCommit?: () => void;
}

export function dueWakeOf({ customerId, signal, timer, trace }: NextWake, now: Instant): DueWake {
  const led = trace === undefined ? {} : { trace };
  if (timer) return { wake: { kind: "timer", customerId, ...timer }, now, ...led };
  if (!signal) throw new Error(`nothing wakes ${customerId}`);
  const { attempts: _attempts, ...stored } = signal;
  const { seq, source, id, type, time, event } = stored;
  const { data = {} } = event as SignalEvent;
  return {
    wake: { kind: "signal", signal: { source, id, type, customerId, time, data: data as JsonObject, seq } },
    now,
    ...led,
    signal: stored,
    identities: identitiesOf(event as SignalEvent),
  };
}
