import { createHash } from "node:crypto";
import { isRole, type Role } from "../../domain/identity/roles.ts";
import { HOUR, type Instant, iso, MINUTE } from "../../domain/values/time.ts";
import type { KeptSession, Store } from "../../store/store.ts";
import type { SessionView } from "./views.ts";

/** How long a session lasts, and how long it lasts unused. */
export const SESSION_MS = 12 * HOUR;
export const IDLE_MS = 2 * HOUR;

/** A person who signs in, with the fingerprint of the key that admits them. */
export interface Admitted {
  readonly name: string;
  readonly role: Role;
  readonly fingerprint: string;
}

/** A session that is in force, as far as the store knows: whether its key still is, the server knows. */
export interface LiveSession extends Admitted {
  readonly id: string;
  readonly expiresAt: Instant;
}

/** Sessions of people in the console, on a store that several servers may share. */
export interface Sessions {
  /** Begins a session. Its token is returned here and kept nowhere. */
  begin(person: Admitted): Promise<{ readonly token: string; readonly session: LiveSession }>;
  /** The session of a token, which counts as a use of it. */
  find(token: string): Promise<LiveSession | undefined>;
  /** The latest used first, of one person or of all. */
  list(name?: string): Promise<SessionView[]>;
  /** Ends a session by its id; false if there is none, or none of the person. */
  end(id: string, by: { readonly name: string; readonly onlyOwn: boolean }): Promise<boolean>;
}

export interface SessionDeps {
  readonly store: Pick<Store, "sessions">;
  readonly now: () => Instant;
  /** 256 random bits as text. */
  readonly newToken: () => string;
  /** Called once a session was ended here. */
  readonly onEnded?: (sessionId: string) => void;
}

export function createSessions({ store: { sessions }, now, newToken, onEnded = () => {} }: SessionDeps): Sessions {
  const entryOf = (action: string, by: string, { name, role, hash }: Pick<KeptSession, "name" | "role" | "hash">) => ({
    ...{ at: now(), by, action, target: idOf(hash) },
    details: { name, role },
  });
  return {
    async begin({ name, role, fingerprint }) {
      const token = newToken();
      const at = now();
      const kept = { hash: hashOf(token), name, role, keyPrint: fingerprint, createdAt: at, seenAt: at, expiresAt: at + SESSION_MS };
      await sessions.begin(kept, entryOf("session.begun", name, kept));
      return { token, session: { id: idOf(kept.hash), name, role, fingerprint, expiresAt: kept.expiresAt } };
    },
    async find(token) {
      if (!TOKEN.test(token)) return undefined;
      const at = now();
      const kept = await sessions.find(hashOf(token), at, at - IDLE_MS);
      if (!kept || !isRole(kept.role)) return undefined;
      // A store that refuses writes is still read: the use is noted later.
      if (at - kept.seenAt >= NOTED_EVERY_MS) await sessions.seen(kept.hash, at).catch(() => {});
      return { id: idOf(kept.hash), name: kept.name, role: kept.role, fingerprint: kept.keyPrint, expiresAt: kept.expiresAt };
    },
    list: async (name) => (await sessions.list(now(), now() - IDLE_MS, name)).map(viewOf),
    async end(id, { name, onlyOwn }) {
      const found = (await sessions.list(now(), now() - IDLE_MS, onlyOwn ? name : undefined)).find(({ hash }) => idOf(hash) === id);
      if (found === undefined || !(await sessions.end(found.hash, entryOf("session.ended", name, found)))) return false;
      onEnded(id);
      return true;
    },
  };
}

// --- internal ---

/** The form of a token: 32 bytes in base64url. */
const TOKEN = /^[\w-]{43}$/;

/** Uses are noted no oftener: a page makes many requests. */
const NOTED_EVERY_MS = MINUTE;

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

/** A hash says nothing about its token, and a part of it is enough to name a session. */
const idOf = (hash: string): string => hash.slice(0, 16);

const viewOf = ({ hash, name, role, createdAt, seenAt, expiresAt }: KeptSession): SessionView => ({
  ...{ id: idOf(hash), by: name, role },
  ...{ createdAt: iso(createdAt), seenAt: iso(seenAt), expiresAt: iso(expiresAt) },
});
