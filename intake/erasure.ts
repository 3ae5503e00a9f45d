import { createHmac, randomBytes } from "node:crypto";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { IsErased } from "../domain/record/erased.ts";
import { addressForm } from "../domain/values/address-form.ts";
import type { Store } from "../store/store.ts";

/** What hashes addresses of erased people: made once, with the first erasure. */
const SECRET = "erasure_secret";

/** Hashes what must not be kept as it is. */
export type KeyedHash = (...parts: readonly string[]) => string;

/** Which of these addresses belonged to somebody who was erased. */
export async function erasedAmong(addresses: readonly IdentityClaim[], store: Store): Promise<IsErased> {
  const hash = addresses.length > 0 ? await knownHash(store) : undefined;
  if (!hash) return () => false;
  const erased = new Set(await store.people.erased(addresses.flatMap((address) => hashesOf(address, hash))));
  return (address) => erased.size > 0 && hashesOf(address, hash).some((one) => erased.has(one));
}

/** The hash of this store, with its secret made if there is none yet. */
export async function keyedHash(store: Store): Promise<KeyedHash> {
  return hashWith(await store.settingOnce(SECRET, () => randomBytes(32).toString("base64url")));
}

/** The same of a store in which somebody was erased before; undefined where nobody was. */
export async function knownHash(store: Store): Promise<KeyedHash | undefined> {
  const secret = await store.setting(SECRET);
  return typeof secret === "string" ? hashWith(secret) : undefined;
}

/** An address by its keyed hash, however it is written. */
export const hashOf = ({ type, value }: IdentityClaim, hash: KeyedHash): string => hash("address", type, addressForm(type, value));

// --- internal ---

/** An address by every hash that it may have been kept by: earlier versions compared it in another form. */
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
