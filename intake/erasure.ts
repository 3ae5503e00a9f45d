import { createHmac, randomBytes } from "node:crypto";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { IsErased } from "../domain/record/erased.ts";
import { addressForm } from "../domain/values/address-form.ts";
import type { Store } from "../store/store.ts";

/** Setting that holds the key for hashing addresses of erased people; created with the first erasure. */
const SECRET = "erasure_secret";

/** HMAC of values that may not be stored in clear. */
export type KeyedHash = (...parts: readonly string[]) => string;

/** Returns a predicate for the addresses of erased customers among these. */
export async function erasedAmong(
  addresses: readonly IdentityClaim[],
  store: Pick<Store, "setting"> & { readonly people: Pick<Store["people"], "erased"> },
): Promise<IsErased> {
  const hash = addresses.length > 0 ? await knownHash(store) : undefined;
  if (!hash) return () => false;
  const erased = new Set(await store.people.erased(addresses.flatMap((address) => hashesOf(address, hash))));
  return (address) => erased.size > 0 && hashesOf(address, hash).some((one) => erased.has(one));
}

/** Returns the keyed hash of this store; creates the key if needed. */
export async function keyedHash(store: Store): Promise<KeyedHash> {
  return hashWith(await store.settingOnce(SECRET, () => randomBytes(32).toString("base64url")));
}

/** Returns the keyed hash of this store, or undefined if no customer was ever erased. */
export async function knownHash(store: Pick<Store, "setting">): Promise<KeyedHash | undefined> {
  const secret = await store.setting(SECRET);
  return typeof secret === "string" ? hashWith(secret) : undefined;
}

/** Keyed hash of an address in its canonical form. */
export const hashOf = ({ type, value }: IdentityClaim, hash: KeyedHash): string => hash("address", type, addressForm(type, value));

// --- internal ---

/** All hashes under which an address may be stored: earlier versions used other canonical forms. */
function hashesOf(address: IdentityClaim, hash: KeyedHash): string[] {
  const { type, value } = address;
  const digits = type === "phone" ? addressForm(type, value) : "";
  const before =
    type === "phone" ? [value.replaceAll(/[\s().-]/g, ""), digits, `+${digits}`] : [value.trim().normalize("NFC").toLowerCase()];
  return [...new Set([hashOf(address, hash), ...before.map((form) => hash("address", type, form))])];
}

const hashWith =
  (secret: string): KeyedHash =>
  (...parts) =>
    createHmac("sha256", secret).update(JSON.stringify(parts)).digest("base64url");
