import { isSameIdentity } from "../entities/address.ts";
import type { Change } from "../entities/change.ts";
import type { Customer, Identity, Seen } from "../entities/customer.ts";
import { withOmitted } from "../entities/omitted-traits.ts";
import type { Policy } from "../entities/policy.ts";
import type { IdentityClaim, Signal } from "../entities/signal.ts";
import { type ImportedConsent, importConsents, readConsent, setConsent } from "../identity/consent.ts";
import { addressForm } from "../values/address-form.ts";
import { cut } from "../values/cut.ts";
import { entryOf, isObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";
import { type Patch, patchesOf, patchWithin } from "./patch.ts";

/** Provenance of a statement: source, time, and order of arrival. */
export interface Provenance {
  readonly source: string;
  readonly at: Instant;
  readonly seq: number;
}

/** Initial data of a record, from a line of `customers.jsonl`. */
export interface ImportedCustomer {
  readonly traits: Readonly<Record<string, unknown>>;
  readonly identities: readonly IdentityClaim[];
  readonly consents: readonly ImportedConsent[];
}

/** Whether an identity already belongs to another customer. */
export type IsIdentityTaken = (identity: IdentityClaim) => boolean;

export function importCustomer(
  customer: Customer,
  record: ImportedCustomer,
  by: Provenance,
  { taken, policy, now }: { readonly taken: IsIdentityTaken; readonly policy: Pick<Policy, "channels" | "record">; readonly now: Instant },
): Change[] {
  return [
    ...patchRecord(customer, record.traits, by),
    ...addIdentities(customer, record.identities, by, taken),
    ...importConsents(customer, record.consents, { ...by, now }, policy),
  ];
}

/** Number of identities that belong to another customer: kept as addresses, and reported. */
export const sharedIdentities = (changes: readonly Change[]): number =>
  changes.filter((change) => change.type === "identity_added" && !change.identity.owned).length;

/** Changes to the record from the data of a signal: traits, identities, consent, and the summary of its type. */
export function changesFromSignal(signal: Signal, customer: Customer, taken: IsIdentityTaken, channels: Policy["channels"]): Change[] {
  const by = { source: signal.source, at: signal.time, seq: signal.seq };
  const { traits, identities } = signal.data;
  return [
    ...(isObject(traits) ? patchRecord(customer, traits, by) : []),
    ...(Array.isArray(identities) ? addIdentities(customer, identities as unknown as IdentityClaim[], by, taken) : []),
    ...consentIn(signal, customer, channels),
    ...caseIn(signal, customer),
    sawSignal(signal, customer),
  ];
}

/** The summary of a signal's type with this signal in it. */
export const sawSignal = ({ type, source, time: at, seq }: Signal, { seen }: Customer): Change => ({
  type: "signal_seen",
  signalType: type,
  seen: see(entryOf(seen, type), { source, at, seq }),
  at,
});

/** Reason given in a consent signal, shortened. */
export const consentReason = (reason: unknown): string | undefined =>
  typeof reason === "string" && reason.trim() !== "" ? cut(reason.trim(), 200) : undefined;

/** Applies a patch within the limits of the record; returns the paths that were omitted. */
export function patched(
  customer: Customer,
  patches: readonly Patch[],
  by: Provenance,
): { readonly change: Extract<Change, { type: "claims_set" }>; readonly leftOut: readonly string[] } {
  const { claims, leftOut: paths } = patchWithin(customer.claims, patches, by);
  const leftOut = paths.length > 0 ? withOmitted(customer.leftOut, paths, by.at) : undefined;
  return { change: { type: "claims_set", claims, ...(leftOut ? { leftOut } : {}) }, leftOut: paths };
}

/** Paths omitted by these changes because the record is full. */
export const omittedBy = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap((change) => (change.type === "claims_set" ? (change.leftOut?.paths ?? []) : []));

/** Adds identities; one that belongs to another customer is an address only. */
export function addIdentities(
  customer: Customer,
  claims: readonly IdentityClaim[],
  { source, at, seq }: Provenance,
  taken: IsIdentityTaken,
): Change[] {
  const added: Identity[] = [];
  const isFirstPrimary = (index: number, type: string) => claims.findIndex((one) => one.primary === true && one.type === type) === index;
  for (const [index, { type, value }] of claims.entries()) {
    if (addressForm(type, value) === "") continue;
    const known = customer.identities.find((one) => isSameIdentity(one, { type, value }));
    const isOld = known !== undefined && (known.at > at || (known.at === at && known.seq > seq));
    if (isOld || added.some((one) => isSameIdentity(one, { type, value }))) continue;
    added.push({
      type,
      value,
      source,
      at,
      seq,
      place: isFirstPrimary(index, type) ? 0 : index + 1,
      owned: known?.owned ?? !taken({ type, value }),
    });
  }
  return added.map((identity) => ({ type: "identity_added", identity }));
}

// --- internal ---

function patchRecord(customer: Customer, traits: Readonly<Record<string, unknown>>, by: Provenance): Change[] {
  const patches = patchesOf(traits);
  return patches.length === 0 ? [] : [patched(customer, patches, by).change];
}

function consentIn({ type, data, source, time: at, seq }: Signal, customer: Customer, channels: Policy["channels"]): Change[] {
  const said = type === "customer.consent" ? readConsent(data, channels) : undefined;
  if (said === undefined || "problem" in said) return [];
  const reason = consentReason(data.reason);
  return said.keys.flatMap((channel) =>
    setConsent(customer, { channel, status: said.status, at, source, seq, ...(reason ? { reason } : {}) }),
  );
}

function caseIn({ type, data, time }: Signal, customer: Customer): Change[] {
  // Some service desks use numeric case ids: 17 and "17" are the same one.
  const caseId = typeof data.caseId === "number" ? String(data.caseId) : data.caseId;
  if (typeof caseId !== "string") return [];
  if (type === "case.opened" && !customer.openCases.includes(caseId)) return [{ type: "case_opened", caseId, at: time, data }];
  return type === "case.closed" && customer.openCases.includes(caseId) ? [{ type: "case_closed", caseId, at: time }] : [];
}

/** Weight of the latest gap in the moving average: about a dozen recent signals dominate. */
const GAP_WEIGHT = 0.25;

function see(known: Seen | undefined, { at, seq }: Provenance): Seen {
  if (!known) return { at, seq, count: 1 };
  const gap = at - known.at;
  const usual = gap <= 0 ? known.gap : known.gap === undefined ? gap : known.gap + GAP_WEIGHT * (gap - known.gap);
  return {
    at: Math.max(at, known.at),
    seq: Math.max(seq, known.seq),
    count: known.count + 1,
    ...(usual === undefined ? {} : { gap: usual }),
  };
}
