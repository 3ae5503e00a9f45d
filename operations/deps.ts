import { changeCustomer } from "../delivery/change-customer.ts";
import type { Change } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import { CLOCK } from "../engine/run-stream.ts";
import type { AuditEntry, OperationWrite, Store } from "../store/store.ts";
import type { Tracing } from "../telemetry/trace.ts";
import type { Actor, AuditView } from "./operation.ts";

/** What operating needs. */
export interface OperationDeps {
  readonly store: Store;
  readonly policy: Policy;
  /** The clock on the wall: when operators act. */
  readonly now: () => Instant;
  readonly tracing?: Tracing;
}

/** The instant at which a store stands, and whether a replay's clock says so. */
export interface StoreTime {
  readonly at: Instant;
  readonly isReplay: boolean;
}

/** A replayed store stands where its replay ended, whatever the clock on the wall says. */
export async function storeTime({ store, now }: Pick<OperationDeps, "store" | "now">): Promise<StoreTime> {
  const clock = await store.setting(CLOCK);
  return typeof clock === "number" ? { at: clock, isReplay: true } : { at: now(), isReplay: false };
}

/** When something is done in a store: on a replayed one just after everything that was, so that its wakes are new ones. */
export async function momentToAct(deps: Pick<OperationDeps, "store" | "now">): Promise<Instant> {
  const { at, isReplay } = await storeTime(deps);
  return isReplay ? at + 1 : at;
}

/** Wakes a customer now, so that her open moments are judged again. */
export const wakeAt = (name: string, due: Instant): Change => ({ type: "timer_set", key: name, timer: { name, due } });

/** What a customer is woken by after an operator did something that is no answer to an approval. */
export const OPERATOR = "operator";

export function auditOf(
  { now }: Pick<OperationDeps, "now">,
  { by, note }: Actor,
  entry: Pick<AuditEntry, "action" | "target" | "customerId"> & { readonly details?: JsonObject },
): AuditEntry {
  return { ...entry, at: now(), by, details: { ...entry.details, ...(note === undefined ? {} : { note }) } };
}

/** What an operator does to a customer, with what follows from it; false where it was done before. */
export async function operate(
  deps: OperationDeps,
  customerId: string,
  at: Instant,
  changesFor: (customer: Customer) => readonly Change[],
  also: Parameters<typeof changeCustomer>[4] & { readonly operation: OperationWrite },
): Promise<boolean> {
  const written = await changeCustomer(customerId, deps, at, changesFor, also);
  if (written === false) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  return written === "written";
}

export const auditView = ({ at, ...entry }: AuditEntry): AuditView => ({ ...entry, at: iso(at) });

/** The one of an id, or of the beginning of one; says how to find ids when there is none. */
export function only<T>(kind: string, id: string, found: readonly T[], idOf: (one: T) => string): T {
  const [first, second] = found;
  if (first === undefined)
    throw new SentientError("NOT_FOUND", `no ${kind} ${id} in the store; sentient ${kind}s list shows the ids (--all: also what is over)`);
  if (second !== undefined && idOf(first) !== id)
    throw new SentientError("BAD_INPUT", `several ${kind}s begin with ${id}; give more of the id`);
  return first;
}

/** Looks one up by its id, whatever its state; the one that has exactly this id comes first. */
export const lookUp = (id: string) => ({ id, all: true, limit: 2 });

/** A time as people read it, under its name; nothing where there is none. */
export const timeAs = <Name extends string>(name: Name, at: Instant | undefined): { readonly [N in Name]?: string } =>
  (at === undefined ? {} : { [name]: iso(at) }) as { readonly [N in Name]?: string }; // the name is what it says
