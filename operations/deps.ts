import { changeCustomer } from "../delivery/change-customer.ts";
import type { ActionOutput } from "../domain/deciding/preview.ts";
import type { Change } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import { CLOCK } from "../engine/run-stream.ts";
import type { AuditEntry, KeptAudit, OperationWrite, Store } from "../store/store.ts";
import type { Tracing } from "../telemetry/trace.ts";
import type { Actor, AuditView } from "./operation.ts";

/** Dependencies of operations. */
export interface OperationDeps {
  readonly store: Store;
  readonly policy: Policy;
  /** Wall clock. */
  readonly now: () => Instant;
  readonly tracing?: Tracing;
  /** Outputs that actions would give back, for the texts of approvals; without it they are left out. */
  readonly outputOf?: ActionOutput | undefined;
}

/** The current instant of a store, and whether it comes from a stream's clock. */
export interface StoreTime {
  readonly at: Instant;
  readonly isReplay: boolean;
}

/** On a replayed store the instant at which its stream ended; otherwise the wall clock. */
export async function storeTime({ store, now }: Pick<OperationDeps, "store" | "now">): Promise<StoreTime> {
  const clock = await store.setting(CLOCK);
  return typeof clock === "number" ? { at: clock, isReplay: true } : { at: now(), isReplay: false };
}

/** The instant of an operation: on a replayed store just after everything recorded, so that its wakes are new ones. */
export async function momentToAct(deps: Pick<OperationDeps, "store" | "now">): Promise<Instant> {
  const { at, isReplay } = await storeTime(deps);
  return isReplay ? at + 1 : at;
}

/** Sets a timer that wakes a customer, so that their open moments are judged again. */
export const wakeAt = (name: string, due: Instant): Change => ({ type: "timer_set", key: name, timer: { name, due } });

/** Name of the timer that wakes a customer after an operation other than an approval's answer. */
export const OPERATOR = "operator";

export function auditOf(
  { now }: Pick<OperationDeps, "now">,
  { by, note }: Actor,
  entry: Pick<AuditEntry, "action" | "target" | "customerId"> & { readonly details?: JsonObject },
): AuditEntry {
  return { ...entry, at: now(), by, details: { ...entry.details, ...(note === undefined ? {} : { note }) } };
}

/** Commits an operation on a customer with its consequences; false if it was done before. */
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

export const auditView = ({ auditId: _, at, ...entry }: KeptAudit): AuditView => ({ ...entry, at: iso(at) });

/**
 * The only match of an id or of a prefix.
 *
 * @param found the exact id first
 * @param hint of the error where there is none, after "in the store": why it may be missing, and how to list ids
 * @throws `NOT_FOUND`; `BAD_INPUT` when a prefix is ambiguous
 */
export function only<T>(
  kind: string,
  id: string,
  found: readonly T[],
  idOf: (one: T) => string,
  hint = `; npx sentient ${kind}s list shows the ids (--all: also ended ones)`,
): T {
  const [first, second] = found;
  if (first === undefined) throw new SentientError("NOT_FOUND", `no ${kind} ${id} in the store${hint}`);
  if (second !== undefined && idOf(first) !== id)
    throw new SentientError("BAD_INPUT", `several ${kind}s begin with ${id}; give more of the id`);
  return first;
}

/** List options that look an entry up by id in any state; the exact id comes first. */
export const lookUp = (id: string) => ({ id, all: true, limit: 2 });

/** A time in ISO 8601 under its name; an empty object if undefined. */
export const timeAs = <Name extends string>(name: Name, at: Instant | undefined): { readonly [N in Name]?: string } =>
  (at === undefined ? {} : { [name]: iso(at) }) as { readonly [N in Name]?: string }; // the name is what it says

/** The key by which the cursors of a store are signed, made at its first use. */
export const cursorKey = (store: Pick<Store, "settingOnce">, newKey: () => string): Promise<string> =>
  store.settingOnce("cursor_key", newKey);
