import ipaddr from "ipaddr.js";
import { isRole, ROLES, type Role } from "../../domain/identity/roles.ts";
import type { Person } from "./person.ts";

/** A reverse proxy that has signed people in, and says in headers who they are. */
export interface TrustedProxy {
  readonly userHeader: string;
  /** Roles or groups, with commas or spaces between them. */
  readonly rolesHeader: string;
  /** CIDRs of the proxy itself. */
  readonly addresses: readonly string[];
}

/** The person whom a trusted proxy names; undefined from any other peer, whose headers say nothing. */
export type ByProxy = (peer: string, header: (name: string) => string | undefined) => Person | { readonly withoutRole: string } | undefined;

/** @param proxy undefined: nobody is believed */
export function createByProxy(proxy: TrustedProxy | undefined): ByProxy {
  if (!proxy) return () => undefined;
  const trusted = proxy.addresses.map((address) => ipaddr.parseCIDR(address.includes("/") ? address : `${address}/${widthOf(address)}`));
  return (peer, header) => {
    if (!isTrusted(peer, trusted)) return undefined;
    const name = nameIn(header(proxy.userHeader));
    if (name === undefined) return undefined;
    const role = strongest((header(proxy.rolesHeader) ?? "").split(/[,\s]+/).filter(isRole));
    return role === undefined ? { withoutRole: name } : { name, role, via: "proxy" };
  };
}

// --- internal ---

type Range = ReturnType<typeof ipaddr.parseCIDR>;

const widthOf = (address: string): number => (ipaddr.parse(address).kind() === "ipv4" ? 32 : 128);

function isTrusted(peer: string, trusted: readonly Range[]): boolean {
  if (!ipaddr.isValid(peer)) return false;
  // `::ffff:10.0.0.1` is 10.0.0.1.
  const address = ipaddr.process(peer);
  return trusted.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
}

/** A name fit for the audit. */
function nameIn(given: string | undefined): string | undefined {
  const name = given?.trim() ?? "";
  return /^[^\p{C},]{1,200}$/u.test(name) ? name : undefined;
}

/** Of several roles the one with the most permissions; of equal ones the first of the table of roles. */
const strongest = (roles: readonly Role[]): Role | undefined =>
  (Object.keys(ROLES) as Role[]).filter((role) => roles.includes(role)).sort((a, b) => ROLES[b].length - ROLES[a].length)[0];
