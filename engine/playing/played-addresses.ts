import { type AddressRefusal, identityKey } from "../../domain/entities/address.ts";
import type { Consent } from "../../domain/entities/consent.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { IdentityClaim } from "../../domain/entities/signal.ts";
import { addressesHeld } from "../../domain/identity/addresses.ts";
import type { KnownIdentities } from "../../domain/identity/identity.ts";
import { joinKey } from "../../domain/values/key.ts";
import type { Instant } from "../../domain/values/time.ts";

/** Whose identities and addresses are whose, and the opt-outs that are bound to addresses. */
export class PlayedAddresses {
  private readonly owners = new Map<string, string>();
  /** By address: when its holders were created, by their own ids. */
  private readonly holders = new Map<string, Map<string, Instant>>();
  private readonly optOuts = new Map<string, Map<string, AddressRefusal>>();
  private readonly rootOf: (customerId: string) => string;

  constructor(rootOf: (customerId: string) => string) {
    this.rootOf = rootOf;
  }

  /** Notes what a customer has now. Returns the opt-outs from addresses that are new to her. */
  note(customerId: string, before: Customer | undefined, after: Customer): AddressRefusal[] {
    if (before && before.claims === after.claims && before.identities === after.identities) return [];
    for (const identity of after.identities) if (identity.owned) this.owners.set(identityKey(identity), customerId);
    const had = before ? addressesHeld(before) : new Map();
    const has = addressesHeld(after);
    for (const key of had.keys()) if (!has.has(key)) this.holders.get(key)?.delete(customerId);
    const fresh = [...has.keys()].filter((key) => !had.has(key));
    for (const key of fresh) {
      const known = this.holders.get(key) ?? new Map<string, Instant>();
      this.holders.set(key, known.set(customerId, after.origin.at));
    }
    return fresh.flatMap((key) => [...(this.optOuts.get(key)?.values() ?? [])]);
  }

  /** The customers to which identities resolve, in any spelling. */
  resolve(claims: readonly IdentityClaim[]): KnownIdentities {
    const owners = new Map<string, string>();
    const holders = new Map<string, string>();
    const refusals = new Map<string, readonly AddressRefusal[]>();
    for (const key of new Set(claims.map(identityKey))) {
      const owner = this.owners.get(key);
      if (owner !== undefined) owners.set(key, this.rootOf(owner));
      const holder = this.firstHolder(key);
      if (holder !== undefined) holders.set(key, this.rootOf(holder));
      const said = this.optOuts.get(key);
      if (said) refusals.set(key, [...said.values()]);
    }
    return { owners, holders, refusals };
  }

  /** The customer who owns an identity. */
  ownerOf(identity: IdentityClaim): string | undefined {
    const owner = this.owners.get(identityKey(identity));
    return owner === undefined ? undefined : this.rootOf(owner);
  }

  refusalsOf(address: IdentityClaim): readonly AddressRefusal[] {
    const said = this.optOuts.get(identityKey(address));
    return said ? [...said.values()] : [];
  }

  /** Keeps an opt-out, where it is newer than what is known. Returns the customers who have the address now. */
  optOut(refusal: AddressRefusal): readonly string[] {
    const key = joinKey(refusal.type, refusal.form);
    const known = this.optOuts.get(key) ?? new Map<string, AddressRefusal>();
    const before = known.get(refusal.channel);
    if (!before || isNewer(refusal, before)) known.set(refusal.channel, refusal);
    this.optOuts.set(key, known);
    return [...new Set([...(this.holders.get(key)?.keys() ?? [])].map(this.rootOf))];
  }

  allOptOuts(): AddressRefusal[] {
    return [...this.optOuts.values()].flatMap((said) => [...said.values()]);
  }

  private firstHolder(key: string): string | undefined {
    let first: readonly [string, Instant] | undefined;
    for (const [id, at] of this.holders.get(key) ?? []) if (!first || at < first[1] || (at === first[1] && id < first[0])) first = [id, at];
    return first?.[0];
  }
}

/** Whether a statement about consent replaces another one. */
export const isNewer = (one: Pick<Consent, "at" | "seq">, other: Pick<Consent, "at" | "seq">): boolean =>
  one.at > other.at || (one.at === other.at && one.seq > other.seq);
