import type { IdentityClaim } from "./signal.ts";
import { idFrom } from "./wake.ts";

/** An identity as a key: of two customers who bring the same one, it finds the first. */
export const identityKey = ({ type, value }: Pick<IdentityClaim, "type" | "value">): string => `${type}\n${value}`;

/**
 * Whom a signal without a subject is about: the customer whom its identities find, the first that finds one; a new one gets
 * an id made from the first.
 *
 * @param owners Whom identities find, by `identityKey`.
 */
export function customerNamedBy(identities: readonly IdentityClaim[], owners: ReadonlyMap<string, string>): string {
  const owner = identities.map((identity) => owners.get(identityKey(identity))).find((id) => id !== undefined);
  const [first] = identities;
  return owner ?? idFrom("c", first?.type ?? "", first?.value ?? "");
}
