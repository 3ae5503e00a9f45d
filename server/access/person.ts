import type { Permission, Role } from "../../domain/identity/roles.ts";
import { may, ROLES } from "../../domain/identity/roles.ts";
import { problem } from "../problem.ts";
import type { Reply } from "../reply.ts";

/** The authenticated person behind a request to the operator API. */
export interface Person {
  /** As the audit names them. */
  readonly name: string;
  readonly role: Role;
  /** An operator key names nobody: the request says who acts with it. */
  readonly via: "operator key" | "key" | "session" | "proxy";
  /** Of a session. */
  readonly sessionId?: string;
}

/** The name for the audit: that of the person, or with an operator key the given one. */
export const signerOf = ({ name, via }: Person, given: string | undefined): string => (via === "operator key" ? (given ?? name) : name);

/** The answer for a person whose role lacks a permission; undefined where it has it. */
export function whyForbidden({ role }: Person, permission: Permission): Reply | undefined {
  if (may(role, permission)) return undefined;
  const allowed = ROLES[role].join(", ");
  return problem("FORBIDDEN", `this needs the permission ${permission}; the role ${role} has ${allowed}`, { permission });
}
