import type { SignalEvent } from "../domain/entities/signal.ts";
import { nearest } from "../domain/values/nearest.ts";
import { parseInstant } from "../domain/values/time.ts";
import { customerNamed } from "./check-names.ts";
import type { Expectation } from "./golden.ts";

/** The ids that the records and signals of a case, or of a file, hold. */
export class CaseNames {
  readonly customers = new Set<string>();
  readonly signals = new Set<string>();
  /** A signal names its customer by an address only, or a line is broken: there may be other ids. */
  hasOthers = false;

  signal({ id, type, subject, data }: SignalEvent): void {
    this.signals.add(id);
    if (subject === undefined) this.hasOthers = true;
    else this.customers.add(subject);
    if (type === "customer.merged" && typeof data?.into === "string") this.customers.add(data.into);
  }
}

/** Unknown customers and signals in an expectation: it could never match, so one that forbids it would always hold. */
export function unknownIn(expectation: Expectation, sources: readonly CaseNames[]): string[] {
  const customer = customerNamed(expectation);
  const at = "at" in expectation ? expectation.at : undefined;
  return [
    ...(customer === undefined ? [] : unknownCustomer(customer, sources)),
    ...(at === undefined || parseInstant(at) !== undefined ? [] : unknownSignal(at, sources)),
  ];
}

// --- internal ---

function unknownCustomer(id: string, sources: readonly CaseNames[]): string[] {
  if (sources.some(({ customers }) => customers.has(id))) return [];
  const meant = nearest(
    id,
    sources.flatMap(({ customers }) => [...customers]),
  );
  if (meant === undefined && sources.some(({ hasOthers }) => hasOthers)) return [];
  return [`unknown customer ${id}; ${meant === undefined ? "no record and no signal of the case names it" : `did you mean ${meant}?`}`];
}

function unknownSignal(at: string, sources: readonly CaseNames[]): string[] {
  if (sources.some(({ signals }) => signals.has(at))) return [];
  const meant = nearest(
    at,
    sources.flatMap(({ signals }) => [...signals]),
  );
  const expected = meant === undefined ? "" : `; did you mean ${meant}?`;
  return [`at ${at} is neither the id of a signal of the case nor a time with a zone, like 2026-06-01T15:00:00Z${expected}`];
}
