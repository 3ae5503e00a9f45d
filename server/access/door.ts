import type { Admitted, LiveSession } from "../../operations/access/sessions.ts";
import type { Keys } from "../keys.ts";
import type { Codes } from "./codes.ts";
import type { Person } from "./person.ts";

/** Signing in, and the check that a session still holds. */
export interface Door {
  /** The person whom a key or a one-time code admits. */
  admits(given: { readonly key?: string | undefined; readonly code?: string | undefined }): Admitted | undefined;
  /** Whether the key behind a session is still configured, for the same person with the same role. */
  stillAdmits(session: LiveSession): boolean;
}

export const createDoor = (people: Keys<Person>, codes: Codes): Door => ({
  admits({ key, code }) {
    const held = key === undefined ? undefined : people.find(key);
    if (held) return { name: held.holder.name, role: held.holder.role, fingerprint: held.fingerprint };
    return code === undefined ? undefined : codes.take(code);
  },
  stillAdmits({ name, role, fingerprint }) {
    const holder = people.byFingerprint(fingerprint);
    return holder?.role === role && (holder.via === "operator key" || holder.name === name);
  },
});
