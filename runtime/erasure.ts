import { createHmac, randomBytes } from "node:crypto";
import type { IsErased } from "../domain/erased.ts";
import { plainAddress } from "../domain/gone.ts";
import type { IdentityClaim } from "../domain/signal.ts";
import type { Store } from "../store/store.ts";

/** What hashes addresses of erased people: made once, with the first erasure. */
const SECRET = "erasure_secret";

/** Hashes what must not be kept as it is. */
export type KeyedHash = (...parts: readonly string[]) => string;

/** Which of these addresses belonged to somebody who was erased. */
export async function erasedAmong(addresses: readonly IdentityClaim[], store: Store): Promise<IsErased> {
  const hash = addresses.length > 0 ? await knownHash(store) : undefined;
  if (!hash) return () => false;
  const erased = new Set(await store.people.erased(addresses.map((address) => hashOf(address, hash))));
  return (address) => erased.size > 0 && erased.has(hashOf(address, hash));
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
export const hashOf = ({ type, value }: IdentityClaim, hash: KeyedHash): string => hash("address", type, plainAddress(type, value));

// --- internal ---

const hashWith =
  (secret: string): KeyedHash =>
  (...parts) =>
    createHmac("sha256", secret).update(JSON.stringify(parts)).digest("base64url");
