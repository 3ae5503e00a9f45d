import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Permission } from "../../domain/identity/roles.ts";
import { read } from "./queries.ts";

/** Who is signed in, and to what. */
export interface Session {
  readonly name: string;
  readonly role: string;
  readonly permissions: readonly Permission[];
  readonly workspace: string;
  readonly zone: string;
  readonly version: string;
}

/** As the server answers. */
interface SignedIn {
  readonly person: Pick<Session, "name" | "role" | "permissions">;
  readonly workspace: { readonly name: string; readonly zone: string };
  readonly version: string;
}

const sessionOf = ({ person, workspace: { name, zone }, version }: SignedIn): Session => ({ ...person, workspace: name, zone, version });

export const sessionQuery = () => queryOptions({ ...read<SignedIn>("session", "/v1/session"), select: sessionOf });

export const useSession = (): Session | undefined => useQuery(sessionQuery()).data;

/** Whether the person who is signed in may do something; what one may not do is absent from the page. */
export function useMay(): (permission: Permission) => boolean {
  const session = useSession();
  return (permission) => session?.permissions.includes(permission) ?? false;
}
