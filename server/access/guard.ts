import type { Right } from "../../domain/identity/key-rights.ts";
import { isPermission, type Permission } from "../../domain/identity/roles.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type Failures, type Keys, presentedKey } from "../keys.ts";
import { problem } from "../problem.ts";
import type { AnyRoute } from "../route.ts";
import { type Person, whyForbidden } from "./person.ts";

/** The authenticated caller of a route. */
export interface Caller {
  /** The kind of access, or the name of the person. */
  readonly actor: string;
  /** Rights of a write key. */
  readonly rights: readonly Right[];
  /** On routes that need a permission. */
  readonly person?: Person;
}

/** The caller, or the response that refuses the request. */
export type Guarded = Caller | { readonly refusal: Response };

/** What a request says about who sends it. */
export interface Asking {
  readonly request: Request;
  /** The client's address, for the limit on wrong keys. */
  readonly address: string;
}

export interface GuardOptions {
  readonly writers: Keys<{ readonly rights: readonly Right[] }>;
  readonly people: Keys<Person>;
  readonly failures: Failures;
  readonly now: () => Instant;
  /** Counts a refused key. */
  readonly onRefused: () => void;
}

export type Guard = (route: Pick<AnyRoute, "access">, asking: Asking) => Promise<Guarded>;

/** Decides who may call a route. */
export function createGuard({ writers, people, failures, now, onRefused }: GuardOptions): Guard {
  const refuse = (wanted: Wanted, address: string): { refusal: Response } => {
    onRefused();
    if (failures.isTooMany(address, now()))
      return { refusal: problem("OVERLOADED", "too many wrong keys; wait a minute", {}, { "retry-after": "60" }) };
    return { refusal: problem("UNAUTHORIZED", `expected ${wanted.what}`, {}, { "www-authenticate": wanted.scheme }) };
  };
  const writing: Guarding<"write"> = async (access, asking) => {
    const rights = held(writers, asking)?.rights;
    return rights ? { actor: access, rights } : refuse(WRITE, asking.address);
  };
  const operating: Guarding<Permission> = async (permission, asking) => {
    const person = held(people, asking);
    if (!person) return refuse(OPERATE, asking.address);
    const refusal = whyForbidden(person, permission);
    return refusal ? { refusal } : { actor: person.name, rights: [], person };
  };
  return async ({ access }, asking) => {
    if (access === "write") return writing(access, asking);
    return isPermission(access) ? operating(access, asking) : { actor: access, rights: [] };
  };
}

// --- internal ---

type Guarding<Access> = (access: Access, asking: Asking) => Promise<Guarded>;

/** The holder of the key that a request presents. */
function held<Holder>(keys: Keys<Holder>, { request }: Asking): Holder | undefined {
  const key = presentedKey(request.headers.get("authorization") ?? undefined);
  return key === undefined ? undefined : keys.find(key)?.holder;
}

interface Wanted {
  readonly what: string;
  readonly scheme: string;
}

const WRITE: Wanted = { what: "a write key as Basic user name or bearer token", scheme: 'Basic realm="sentient"' };
const OPERATE: Wanted = { what: "an operator key as bearer token", scheme: "Bearer" };
